//! `oncall.toml`: who takes turns, and who is paged in what order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use super::Declared;
use super::problem::quoted;
use super::reader::{At, Table, Text};
use super::values::{clock_seconds, zone};
use crate::ids::{PersonId, PolicyId, ScheduleId};
use crate::oncall::{EscalationPolicy, Level, Schedule, Shift, Target};

pub(super) const ROOT: &[&str] = &["schedules", "policies"];
const SCHEDULE: &[&str] = &["zone", "start", "shift", "people"];
const POLICY: &[&str] = &["rounds", "levels"];
const LEVEL: &[&str] = &["schedule", "person", "targets", "wait"];
const TARGET: &[&str] = &["schedule", "person"];

/// Wait for an acknowledgement when a level names none.
const WAIT_SECONDS: i64 = 300;
/// Longest wait for an acknowledgement.
const MAX_WAIT_SECONDS: i64 = 86_400;

/// Reads all schedules.
pub(super) fn schedules(file: &Table<'_>, names: &Declared<'_>) -> BTreeMap<ScheduleId, Schedule> {
    let mut schedules = BTreeMap::new();
    for (id, table) in file.named("schedules", SCHEDULE) {
        let id = ScheduleId::from(id);
        let listed = table.lines("people");
        if table.value("people").is_none() || listed.is_empty() {
            table.here().refuse(
                format!("nobody takes turns in {}", quoted(id.as_str())),
                "add people = [\"ada\", \"ben\"] in the order of turns",
            );
        }
        let people = listed.iter().map(|name| responder(name, names)).collect();
        let start = match table.moment("start") {
            Some(text) => start(&text),
            None => {
                table.need("start", "start = 2026-01-05T09:00:00");
                None
            }
        };
        let length = table.need("shift", "shift = \"1 week\"");
        let schedule = Schedule {
            id: id.clone(),
            zone: zone(&table, "zone"),
            start: start.unwrap_or_default(),
            shift: length
                .and_then(|text| shift(&text))
                .unwrap_or(Shift::Days(7)),
            people,
        };
        schedules.insert(id, schedule);
    }
    schedules
}

/// A person who is paged must be allowed to act on it.
fn responder(name: &Text<'_>, names: &Declared<'_>) -> PersonId {
    let id: PersonId = names.people.find(name);
    if names.people.has(name) && !names.responders.has(name) {
        name.refuse(
            format!("{} is paged here but is not a responder", quoted(name)),
            "add the role \"responder\" in people.toml",
        );
    }
    id
}

/// The first shift's begin on the clock of the schedule's zone.
fn start(text: &At<'_, String>) -> Option<DateTime> {
    let after_date = text.get(10..).unwrap_or_default();
    let start: Option<DateTime> = text.parse().ok();
    let start = start.filter(|start| {
        !after_date.contains(['Z', 'z', '+', '-', '[']) && (1970..2200).contains(&start.year())
    });
    if start.is_none() {
        text.refuse(
            format!("{} is not the begin of a shift", quoted(text)),
            "write the date and the time in the schedule's zone, without an offset, for instance 2026-01-05T09:00:00",
        );
    }
    start
}

/// A day may have 23 or 25 hours, so days and hours are different lengths.
fn shift(text: &Text<'_>) -> Option<Shift> {
    let digits = text.trim().find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.trim().split_at(digits.unwrap_or_default());
    let number = number.parse().ok().filter(|n| (1..=1000u16).contains(n));
    let shift = number.and_then(|number| match unit.trim() {
        "h" | "hour" | "hours" => Some(Shift::Hours(number)),
        "d" | "day" | "days" => Some(Shift::Days(number)),
        "w" | "week" | "weeks" => Some(Shift::Days(number * 7)),
        _ => None,
    });
    if shift.is_none() {
        text.refuse(
            format!("{} is not the length of a shift", quoted(text)),
            "write for instance \"12h\", \"1 day\" or \"1 week\"",
        );
    }
    shift
}

/// Reads all escalation policies.
pub(super) fn policies(
    file: &Table<'_>,
    names: &Declared<'_>,
) -> BTreeMap<PolicyId, EscalationPolicy> {
    let mut policies = BTreeMap::new();
    for (id, table) in file.named("policies", POLICY) {
        let id = PolicyId::from(id);
        let levels = table.list("levels", LEVEL);
        if levels.is_empty() {
            table.here().refuse(
                format!("the policy {} has no level", quoted(id.as_str())),
                format!(
                    "add [[policies.{id}.levels]] with schedule = \"primary\" and wait = \"5m\""
                ),
            );
        }
        let policy = EscalationPolicy {
            id: id.clone(),
            levels: levels.iter().map(|table| level(table, names)).collect(),
            rounds: table.whole("rounds", 1..=20).unwrap_or(2),
        };
        policies.insert(id, policy);
    }
    if policies.is_empty() {
        file.here().refuse(
            "there is no escalation policy",
            "add [policies.default] and under it [[policies.default.levels]]",
        );
    }
    policies
}

fn level(table: &Table<'_>, names: &Declared<'_>) -> Level {
    let mut targets = targets(table, names);
    for entry in table.list("targets", TARGET) {
        targets.extend(self::targets(&entry, names));
    }
    if targets.is_empty() {
        table.here().refuse(
            "this level pages nobody",
            "add schedule = \"primary\", person = \"ada\" or targets = [{ schedule = \"primary\" }, { person = \"ada\" }]",
        );
    }
    let mut seen = BTreeSet::new();
    for (target, place) in &targets {
        if !seen.insert(format!("{target:?}")) {
            place.refuse(
                "this level pages the same target twice",
                "keep one of the two",
            );
        }
    }
    let wait = table.line("wait").and_then(|text| {
        let seconds = clock_seconds(&text)?;
        if seconds > MAX_WAIT_SECONDS {
            text.refuse(
                "the next level waits more than a day",
                "write at most \"1d\"",
            );
        }
        Some(seconds)
    });
    Level {
        targets: targets.into_iter().map(|(target, _)| target).collect(),
        wait_seconds: wait.unwrap_or(WAIT_SECONDS),
    }
}

fn targets<'a>(table: &Table<'a>, names: &Declared<'_>) -> Vec<(Target, Text<'a>)> {
    let mut targets = Vec::new();
    if let Some(name) = table.line("schedule") {
        targets.push((Target::Schedule(names.schedules.find(&name)), name));
    }
    if let Some(name) = table.line("person") {
        targets.push((Target::Person(responder(&name, names)), name));
    }
    targets
}
