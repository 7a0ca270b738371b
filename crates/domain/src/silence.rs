//! Silences: alerts that somebody asked not to be told about for a while.

use serde::{Deserialize, Serialize};

use crate::labels::Labels;
use crate::matcher::Matcher;
use crate::recurrence::Recurrence;
use crate::uuid::Uuid;

/// Ended silences are kept for this long, in milliseconds: 30 days.
pub const KEEP_ENDED_MS: i64 = 30 * 86_400_000;

/// The name of a silence.
pub type SilenceId = Uuid;

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Conditions that must all hold; at least one.
    pub matchers: Vec<Matcher>,
    /// From when, in milliseconds since the epoch.
    pub starts_ms: i64,
    /// Until when, in milliseconds since the epoch.
    pub ends_ms: i64,
    /// When it comes back between start and end; without, it holds all the time.
    #[serde(default)]
    pub recurrence: Option<Recurrence>,
    /// Whose it is, as the request says.
    pub created_by: String,
    /// Why.
    pub comment: String,
}

/// A silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its name.
    pub id: SilenceId,
    /// What was asked for.
    pub wanted: Wanted,
    /// When it was changed last, in milliseconds since the epoch.
    pub updated_ms: i64,
}

/// Where a silence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilenceState {
    /// Its time has not come.
    Pending,
    /// It holds, or comes back again.
    Active,
    /// Its time is over.
    Expired,
}

impl SilenceState {
    /// The name in Alertmanager's API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
        }
    }
}

impl Wanted {
    /// Where it stands at a time (milliseconds since the epoch).
    #[must_use]
    pub fn state(&self, now_ms: i64) -> SilenceState {
        if now_ms < self.starts_ms {
            SilenceState::Pending
        } else if now_ms > self.ends_ms {
            SilenceState::Expired
        } else {
            SilenceState::Active
        }
    }

    /// Whether it holds at this very time (milliseconds since the epoch).
    #[must_use]
    pub fn holds(&self, now_ms: i64) -> bool {
        self.state(now_ms) == SilenceState::Active
            && self
                .recurrence
                .as_ref()
                .is_none_or(|r| r.covers(self.starts_ms, now_ms))
    }

    /// When [`Self::holds`] changes next after `now_ms`; `None` when it stays as it is (milliseconds since the epoch).
    /// Where very many times touch each other, only the end of the whole is told.
    #[must_use]
    pub fn next_change_ms(&self, now_ms: i64) -> Option<i64> {
        // It holds at its very end, and no longer.
        let over_ms = self.ends_ms.checked_add(1)?;
        let Some(recurrence) = &self.recurrence else {
            return match self.state(now_ms) {
                SilenceState::Pending if self.starts_ms <= self.ends_ms => Some(self.starts_ms),
                SilenceState::Active => Some(over_ms),
                _ => None,
            };
        };
        if self.state(now_ms) == SilenceState::Expired {
            return None;
        }
        let next_ms = recurrence.next_change_ms(self.starts_ms, now_ms);
        let next_ms = next_ms.filter(|next_ms| *next_ms < over_ms);
        if self.holds(now_ms) {
            next_ms.or(Some(over_ms))
        } else {
            next_ms
        }
    }

    /// Whether an alert with these labels is meant.
    #[must_use]
    pub fn fits(&self, labels: &Labels) -> bool {
        self.matchers.iter().all(|m| m.fits(labels))
    }

    /// Whether every alert is meant. One without a name counts for nothing here: nobody sends such alerts.
    #[must_use]
    pub fn fits_everything(&self) -> bool {
        // A pattern may be written in many ways; what it takes for nothing and for anything tells.
        let probe = "\u{1}Stentor\u{2}0";
        self.matchers
            .iter()
            .all(|m| m.fits_text(probe) && (m.fits_text("") || m.name() == "alertname"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::Op;

    #[test]
    fn one_that_means_everything_is_known() {
        let check = |name: &str, op: Op, value: &str, expect: bool| {
            let wanted = Wanted {
                matchers: vec![Matcher::new(name, op, value).unwrap()],
                starts_ms: 0,
                ends_ms: 1,
                recurrence: None,
                created_by: String::new(),
                comment: String::new(),
            };
            assert_eq!(wanted.fits_everything(), expect, "{name} {op:?} {value}");
        };
        for name in ["alertname", "job"] {
            check(name, Op::Matches, ".*", true);
            check(name, Op::Matches, "", false);
            check(name, Op::NotEqual, "x", true);
            check(name, Op::Equal, "", false);
            check(name, Op::Matches, "a.*|", false);
        }
        // Every alert has a name, not every one a job.
        check("alertname", Op::Matches, ".+", true);
        check("job", Op::Matches, ".+", false);
    }
}
