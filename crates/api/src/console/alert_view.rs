//! Alerts and groups of them as the pages about alerts show them. Every word of theirs comes from strangers.

use serde::Serialize;
use stentor_domain::labels::Labels;
use stentor_domain::organisation::Organisation;

use super::words;
use crate::firing::{Bunch, Row};

/// Characters of a headline that are shown.
const HEADLINE: usize = 160;

/// Characters of labels that are shown.
const LABELS: usize = 240;

/// Characters of a comment that are shown.
const COMMENT: usize = 600;

/// Alerts of a group that are shown in the list of groups.
const IN_LIST: usize = 3;

/// An alert in a list.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    fingerprint: String,
    headline: String,
    labels: String,
    source: Option<String>,
    starts_ms: i64,
    receivers: String,
    incident: Option<u32>,
    /// What keeps it quiet.
    silences: Vec<String>,
    inhibited_by: Option<String>,
}

impl Line {
    pub(super) fn new(row: &Row) -> Self {
        let receivers: Vec<&str> = row.receivers.iter().map(|r| &**r).collect();
        Self {
            fingerprint: row.alert.fingerprint.to_string(),
            headline: short(row.alert.headline(), HEADLINE),
            labels: labels(&row.alert.labels),
            source: words::web_link(&row.alert.generator_url).filter(|link| link.len() < 1_000),
            starts_ms: row.alert.starts_ms,
            receivers: short(&receivers.join(", "), HEADLINE),
            incident: row.incident.map(|id| id.0),
            silences: row
                .quiet
                .silenced_by
                .iter()
                .take(3)
                .map(ToString::to_string)
                .collect(),
            inhibited_by: row.quiet.inhibited_by.map(|f| f.to_string()),
        }
    }
}

/// A group in a list, or on its own page.
#[derive(Debug, Serialize)]
pub(super) struct GroupRow {
    id: String,
    receiver: String,
    labels: String,
    /// Some of its alerts.
    lines: Vec<Line>,
    count: usize,
    quiet: usize,
    since_ms: i64,
    muted_by: String,
    /// Whether the routing made it: others cannot be had.
    routed: bool,
    has_it: Option<Holder>,
    assignee: Option<String>,
    comments: Vec<Said>,
}

#[derive(Debug, Serialize)]
struct Holder {
    by: String,
    until_ms: i64,
}

#[derive(Debug, Serialize)]
struct Said {
    by: String,
    at_ms: i64,
    text: String,
}

impl GroupRow {
    pub(super) fn new(group: &Bunch, organisation: Option<&Organisation>, now_ms: i64) -> Self {
        Self::with(group, organisation, now_ms, IN_LIST)
    }

    /// With at most so many of its alerts.
    pub(super) fn with(
        group: &Bunch,
        organisation: Option<&Organisation>,
        now_ms: i64,
        alerts: usize,
    ) -> Self {
        let name = |by: &str| {
            let person = by.into();
            organisation.map_or(by.to_owned(), |o| o.person_name(&person).to_owned())
        };
        let notes = group.notes.as_ref();
        let holds = notes.and_then(|n| n.acknowledged.as_ref());
        let comments = notes.map(|n| n.comments.as_slice()).unwrap_or_default();
        Self {
            id: group.id.to_string(),
            receiver: short(&group.receiver, HEADLINE),
            labels: labels(&group.labels),
            lines: group.alerts.iter().take(alerts).map(Line::new).collect(),
            count: group.alerts.len(),
            quiet: group.alerts.iter().filter(|r| r.quiet.is_quiet()).count(),
            since_ms: group
                .alerts
                .iter()
                .map(|r| r.alert.starts_ms)
                .min()
                .unwrap_or(now_ms),
            muted_by: short(&group.muted_by.join(", "), HEADLINE),
            routed: group.route.is_some(),
            has_it: holds.filter(|a| now_ms < a.until_ms).map(|a| Holder {
                by: name(&a.by),
                until_ms: a.until_ms,
            }),
            assignee: notes
                .and_then(|n| n.assignee.as_ref())
                .map(|p| name(p.as_str())),
            comments: comments
                .iter()
                .rev()
                .take(10)
                .map(|c| Said {
                    by: name(&c.by),
                    at_ms: c.at_ms,
                    text: short(&c.text, COMMENT),
                })
                .collect(),
        }
    }
}

/// Labels as text, cut to what a line takes.
pub(super) fn labels(labels: &Labels) -> String {
    let mut text = String::new();
    for (name, value) in labels.iter() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&short(name, 60));
        text.push('=');
        text.push_str(&short(value, 120));
        if text.len() > 4 * LABELS {
            break;
        }
    }
    short(&text, LABELS)
}

/// The beginning of a text.
pub(super) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
