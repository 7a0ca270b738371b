//! `sources.toml`: what sends alerts and heartbeats in a way of its own.

use std::collections::BTreeMap;

use super::problem::{instead, quoted};
use super::reader::{Table, Text};
use super::values::{clock_seconds, severity, size};
use super::{Declared, mapping, secret};
use crate::ids::SourceId;
use crate::organisation::SecretRef;
use crate::severity::Severity;
use crate::source::{Heartbeat, MAX_ALERTS, RESOLVE_TIMEOUT_MS, Source, SourceKind};

pub(super) const ROOT: &[&str] = &["sources"];
const SOURCE: &[&str] = &[
    "kind",
    "token",
    "labels",
    "service",
    "max_alerts",
    "resolve_timeout",
    "mapping",
    "every",
    "grace",
    "severity",
    "expect_duration",
    "expect_size",
    "summary",
];
/// Keys of sources that send alerts.
const ALERTS: &[&str] = &["max_alerts", "resolve_timeout"];
/// Keys of sources whose silence is the alert.
const HEARTBEAT: &[&str] = &[
    "every",
    "grace",
    "severity",
    "expect_duration",
    "expect_size",
    "summary",
];

/// Labels, or annotations, of one source at most.
const MAX_LABELS: usize = 64;
/// Longest name of a label, in characters.
const MAX_NAME: usize = 128;
/// Shortest and longest time between two heartbeats, in seconds.
const EVERY: (i64, i64) = (10, 400 * 86_400);

/// Reads all sources.
pub(super) fn read(file: &Table<'_>, names: &Declared<'_>) -> BTreeMap<SourceId, Source> {
    let mut sources = BTreeMap::new();
    // A file without sources is no mistake: they come and go.
    if file.value("sources").is_none() {
        return sources;
    }
    for (name, table) in file.named("sources", SOURCE) {
        let id = SourceId::from(name);
        let labels = labels(&table);
        let kind = kind(&table, &labels);
        let service = table.line("service").map(|name| names.services.find(&name));
        if table.value("token").is_none() {
            table.here().refuse(
                "\"token\" is missing, so that anybody could send",
                format!("add token = {{ file = \"secrets/{id}-token\" }}"),
            );
        }
        let token = secret::read(&table, "token");
        let source = Source {
            id: id.clone(),
            kind,
            token: token.unwrap_or_else(|| SecretRef::File(String::new())),
            labels,
            max_alerts: table
                .whole("max_alerts", 1..=MAX_ALERTS * 10)
                .unwrap_or(MAX_ALERTS),
            service,
            resolve_timeout_ms: milliseconds(&table, "resolve_timeout")
                .unwrap_or(RESOLVE_TIMEOUT_MS),
        };
        sources.insert(id, source);
    }
    sources
}

/// The kind and what belongs to it; keys that belong to another one are reported.
fn kind(table: &Table<'_>, labels: &BTreeMap<String, String>) -> SourceKind {
    let unread = SourceKind::AlertmanagerWebhook;
    let Some(kind) = table.need("kind", "kind = \"grafana\"") else {
        return unread;
    };
    let silence: fn(Box<Heartbeat>) -> SourceKind = match *kind {
        "alertmanager-webhook" | "grafana" | "cloudevents" | "generic" => {
            refuse_keys(table, &kind, HEARTBEAT);
            if *kind == "generic" {
                return SourceKind::Generic(Box::new(mapping::read(table, labels)));
            }
            refuse_keys(table, &kind, &["mapping"]);
            return match *kind {
                "grafana" => SourceKind::Grafana,
                "cloudevents" => SourceKind::CloudEvents,
                _ => SourceKind::AlertmanagerWebhook,
            };
        }
        "heartbeat" => SourceKind::Heartbeat,
        "healthchecks" => SourceKind::Healthchecks,
        "uptime-kuma" => SourceKind::UptimeKuma,
        _ => {
            kind.refuse(
                format!("{} is not a kind of source", quoted(&kind)),
                instead(&kind, SourceKind::NAMES.into_iter()),
            );
            return unread;
        }
    };
    refuse_keys(table, &kind, ALERTS);
    refuse_keys(table, &kind, &["mapping"]);
    silence(Box::new(heartbeat(table)))
}

fn refuse_keys(table: &Table<'_>, kind: &Text<'_>, keys: &[&str]) {
    for key in keys {
        if let Some(value) = table.value(key) {
            value.refuse(
                format!(
                    "\"{key}\" means nothing to a source of the kind {}",
                    quoted(kind)
                ),
                "remove it, or correct the kind",
            );
        }
    }
}

fn heartbeat(table: &Table<'_>) -> Heartbeat {
    let every = table.need("every", "every = \"1 day\"").and_then(|text| {
        let seconds = clock_seconds(&text)?;
        if !(EVERY.0..=EVERY.1).contains(&seconds) {
            text.refuse(
                "this is too often or too seldom for a heartbeat",
                "write 10 seconds to 400 days",
            );
        }
        Some(seconds)
    });
    let grace = table.need("grace", "grace = \"1 hour\"");
    let grace = grace.and_then(|text| clock_seconds(&text));
    let bad = table.need("severity", "severity = \"sev2\"");
    let bad = bad.and_then(|text| severity(&text));
    let duration = range(
        table,
        "expect_duration",
        "[\"1 minute\", \"2 hours\"]",
        clock_seconds,
    );
    Heartbeat {
        every_ms: every.unwrap_or_default() * 1000,
        grace_ms: grace.unwrap_or_default() * 1000,
        severity: bad.unwrap_or(Severity::Sev1),
        expect_duration_ms: duration.map(|(least, most)| (least * 1000, most * 1000)),
        expect_size: range(table, "expect_size", "[\"1 GB\", \"5 TB\"]", size),
        summary: table.line("summary").map(|text| text.trim().to_owned()),
    }
}

/// The least and the most at `key`, when it stands there.
fn range<T: Ord>(
    table: &Table<'_>,
    key: &str,
    example: &str,
    read: impl Fn(&Text<'_>) -> Option<T>,
) -> Option<(T, T)> {
    let value = table.value(key)?;
    let is_list = value.is_array();
    let texts = table.lines(key);
    let [least, most] = &texts[..] else {
        if is_list {
            value.refuse(
                format!("\"{key}\" is not a least and a most"),
                format!("write {key} = {example}"),
            );
        }
        return None;
    };
    let range = (read(least)?, read(most)?);
    if range.0 > range.1 {
        least.refuse(
            "the least is more than the most",
            "write the smaller one first",
        );
    }
    Some(range)
}

fn milliseconds(table: &Table<'_>, key: &str) -> Option<i64> {
    Some(clock_seconds(&table.line(key)?)? * 1000)
}

/// The labels that each alert of a source gets.
fn labels(table: &Table<'_>) -> BTreeMap<String, String> {
    if table.value("labels").is_none() {
        return BTreeMap::new();
    }
    let pairs = table.pairs("labels");
    judge_names(table, "labels", pairs.iter().map(|(name, _)| name));
    let pairs = pairs.into_iter();
    pairs
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

/// Reports names of labels, or annotations, that cannot be such.
pub(super) fn judge_names<'t, 'a: 't>(
    table: &Table<'_>,
    key: &str,
    names: impl ExactSizeIterator<Item = &'t Text<'a>>,
) {
    if names.len() > MAX_LABELS
        && let Some(value) = table.value(key)
    {
        value.refuse(
            format!("there are more than {MAX_LABELS} names"),
            "remove some",
        );
    }
    for name in names.take(MAX_LABELS) {
        let sound = (1..=MAX_NAME).contains(&name.chars().count())
            && !name.contains(|c: char| c.is_control());
        if !sound {
            name.refuse(
                format!("{} cannot be the name of a label", quoted(name)),
                format!("write 1 to {MAX_NAME} characters on one line"),
            );
        }
    }
}
