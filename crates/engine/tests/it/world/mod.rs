//! A simulated world: nodes on one store, alert sources, people and mishaps, all from one seed, in virtual time.

mod chaos;
pub(crate) mod clock;
mod courier;
mod judge;
pub(crate) mod organisation;
mod people;
mod random;
mod sources;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stentor_domain::alert::Fingerprint;
use stentor_domain::command::Command;
use stentor_domain::decide::Refusal;
use stentor_domain::world::World::Live;
use stentor_engine::{Done, Engine, Idempotency, InstanceKey, Message, Settings, SubmitError};
use stentor_testkit::simulated::{SimulatedDatabase, SimulatedStore};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use clock::{Begin, NodeClock};
use courier::{Attempt, Mood, Moods, SimulatedCourier};
pub(crate) use judge::essence;
use random::Random;

/// What a run left behind.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What was done, line by line; equal for equal seeds.
    pub(crate) trace: Vec<String>,
    /// What must not have happened.
    pub(crate) complaints: Vec<String>,
}

/// What is known outside of Stentor.
#[derive(Default)]
struct Record {
    outcome: Outcome,
    /// Alerts whose source says that they fire.
    firing: BTreeSet<Fingerprint>,
    /// Alerts of which a node answered "ok, it fires", and at which position.
    accepted: Vec<(Fingerprint, u64)>,
    /// Notes, each with how often it may be in the journal.
    notes: BTreeMap<String, (usize, usize)>,
    attempts: Vec<Attempt>,
    /// Since when a delivery is on record, by page and channel.
    delivered: BTreeMap<(u32, String), i64>,
    moods: Moods,
    people: BTreeMap<String, UnboundedSender<Message>>,
}

/// One life of one node.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) engine: Engine,
    store: SimulatedStore,
    clock: Arc<NodeClock>,
}

pub(crate) struct World {
    random: Random,
    begin: Begin,
    database: SimulatedDatabase,
    nodes: Mutex<Vec<Option<Node>>>,
    record: Mutex<Record>,
    calm: std::sync::atomic::AtomicBool,
}

/// How a command ended, for whoever asked.
enum Answer {
    Done(Done),
    Refused(Refusal),
    /// Stentor says that nothing was recorded.
    Nothing,
    /// No answer came.
    Silence,
}

/// How long anybody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Another node may know this much later of a re-send, in milliseconds.
const GRACE_MS: i64 = 660_000;

/// Plays the world of a seed to its end.
pub(crate) fn play(seed: u64) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = World::new(seed);
        world.live().await;
        world.judge().await;
        let mut record = world.record.lock().unwrap();
        std::mem::take(&mut record.outcome)
    })
}

impl World {
    fn new(seed: u64) -> Arc<Self> {
        let mut random = Random::new(seed);
        random.next();
        let nodes = if random.percent(30) { 2 } else { 1 };
        Arc::new(Self {
            begin: Begin::now(),
            database: SimulatedDatabase::new(random.next()),
            nodes: Mutex::new(vec![None; nodes]),
            record: Mutex::default(),
            calm: std::sync::atomic::AtomicBool::new(false),
            random,
        })
    }

    async fn live(self: &Arc<Self>) {
        for person in organisation::PEOPLE {
            let (sender, letters) = unbounded_channel();
            let mut record = self.record.lock().unwrap();
            record.people.insert(person.to_owned(), sender);
            tokio::spawn(people::live(Arc::clone(self), person, letters));
        }
        self.boot(0).await;
        let first = self.nodes.lock().unwrap()[0].clone().unwrap();
        first
            .engine
            .replace_contacts(&organisation::contacts())
            .await
            .unwrap();
        first
            .engine
            .submit(Live, organisation::apply())
            .await
            .unwrap();
        for node in 1..self.size() {
            self.boot(node).await;
        }
        for source in 0..4 {
            tokio::spawn(sources::live(Arc::clone(self), source));
        }
        tokio::spawn(people::scribe(Arc::clone(self)));
        chaos::reign(self).await;
        self.note("calm".to_owned());
        self.calm.store(true, std::sync::atomic::Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(9000)).await;
    }

    fn is_calm(&self) -> bool {
        self.calm.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn size(&self) -> usize {
        self.nodes.lock().unwrap().len()
    }

    fn true_ms(&self) -> i64 {
        self.begin.true_ms()
    }

    /// Dice for a part of the world.
    fn dice(&self, part: &str, number: u64) -> Random {
        let hash = part
            .bytes()
            .fold(number, |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
        self.random.fork(hash)
    }

    fn note(&self, line: String) {
        let at = self.true_ms();
        let mut record = self.record.lock().unwrap();
        record.outcome.trace.push(format!("{at} {line}"));
    }

    fn complain(&self, what: String) {
        let at = self.true_ms();
        let mut record = self.record.lock().unwrap();
        record.outcome.complaints.push(format!("{at}: {what}"));
    }

    fn mood(&self, channel: &str) -> Mood {
        let record = self.record.lock().unwrap();
        record.moods.get(channel).copied().unwrap_or(Mood::Works)
    }

    /// Notes an attempt; answers how many there were with its key before.
    fn attempted(&self, attempt: Attempt) -> usize {
        let mut record = self.record.lock().unwrap();
        let same = record.attempts.iter().filter(|a| a.key == attempt.key);
        let before = same.count();
        let message = (attempt.page, attempt.channel.clone());
        // A claim may have been on its way when the record was made.
        let on_record = record.delivered.get(&message).copied();
        if on_record.is_some_and(|since| since + 1000 < attempt.at_ms) {
            let what = format!("sent again after its delivery was recorded: {attempt:?}");
            record.outcome.complaints.push(what);
        }
        record.attempts.push(attempt);
        before
    }

    fn deliver(&self, person: &str, message: &Message) {
        let record = self.record.lock().unwrap();
        let _ = record.people[person].send(message.clone());
    }

    fn node(&self, number: usize) -> Option<Node> {
        self.nodes.lock().unwrap()[number].clone()
    }

    /// Any node that lives.
    fn some_node(&self, random: &mut Random) -> Option<(usize, Node)> {
        let number = usize::try_from(random.next()).unwrap_or_default() % self.size();
        self.node(number).map(|node| (number, node))
    }

    /// Starts a node, again and again until its store lets it.
    async fn boot(self: &Arc<Self>, number: usize) {
        let wrong_ms = 0;
        loop {
            let clock = Arc::new(NodeClock::new(self.begin, wrong_ms));
            let store = self.database.open();
            let several = self.size() > 1;
            let settings = Settings {
                store: Arc::new(store.clone()),
                clock: clock.clone(),
                key: InstanceKey::new([7; 32]),
                node: format!("node-{number}"),
                alert_grace_ms: if several { GRACE_MS } else { 0 },
            };
            match Engine::start(settings).await {
                Ok(engine) => {
                    let courier = SimulatedCourier {
                        world: Arc::downgrade(self),
                        clock: Arc::clone(&clock),
                        node: format!("node-{number}"),
                    };
                    engine.start_clock_and_pages(Arc::new(courier));
                    self.note(format!("node-{number} starts at {}", engine.seq()));
                    let node = Node {
                        engine,
                        store,
                        clock,
                    };
                    tokio::spawn(watch::alerts(Arc::clone(self), node.clone()));
                    self.nodes.lock().unwrap()[number] = Some(node);
                    return;
                }
                Err(error) => {
                    self.note(format!("node-{number} does not start: {error}"));
                    store.crash();
                    clock.stop();
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// A node dies with everything that it had in memory.
    fn crash(&self, number: usize) {
        if let Some(node) = self.nodes.lock().unwrap()[number].take() {
            node.store.crash();
            node.clock.stop();
        }
    }

    async fn ask(&self, node: &Node, command: Command, once: Option<Idempotency>) -> Answer {
        let asked = async {
            match once {
                Some(once) => node.engine.submit_once(Live, command, once).await,
                None => node.engine.submit(Live, command).await,
            }
        };
        let answer = timeout(PATIENCE, asked).await;
        if node.clock.is_dead() {
            return Answer::Silence;
        }
        match answer {
            Err(_) | Ok(Err(SubmitError::OutcomeUnknown)) => Answer::Silence,
            Ok(Ok(done)) => Answer::Done(done),
            Ok(Err(SubmitError::Refused(refusal))) => Answer::Refused(refusal),
            Ok(Err(SubmitError::Unavailable(_) | SubmitError::Busy)) => Answer::Nothing,
            Ok(Err(SubmitError::KeyReused)) => {
                self.complain("a key was taken for another request's".to_owned());
                Answer::Nothing
            }
        }
    }

    /// Asks any node again and again under one key, as a person with a browser does. `None` when it was given up or
    /// refused.
    async fn insist(&self, random: &mut Random, command: &Command) -> Option<Done> {
        let key = format!("{:016x}", random.next());
        for _ in 0..40 {
            if let Some((_, node)) = self.some_node(random) {
                let once = Idempotency::new("person", &key, key.clone());
                match self.ask(&node, command.clone(), Some(once)).await {
                    Answer::Done(done) => return Some(done),
                    Answer::Refused(refusal) => {
                        self.note(format!("refused: {refusal}"));
                        return None;
                    }
                    Answer::Nothing | Answer::Silence => {}
                }
            }
            tokio::time::sleep(random.seconds(2, 60)).await;
        }
        None
    }
}
