//! From events to the projections written in their transaction: timelines, incidents, the outbox, tombstones.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use stentor_domain::event::{DeliveryOutcome, Event, PageIssued};
use stentor_domain::ids::{IncidentId, PageId};
use stentor_domain::incident::Incident;
use stentor_domain::state::State;
use stentor_domain::timeline;
use stentor_domain::world::World;
use stentor_store::{IncidentRow, Lane, OutboxRow, Seq, TimelineRow, Write};

use crate::shared::{CHANNELS, Shared};

/// A message is leased to the node that decided it for this long, in milliseconds.
pub(crate) const LEASE_MS: i64 = 30_000;

/// What an outbox row asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Errand {
    /// Which page.
    pub(crate) page: PageId,
    /// By which channel.
    pub(crate) channel: String,
}

/// Gathers the writes of one group.
#[derive(Default)]
pub(crate) struct Projector {
    pub(crate) writes: Vec<Write>,
    touched: BTreeSet<(World, IncidentId)>,
    closed: BTreeMap<(World, IncidentId), (Incident, i64)>,
}

impl Projector {
    /// Projects an event; `state` is the state before it is folded.
    pub(crate) fn before(
        &mut self,
        shared: &Shared,
        state: &State,
        (world, now_ms): (World, i64),
        event: &Event,
    ) {
        let (Event::IncidentClosed(e), Some(known)) = (event, state.world(world)) else {
            return;
        };
        if let Some(incident) = known.incidents.get(&e.incident) {
            self.closed
                .insert((world, e.incident), (incident.clone(), now_ms));
        }
        // Its pages are forgotten with it, so no outcome could ever take their messages out of the outbox.
        let pages = known.pages.values().filter(|p| p.incident == e.incident);
        for page in pages {
            self.writes.extend(CHANNELS.map(|channel| Write::Dequeue {
                key: shared.key.outward(world, page, channel),
            }));
        }
    }

    /// Projects an event; `state` is the state after it was folded.
    pub(crate) fn after(
        &mut self,
        shared: &Shared,
        state: &State,
        (world, seq, now_ms): (World, Seq, i64),
        event: &Event,
    ) {
        if let Some(organisation) = state.organisation() {
            let lines = timeline::lines(organisation, now_ms, event);
            for (n, line) in lines.into_iter().enumerate() {
                self.touched.insert((world, line.incident));
                self.writes.push(Write::Timeline(TimelineRow {
                    world,
                    incident: line.incident.0,
                    seq,
                    line: n as u32,
                    time_ms: now_ms,
                    kind: event.kind().0.to_owned(),
                    actor: line.actor.map(|p| p.to_string()),
                    text: line.text,
                }));
            }
        }
        match event {
            Event::PageIssued(e) => self.enqueue(shared, state, world, now_ms, e),
            Event::DeliveryRecorded(e) if !matches!(e.outcome, DeliveryOutcome::Delayed { .. }) => {
                self.writes.push(Write::Dequeue { key: e.key.clone() });
            }
            Event::PayloadErased(e) => self.writes.push(Write::Erase {
                seq: e.seq,
                by: seq,
            }),
            _ => {}
        }
    }

    fn enqueue(
        &mut self,
        shared: &Shared,
        state: &State,
        world: World,
        now_ms: i64,
        event: &PageIssued,
    ) {
        let Some(page) = state.world(world).and_then(|w| w.pages.get(&event.id)) else {
            return;
        };
        for channel in shared.channels_of(world, &event.person) {
            let errand = Errand {
                page: event.id,
                channel: channel.clone(),
            };
            self.writes.push(Write::Enqueue(OutboxRow {
                key: shared.key.outward(world, page, &channel),
                world,
                lane: Lane::Pages,
                body: serde_json::to_string(&errand).unwrap_or_default(),
                created_ms: now_ms,
                next_try_ms: now_ms,
                attempts: 0,
                lease_holder: Some(shared.node.clone()),
                lease_until_ms: now_ms + LEASE_MS,
                last_error: None,
            }));
        }
    }

    /// All writes, with the incidents as they stand at the end of the group.
    pub(crate) fn finish(mut self, state: &State) -> Vec<Write> {
        for (world, id) in std::mem::take(&mut self.touched) {
            let open = state.world(world).and_then(|w| w.incidents.get(&id));
            let (incident, closed_ms) = match (open, self.closed.get(&(world, id))) {
                (Some(incident), _) => (incident, None),
                (None, Some((incident, at))) => (incident, Some(*at)),
                (None, None) => continue,
            };
            self.writes
                .push(Write::Incident(row(world, incident, closed_ms)));
        }
        self.writes
    }
}

fn row(world: World, incident: &Incident, closed_ms: Option<i64>) -> IncidentRow {
    let phase = match (closed_ms, incident.resolved_ms) {
        (Some(_), _) => "closed",
        (None, Some(_)) => "resolved",
        (None, None) => "open",
    };
    IncidentRow {
        world,
        id: incident.id.0,
        service: incident.service.to_string(),
        severity: incident.severity.name().to_owned(),
        phase: phase.to_owned(),
        opened_ms: incident.opened_ms,
        closed_ms,
        title: incident.title.clone(),
        data: serde_json::to_string(incident).unwrap_or_default(),
    }
}

/// What a group puts into the outbox.
pub(crate) fn messages(writes: &[Write]) -> Vec<OutboxRow> {
    let rows = writes.iter().filter_map(|write| match write {
        Write::Enqueue(row) => Some(row.clone()),
        _ => None,
    });
    rows.collect()
}

/// Keeps the digest of an erased payload from being guessed.
pub(crate) fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    if let Err(error) = getrandom::fill(&mut salt) {
        unreachable!("the operating system gives random bytes: {error}");
    }
    salt
}
