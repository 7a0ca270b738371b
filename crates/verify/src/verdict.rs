//! What was found: a verdict, and the evidence for it.

use jiff::Timestamp;
use serde::Serialize;

use crate::limits::FINDINGS;

/// The answer about a mirror.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Every signature, hash and version is good, and nothing has expired.
    Fresh,
    /// Every signature, hash and version is good, but something has expired.
    Stale {
        /// When the first part expired.
        since: Timestamp,
        /// Seconds from then to the check.
        age_seconds: i64,
    },
    /// Something is not what the publisher signed, or is older than what was seen before.
    NotAuthentic {
        /// Each problem in words, at most [`FINDINGS`].
        what: Vec<String>,
    },
    /// Not enough could be read to tell.
    Unreachable {
        /// What was missing or did not answer.
        reason: String,
    },
}

impl Verdict {
    /// The exit code of `stentor verify`.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Fresh => 0,
            Self::Stale { .. } => 3,
            Self::NotAuthentic { .. } => 4,
            Self::Unreachable { .. } => 5,
        }
    }

    /// Whether what the mirror shows was signed by the publisher, fresh or not.
    #[must_use]
    pub fn is_authentic(&self) -> bool {
        matches!(self, Self::Fresh | Self::Stale { .. })
    }

    pub(crate) fn forged(what: impl AsRef<str>) -> Self {
        Self::NotAuthentic {
            what: vec![printable(what.as_ref())],
        }
    }

    pub(crate) fn all_forged(problems: &[String]) -> Self {
        let mut what: Vec<_> = problems
            .iter()
            .take(FINDINGS)
            .map(|p| printable(p))
            .collect();
        if problems.len() > FINDINGS {
            what.push(format!("and {} more", problems.len() - FINDINGS));
        }
        Self::NotAuthentic { what }
    }

    pub(crate) fn unreachable(reason: impl AsRef<str>) -> Self {
        Self::Unreachable {
            reason: printable(reason.as_ref()),
        }
    }
}

/// What a check can say about an older state put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rollback {
    /// Compared with what was seen before.
    Compared,
    /// Nothing was remembered: an older state put back would look the same.
    CannotBeExcluded,
}

/// One signed metadata role as the mirror has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleState {
    /// `root`, `timestamp`, `snapshot`, `targets` or a delegated role.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// When it expires.
    pub expires: Timestamp,
    /// Whether it had expired at the check.
    pub expired: bool,
}

/// A verdict with its evidence, for people ([`Report::explain`]) and for machines (serde).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The mirror, as its [`Fetch`](crate::Fetch) calls it.
    pub mirror: String,
    /// SHA-256 of the root that was trusted from the start, in hex.
    pub trusted_root: String,
    /// The clock reading used for everything.
    pub checked_at: Timestamp,
    /// The answer.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The exit code of `stentor verify`.
    pub exit_code: u8,
    /// Whether a rollback can be excluded.
    pub rollback: Rollback,
    /// The roles whose signatures were verified, in the order they were, as far as the check came.
    pub roles: Vec<RoleState>,
    /// Files compared with what was signed: each target, and the page of the same path.
    pub files: usize,
}

impl Report {
    /// The verified version of a role, if the check came that far.
    #[must_use]
    pub fn version(&self, role: &str) -> Option<u64> {
        self.roles
            .iter()
            .find(|r| r.name == role)
            .map(|r| r.version)
    }
}

/// A mirror's words go to somebody's terminal: no control characters, no signs that hide or turn others, no endless lines.
#[must_use]
pub fn printable(text: &str) -> String {
    const LONGEST: usize = 400;
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut out: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if invisible(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}
