//! What statements are about: an incident, announced work, a false message. All three read alike.

use serde::Serialize;
use stentor_domain::bulletin::{
    Denial, DenialUpdate, Impact, MaintenanceUpdate, Mends, PublicIncident, PublicMaintenance,
    Standing, StatusUpdate,
};

use super::super::RenderError;
use super::super::edition::{Edition, Part, Text};
use super::super::feed;
use super::super::text::{clean, line};
use super::super::time::{Time, day_number, timestamp};

/// What statements can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in super::super) enum Kind {
    Incident,
    Maintenance,
    Denial,
}

/// Everything that was said about one thing.
#[derive(Clone, Serialize)]
pub(in super::super) struct Affair {
    pub(in super::super) kind: Kind,
    pub(in super::super) id: String,
    /// Its page without the language and the ending.
    pub(in super::super) stem: String,
    pub(in super::super) path: String,
    /// From its page back to the top.
    pub(in super::super) up: &'static str,
    /// Which look it has: `calm`, `partial`, `total`, `work` or `false`.
    pub(in super::super) look: &'static str,
    /// Where it stands, in words.
    pub(in super::super) state: String,
    pub(in super::super) over: bool,
    pub(in super::super) components: Vec<String>,
    /// When the work is done.
    pub(in super::super) window: Option<(Time, Time)>,
    pub(in super::super) seen_at: Vec<String>,
    /// The newest title that still holds.
    pub(in super::super) title: Text,
    /// Newest first.
    pub(in super::super) statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Serialize)]
pub(in super::super) struct Statement {
    /// Its name in feeds.
    pub(in super::super) id: String,
    pub(in super::super) number: u32,
    pub(in super::super) at: Time,
    /// Milliseconds since the epoch.
    pub(in super::super) at_ms: i64,
    /// Where the thing stood, in words.
    pub(in super::super) state: &'static str,
    pub(in super::super) look: &'static str,
    pub(in super::super) title: Text,
    pub(in super::super) sections: Vec<Part>,
    pub(in super::super) next: Option<Time>,
    /// The statement that corrects this one.
    pub(in super::super) corrected: Option<Mark>,
    /// The statement that takes this one back.
    pub(in super::super) withdrawn: Option<Mark>,
    /// The statement that this one corrects.
    pub(in super::super) corrects: Option<u32>,
    /// The statement that this one takes back.
    pub(in super::super) withdraws: Option<u32>,
}

/// A later statement about a statement.
#[derive(Clone, Serialize)]
pub(in super::super) struct Mark {
    pub(in super::super) number: u32,
    pub(in super::super) at: Time,
}

/// The page of an incident, without language and ending: in the folder of the year of its first statement.
pub(in super::super) fn stem_of_incident(incident: &PublicIncident) -> Result<String, RenderError> {
    let first = incident.updates.first().map_or(0, |u| u.published_ms);
    Ok(format!(
        "incidents/{}/{}",
        timestamp(first)?.strftime("%Y"),
        incident.id
    ))
}

impl Affair {
    pub(in super::super) fn of_incident(
        incident: &PublicIncident,
        edition: &Edition<'_>,
    ) -> Result<Self, RenderError> {
        let (words, latest) = (edition.words, incident.latest());
        let id = incident.id.to_string();
        let over = incident.is_over();
        let look = look(incident.impact);
        let affected = words.impact(Some(incident.impact));
        let of = |u: &StatusUpdate| {
            let resolved = u.status == stentor_domain::bulletin::PublicStatus::Resolved;
            let seen = Said {
                number: u.number,
                at: u.published_ms,
                state: words.status(u.status),
                look: if resolved { "calm" } else { look },
                wording: edition.wording((&u.title, &u.sections), &u.translations),
                next: u.next_update_ms,
                mends: u.mends,
                standing: incident.standing(u.number),
            };
            let date = |n| {
                incident
                    .updates
                    .iter()
                    .find(|u| u.number == n)
                    .map(|u| u.published_ms)
            };
            seen.statement(&id, edition, &date)
        };
        Self {
            kind: Kind::Incident,
            stem: stem_of_incident(incident)?,
            path: String::new(),
            up: "../../",
            look: if over { "calm" } else { look },
            state: if over {
                words.status(latest.status).to_owned()
            } else {
                format!("{}{}{affected}", words.status(latest.status), words.comma)
            },
            over,
            components: names(&incident.components),
            window: None,
            seen_at: Vec::new(),
            title: Text {
                text: String::new(),
                tongue: edition.first_tongue(),
            },
            statements: incident
                .updates
                .iter()
                .rev()
                .map(of)
                .collect::<Result<_, _>>()?,
            id,
        }
        .finished(edition)
    }

    pub(in super::super) fn of_maintenance(
        work: &PublicMaintenance,
        edition: &Edition<'_>,
    ) -> Result<Self, RenderError> {
        let (words, latest) = (edition.words, work.latest());
        let id = work.id.to_string();
        let of = |u: &MaintenanceUpdate| {
            let seen = Said {
                number: u.number,
                at: u.published_ms,
                state: words.work(u.status),
                look: if u.status.is_over() { "calm" } else { "work" },
                wording: edition.wording((&u.wording.title, &u.wording.sections), &u.translations),
                next: None,
                mends: u.mends,
                standing: work.standing(u.number),
            };
            let date = |n| {
                work.updates
                    .iter()
                    .find(|u| u.number == n)
                    .map(|u| u.published_ms)
            };
            seen.statement(&id, edition, &date)
        };
        let (starts, mut ends) = (
            Time::of_ms(latest.starts_ms, words)?,
            Time::of_ms(latest.ends_ms, words)?,
        );
        if day_number(latest.starts_ms) == day_number(latest.ends_ms) {
            ends.full.clone_from(&ends.clock);
        }
        let window = (starts, ends);
        Self {
            kind: Kind::Maintenance,
            stem: format!("maintenance/{id}"),
            path: String::new(),
            up: "../",
            look: if work.is_over() { "calm" } else { "work" },
            state: words.work(latest.status).to_owned(),
            over: work.is_over(),
            components: names(&work.components),
            window: Some(window),
            seen_at: Vec::new(),
            title: Text {
                text: String::new(),
                tongue: edition.first_tongue(),
            },
            statements: work
                .updates
                .iter()
                .rev()
                .map(of)
                .collect::<Result<_, _>>()?,
            id,
        }
        .finished(edition)
    }

    pub(in super::super) fn of_denial(
        denial: &Denial,
        edition: &Edition<'_>,
    ) -> Result<Self, RenderError> {
        let words = edition.words;
        let id = denial.id.to_string();
        let state = |circulates| {
            if circulates {
                words.circulates
            } else {
                words.gone
            }
        };
        let of = |u: &DenialUpdate| {
            let seen = Said {
                number: u.number,
                at: u.published_ms,
                state: state(u.circulates),
                look: if u.circulates { "false" } else { "calm" },
                wording: edition.wording((&u.wording.title, &u.wording.sections), &u.translations),
                next: None,
                mends: u.mends,
                standing: denial.standing(u.number),
            };
            let date = |n| {
                denial
                    .updates
                    .iter()
                    .find(|u| u.number == n)
                    .map(|u| u.published_ms)
            };
            seen.statement(&id, edition, &date)
        };
        Self {
            kind: Kind::Denial,
            stem: format!("denials/{id}"),
            path: String::new(),
            up: "../",
            look: if denial.is_over() { "calm" } else { "false" },
            state: state(!denial.is_over()).to_owned(),
            over: denial.is_over(),
            components: Vec::new(),
            window: None,
            seen_at: names(&denial.seen_at),
            title: Text {
                text: String::new(),
                tongue: edition.first_tongue(),
            },
            statements: denial
                .updates
                .iter()
                .rev()
                .map(of)
                .collect::<Result<_, _>>()?,
            id,
        }
        .finished(edition)
    }

    /// Completes what follows from the rest.
    fn finished(mut self, edition: &Edition<'_>) -> Result<Self, RenderError> {
        self.path = edition.file(&self.stem, "html");
        let holds = |s: &&Statement| {
            s.corrected.is_none() && s.withdrawn.is_none() && s.withdraws.is_none()
        };
        let titled = self
            .statements
            .iter()
            .find(holds)
            .or(self.statements.first());
        self.title = titled
            .map(|s| s.title.clone())
            .ok_or_else(|| RenderError::new(&self.path, "nothing was said"))?;
        Ok(self)
    }
}

/// What the three kinds of statements have in common.
struct Said {
    number: u32,
    at: i64,
    state: &'static str,
    look: &'static str,
    wording: (Text, Vec<Part>),
    next: Option<i64>,
    mends: Option<Mends>,
    standing: Standing,
}

impl Said {
    fn statement(
        self,
        id: &str,
        edition: &Edition<'_>,
        date: &dyn Fn(u32) -> Option<i64>,
    ) -> Result<Statement, RenderError> {
        let words = edition.words;
        let number = self.number.to_string();
        let mut name = vec![edition.fingerprint, id, number.as_str()];
        if !edition.is_first() {
            name.push(edition.language.as_str());
        }
        let mark = |by: u32| {
            let at = Time::of_ms(date(by).unwrap_or(self.at), words)?;
            Ok::<_, RenderError>(Mark { number: by, at })
        };
        let (corrected, withdrawn) = match self.standing {
            Standing::Holds => (None, None),
            Standing::CorrectedBy(by) => (Some(mark(by)?), None),
            Standing::WithdrawnBy(by) => (None, Some(mark(by)?)),
        };
        let (corrects, withdraws) = match self.mends {
            None => (None, None),
            Some(Mends::Corrects(n)) => (Some(n), None),
            Some(Mends::Withdraws(n)) => (None, Some(n)),
        };
        let (title, sections) = self.wording;
        Ok(Statement {
            id: feed::id(&name),
            number: self.number,
            at: Time::of_ms(self.at, words)?,
            at_ms: self.at,
            state: self.state,
            look: self.look,
            title,
            sections,
            next: self.next.map(|next| Time::of_ms(next, words)).transpose()?,
            corrected,
            withdrawn,
            corrects,
            withdraws,
        })
    }
}

pub(super) fn look(impact: Impact) -> &'static str {
    match impact {
        Impact::Partial => "partial",
        Impact::Total => "total",
    }
}

fn names(names: &[String]) -> Vec<String> {
    names.iter().map(|name| line(&clean(name))).collect()
}
