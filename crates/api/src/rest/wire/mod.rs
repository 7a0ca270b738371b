//! The types of the API: twins of the domain's, so that either side may change alone.

mod alerts;
mod announced;
mod asked;
mod source;
mod tell;
mod told;
mod words;

use jiff::Timestamp;

pub(super) use alerts::*;
pub(super) use announced::*;
pub(super) use asked::*;
pub(super) use source::Source;
pub(super) use tell::Around;
pub(super) use told::*;
pub(super) use words::*;

/// A time as RFC 3339 writes it.
pub(super) fn time(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{time:.3}")
}
