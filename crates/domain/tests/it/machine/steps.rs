//! Random steps: any command by anybody about anything, and time passing.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use stentor_domain::bulletin::{Impact, PublicStatus};
use stentor_domain::command::Command;
use stentor_domain::event::DeliveryOutcome;
use stentor_domain::ids::{HandoffId, IncidentId, PageId};
use stentor_domain::incident::{CauseClass, Report, Role};
use stentor_domain::page::Via;
use stentor_domain::severity::Severity;

use super::speaking;
use crate::story::{Story, alert, report};

/// Stands in every private text.
pub(crate) const MARKER: &str = "PRIVATE-7f3a";

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Milliseconds pass, and everything is done when it is due.
    Pass(i64),
    /// Milliseconds pass while nobody looks, then one tick.
    Sleep(i64),
    /// Alerts: number, job, severity, milliseconds that it still fires.
    Alerts(Vec<(u8, &'static str, &'static str, i64)>),
    /// An answer to one of the newest pages: yes or no.
    Answer(usize, bool),
    /// Everything that it takes to close an incident.
    Finish(IncidentId),
    /// Anything that people, workers and the clock ask for.
    Ask(Command),
}

impl Step {
    pub(crate) fn play(&self, story: &mut Story) {
        match self {
            Self::Pass(ms) => story.until(story.now_ms + ms),
            Self::Sleep(ms) => {
                story.now_ms += ms;
                story.tick();
            }
            Self::Alerts(given) => {
                let mut alerts = BTreeMap::new();
                for (number, job, severity, ms) in given {
                    let name = format!("{MARKER}-{number}");
                    let labels = [("alertname", &*name), ("job", job), ("severity", severity)];
                    let summary = if ms % 7 == 0 { MARKER } else { "" };
                    let alert = alert(&labels, summary, story.now_ms + ms);
                    alerts.insert(alert.fingerprint, alert);
                }
                story.receive(&alerts.into_values().collect::<Vec<_>>());
            }
            Self::Answer(back, accept) => {
                let pages = story.state.world(story.world).map(|w| &w.pages);
                let page = pages.and_then(|p| p.keys().rev().nth(*back).copied());
                let command = page.map(|page| answer(page, *accept));
                drop(command.map(|command| story.ask(&command)));
            }
            Self::Finish(incident) => {
                for command in finish(*incident) {
                    drop(story.ask(&command));
                }
            }
            // Refused is as good as done: nothing must break.
            Self::Ask(command) => drop(story.ask(command)),
        }
    }
}

pub(super) fn person() -> impl Strategy<Value = &'static str> {
    // Dora may do most, nobody knows Eve.
    select(vec!["ada", "ben", "cleo", "dora", "dora", "dora", "eve"])
}

pub(super) fn incident() -> impl Strategy<Value = IncidentId> {
    (1..4_u32).prop_map(IncidentId)
}

fn passing() -> impl Strategy<Value = i64> {
    let second = 1000_i64;
    prop_oneof![
        4 => 0..10 * second,
        4 => 0..600 * second,
        2 => 0..20_000 * second,
        1 => 0..2 * 86_400 * second,
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let job = select(vec!["website", "login", "nobody"]);
    let severity = select(vec!["critical", "page", "warning", "info", "odd"]);
    let one = (0..5_u8, job, severity, -1000..2_000_000_i64);
    prop_oneof![
        3 => passing().prop_map(Step::Pass),
        1 => incident().prop_map(Step::Finish),
        5 => (0..4_usize, any::<bool>()).prop_map(|(back, accept)| Step::Answer(back, accept)),
        1 => passing().prop_map(Step::Sleep),
        4 => proptest::collection::vec(one, 1..5).prop_map(Step::Alerts),
        6 => responding().prop_map(Step::Ask),
        4 => judging().prop_map(Step::Ask),
        4 => ending().prop_map(Step::Ask),
        4 => speaking::speaking().prop_map(Step::Ask),
    ]
}

fn text() -> String {
    format!("because {MARKER}")
}

fn answer(page: PageId, accept: bool) -> Command {
    Command::AnswerPage {
        page,
        accept,
        reason: text(),
        via: Via::Link,
    }
}

fn responding() -> impl Strategy<Value = Command> {
    let page = || (1..12_u32).prop_map(PageId);
    let take = (incident(), person()).prop_map(|(incident, by)| Command::TakeCommand {
        incident,
        by: by.into(),
    });
    let help = (incident(), person()).prop_map(|(incident, by)| Command::GetHelp {
        incident,
        by: by.into(),
    });
    let role = select(vec![Role::Commander, Role::Commander, Role::Liaison]);
    let offer = (incident(), role, person(), person()).prop_map(|(incident, role, to, by)| {
        Command::OfferHandoff {
            incident,
            role,
            to: to.into(),
            reason: text(),
            by: by.into(),
        }
    });
    let accept = (incident(), 1..4_u32, any::<bool>(), person());
    let accept = accept.prop_map(|(incident, handoff, accept, by)| Command::AnswerHandoff {
        incident,
        handoff: HandoffId(handoff),
        accept,
        reason: text(),
        by: by.into(),
    });
    let delivery = (page(), 0..3).prop_map(|(page, how)| Command::RecordDelivery {
        page,
        key: text(),
        channel: "email".into(),
        outcome: match how {
            0 => DeliveryOutcome::Delivered { detail: text() },
            1 => DeliveryOutcome::Failed { error: text() },
            _ => DeliveryOutcome::Superseded,
        },
    });
    prop_oneof![2 => take, 2 => help, 2 => offer, 2 => accept, 1 => delivery]
}

fn judging() -> impl Strategy<Value = Command> {
    let severity = || select(Severity::ALL.to_vec());
    let service = select(vec!["website", "login", "nobody"]);
    let declare =
        (service, severity(), person()).prop_map(|(service, severity, by)| Command::Declare {
            service: service.into(),
            title: text(),
            severity: Some(severity),
            impact: Impact::Total,
            cause: CauseClass::Unknown,
            by: by.into(),
        });
    let judge = (incident(), severity(), person());
    let judge = judge.prop_map(|(incident, severity, by)| Command::SetSeverity {
        incident,
        severity,
        reason: text(),
        by: by.into(),
    });
    let note = (incident(), person()).prop_map(|(incident, by)| Command::AddNote {
        incident,
        text: text(),
        by: by.into(),
    });
    let cause = (incident(), person()).prop_map(|(incident, by)| Command::SetCause {
        incident,
        cause: CauseClass::Supplier,
        by: by.into(),
    });
    prop_oneof![2 => declare, 2 => judge, 1 => note, 1 => cause]
}

fn ending() -> impl Strategy<Value = Command> {
    let template = select(vec!["first", "update", "resolved"]);
    let status = proptest::option::weighted(0.2, select(PublicStatus::ALL.to_vec()));
    let publish = (incident(), template, status, person());
    let publish = publish.prop_map(|(incident, template, status, by)| {
        let lost = ("data".to_owned(), "No data were lost.".to_owned());
        Command::PublishUpdate {
            incident,
            template: template.into(),
            values: (template == "resolved")
                .then_some(lost)
                .into_iter()
                .collect(),
            status,
            next_update_ms: None,
            by: by.into(),
        }
    });
    let resolve = (incident(), person()).prop_map(|(incident, by)| Command::Resolve {
        incident,
        by: by.into(),
    });
    let one = (incident(), 0..5_usize).prop_map(|(incident, which)| finish(incident).remove(which));
    prop_oneof![2 => publish, 1 => resolve, 2 => one]
}

/// The commands that close an incident, in order.
fn finish(incident: IncidentId) -> Vec<Command> {
    let by = || "dora".into();
    let report = Report {
        summary: text(),
        ..report()
    };
    let representative = text();
    let (template, lost) = ("resolved".into(), "No data were lost.".to_owned());
    vec![
        Command::Resolve { incident, by: by() },
        Command::PublishUpdate {
            incident,
            template,
            values: BTreeMap::from([("data".to_owned(), lost)]),
            status: None,
            next_update_ms: None,
            by: by(),
        },
        Command::Confirm {
            incident,
            representative,
            by: by(),
        },
        Command::WriteReport {
            incident,
            report,
            by: by(),
        },
        Command::Close { incident, by: by() },
    ]
}
