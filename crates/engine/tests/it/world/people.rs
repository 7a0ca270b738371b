//! People: they acknowledge, late or never, decline, lead, speak, hand over, resolve and close; and write notes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use stentor_domain::bulletin::PublicStatus;
use stentor_domain::command::Command;
use stentor_domain::ids::{IncidentId, PersonId};
use stentor_domain::incident::{Incident, Report, Role};
use stentor_domain::page::{PageCause, Via};
use stentor_domain::world::World::Live;
use stentor_engine::Message;
use tokio::sync::mpsc::UnboundedReceiver;

use super::organisation::PEOPLE;
use super::random::Random;
use super::{Answer, World};

/// Reads messages; one that came before is recognised by its key.
pub(crate) async fn live(
    world: Arc<World>,
    person: &'static str,
    mut letters: UnboundedReceiver<Message>,
) {
    let mut random = world.dice(person, 0);
    let mut known = BTreeSet::new();
    while let Some(message) = letters.recv().await {
        if known.insert(message.key.to_string()) {
            let dice = random.fork(known.len() as u64);
            random.next();
            tokio::spawn(read(Arc::clone(&world), person, message, dice));
        }
    }
}

async fn read(world: Arc<World>, person: &'static str, message: Message, mut random: Random) {
    let mood = random.between(0, 99);
    if mood < 20 {
        return;
    }
    tokio::time::sleep(random.seconds(5, 600)).await;
    let link = message.link.unwrap_or_default();
    let Some((page, accept)) = ({
        let node = world.some_node(&mut random);
        let link = link.rsplit('/').next().unwrap_or_default().to_owned();
        node.and_then(|(_, node)| node.engine.page_of(&link))
            .map(|(_, page)| (page, mood >= 35))
    }) else {
        return;
    };
    let command = Command::AnswerPage {
        page: page.id,
        accept,
        reason: "so it is".to_owned(),
        via: Via::Link,
    };
    world.note(format!("{person} answers {}: {accept}", page.id));
    let answered = world.insist(&mut random, &command).await;
    let may_lead = matches!(
        page.cause,
        PageCause::Escalation { .. } | PageCause::Handoff { .. }
    );
    if answered.is_some() && accept && may_lead {
        lead(world, person, page.incident, random).await;
    }
}

/// The incident as any node knows it.
fn look(world: &World, random: &mut Random, id: IncidentId) -> Option<Option<Incident>> {
    let (_, node) = world.some_node(random)?;
    let known = |state: &stentor_domain::state::State| {
        state
            .world(Live)
            .and_then(|w| w.incidents.get(&id).cloned())
    };
    Some(node.engine.read(known))
}

async fn lead(world: Arc<World>, person: &'static str, id: IncidentId, mut random: Random) {
    let by = PersonId::from(person);
    for step in 0..60 {
        tokio::time::sleep(random.seconds(60, 1800)).await;
        let Some(seen) = look(&world, &mut random, id) else {
            continue;
        };
        let Some(incident) = seen else { return };
        if incident.commander() != Some(&by) {
            return;
        }
        if !incident.is_open() {
            return finish(&world, &by, id, &mut random).await;
        }
        let command = match random.between(0, 9) {
            0 => {
                let to = PersonId::from(*random.pick(&PEOPLE));
                let reason = "I am tired".to_owned();
                let role = Role::Commander;
                let by = by.clone();
                Command::OfferHandoff {
                    incident: id,
                    role,
                    to,
                    reason,
                    by,
                }
            }
            1 => Command::GetHelp {
                incident: id,
                by: by.clone(),
            },
            2 => {
                let text = format!("{person} insists, step {step} of {id}, {}", random.next());
                let command = Command::AddNote {
                    incident: id,
                    text: text.clone(),
                    by: by.clone(),
                };
                let kept = world.insist(&mut random, &command).await.is_some();
                let times = (usize::from(kept), 1);
                world.record.lock().unwrap().notes.insert(text, times);
                continue;
            }
            3..=6 => {
                let asked = random.percent(50);
                let minutes = i64::try_from(random.between(5, 90)).unwrap();
                let next = asked.then(|| world.true_ms() + minutes * 60_000);
                update(&world, &mut random, id, &by, PublicStatus::Identified, next)
            }
            _ if incident.firing == 0 || step > 20 => Command::Resolve {
                incident: id,
                by: by.clone(),
            },
            _ => continue,
        };
        world.note(format!("{person} acts on {id}"));
        world.insist(&mut random, &command).await;
    }
}

fn update(
    world: &World,
    random: &mut Random,
    incident: IncidentId,
    by: &PersonId,
    status: PublicStatus,
    next_update_ms: Option<i64>,
) -> Command {
    let over = status == PublicStatus::Resolved;
    let template = if over { "resolved" } else { "update" };
    let values: BTreeMap<String, String> = world
        .some_node(random)
        .and_then(|(_, node)| {
            node.engine.read(|state| {
                let template = state.organisation()?.templates.get(template)?;
                let open = template.blanks.iter().filter(|(_, b)| b.default.is_none());
                Some(
                    open.map(|(name, _)| (name.clone(), "None.".to_owned()))
                        .collect(),
                )
            })
        })
        .unwrap_or_default();
    Command::PublishUpdate {
        incident,
        template: template.into(),
        values,
        status: Some(status),
        next_update_ms,
        by: by.clone(),
    }
}

async fn finish(world: &World, by: &PersonId, id: IncidentId, random: &mut Random) {
    let said = update(world, random, id, by, PublicStatus::Resolved, None);
    let filled = || "As told on the timeline.".to_owned();
    let report = Report {
        summary: filled(),
        causes: filled(),
        mitigation: filled(),
        detection_gaps: filled(),
        lucky: filled(),
        actions: Vec::new(),
        no_action_reason: filled(),
    };
    let (incident, by) = (id, by.clone());
    let steps = [
        said,
        Command::WriteReport {
            incident,
            report,
            by: by.clone(),
        },
        Command::Confirm {
            incident,
            representative: "the users".to_owned(),
            by: by.clone(),
        },
        Command::Close { incident, by },
    ];
    for step in steps {
        if random.percent(90) {
            tokio::time::sleep(random.seconds(5, 300)).await;
            world.insist(random, &step).await;
        }
    }
}

/// Writes notes, each tried once: what is answered "ok" is there, what is refused is not.
pub(crate) async fn scribe(world: Arc<World>) {
    let mut random = world.dice("scribe", 0);
    for number in 0_u32.. {
        tokio::time::sleep(random.seconds(20, 900)).await;
        if world.is_calm() {
            return;
        }
        let Some((_, node)) = world.some_node(&mut random) else {
            continue;
        };
        let newest = node
            .engine
            .read(|state| state.world(Live)?.incidents.keys().next_back().copied());
        let Some(incident) = newest else { continue };
        let text = format!("note {number}");
        let command = Command::AddNote {
            incident,
            text: text.clone(),
            by: PersonId::from("ada"),
        };
        let times = match world.ask(&node, command, None).await {
            Answer::Done(_) => (1, 1),
            Answer::Refused(_) | Answer::Nothing => (0, 0),
            Answer::Silence => (0, 1),
        };
        world.record.lock().unwrap().notes.insert(text, times);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
