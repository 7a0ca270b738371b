//! In which order alerts are told, and which part of them.

use std::cmp::Ordering;

use stentor_domain::alert::Fingerprint;
use stentor_domain::severity::Severity;

use super::{Directory, Row};

/// By what alerts are put in order. Those that are equal in it follow their fingerprints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum By {
    /// The fingerprint, as Alertmanager does.
    #[default]
    Fingerprint,
    /// When they began.
    Start,
    /// How bad they are, the worst first.
    Severity,
    /// The value of a label.
    Label(String),
}

/// An order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) by: By,
    /// The other way round.
    pub(crate) descending: bool,
}

impl Sort {
    /// Reads `startsAt`, `severity` or the name of a label, with `-` before it for the other way round.
    pub(crate) fn read(text: &str) -> Self {
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        let by = match name {
            "" => By::Fingerprint,
            "startsAt" => By::Start,
            "severity" => By::Severity,
            label => By::Label(label.to_owned()),
        };
        Self { by, descending }
    }

    /// The part of `rows` from `offset` on, at most `limit` of them, in this order.
    pub(crate) fn part(
        &self,
        rows: Vec<Row>,
        directory: &Directory,
        offset: usize,
        limit: usize,
    ) -> Vec<Row> {
        let keys = rows.iter().enumerate().map(|(at, row)| Place {
            key: self.key(row, directory),
            fingerprint: row.alert.fingerprint,
            at,
        });
        let mut places: Vec<Place<'_>> = keys.collect();
        let compare = |a: &Place<'_>, b: &Place<'_>| {
            let order = a.key.cmp(&b.key);
            let order = if self.descending {
                order.reverse()
            } else {
                order
            };
            order.then_with(|| a.fingerprint.cmp(&b.fingerprint))
        };
        // A page of a long list does not need the whole list in order.
        let end = offset.saturating_add(limit);
        if end < places.len() {
            places.select_nth_unstable_by(end, compare);
            places.truncate(end);
        }
        places.sort_unstable_by(compare);
        let chosen: Vec<usize> = places.iter().skip(offset).map(|p| p.at).collect();
        let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
        chosen
            .into_iter()
            .filter_map(|at| rows[at].take())
            .collect()
    }

    fn key<'a>(&self, row: &'a Row, directory: &Directory) -> Key<'a> {
        match &self.by {
            By::Fingerprint => Key::None,
            By::Start => Key::Time(row.alert.starts_ms),
            By::Severity => Key::Level(directory.severity(&row.alert)),
            By::Label(name) => Key::Text(row.alert.labels.get(name).unwrap_or("")),
        }
    }
}

struct Place<'a> {
    key: Key<'a>,
    fingerprint: Fingerprint,
    at: usize,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    None,
    Time(i64),
    Level(Severity),
    Text(&'a str),
}

/// The order of groups: by their labels, name by name, then by the receiver.
pub(super) fn by_labels(a: &super::Bunch, b: &super::Bunch) -> Ordering {
    a.labels
        .iter()
        .cmp(b.labels.iter())
        .then_with(|| a.receiver.cmp(&b.receiver))
        .then_with(|| a.id.cmp(&b.id))
}
