//! The judgement at the end, from the journal and from what the world outside knows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stentor_domain::event::{DeliveryOutcome, Event};
use stentor_domain::ids::{IncidentId, PageId};
use stentor_domain::incident::Progress;
use stentor_domain::state::{FOLD_VERSION, State};
use stentor_domain::timeline;
use stentor_domain::world::World::Live;
use stentor_engine::{Clock, Engine, InstanceKey, Lane, Settings, TimelineFilter, encode_state};
use stentor_store::{Entry, Journal, Outbox, Payload, Projections, Snapshot, Snapshots};

use super::World;
use super::clock::NodeClock;

/// The example organisation waits five minutes at each level; a tick may be a little late.
const LONGEST_WAIT_MS: i64 = 305_000;

/// An entry, read.
struct Read {
    seq: u64,
    time_ms: i64,
    event: Event,
}

fn read(entry: &Entry) -> Read {
    let Payload::Present { bytes, .. } = &entry.payload else {
        panic!("nothing was erased");
    };
    Read {
        seq: entry.seq,
        time_ms: entry.time_ms,
        event: Event::decode(&entry.kind, entry.version, bytes).unwrap(),
    }
}

fn fold(journal: &[Read]) -> State {
    let mut state = State::default();
    for entry in journal {
        state.fold(Live, entry.time_ms, &entry.event);
    }
    state
}

/// What two folds of one journal agree on: re-sends change memory only.
pub(crate) fn essence(state: &State) -> Vec<u8> {
    let mut state = state.clone();
    for world in state.worlds.values_mut() {
        world.alerts.clear();
    }
    postcard::to_stdvec(&state).unwrap()
}

fn open_alerts(state: &State) -> BTreeSet<u64> {
    let live = state.world(Live).map(|live| live.alerts.keys());
    live.into_iter().flatten().map(|f| f.0).collect()
}

impl World {
    pub(super) async fn judge(self: &Arc<Self>) {
        let store = self.database.open();
        let entries = store.entries_after(0, usize::MAX).await.unwrap();
        let journal: Vec<Read> = entries.iter().map(read).collect();
        for entry in &journal {
            let line = format!("{} {} {:?}", entry.seq, entry.time_ms, entry.event.kind());
            self.record.lock().unwrap().outcome.trace.push(line);
        }
        let state = fold(&journal);
        self.readers(&state).await;
        // A start from a snapshot and the tail behind it gives the same.
        let half = journal.len() / 2;
        let snapshot = Snapshot {
            head: entries[half - 1].head(),
            fold_version: FOLD_VERSION,
            bytes: encode_state(&fold(&journal[..half])).unwrap(),
        };
        store.put_snapshot(&snapshot).await.unwrap();
        self.readers(&state).await;
        self.accepted(&journal);
        self.notes(&journal);
        self.answered(&state);
        self.pages(&journal);
        self.attempts(&journal);
        self.promises(&journal);
        self.timelines(&journal, &store).await;
        let waiting = store.waiting(Live, Lane::Pages, 1000).await.unwrap();
        for row in waiting {
            self.complain(format!("left in the outbox: {row:?}"));
        }
        for number in 0..self.size() {
            if let Some(node) = self.node(number)
                && !node.engine.health().accepting
            {
                self.complain(format!(
                    "node-{number} is in trouble: {:?}",
                    node.engine.health()
                ));
            }
        }
    }

    /// Readers of every node, and of a new one, see what a fresh fold of the journal gives.
    async fn readers(self: &Arc<Self>, state: &State) {
        let mut engines: Vec<Engine> = (0..self.size())
            .filter_map(|number| self.node(number))
            .map(|node| node.engine)
            .collect();
        let settings = Settings {
            store: Arc::new(self.database.open()),
            clock: Arc::new(NodeClock::new(self.begin, 0)) as Arc<dyn Clock>,
            key: InstanceKey::new([7; 32]),
            node: "a new one".to_owned(),
            alert_grace_ms: 0,
        };
        engines.push(Engine::start(settings).await.unwrap());
        for (n, engine) in engines.iter().enumerate() {
            let same = engine.read(|seen| {
                essence(seen) == essence(state) && open_alerts(seen) == open_alerts(state)
            });
            if !same {
                self.complain(format!("reader {n} sees another state than the journal's"));
            }
        }
    }

    /// What was answered "ok" was in the state as of that position.
    fn accepted(&self, journal: &[Read]) {
        let mut accepted = self.record.lock().unwrap().accepted.clone();
        accepted.sort_by_key(|(_, seq)| *seq);
        let mut state = State::default();
        let mut entries = journal.iter().peekable();
        for (fingerprint, seq) in accepted {
            while let Some(entry) = entries.next_if(|e| e.seq <= seq) {
                state.fold(Live, entry.time_ms, &entry.event);
            }
            let open = state.world(Live).map(|live| &live.alerts);
            if !open.is_some_and(|alerts| alerts.contains_key(&fingerprint)) {
                self.complain(format!(
                    "{fingerprint} was accepted at {seq} and is not there"
                ));
            }
        }
    }

    fn notes(&self, journal: &[Read]) {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in journal {
            if let Event::NoteAdded(e) = &entry.event {
                *found.entry(&e.text).or_default() += 1;
            }
        }
        let notes = self.record.lock().unwrap().notes.clone();
        for (text, (least, most)) in notes {
            let times = found.get(text.as_str()).copied().unwrap_or_default();
            if times < least || times > most {
                self.complain(format!(
                    "{text:?} is {times} times in the journal, not {least} to {most}"
                ));
            }
        }
    }

    /// Whatever is worth waking people has been answered, or everybody was asked in vain, on record.
    fn answered(&self, state: &State) {
        let organisation = state.organisation().unwrap();
        let live = state.world(Live);
        for incident in live.into_iter().flat_map(|live| live.incidents.values()) {
            let progress = incident.escalation.as_ref().map(|e| e.progress);
            let settled = matches!(progress, Some(Progress::Stopped | Progress::Exhausted));
            let pages = incident.severity.at_least(organisation.rules.page_at);
            // Somebody may be waited for just now.
            let now_ms = self.true_ms();
            let waits = |paged_ms: i64| now_ms < paged_ms + LONGEST_WAIT_MS;
            let waits = incident
                .escalation
                .as_ref()
                .is_some_and(|e| waits(e.paged_ms));
            if incident.is_open() && pages && !settled && !waits {
                self.complain(format!("{} is left without an answer", incident.id));
            }
        }
    }

    /// Each page ends on record by each channel, and is never issued twice.
    fn pages(&self, journal: &[Read]) {
        let mut ends: BTreeMap<PageId, Vec<&DeliveryOutcome>> = BTreeMap::new();
        let mut issued = BTreeMap::new();
        for entry in journal {
            match &entry.event {
                Event::PageIssued(e) => {
                    let what = (e.incident, format!("{:?}", e.cause), e.person.clone());
                    if let Some(first) = issued.insert(what, e.id) {
                        self.complain(format!("{} repeats {first}", e.id));
                    }
                    ends.entry(e.id).or_default();
                }
                Event::DeliveryRecorded(e)
                    if !matches!(e.outcome, DeliveryOutcome::Delayed { .. }) =>
                {
                    ends.entry(e.page).or_default().push(&e.outcome);
                }
                Event::IncidentClosed(e) => issued.retain(|(id, ..), _| *id != e.incident),
                _ => {}
            }
        }
        let closed = closed(journal);
        for entry in journal {
            if let Event::PageIssued(e) = &entry.event
                && ends[&e.id].is_empty()
                && !closed.contains(&e.incident)
            {
                self.complain(format!("{} has no end on record", e.id));
            }
        }
    }

    /// One logical message carries one key, and is not sent after its delivery was recorded.
    fn attempts(&self, journal: &[Read]) {
        let mut recorded = BTreeMap::new();
        for entry in journal {
            if let Event::DeliveryRecorded(e) = &entry.event
                && !matches!(e.outcome, DeliveryOutcome::Delayed { .. })
                && let Some((seq, _)) = recorded.insert(e.key.clone(), (entry.seq, entry.time_ms))
            {
                self.complain(format!(
                    "the end of {} is recorded at {seq} and {}",
                    e.key, entry.seq
                ));
            }
        }
        let mut keys: BTreeMap<(u32, String), String> = BTreeMap::new();
        let attempts = self.record.lock().unwrap().attempts.clone();
        for attempt in attempts {
            let message = (attempt.page, attempt.channel.clone());
            let key = keys.entry(message).or_insert_with(|| attempt.key.clone());
            if *key != attempt.key {
                self.complain(format!("{attempt:?} was sent before as {key}"));
            }
        }
    }

    /// Each promise is kept or broken once, as its time says.
    fn promises(&self, journal: &[Read]) {
        let mut due: BTreeMap<IncidentId, i64> = BTreeMap::new();
        let now_ms = self.true_ms();
        for entry in journal {
            let at = entry.time_ms;
            let (id, due_ms, right) = match &entry.event {
                Event::UpdatePublished(e) => {
                    if due.remove(&e.incident).is_some() {
                        self.complain(format!("a promise of {} was forgotten", e.incident));
                    }
                    if let Some(ms) = e.update.next_update_ms {
                        due.insert(e.incident, ms);
                    }
                    continue;
                }
                Event::PromiseKept(e) => (e.incident, e.due_ms, at <= e.due_ms),
                Event::PromiseBroken(e) => (e.incident, e.due_ms, at >= e.due_ms),
                _ => continue,
            };
            if !right || due.remove(&id) != Some(due_ms) {
                self.complain(format!("{id} at {}: {:?}", entry.seq, entry.event));
            }
        }
        for (id, due_ms) in due {
            if due_ms < now_ms - 60_000 {
                self.complain(format!("the promise of {id} for {due_ms} was not judged"));
            }
        }
    }

    /// Timelines hold a line for each event that says something, and nothing else.
    async fn timelines(&self, journal: &[Read], store: &impl Projections) {
        let mut expected: BTreeMap<IncidentId, Vec<(u64, String)>> = BTreeMap::new();
        let mut state = State::default();
        for entry in journal {
            state.fold(Live, entry.time_ms, &entry.event);
            let Some(organisation) = state.organisation() else {
                continue;
            };
            for line in timeline::lines(organisation, entry.time_ms, &entry.event) {
                let lines = expected.entry(line.incident).or_default();
                lines.push((entry.seq, line.text));
            }
        }
        for (id, expected) in expected {
            let filter = TimelineFilter {
                world: Live,
                incident: id.0,
                limit: usize::MAX,
            };
            let lines = store.timeline(filter).await.unwrap();
            let lines: Vec<_> = lines.into_iter().map(|l| (l.seq, l.text)).collect();
            if lines != expected {
                self.complain(format!("the timeline of {id} differs"));
            }
        }
    }
}

fn closed(journal: &[Read]) -> BTreeSet<IncidentId> {
    let closed = journal.iter().filter_map(|entry| match &entry.event {
        Event::IncidentClosed(e) => Some(e.incident),
        _ => None,
    });
    closed.collect()
}
