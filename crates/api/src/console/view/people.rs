//! People: who is on call, who can be asked, who is paged next.

use jiff::Timestamp;
use serde::Serialize;
use stentor_domain::ids::PersonId;
use stentor_domain::incident::{Incident, Progress};
use stentor_domain::oncall::Step;
use stentor_domain::organisation::Organisation;
use stentor_domain::state::WorldState;

use crate::console::words;

/// A schedule and whose turn it is.
#[derive(Clone, Debug, Serialize)]
pub(in crate::console) struct OnCall {
    schedule: String,
    person: Option<String>,
    until_ms: i64,
}

pub(in crate::console) fn on_call(organisation: &Organisation, now: Timestamp) -> Vec<OnCall> {
    let schedules = organisation.schedules.iter();
    schedules
        .map(|(id, schedule)| {
            let turn = schedule.on_call(now);
            OnCall {
                schedule: id.to_string(),
                person: turn.map(|(p, _)| organisation.person_name(p).to_owned()),
                until_ms: turn.map_or(0, |(_, until)| until.as_millisecond()),
            }
        })
        .collect()
}

/// Somebody to choose in a form.
#[derive(Clone, Debug, Serialize)]
pub(in crate::console) struct PersonChoice {
    id: String,
    name: String,
    on_call: bool,
}

/// Everybody who may be asked, those on call first; `except` is left out.
pub(in crate::console) fn choices(
    organisation: &Organisation,
    now: Timestamp,
    except: Option<&PersonId>,
) -> Vec<PersonChoice> {
    let turns: Vec<&PersonId> = organisation
        .schedules
        .values()
        .filter_map(|s| s.on_call(now).map(|(p, _)| p))
        .collect();
    let people = organisation.people.values();
    let mut choices: Vec<PersonChoice> = people
        .filter(|p| !p.roles.is_empty() && except != Some(&p.id))
        .map(|p| PersonChoice {
            id: p.id.to_string(),
            name: p.name.clone(),
            on_call: turns.contains(&&p.id),
        })
        .collect();
    choices.sort_by_key(|p| !p.on_call);
    choices
}

/// What paging does next, in words.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Next {
    words: String,
    at_ms: Option<i64>,
}

pub(super) fn next(organisation: &Organisation, world: &WorldState, incident: &Incident) -> Next {
    let told = |words: &str| Next {
        words: words.to_owned(),
        at_ms: None,
    };
    let Some(escalation) = &incident.escalation else {
        return told("Nobody was paged: this severity wakes nobody.");
    };
    match escalation.progress {
        Progress::Stopped => told("Paging has stopped."),
        Progress::Exhausted => told(
            "Everybody was paged and nobody has answered. Phone somebody, or press “Get help”.",
        ),
        Progress::Running => {
            let policy = organisation.policies.get(&escalation.policy);
            let level = policy.and_then(|p| p.levels.get(escalation.level as usize));
            let wait_ms = world.paced(level.map_or(0, |l| l.wait_seconds * 1000));
            let at_ms = escalation.paged_ms + wait_ms;
            let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
            let (round, level) = (escalation.round, escalation.level + 1);
            let next = organisation
                .policy_of(&incident.service)
                .and_then(|p| p.step(&organisation.schedules, at, round, level));
            let next = next.map(|step| names(organisation, &step));
            let words = next.map_or_else(
                || "If nobody answers, nobody is left to be paged".to_owned(),
                |names| format!("If nobody answers, {names} will be paged"),
            );
            Next {
                words,
                at_ms: Some(at_ms),
            }
        }
    }
}

/// What "get help" and "pass on" do now.
pub(super) fn help(organisation: &Organisation, incident: &Incident, now_ms: i64) -> String {
    let now = Timestamp::from_millisecond(now_ms).unwrap_or_default();
    let policy = organisation.policy_of(&incident.service);
    let step =
        policy.and_then(|p| p.help(&organisation.schedules, now, incident.escalation.as_ref()));
    step.map_or_else(
        || "Nobody is on call. Phone somebody.".to_owned(),
        |step| format!("This pages {} at once.", names(organisation, &step)),
    )
}

fn names(organisation: &Organisation, step: &Step) -> String {
    let names: Vec<&str> = step
        .people
        .iter()
        .map(|p| organisation.person_name(p))
        .collect();
    words::listed(&names)
}
