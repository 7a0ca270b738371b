//! What comes back: an iCalendar rule (RFC 5545), how long each time lasts, and where the clock is read.

use serde::{Deserialize, Serialize};

/// When something holds again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// The rule, for instance `FREQ=WEEKLY;BYDAY=SA,SU`.
    pub rule: String,
    /// How long each time lasts, in milliseconds.
    pub duration_ms: i64,
    /// The time zone, as IANA names it.
    pub zone: String,
}

impl Recurrence {
    /// Whether `now_ms` lies in one of its times; the first begins at `first_ms` (milliseconds since the epoch).
    #[must_use]
    pub fn covers(&self, first_ms: i64, now_ms: i64) -> bool {
        now_ms >= first_ms && now_ms - first_ms < self.duration_ms
    }
}

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recurrence cannot be used: {0}")]
pub struct BadRecurrence(pub String);

impl Recurrence {
    /// Whether it can be used; the first time begins at `first_ms` (milliseconds since the epoch).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, _first_ms: i64) -> Result<(), BadRecurrence> {
        if self.duration_ms <= 0 {
            return Err(BadRecurrence("each time must last for a while".into()));
        }
        Ok(())
    }
}
