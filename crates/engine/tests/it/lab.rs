//! One or two nodes under glass, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use stentor_domain::bulletin::Impact;
use stentor_domain::command::Command;
use stentor_domain::event::Event;
use stentor_domain::ids::IncidentId;
use stentor_domain::incident::CauseClass;
use stentor_domain::severity::Severity;
use stentor_domain::world::World::Live;
use stentor_engine::{Done, Engine, InstanceKey, Settings, StartError};
use stentor_store::{Entry, Journal, Payload};
use stentor_testkit::simulated::{SimulatedDatabase, SimulatedStore};

use crate::world::clock::{Begin, NodeClock};
use crate::world::organisation;

pub(crate) struct Lab {
    pub(crate) database: SimulatedDatabase,
    /// For looking at what is durable.
    pub(crate) store: SimulatedStore,
    begin: Begin,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let database = SimulatedDatabase::new(1);
        Self {
            store: database.open(),
            database,
            begin: Begin::now(),
        }
    }

    /// A node with its clock; nothing but its writer runs.
    pub(crate) async fn open(&self, name: &str) -> Result<(Engine, Arc<NodeClock>), StartError> {
        let clock = Arc::new(NodeClock::new(self.begin, 0));
        let settings = Settings {
            store: Arc::new(self.database.open()),
            clock: clock.clone(),
            key: InstanceKey::new([7; 32]),
            node: name.to_owned(),
            alert_grace_ms: 0,
        };
        Ok((Engine::start(settings).await?, clock))
    }

    /// A node with the example organisation.
    pub(crate) async fn node(&self, name: &str) -> Engine {
        let (engine, _) = self.open(name).await.unwrap();
        engine
            .replace_contacts(&organisation::contacts())
            .await
            .unwrap();
        engine.submit(Live, organisation::apply()).await.unwrap();
        engine
    }

    /// A node with one incident.
    pub(crate) async fn troubled_node(&self, name: &str) -> (Engine, IncidentId) {
        let engine = self.node(name).await;
        let done = engine.submit(Live, declare("login")).await.unwrap();
        (engine, done.incident.unwrap())
    }

    pub(crate) async fn entries(&self) -> Vec<Entry> {
        self.store.entries_after(0, usize::MAX).await.unwrap()
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        let read = |entry: &Entry| match &entry.payload {
            Payload::Present { bytes, .. } => {
                Event::decode(&entry.kind, entry.version, bytes).unwrap()
            }
            Payload::Erased { .. } => panic!("nothing was erased"),
        };
        self.entries().await.iter().map(read).collect()
    }

    /// How often a note is in the journal.
    pub(crate) async fn notes(&self, text: &str) -> usize {
        let is = |event: &&Event| matches!(event, Event::NoteAdded(e) if e.text == text);
        self.events().await.iter().filter(is).count()
    }
}

pub(crate) fn declare(service: &str) -> Command {
    Command::Declare {
        service: service.into(),
        title: "it is slow".to_owned(),
        severity: Some(Severity::Sev1),
        impact: Impact::Partial,
        cause: CauseClass::Unknown,
        by: "ada".into(),
    }
}

pub(crate) fn note(incident: IncidentId, text: &str) -> Command {
    Command::AddNote {
        incident,
        text: text.to_owned(),
        by: "ada".into(),
    }
}

pub(crate) async fn write(engine: &Engine, incident: IncidentId, text: &str) -> Option<Done> {
    engine.submit(Live, note(incident, text)).await.ok()
}

/// Lets virtual time pass.
pub(crate) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
