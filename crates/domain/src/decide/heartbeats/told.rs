//! What the alerts about a heartbeat say.

use std::fmt::Display;
use std::sync::Arc;

use crate::alert::{Alert, Fingerprint};
use crate::heartbeat::{Beat, Known, NEVER_MS, Signal, Trouble};
use crate::labels::Labels;
use crate::organisation::Organisation;
use crate::source::{Heartbeat, Source};
use crate::time_text::{length, utc};

/// Whom the alerts are about.
pub(super) struct About<'a> {
    pub(super) organisation: &'a Organisation,
    pub(super) source: &'a Source,
    pub(super) heartbeat: &'a Heartbeat,
    /// Now, in milliseconds since the epoch.
    pub(super) now_ms: i64,
}

impl About<'_> {
    /// It was not heard in time, or a run did not end.
    pub(super) fn missed(&self, known: &Known) -> Arc<Alert> {
        let name = &self.source.id;
        let (every, grace) = (self.heartbeat.every_ms, self.heartbeat.grace_ms);
        let since = known.waits_since_ms();
        let what = match (known.succeeded_ms.max(known.failed_ms), known.runs.first()) {
            (_, Some(run)) if since + every + grace > self.now_ms => {
                format!("A run began at {} and has not ended.", utc(run.began_ms))
            }
            (Some(at), _) => format!("It was heard last at {}.", utc(at)),
            (None, _) => format!(
                "It was never heard since it was declared at {}.",
                utc(known.since_ms)
            ),
        };
        let rule = format!(
            "It speaks every {} and may be {} late.",
            length(every),
            length(grace)
        );
        let summary = format!("{name} was not heard in time");
        self.alert(Trouble::Missed, &summary, &format!("{what} {rule}"), "")
    }

    /// A run failed by its own word.
    pub(super) fn failed(&self, beat: &Beat) -> Arc<Alert> {
        let name = &self.source.id;
        let what = match beat.signal {
            Signal::Exit(status) => format!("It ended with exit status {status}."),
            _ => "It said so itself.".to_owned(),
        };
        let summary = format!("{name} failed");
        self.alert(Trouble::Failed, &summary, &what, &beat.message)
    }

    /// A run that took, or yielded, too little or too much, or did not say. `excused`: not to say how long it took is
    /// no fault of its own.
    pub(super) fn out_of_range(&self, beat: &Beat, excused: bool) -> Option<Arc<Alert>> {
        let duration = self
            .heartbeat
            .expect_duration_ms
            .filter(|_| beat.duration_ms.is_some() || !excused)
            .and_then(|range| judged("It took", range, beat.duration_ms, length));
        let size = self.heartbeat.expect_size;
        let size = size.and_then(|range| judged("It yielded", range, beat.size, bytes));
        let said: Vec<String> = duration.into_iter().chain(size).collect();
        if said.is_empty() {
            return None;
        }
        let summary = format!("{} is not as expected", self.source.id);
        let alert = self.alert(
            Trouble::OutOfRange,
            &summary,
            &said.join(" "),
            &beat.message,
        );
        Some(alert)
    }

    /// An alert that fires until it is ended. Its labels are the same each time, whatever is said.
    fn alert(
        &self,
        trouble: Trouble,
        summary: &str,
        description: &str,
        message: &str,
    ) -> Arc<Alert> {
        let source = self.source;
        let own = source.labels.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let mut labels: Vec<(&str, &str)> = own.collect();
        labels.push(("alertname", trouble.alertname()));
        labels.push(("source", source.id.as_str()));
        if let Some(service) = &source.service {
            labels.push(("service", service.as_str()));
        }
        let rules = &self.organisation.rules;
        labels.push((
            &rules.severity_label,
            rules.value_of(self.heartbeat.severity),
        ));
        let labels = Labels::from_pairs(&mut labels);
        let summary = self.heartbeat.summary.as_deref().unwrap_or(summary);
        let mut annotations = vec![
            ("summary", summary),
            ("description", description),
            ("message", message),
        ];
        Arc::new(Alert {
            fingerprint: Fingerprint::of(&labels),
            labels,
            annotations: Labels::from_pairs(&mut annotations),
            starts_ms: self.now_ms,
            ends_ms: NEVER_MS,
            ends_by_timeout: false,
            generator_url: format!("{}/sources", self.organisation.console_url).into(),
        })
    }
}

/// What is wrong with a figure: out of its range, or not there.
fn judged<T: PartialOrd + Copy, D: Display>(
    verb: &str,
    (least, most): (T, T),
    came: Option<T>,
    show: impl Fn(T) -> D,
) -> Option<String> {
    let range = format!("{} to {} were expected", show(least), show(most));
    match came {
        Some(came) if came < least || came > most => {
            Some(format!("{verb} {}, where {range}.", show(came)))
        }
        Some(_) => None,
        None => Some(format!(
            "{verb} nobody knows how much: it did not say, where {range}."
        )),
    }
}

/// `1.5 GB`, from bytes.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut scale = 1_u64;
    while unit + 1 < UNITS.len() && count / scale >= 1_000 {
        unit += 1;
        scale *= 1_000;
    }
    let tenths = u128::from(count) * 10 / u128::from(scale);
    let name = UNITS[unit];
    match tenths % 10 {
        0 => format!("{} {name}", tenths / 10),
        rest => format!("{}.{rest} {name}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_read_easily() {
        let check = |count: u64, text: &str| assert_eq!(bytes(count), text);
        check(0, "0 B");
        check(999, "999 B");
        check(1_000, "1 kB");
        check(1_560, "1.5 kB");
        check(5_000_000_000_000, "5 TB");
        check(u64::MAX, "18446744 TB");
    }
}
