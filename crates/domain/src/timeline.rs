//! The timeline writes itself: every event about an incident is a plain sentence (INC-7).

use crate::alert::{Alert, AlertGroup};
use crate::event::{DeliveryOutcome, Event};
use crate::ids::{IncidentId, PersonId};
use crate::organisation::Organisation;
use crate::page::PageCause;
use crate::text::one_line;
use crate::time_text::utc;

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of which incident.
    pub incident: IncidentId,
    /// Who did it, when a person did.
    pub actor: Option<PersonId>,
    /// What happened. May quote strangers: escape it on every exit.
    pub text: String,
}

/// The lines that an event, dated `now_ms`, adds to timelines.
#[must_use]
pub fn lines(organisation: &Organisation, now_ms: i64, event: &Event) -> Vec<Line> {
    let name = |person: &PersonId| organisation.person_name(person).to_owned();
    let line = |incident: IncidentId, actor: Option<&PersonId>, text: String| {
        // What is about no incident stands on no timeline.
        let about_one = incident != IncidentId::NONE;
        about_one
            .then(|| Line {
                incident,
                actor: actor.cloned(),
                text,
            })
            .into_iter()
            .collect()
    };
    match event {
        Event::AlertsChanged(groups) => groups
            .iter()
            .filter_map(|group| alert_line(now_ms, group))
            .collect(),
        Event::IncidentOpened(e) => {
            let how = e.by.as_ref().map_or("opened by an alert".to_owned(), |p| {
                format!("declared by {}", name(p))
            });
            let follows = e
                .follows
                .map_or(String::new(), |id| format!(", after {id}"));
            line(
                e.id,
                e.by.as_ref(),
                format!("{} {how} as {}{follows}: {}", e.id, e.severity, e.title),
            )
        }
        Event::SeverityChanged(e) => {
            let why = because(&e.reason);
            line(
                e.incident,
                e.by.as_ref(),
                format!("Severity is now {}{why}", e.severity),
            )
        }
        Event::CauseRevised(e) => line(
            e.incident,
            Some(&e.by),
            format!("Cause is now thought to be: {}", e.cause.name()),
        ),
        Event::EscalationMoved(e) => {
            let again = if e.round > 0 {
                format!(", round {}", e.round + 1)
            } else {
                String::new()
            };
            let text = format!(
                "Level {} of policy {} is paged{again}",
                e.level + 1,
                e.policy
            );
            line(e.incident, None, text)
        }
        Event::EscalationExhausted(e) => line(
            e.incident,
            None,
            "Nobody is left to page, and nobody has answered".to_owned(),
        ),
        Event::PageIssued(e) => line(
            e.incident,
            None,
            format!("{} is told: {}", name(&e.person), cause(&e.cause)),
        ),
        Event::PageAcknowledged(e) => line(
            e.incident,
            Some(&e.person),
            format!("{} acknowledged", name(&e.person)),
        ),
        Event::PageDeclined(e) => {
            let text = format!("{} declined{}", name(&e.person), because(&e.reason));
            line(e.incident, Some(&e.person), text)
        }
        Event::DeliveryRecorded(e) => {
            let text = match &e.outcome {
                DeliveryOutcome::Delivered { .. } => {
                    format!("{} delivered by {}", e.page, e.channel)
                }
                DeliveryOutcome::Delayed { error } => {
                    format!("{} not yet delivered by {}: {error}", e.page, e.channel)
                }
                DeliveryOutcome::Failed { error } => {
                    format!("{} cannot be delivered by {}: {error}", e.page, e.channel)
                }
                DeliveryOutcome::Superseded => {
                    format!("{} not sent by {}: no longer needed", e.page, e.channel)
                }
            };
            line(e.incident, None, text)
        }
        Event::RoleTaken(e) => {
            let how = e
                .handoff
                .map_or(String::new(), |h| format!(", accepting {h}"));
            let text = format!("{} is {}{how}", name(&e.person), e.role.title());
            line(e.incident, Some(&e.person), text)
        }
        Event::RoleVacated(e) => {
            let why = because(&e.reason);
            let text = format!("{} is no longer {}{why}", name(&e.person), e.role.title());
            line(e.incident, Some(&e.person), text)
        }
        Event::HandoffOffered(e) => {
            let who = e.by.as_ref().map_or("By rule".to_owned(), &name);
            let why = because(&e.reason);
            let text = format!(
                "{who}: {} offered to be {}{why}",
                name(&e.to),
                e.role.title()
            );
            line(e.incident, e.by.as_ref(), text)
        }
        Event::HandoffDeclined(e) => {
            let text = format!(
                "{} declined {}{}",
                name(&e.person),
                e.id,
                because(&e.reason)
            );
            line(e.incident, Some(&e.person), text)
        }
        Event::HandoffSuggested(e) => {
            let text = format!(
                "{} leads for long; a handoff was suggested",
                name(&e.person)
            );
            line(e.incident, None, text)
        }
        Event::NoteAdded(e) => line(e.incident, Some(&e.by), e.text.clone()),
        Event::UpdatePublished(e) => {
            let next = e.update.next_update_ms.map_or(String::new(), |ms| {
                format!("; next word promised for {}", utc(ms))
            });
            let status = e.update.status.name();
            let corrected = e.update.mends.map(|m| m.number());
            let did = corrected.map_or("published".to_owned(), |number| {
                format!("corrected statement {number}")
            });
            let text = format!("{} {did} ({status}): {}{next}", name(&e.by), e.update.title);
            line(e.incident, Some(&e.by), text)
        }
        Event::UpdateWithdrawn(e) => {
            let number = e.update.mends.map_or(0, |m| m.number());
            let why = e.update.sections.first().map_or("", |s| &s.text);
            let text = format!(
                "{} took back statement {number}{}",
                name(&e.by),
                because(why)
            );
            line(e.incident, Some(&e.by), text)
        }
        Event::PromiseReminded(e) => line(
            e.incident,
            None,
            format!("Reminder: the next word is due at {}", utc(e.due_ms)),
        ),
        Event::PromiseKept(e) => line(
            e.incident,
            None,
            format!("The word promised for {} came in time", utc(e.due_ms)),
        ),
        Event::PromiseBroken(e) => line(
            e.incident,
            None,
            format!("The word promised for {} did not come", utc(e.due_ms)),
        ),
        Event::IncidentUnsolved(e) => line(
            e.incident,
            None,
            "Still unsolved: the team and the project manager are told".to_owned(),
        ),
        Event::IncidentResolved(e) => line(
            e.incident,
            Some(&e.by),
            format!("{} resolved it", name(&e.by)),
        ),
        Event::IncidentConfirmed(e) => {
            let text = format!("{} confirmed that it is over", e.representative);
            line(e.incident, Some(&e.by), text)
        }
        Event::ReportWritten(e) => line(
            e.incident,
            Some(&e.by),
            format!("{} wrote the report", name(&e.by)),
        ),
        Event::IncidentClosed(e) => {
            let how = if e.by_silence {
                " after nobody objected"
            } else {
                ""
            };
            line(
                e.incident,
                Some(&e.by),
                format!("{} closed it{how}", name(&e.by)),
            )
        }
        Event::AlertsExpired(e) => {
            let ended = e.ended.iter().map(|ended| Line {
                incident: ended.incident,
                actor: None,
                text: format!(
                    "{} alert{} over: nobody spoke for {} any more",
                    ended.alerts,
                    if ended.alerts == 1 { " is" } else { "s are" },
                    if ended.alerts == 1 { "it" } else { "them" },
                ),
            });
            ended.collect()
        }
        Event::AlertsProlonged(_)
        | Event::HeartbeatReceived(_)
        | Event::HeartbeatJudged(_)
        | Event::NotificationsSent(_)
        | Event::SilenceSet(_)
        | Event::SilenceEnded(_)
        | Event::GroupAcknowledged(_)
        | Event::GroupAssigned(_)
        | Event::GroupCommented(_)
        | Event::MaintenanceSaid(_)
        | Event::MaintenanceReminded(_)
        | Event::DenialSaid(_)
        | Event::WordPushed(_)
        | Event::InstanceFounded(_)
        | Event::BundleAccepted(_)
        | Event::PayloadErased(_)
        | Event::DrillStarted(_)
        | Event::DrillFinished(_)
        | Event::ClockJumped(_) => Vec::new(),
    }
}

/// Longest quotation of an alert, in characters.
const MAX_QUOTE: usize = 300;

fn headline(alert: &Alert) -> String {
    one_line(alert.headline(), MAX_QUOTE)
}

/// A batch may hold thousands of alerts: it makes one line for each incident.
fn alert_line(now_ms: i64, group: &AlertGroup) -> Option<Line> {
    let incident = group.incident?;
    let first = group.alerts.first()?;
    let firing = group.alerts.iter().filter(|a| a.ends_ms > now_ms).count();
    let ended = group.alerts.len() - firing;
    let text = match (firing, ended) {
        (1, 0) => format!("Alert: {}", headline(first)),
        (0, 1) => format!("Alert over: {}", headline(first)),
        (firing, 0) => format!("{firing} alerts, the first: {}", headline(first)),
        (0, ended) => format!("{ended} alerts over, the first: {}", headline(first)),
        (firing, ended) => format!("{firing} alerts fire and {ended} are over"),
    };
    Some(Line {
        incident,
        actor: None,
        text,
    })
}

/// Why a person is paged, in a few words.
#[must_use]
pub fn cause(cause: &PageCause) -> String {
    match cause {
        PageCause::Escalation { level, .. } => format!("paged at level {}", level + 1),
        PageCause::Handoff { handoff } => format!("{handoff} is offered"),
        PageCause::PromiseDue { due_ms } => {
            format!("the next public word is due at {}", utc(*due_ms))
        }
        PageCause::PromiseBroken { due_ms } => {
            format!("the public word promised for {} did not come", utc(*due_ms))
        }
        PageCause::Unsolved => "the incident is still unsolved".to_owned(),
        PageCause::HandoffSuggested => "you lead for long; hand over".to_owned(),
        PageCause::MaintenanceDue {
            maintenance,
            due_ms,
        } => format!(
            "{} passed without a word about {maintenance}; say whether it has begun, or is over",
            utc(*due_ms)
        ),
    }
}

fn because(reason: &str) -> String {
    let reason = reason.trim();
    if reason.is_empty() {
        String::new()
    } else {
        format!(": {reason}")
    }
}
