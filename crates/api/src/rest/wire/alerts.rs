//! Alerts, their groups and silences, as they are told and asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stentor_domain::labels::Labels;
use stentor_domain::matcher::Matcher;
use stentor_domain::recurrence;
use stentor_domain::silence::{self, Wanted};
use stentor_domain::told::GroupNotes;
use utoipa::ToSchema;

use super::{short, time};
use crate::firing::{Bunch, Row};
use crate::{Problem, silences};

macro_rules! told {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub(in crate::rest) struct $name { $($(#[$fdoc])* pub(in crate::rest) $field: $type,)* }
    )*};
}

told! {
    /// A part of the alerts that fire.
    Alerts {
        /// Those of this part.
        alerts: Vec<Alert>,
        /// How many were asked for in all.
        total: usize,
    }
    /// An alert that fires.
    Alert {
        /// Its identity: 16 hexadecimal digits.
        fingerprint: String,
        /// What it is about.
        labels: BTreeMap<String, String>,
        /// What it says.
        annotations: BTreeMap<String, String>,
        /// When it began.
        starts_at: String,
        /// When it ends unless it is sent again.
        ends_at: String,
        /// When it last changed.
        updated_at: String,
        /// Where it comes from.
        source: String,
        /// The service it was mapped to.
        service: String,
        /// The incident it is attached to.
        incident: Option<u32>,
        /// Whom it is told to: receivers of the routing, or an escalation policy.
        receivers: Vec<String>,
        /// `active`, or `suppressed` while something keeps it quiet.
        state: String,
        /// Silences that keep it quiet.
        silenced_by: Vec<String>,
        /// An alert that keeps it quiet.
        inhibited_by: Option<String>,
    }
    /// A part of the groups of alerts.
    AlertGroups {
        /// Those of this part.
        groups: Vec<AlertGroup>,
        /// How many were asked for in all.
        total: usize,
    }
    /// Alerts that are told together.
    AlertGroup {
        /// Its identity: 32 hexadecimal digits.
        id: String,
        /// Whom it is told to.
        receiver: String,
        /// The labels that its alerts agree in.
        labels: BTreeMap<String, String>,
        /// The alerts that were asked for.
        alerts: Vec<Alert>,
        /// Names of the times that keep it quiet.
        muted_by: Vec<String>,
        /// Who has it.
        acknowledged: Option<Acknowledged>,
        /// Who works on it.
        assignee: Option<String>,
        /// What was said about it, oldest first.
        comments: Vec<Comment>,
    }
    /// Somebody has a group: it is not told again for a while.
    Acknowledged {
        /// Who.
        by: String,
        /// When.
        at: String,
        /// Until when.
        until: String,
    }
    /// A comment.
    Comment {
        /// Who.
        by: String,
        /// When.
        at: String,
        /// What.
        text: String,
    }
    /// A silence.
    Silence {
        /// Its name: a UUID.
        id: String,
        /// `pending`, `active` or `expired`.
        state: String,
        /// Conditions that must all hold, for instance `job="shop"`.
        matchers: Vec<String>,
        /// From when.
        starts_at: String,
        /// Until when.
        ends_at: String,
        /// When it comes back; absent when it holds all the time.
        recurrence: Option<Recurrence>,
        /// Whose it is.
        created_by: String,
        /// Why.
        comment: String,
        /// When it last changed.
        updated_at: String,
        /// Whether it means every alert there may be.
        fits_everything: bool,
    }
    /// A silence was set or ended.
    Silenced {
        /// Its name.
        silence: Option<String>,
    }
}

/// When a silence comes back between its start and its end.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rest) struct Recurrence {
    /// An iCalendar rule, for instance `FREQ=WEEKLY;BYDAY=SA,SU`.
    rule: String,
    /// How long each time lasts, in seconds.
    duration_seconds: i64,
    /// The time zone, as IANA names it.
    zone: String,
}

macro_rules! asked {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(in crate::rest) struct $name { $($(#[$fdoc])* pub(in crate::rest) $field: $type,)* }
    )*};
}

asked! {
    /// "I have it", for a while.
    Acknowledge {
        /// Until when, as RFC 3339.
        until: Option<String>,
        /// Instead of that: for so many seconds.
        for_seconds: Option<i64>,
        /// What to say along with it.
        #[serde(default)]
        comment: String,
    }
    /// Who works on a group.
    Assign {
        /// A person; absent for nobody.
        to: Option<String>,
    }
    /// Something is said about a group.
    NewComment {
        /// What.
        text: String,
    }
    /// A silence is asked for.
    NewSilence {
        /// Conditions that must all hold, for instance `job="shop"` or `instance=~"web-.*"`.
        matchers: Vec<String>,
        /// From when, as RFC 3339; absent for now.
        starts_at: Option<String>,
        /// Until when, as RFC 3339.
        ends_at: Option<String>,
        /// Instead of that: for so many seconds.
        for_seconds: Option<i64>,
        /// When it comes back between start and end; absent when it holds all the time.
        recurrence: Option<Recurrence>,
        /// Why.
        comment: String,
    }
}

fn map(labels: &Labels) -> BTreeMap<String, String> {
    let pairs = labels.iter();
    pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

impl From<&Row> for Alert {
    fn from(row: &Row) -> Self {
        let quiet = &row.quiet;
        let suppressed = quiet.is_quiet();
        Self {
            fingerprint: row.alert.fingerprint.to_string(),
            labels: map(&row.alert.labels),
            annotations: map(&row.alert.annotations),
            starts_at: time(row.alert.starts_ms),
            ends_at: time(row.ends_ms),
            updated_at: time(row.updated_ms),
            source: row.alert.generator_url.to_string(),
            service: row.service.to_string(),
            incident: row.incident.map(|id| id.0),
            receivers: row.receivers.iter().map(|r| r.to_string()).collect(),
            state: if suppressed { "suppressed" } else { "active" }.to_owned(),
            silenced_by: quiet.silenced_by.iter().map(ToString::to_string).collect(),
            inhibited_by: quiet.inhibited_by.map(|f| f.to_string()),
        }
    }
}

impl AlertGroup {
    /// A group as it stands at `now_ms` (milliseconds since the epoch).
    pub(in crate::rest) fn tell(group: &Bunch, now_ms: i64) -> Self {
        let empty = GroupNotes::default();
        let notes = group.notes.as_ref().unwrap_or(&empty);
        let holds = notes.acknowledged.as_ref().filter(|a| now_ms < a.until_ms);
        let comments = notes.comments.iter().map(|c| Comment {
            by: c.by.clone(),
            at: time(c.at_ms),
            text: c.text.clone(),
        });
        Self {
            id: group.id.to_string(),
            receiver: group.receiver.to_string(),
            labels: map(&group.labels),
            alerts: group.alerts.iter().map(Alert::from).collect(),
            muted_by: group.muted_by.clone(),
            acknowledged: holds.map(|a| Acknowledged {
                by: a.by.clone(),
                at: time(a.at_ms),
                until: time(a.until_ms),
            }),
            assignee: notes.assignee.as_ref().map(ToString::to_string),
            comments: comments.collect(),
        }
    }
}

impl Silence {
    /// A silence as it stands at `now_ms` (milliseconds since the epoch).
    pub(in crate::rest) fn tell(silence: &silence::Silence, now_ms: i64) -> Self {
        let wanted = &silence.wanted;
        Self {
            id: silence.id.to_string(),
            state: wanted.state(now_ms).name().to_owned(),
            matchers: wanted.matchers.iter().map(ToString::to_string).collect(),
            starts_at: time(wanted.starts_ms),
            ends_at: time(wanted.ends_ms),
            recurrence: wanted.recurrence.as_ref().map(|r| Recurrence {
                rule: r.rule().to_owned(),
                duration_seconds: r.duration_ms() / 1000,
                zone: r.zone().to_owned(),
            }),
            created_by: wanted.created_by.clone(),
            comment: wanted.comment.clone(),
            updated_at: time(silence.updated_ms),
            fits_everything: wanted.fits_everything(),
        }
    }
}

/// The one of two ways in which an end can be told.
pub(in crate::rest) fn end_of(
    until: Option<&str>,
    for_seconds: Option<i64>,
    now_ms: i64,
) -> Result<i64, Problem> {
    match (until, for_seconds) {
        (Some(until), None) => silences::time(until).map_err(Problem::invalid),
        (None, Some(seconds)) if seconds > 0 => {
            Ok(now_ms.saturating_add(seconds.saturating_mul(1000)))
        }
        (None, Some(_)) => Err(Problem::invalid("for_seconds is more than 0")),
        _ => Err(Problem::invalid(
            "say the end, or for how many seconds: one of both",
        )),
    }
}

impl NewSilence {
    /// What is wished for by `created_by` at `now_ms` (milliseconds since the epoch).
    pub(in crate::rest) fn wanted(self, created_by: &str, now_ms: i64) -> Result<Wanted, Problem> {
        let starts_ms = match &self.starts_at {
            Some(text) => silences::time(text).map_err(Problem::invalid)?,
            None => now_ms,
        };
        let ends_ms = end_of(
            self.ends_at.as_deref(),
            self.for_seconds,
            starts_ms.max(now_ms),
        )?;
        let matchers = self.matchers.iter().map(|text| Matcher::parse(text));
        let matchers: Result<_, _> = matchers.collect();
        let recurrence = self.recurrence.map(|r| {
            let duration_ms = r.duration_seconds.saturating_mul(1000);
            recurrence::Recurrence::new(r.rule, duration_ms, r.zone)
                .map_err(|e| Problem::invalid(e.to_string()))
        });
        Ok(Wanted {
            matchers: matchers.map_err(|e| Problem::invalid(e.to_string()))?,
            starts_ms,
            ends_ms,
            recurrence: recurrence.transpose()?,
            created_by: created_by.to_owned(),
            comment: short("comment", self.comment)?,
        })
    }
}
