//! Drills and their scorecards (DRILL-1, DRILL-3).

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;
use crate::page::{PageAnswer, PageCause};
use crate::state::WorldState;
use crate::time_text::length;

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

/// What was seen from outside the drill's state.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Exit code of the verification of the mirror after the first word.
    pub mirror_first: Option<i32>,
    /// The same after the closing word.
    pub mirror_last: Option<i32>,
    /// Messages in the inbox: to whom, by what channel, when (milliseconds since the epoch).
    pub messages: Vec<(String, String, i64)>,
}

/// Scores a drill by what its world and the outside show.
#[must_use]
pub fn score(world: &WorldState, evidence: &Evidence) -> Scorecard {
    let mut checks = Vec::new();
    let mut check = |name: &str, passed: Option<bool>, detail: String| {
        let verdict = match passed {
            Some(true) => Verdict::Passed,
            Some(false) => Verdict::Failed,
            None => Verdict::Unknown,
        };
        checks.push(Check {
            name: name.to_owned(),
            verdict,
            detail,
        });
    };
    let escalations = || {
        world
            .pages
            .values()
            .filter(|p| matches!(p.cause, PageCause::Escalation { .. }))
    };
    let paged = escalations().count();
    let twice = escalations().filter(|p| p.delivered_by.len() > 1).count();
    check(
        "Everybody paged was reached on two channels",
        (paged > 0).then_some(twice == paged),
        format!("{twice} of {paged} pages"),
    );
    let levels: Vec<String> = escalations()
        .map(|page| {
            let PageCause::Escalation { level, .. } = page.cause else {
                return String::new();
            };
            match page.answer {
                PageAnswer::Acknowledged { at_ms } => {
                    format!("level {}: {}", level + 1, length(at_ms - page.issued_ms))
                }
                _ => format!("level {}: no answer", level + 1),
            }
        })
        .collect();
    let answered = escalations().any(|p| matches!(p.answer, PageAnswer::Acknowledged { .. }));
    check(
        "Somebody acknowledged",
        (paged > 0).then_some(answered),
        levels.join("; "),
    );
    let incident = world.incidents.values().next();
    check(
        "An incident commander led",
        incident.map(|i| i.commander().is_some()),
        incident.map_or(String::new(), |i| {
            format!("{} without one", length(i.leaderless_ms))
        }),
    );
    let said = world.disclosed.values().next();
    let first = said.and_then(|s| s.updates.first()).zip(incident);
    check(
        "The public had a first word",
        incident.map(|_| first.is_some()),
        first.map_or(String::new(), |(u, i)| {
            format!("after {}", length(u.published_ms - i.opened_ms))
        }),
    );
    check(
        "Promises of the next word were kept",
        incident
            .filter(|i| i.kept + i.broken > 0)
            .map(|i| i.broken == 0),
        incident.map_or(String::new(), |i| {
            format!("{} kept, {} broken", i.kept, i.broken)
        }),
    );
    for (name, code) in [
        (
            "The mirror was verified offline after the first word",
            evidence.mirror_first,
        ),
        (
            "The mirror was verified offline after the closing word",
            evidence.mirror_last,
        ),
    ] {
        let detail = code.map_or(String::new(), |c| format!("stentor verify answered {c}"));
        check(name, code.map(|c| c == 0), detail);
    }
    let people: std::collections::BTreeSet<&str> =
        world.pages.values().map(|p| p.person.as_str()).collect();
    let strangers = evidence
        .messages
        .iter()
        .filter(|(to, ..)| !people.contains(to.as_str()))
        .count();
    check(
        "Nobody outside the drill's pages received anything",
        (!evidence.messages.is_empty()).then_some(strangers == 0),
        format!(
            "{} messages, all in the drill's inbox",
            evidence.messages.len()
        ),
    );
    Scorecard { checks }
}
