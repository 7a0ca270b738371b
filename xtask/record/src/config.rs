//! Writes Alertmanager's configuration.

use std::fmt;

/// How a group is timed, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) wait: u32,
    pub(crate) interval: u32,
    pub(crate) repeat: u32,
}

/// A configuration; [`fmt::Display`] writes it.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    timing: Timing,
    group_by: Vec<String>,
    resolve_timeout: Option<u32>,
    routes: Vec<String>,
    receivers: Vec<(String, Vec<Webhook>)>,
    rest: Vec<String>,
}

/// An integration of a receiver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Webhook {
    pub(crate) send_resolved: bool,
    pub(crate) max_alerts: u32,
}

/// A webhook that is told everything.
pub(crate) const PLAIN: Webhook = Webhook {
    send_resolved: true,
    max_alerts: 0,
};

impl Config {
    /// One receiver, `default`, for everything.
    pub(crate) fn new(timing: Timing, group_by: &[&str]) -> Self {
        Self {
            timing,
            group_by: group_by.iter().map(|&name| name.to_owned()).collect(),
            resolve_timeout: None,
            routes: Vec::new(),
            receivers: vec![("default".to_owned(), vec![PLAIN])],
            rest: Vec::new(),
        }
    }

    pub(crate) fn resolve_timeout(mut self, ms: u32) -> Self {
        self.resolve_timeout = Some(ms);
        self
    }

    /// Other integrations for `default`.
    pub(crate) fn default_is(mut self, webhooks: &[Webhook]) -> Self {
        webhooks.clone_into(&mut self.receivers[0].1);
        self
    }

    /// A receiver more, with one plain webhook.
    pub(crate) fn receiver(mut self, name: &str) -> Self {
        self.receivers.push((name.to_owned(), vec![PLAIN]));
        self
    }

    /// Routes below the root, as lines of YAML (`- matchers: …`).
    pub(crate) fn routes(mut self, lines: &[&str]) -> Self {
        self.routes
            .extend(lines.iter().map(|&line| line.to_owned()));
        self
    }

    /// Other parts of the file, as lines of YAML.
    pub(crate) fn also(mut self, lines: &[&str]) -> Self {
        self.rest.extend(lines.iter().map(|&line| line.to_owned()));
        self
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(ms) = self.resolve_timeout {
            writeln!(f, "global:\n  resolve_timeout: {ms}ms")?;
        }
        let by: Vec<String> = self.group_by.iter().map(|n| format!("'{n}'")).collect();
        let Timing {
            wait,
            interval,
            repeat,
        } = self.timing;
        writeln!(f, "route:\n  receiver: default")?;
        writeln!(f, "  group_by: [{}]", by.join(", "))?;
        writeln!(f, "  group_wait: {}", duration(wait))?;
        writeln!(f, "  group_interval: {}", duration(interval))?;
        writeln!(f, "  repeat_interval: {}", duration(repeat))?;
        if !self.routes.is_empty() {
            writeln!(f, "  routes:")?;
        }
        for line in &self.routes {
            writeln!(f, "  {line}")?;
        }
        for line in &self.rest {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "receivers:")?;
        for (name, webhooks) in &self.receivers {
            writeln!(f, "- name: {name}\n  webhook_configs:")?;
            for (i, webhook) in webhooks.iter().enumerate() {
                writeln!(f, "  - url: http://receiver.invalid/{name}/{i}")?;
                writeln!(f, "    send_resolved: {}", webhook.send_resolved)?;
                if webhook.max_alerts > 0 {
                    writeln!(f, "    max_alerts: {}", webhook.max_alerts)?;
                }
            }
        }
        Ok(())
    }
}

fn duration(ms: u32) -> String {
    if ms.is_multiple_of(1000) {
        format!("{}s", ms / 1000)
    } else {
        format!("{ms}ms")
    }
}
