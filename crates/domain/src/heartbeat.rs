//! Word of things that have to be heard of again and again, such as backups.

use serde::{Deserialize, Serialize};

use crate::alert::Fingerprint;

/// Runs of one source that are under way at most; the oldest is forgotten.
pub const MAX_RUNS: usize = 64;

/// Longest message that is kept, in characters.
pub const MAX_MESSAGE: usize = 1_000;

/// When an alert ends that only word of its source ends, in milliseconds since the epoch: the year 9999.
pub const NEVER_MS: i64 = 253_370_764_800_000;

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// A run begins.
    Start,
    /// A run ended well.
    Success,
    /// A run ended badly.
    Fail,
    /// A message that changes nothing.
    Log,
    /// A run ended with this exit status; all but 0 are failures.
    Exit(u8),
}

impl Signal {
    /// Whether it ends a run well.
    #[must_use]
    pub fn succeeds(self) -> bool {
        matches!(self, Self::Success | Self::Exit(0))
    }

    /// Whether it ends a run badly.
    #[must_use]
    pub fn fails(self) -> bool {
        matches!(self, Self::Fail | Self::Exit(1..))
    }
}

/// One word of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// What it says.
    pub signal: Signal,
    /// Of which run, where several may be under way.
    pub run: Option<String>,
    /// How long the run took, in milliseconds, when its sender says so.
    pub duration_ms: Option<i64>,
    /// How much the run yielded, in bytes, when its sender says so.
    pub size: Option<u64>,
    /// What was sent with it. Text from strangers.
    pub message: String,
}

impl Beat {
    /// A word with nothing but its meaning.
    #[must_use]
    pub fn new(signal: Signal) -> Self {
        Self {
            signal,
            run: None,
            duration_ms: None,
            size: None,
            message: String::new(),
        }
    }
}

/// What can be wrong with a source, each an alert of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// It was not heard in time.
    Missed,
    /// A run failed by its own word.
    Failed,
    /// A run was shorter, longer, smaller or larger than expected, or did not say.
    OutOfRange,
}

impl Trouble {
    /// The label `alertname` of its alert.
    #[must_use]
    pub fn alertname(self) -> &'static str {
        match self {
            Self::Missed => "HeartbeatMissed",
            Self::Failed => "HeartbeatFailed",
            Self::OutOfRange => "HeartbeatOutOfRange",
        }
    }
}

/// An alert about a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firing {
    /// What is wrong.
    pub trouble: Trouble,
    /// The alert that says so.
    pub alert: Fingerprint,
}

/// A run that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its name, where several may be under way.
    pub id: Option<String>,
    /// When it began, in milliseconds since the epoch.
    pub began_ms: i64,
}

/// What is known of a source. All times in milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Since when it is expected as often as now.
    pub since_ms: i64,
    /// How often that is, and how late it may be, in milliseconds.
    pub expected_ms: (i64, i64),
    /// When it succeeded last. Moves in memory only while it succeeds as expected.
    pub succeeded_ms: Option<i64>,
    /// When it succeeded last on record.
    pub journaled_ms: Option<i64>,
    /// When it failed last.
    pub failed_ms: Option<i64>,
    /// Its last word, and when that came. Moves in memory only while nothing changes.
    pub last: Option<(i64, Beat)>,
    /// Runs under way, oldest first.
    pub runs: Vec<Run>,
    /// Its alerts that fire.
    pub firing: Vec<Firing>,
}

impl Known {
    /// Since when the next word is waited for.
    #[must_use]
    pub fn waits_since_ms(&self) -> i64 {
        let heard = self.succeeded_ms.max(self.failed_ms);
        heard.map_or(self.since_ms, |heard| heard.max(self.since_ms))
    }

    /// The alert about one trouble, when it fires.
    #[must_use]
    pub fn fires(&self, trouble: Trouble) -> Option<Fingerprint> {
        let found = self.firing.iter().find(|f| f.trouble == trouble);
        found.map(|f| f.alert)
    }

    /// The run of that name.
    #[must_use]
    pub fn run(&self, id: Option<&str>) -> Option<&Run> {
        self.runs.iter().find(|run| run.id.as_deref() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_end_runs_well_or_badly_or_not() {
        let check = |signal: Signal, expect: (bool, bool)| {
            assert_eq!((signal.succeeds(), signal.fails()), expect, "{signal:?}");
        };
        check(Signal::Success, (true, false));
        check(Signal::Exit(0), (true, false));
        check(Signal::Exit(3), (false, true));
        check(Signal::Fail, (false, true));
        check(Signal::Start, (false, false));
        check(Signal::Log, (false, false));
    }
}
