//! A batch of alerts, whatever form they came in: the limits, the rules of time, and what is said of bad ones.

mod draft;
mod merge;
mod pairs;
mod split;

use std::collections::BTreeMap;
use std::sync::Arc;

use stentor_domain::alert::Alert;
use stentor_domain::text::one_line;

pub(crate) use draft::{Draft, Status, instant, rfc3339};
pub(crate) use merge::Merged;
pub(crate) use pairs::{Pairs, Text};
pub(crate) use split::{bounds, items};

/// Largest body, in bytes; the reader of the request refuses more.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

/// Alerts in one batch at most.
pub const MAX_ALERTS: usize = 20_000;

/// Labels, and annotations, of one alert at most.
pub const MAX_LABELS: usize = 128;

/// Longest name of a label or annotation, in bytes.
pub const MAX_NAME: usize = 1_024;

/// Longest value of a label, in bytes.
pub const MAX_LABEL_VALUE: usize = 4 * 1024;

/// Longest value of an annotation and longest generator URL, in bytes.
pub const MAX_TEXT: usize = 32 * 1024;

/// Deepest nesting of a body.
pub(crate) const MAX_DEPTH: usize = 32;

/// Values in a body at most.
pub(crate) const MAX_VALUES: usize = 1_000_000;

/// Longest text of a parser that is repeated, in characters.
const MAX_REASON: usize = 200;

/// What missing times are resolved with.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Now, in milliseconds since the epoch.
    pub now_ms: i64,
    /// How long an alert without an end fires after it was sent, in milliseconds.
    pub resolve_timeout_ms: i64,
}

/// Labels that a source gives to each of its alerts; they count above the sender's own.
pub type FixedLabels = BTreeMap<String, String>;

/// An alert of a batch that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAlert {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// A batch as far as it can be taken.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What is good; no fingerprint is repeated.
    pub alerts: Vec<Arc<Alert>>,
    /// What is not.
    pub bad: Vec<BadAlert>,
    /// How many alerts the sender says it left out itself, to keep its message short.
    pub left_out: u64,
}

impl Batch {
    /// Reads each item of a batch. One bad item does not lose the others.
    pub(crate) fn read<T>(
        items: Vec<T>,
        clock: Clock,
        read: impl Fn(T) -> Result<Alert, String>,
    ) -> Self {
        let mut merged = Merged::with_capacity(items.len());
        let mut bad = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match read(item) {
                Ok(alert) => merged.add(alert, clock.now_ms),
                Err(reason) => bad.push(BadAlert { index, reason }),
            }
        }
        Self {
            alerts: merged.finish(),
            bad,
            left_out: 0,
        }
    }
}

/// What the parser says, with its place. It repeats what it found, so that is cut.
pub(crate) fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = text.strip_suffix(&place).unwrap_or(&text);
    // What was found stands in the middle, what was expected at the end.
    let end = what.char_indices().rev().nth(MAX_REASON / 2);
    let head = one_line(what, MAX_REASON / 2);
    match end.filter(|(at, _)| *at > head.len()) {
        Some((at, _)) => head + &one_line(&what[at..], MAX_REASON) + &place,
        None => one_line(what, MAX_REASON) + &place,
    }
}

/// A body that is not a batch at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It does not begin with `[`.
    #[error("the body is not a JSON array of alerts")]
    NotAnArray,
    /// It ends before it is complete.
    #[error("the body is cut off")]
    CutOff,
    /// Something follows the array.
    #[error("something follows the array of alerts")]
    Trailing,
    /// It nests too deeply.
    #[error("the body nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// It holds too many alerts.
    #[error("the body holds more than {MAX_ALERTS} alerts")]
    TooMany,
    /// It holds too many values.
    #[error("more than {0} values are there")]
    TooLong(usize),
    /// It is not JSON; serde_json says what is wrong and in which line and column.
    #[error("the body is not the JSON that was expected: {0}")]
    Json(String),
    /// A part of it is missing, or is not what it has to be.
    #[error("{0}")]
    Part(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_repeats_is_cut_and_its_place_is_not() {
        let body = format!("\n\"{}\"", "x".repeat(MAX_TEXT));
        let error = serde_json::from_str::<Pairs<'_>>(&body).err();
        let said = error.map(|error| told(&error)).unwrap_or_default();
        assert!(said.starts_with("invalid type: string \"xxx"), "{said}");
        assert!(said.contains("x…xxx"), "{said}");
        assert!(
            said.contains("x\", expected an object of texts at line 2 column 32770"),
            "{said}"
        );
        assert!(said.chars().count() < 2 * MAX_REASON, "{said}");
    }
}
