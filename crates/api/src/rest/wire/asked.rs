//! Bodies of requests. Unknown fields are refused: a slip in a name must not change what is done.

use std::collections::BTreeMap;

use serde::Deserialize;
use stentor_domain::incident;
use utoipa::ToSchema;

use super::{Cause, Impact, PublicStatus, Role, Severity};
use crate::Problem;

/// Longest short text (a title, a reason, a name), in characters.
const SHORT: usize = 2_000;

/// Longest part of a report, in characters.
const LONG: usize = 20_000;

/// Actions in a report at most.
const ACTIONS: usize = 100;

macro_rules! asked {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(in crate::rest) struct $name { $($(#[$fdoc])* pub(in crate::rest) $field: $type,)* }
    )*};
}

asked! {
    /// Nothing more is needed.
    Nothing {}
    /// An incident is declared.
    Declare {
        /// What is broken: a service of the catalogue.
        service: String,
        /// One line.
        title: String,
        /// How bad; absent when unsure, which counts as the worst.
        severity: Option<Severity>,
        /// How much of it fails.
        impact: Impact,
        /// What kind of cause, as far as known.
        cause: Option<Cause>,
    }
    /// "I have it", or "not me".
    Answer {
        /// Yes or no.
        accept: bool,
        /// Why not.
        #[serde(default)]
        reason: String,
    }
    /// A role is offered to somebody.
    Offer {
        /// Which.
        role: Role,
        /// To whom.
        to: String,
        /// Why.
        #[serde(default)]
        reason: String,
    }
    /// A note on the timeline.
    Note {
        /// What.
        text: String,
    }
    /// The severity is judged anew.
    NewSeverity {
        /// How bad.
        severity: Severity,
        /// Why.
        #[serde(default)]
        reason: String,
    }
    /// The kind of cause is revised.
    NewCause {
        /// What kind.
        cause: Cause,
    }
    /// A public update from an approved template.
    Update {
        /// Which template.
        template: String,
        /// What is written into its blanks.
        #[serde(default)]
        values: BTreeMap<String, String>,
        /// Where the incident stands; absent for the template's own.
        status: Option<PublicStatus>,
        /// When the next word comes, as RFC 3339; absent for the rule's.
        next_update: Option<String>,
    }
    /// Somebody who speaks for those affected confirmed that it is over.
    Confirmation {
        /// Who.
        representative: String,
    }
    /// What was learnt.
    Report {
        /// What happened.
        summary: String,
        /// Root and contributing causes.
        causes: String,
        /// What ended it.
        mitigation: String,
        /// What was noticed late or not at all.
        detection_gaps: String,
        /// Where we got lucky.
        lucky: String,
        /// What is done about it.
        #[serde(default)]
        actions: Vec<Action>,
        /// Why there is nothing to do.
        #[serde(default)]
        no_action_reason: String,
    }
    /// Something to be done.
    Action {
        /// What.
        what: String,
        /// Who.
        owner: String,
        /// Until when, as `YYYY-MM-DD`.
        due: String,
    }
    /// An API token is asked for.
    NewToken {
        /// For whom; absent for oneself.
        person: Option<String>,
        /// What it is for.
        label: String,
        /// How many days it lives, at most 365.
        days: u32,
    }
}

/// A time as RFC 3339 writes it, in milliseconds since the epoch.
pub(in crate::rest) fn moment(name: &str, text: Option<String>) -> Result<Option<i64>, Problem> {
    let time = text.map(|text| text.parse::<jiff::Timestamp>()).transpose();
    let time = time
        .map_err(|_| Problem::invalid(format!("{name} is a time such as 2026-01-31T12:00:00Z")))?;
    Ok(time.map(|time| time.as_millisecond()))
}

/// Refuses text that is longer than anybody needs.
pub(in crate::rest) fn short(name: &str, text: String) -> Result<String, Problem> {
    bounded(name, text, SHORT)
}

fn bounded(name: &str, text: String, most: usize) -> Result<String, Problem> {
    if text.chars().count() > most {
        return Err(Problem::invalid(format!(
            "{name} has more than {most} characters"
        )));
    }
    Ok(text)
}

impl Report {
    pub(in crate::rest) fn checked(self) -> Result<incident::Report, Problem> {
        if self.actions.len() > ACTIONS {
            return Err(Problem::invalid(format!(
                "a report has at most {ACTIONS} actions"
            )));
        }
        let actions = self.actions.into_iter().map(|action| {
            Ok(incident::Action {
                what: short("what", action.what)?,
                owner: short("owner", action.owner)?.as_str().into(),
                due: short("due", action.due)?,
            })
        });
        Ok(incident::Report {
            actions: actions.collect::<Result<_, Problem>>()?,
            summary: bounded("summary", self.summary, LONG)?,
            causes: bounded("causes", self.causes, LONG)?,
            mitigation: bounded("mitigation", self.mitigation, LONG)?,
            detection_gaps: bounded("detection_gaps", self.detection_gaps, LONG)?,
            lucky: bounded("lucky", self.lucky, LONG)?,
            no_action_reason: bounded("no_action_reason", self.no_action_reason, LONG)?,
        })
    }
}
