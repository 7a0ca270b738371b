//! What is going to happen in a scenario.

use stentor_testkit::scenario::{Action, Pairs, PostedAlert, PostedSilence, SilenceMatcher, Step};

/// The length of a unit: long enough that a machine's hesitations are small in it.
pub(crate) const UNIT_MS: i64 = 1000;

/// A scenario before it is played.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) note: String,
    /// Whether Stentor means to do otherwise.
    pub(crate) differs: bool,
    pub(crate) config: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) ends_at: f64,
}

impl Plan {
    pub(crate) fn new(name: &str, note: &str, config: impl ToString) -> Self {
        Self {
            name: name.to_owned(),
            note: note.to_owned(),
            differs: false,
            config: config.to_string(),
            steps: Vec::new(),
            ends_at: 0.0,
        }
    }

    /// Alerts are posted in one request.
    pub(crate) fn post(self, at: f64, alerts: impl IntoIterator<Item = PostedAlert>) -> Self {
        self.step(at, Action::Post(alerts.into_iter().collect()))
    }

    /// An alert fires from now on, without an end in sight: its `startsAt` is now.
    pub(crate) fn fire<const N: usize>(self, at: f64, labels: [&[(&str, &str)]; N]) -> Self {
        self.post(at, labels.map(|labels| alert(labels).since(at).until(FAR)))
    }

    /// Alerts are said to have ended now.
    pub(crate) fn resolve<const N: usize>(self, at: f64, labels: [&[(&str, &str)]; N]) -> Self {
        self.post(at, labels.map(|labels| alert(labels).until(at)))
    }

    /// Creates or updates the silence `key`.
    pub(crate) fn silence(
        self,
        at: f64,
        key: &str,
        matchers: &[SilenceMatcher],
        from: f64,
        until: f64,
    ) -> Self {
        let silence = PostedSilence {
            key: key.to_owned(),
            matchers: matchers.to_vec(),
            starts_at: from,
            ends_at: until,
        };
        self.step(at, Action::Silence(silence))
    }

    pub(crate) fn expire(self, at: f64, key: &str) -> Self {
        self.step(at, Action::Expire(key.to_owned()))
    }

    pub(crate) fn reload(self, at: f64, config: impl ToString) -> Self {
        self.step(at, Action::Reload(config.to_string()))
    }

    /// Ends the plan.
    pub(crate) fn end(mut self, at: f64) -> Self {
        self.ends_at = at;
        self.steps.sort_by(|a, b| a.at.total_cmp(&b.at));
        self
    }

    fn step(mut self, at: f64, action: Action) -> Self {
        self.steps.push(Step { at, action });
        self
    }
}

/// Ends of alerts that are further away than any scenario is long.
pub(crate) const FAR: f64 = 600.0;

/// An alert to be posted.
pub(crate) fn alert(labels: &[(&str, &str)]) -> PostedAlert {
    PostedAlert {
        labels: pairs(labels),
        annotations: Pairs::new(),
        starts_at: None,
        ends_at: None,
    }
}

/// What is said of an alert when it is posted.
pub(crate) trait Said {
    fn since(self, at: f64) -> Self;
    fn until(self, at: f64) -> Self;
    fn saying(self, summary: &str) -> Self;
}

impl Said for PostedAlert {
    fn since(mut self, at: f64) -> Self {
        self.starts_at = Some(hundredths(at));
        self
    }

    fn until(mut self, at: f64) -> Self {
        self.ends_at = Some(hundredths(at));
        self
    }

    fn saying(mut self, summary: &str) -> Self {
        self.annotations = pairs(&[("summary", summary)]);
        self
    }
}

fn hundredths(at: f64) -> f64 {
    (at * 100.0).round() / 100.0
}

fn pairs(of: &[(&str, &str)]) -> Pairs {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A matcher as people write it, for instance `team=a`, `team!=a`, `team=~a|b` or `team!~a|b`.
pub(crate) fn matcher(text: &str) -> SilenceMatcher {
    let split = ["!~", "=~", "!=", "="]
        .iter()
        .find_map(|sign| Some((text.split_once(sign)?, *sign)));
    let ((name, value), sign) = split.unwrap_or(((text, ""), "="));
    SilenceMatcher {
        name: name.to_owned(),
        value: value.to_owned(),
        is_regex: sign.ends_with('~'),
        is_equal: !sign.starts_with('!'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_read() {
        let check = |text: &str, expect: (&str, &str, bool, bool)| {
            let m = matcher(text);
            let found = (m.name.as_str(), m.value.as_str(), m.is_regex, m.is_equal);
            assert_eq!(found, expect, "{text}");
        };
        check("a=b", ("a", "b", false, true));
        check("a!=b", ("a", "b", false, false));
        check("a=~b|c", ("a", "b|c", true, true));
        check("a!~b|c", ("a", "b|c", true, false));
        check("a=", ("a", "", false, true));
    }
}
