//! Drills and their scorecards (DRILL-1, DRILL-3).

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

/// A drill that runs or ran in its own world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// What is played.
    pub scenario: String,
    /// Who started it.
    pub by: PersonId,
    /// When, in milliseconds since the epoch.
    pub started_ms: i64,
    /// How it went, once finished.
    pub scorecard: Option<Scorecard>,
}

/// How a drill went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scorecard {
    /// What was looked at, in order.
    pub checks: Vec<Check>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The question.
    pub name: String,
    /// Missing data is a state of its own, never a pass.
    pub verdict: Verdict,
    /// What was measured.
    pub detail: String,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// Not as it should be.
    Failed,
    /// There is nothing to tell by.
    Unknown,
}

impl Scorecard {
    /// How many checks passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.checks
            .iter()
            .filter(|c| c.verdict == Verdict::Passed)
            .count()
    }
}
