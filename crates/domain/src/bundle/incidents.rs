//! `[incidents]` of `stentor.toml`: the rules of the incident process. What is not said follows the habits of 2i2c,
//! an operator of open infrastructure for communities, as they were written down in 2022.

use super::Declared;
use super::problem::{instead, quoted};
use super::reader::Table;
use super::values::{clock_seconds, period, period_or, severity, severity_or};
use crate::calendar::Period;
use crate::ids::CalendarId;
use crate::organisation::{DefaultCommander, Rules};
use crate::severity::Severity;

const KEYS: &[&str] = &[
    "default_policy",
    "default_owner",
    "severity_label",
    "severities",
    "unknown_severity",
    "open_at",
    "page_at",
    "default_commander",
    "support_steward",
    "project_manager",
    "unsolved_after",
    "suggest_handoff_after",
    "close_after",
    "promise",
    "remind_before",
    "resolve_timeout",
];

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// Values of the severity label that are common among rules for Prometheus.
const SEVERITIES: [(&str, Severity); 8] = [
    ("critical", Severity::Sev1),
    ("page", Severity::Sev2),
    ("error", Severity::Sev2),
    ("major", Severity::Sev2),
    ("warning", Severity::Sev3),
    ("ticket", Severity::Sev3),
    ("info", Severity::Sev4),
    ("none", Severity::Sev4),
];

const PROMISES: [(Severity, Period); 4] = [
    (Severity::Sev1, Period::Clock(HOUR)),
    (Severity::Sev2, Period::Clock(2 * HOUR)),
    (Severity::Sev3, Period::Working(3 * HOUR)),
    (Severity::Sev4, Period::Working(4 * HOUR)),
];

const COMMANDERS: [(&str, DefaultCommander); 2] = [
    ("first-acknowledger", DefaultCommander::FirstAcknowledger),
    ("support-steward", DefaultCommander::SupportSteward),
];

/// Reads `[incidents]`.
pub(super) fn read(file: &Table<'_>, names: &Declared<'_>, calendar: CalendarId) -> Rules {
    let mut rules = defaults(calendar);
    let Some(table) = file.table("incidents", KEYS) else {
        if file.value("incidents").is_none() {
            file.here().refuse(
                "[incidents] is missing",
                "add it with default_owner = \"ada\": who answers for alerts that no service claims",
            );
        }
        return rules;
    };
    who(&table, names, &mut rules);
    if let Some(label) = table.line("severity_label") {
        rules.severity_label = label.to_string();
    }
    if table.value("severities").is_some() {
        let pairs = table.pairs("severities").into_iter();
        rules.severities = pairs
            .filter_map(|(value, text)| Some((value.to_string(), severity(&text)?)))
            .collect();
    }
    rules.unknown_severity = severity_or(&table, "unknown_severity", rules.unknown_severity);
    rules.open_at = severity_or(&table, "open_at", rules.open_at);
    rules.page_at = severity_or(&table, "page_at", rules.page_at);
    if !rules.page_at.at_least(rules.open_at) {
        let place = table.line("page_at").or_else(|| table.line("open_at"));
        if let Some(place) = place {
            place.refuse(
                "people would be woken for what opens no incident",
                "make open_at the same as page_at or less severe",
            );
        }
    }
    rules.unsolved_after = period_or(&table, "unsolved_after", rules.unsolved_after);
    rules.suggest_handoff_after =
        period_or(&table, "suggest_handoff_after", rules.suggest_handoff_after);
    rules.close_after = period_or(&table, "close_after", rules.close_after);
    if let Some(seconds) = table
        .line("resolve_timeout")
        .and_then(|t| clock_seconds(&t))
    {
        rules.resolve_timeout_ms = seconds * 1000;
    }
    promises(&table, &mut rules);
    rules
}

/// The rules where nothing is said; somebody who answers is yet to be named.
pub(super) fn defaults(calendar: CalendarId) -> Rules {
    Rules {
        default_policy: "default".into(),
        default_owner: "".into(),
        severity_label: "severity".into(),
        severities: SEVERITIES.map(|(value, s)| (value.to_owned(), s)).into(),
        unknown_severity: Severity::Sev2,
        open_at: Severity::Sev3,
        page_at: Severity::Sev2,
        default_commander: DefaultCommander::FirstAcknowledger,
        support_steward: None,
        project_manager: None,
        unsolved_after: Period::Clock(30 * MINUTE),
        suggest_handoff_after: Period::Clock(4 * HOUR),
        close_after: Period::Working(48 * HOUR),
        promise: PROMISES.into(),
        remind_before: Period::Clock(10 * MINUTE),
        calendar,
        resolve_timeout_ms: 5 * MINUTE * 1000,
    }
}

fn who(table: &Table<'_>, names: &Declared<'_>, rules: &mut Rules) {
    match table.line("default_policy") {
        Some(name) => rules.default_policy = names.policies.find(&name),
        None if !names.policies.has("default") => table.here().refuse(
            "\"default_policy\" is missing, and no policy is called \"default\"",
            "add default_policy with the name of a policy of oncall.toml",
        ),
        None => {}
    }
    if let Some(name) = table.need("default_owner", "default_owner = \"ada\"") {
        rules.default_owner = names.people.find(&name);
    }
    if let Some(name) = table.line("project_manager") {
        rules.project_manager = Some(names.people.find(&name));
        if names.people.has(&name) && !names.managers.has(&name) {
            name.refuse(
                format!("{} may not delegate for others", quoted(&name)),
                "add the role \"manager\" in people.toml",
            );
        }
    }
    if let Some(name) = table.line("support_steward") {
        rules.support_steward = Some(names.schedules.find(&name));
    }
    if let Some(text) = table.line("default_commander") {
        match COMMANDERS.iter().find(|(name, _)| *name == *text) {
            Some((_, commander)) => rules.default_commander = *commander,
            None => text.refuse(
                format!("{} is not a way to choose who commands", quoted(&text)),
                instead(&text, COMMANDERS.iter().map(|(name, _)| *name)),
            ),
        }
        if rules.default_commander == DefaultCommander::SupportSteward
            && table.value("support_steward").is_none()
        {
            text.refuse(
                "nobody is declared as support steward",
                "add support_steward with the name of a schedule of oncall.toml",
            );
        }
    }
}

fn promises(table: &Table<'_>, rules: &mut Rules) {
    let remind = table.line("remind_before");
    if let Some(seconds) = remind.and_then(|text| clock_seconds(&text)) {
        rules.remind_before = Period::Clock(seconds);
    }
    let declared = table.table("promise", &Severity::ALL.map(Severity::name));
    for severity in Severity::ALL {
        let text = declared.and_then(|table| table.line(severity.name()));
        if let Some(period) = text.and_then(|text| period(&text)) {
            rules.promise.insert(severity, period);
        }
        let place = text.or(remind);
        if let (Some(Period::Clock(promise)), Period::Clock(before), Some(place)) =
            (rules.promise.get(&severity), rules.remind_before, place)
            && *promise <= before
        {
            place.refuse(
                format!("a promise of {severity} would be due before its keeper is reminded"),
                "make remind_before shorter than every promise",
            );
        }
    }
}
