//! Starting a node's workers.

use std::sync::Arc;
use std::time::Duration;

use stentor_domain::world::World;
use tokio::task::JoinHandle;

use crate::courier::{Courier, DrillInbox};
use crate::drill;
use crate::engine::Engine;
use crate::gate;
use crate::leadership::Leadership;
use crate::live::LiveCourier;
use crate::mirrors::Mirrors;
use crate::notifier::{GroupCourier, Notifier};
use crate::pager::Pager;
use crate::places::{DrillPlaces, Places};
use crate::publisher::{PublicLane, TERMS};
use crate::timekeeper;
use crate::watch;

/// Contacts that another process changed are noticed within this time.
const REFRESH: Duration = Duration::from_secs(30);

impl Engine {
    /// Starts the workers of the live world. Drills that were under way when the node stopped are ended on record.
    /// The public word is finished after `stop`, and then the future ends.
    pub fn start_workers(
        &self,
        places: &Places,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        if let Ok(mut known) = self.shared.places.write() {
            *known = Some(places.clone());
        }
        let courier = Arc::new(LiveCourier::new(Arc::clone(self.store()), places.clone()));
        // Before the pager looks: a page that waits since before the start must not find its channel missing.
        configure(self, &courier);
        tokio::spawn(keep_configured(self.clone(), Arc::clone(&courier)));
        tokio::spawn(gate::keep(self.clone(), places.clone()));
        self.start_clock_and_pages(courier);
        let mirrors = Mirrors::Configured(places.clone());
        let leadership = self.word_leadership();
        let lane = PublicLane::new(
            self.clone(),
            World::Live,
            places.word(),
            mirrors,
            leadership,
        );
        tokio::spawn(drill::end_interrupted(self.clone()));
        self.start_watch();
        tokio::spawn(lane.run(|_| false, stop))
    }

    /// Starts the clock of all worlds and the pages lane of the live one, whose messages `courier` carries: the whole
    /// of what wakes people, without the channels and the public lane that [`Engine::start_workers`] adds. A drill has
    /// its own lane, and cannot be given a courier.
    pub fn start_clock_and_pages(&self, courier: Arc<dyn Courier>) {
        self.start_clock();
        tokio::spawn(Pager::new(self.clone(), World::Live, courier).run(|_| false));
    }

    /// Starts what notices trouble of our own and makes alerts of it.
    pub fn start_watch(&self) {
        tokio::spawn(watch::run(self.clone()));
    }

    /// Starts the clock of all worlds, without anybody who is woken: for a node that only routes alerts.
    pub fn start_clock(&self) {
        tokio::spawn(timekeeper::run(self.clone()));
    }

    /// Starts what tells receivers about groups of alerts; `courier` carries the messages, and `external_url` is where
    /// people look at alerts. The future ends when another node may take over.
    pub fn start_notifier(
        &self,
        courier: Arc<dyn GroupCourier>,
        external_url: &str,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let notifier = Notifier::new(self.clone(), courier, external_url.into());
        tokio::spawn(notifier.run(stop))
    }

    /// Who of several nodes publishes; nobody else can where the database is this node's own.
    fn word_leadership(&self) -> Option<Arc<Leadership>> {
        if self.store().engine() == "sqlite" {
            return None;
        }
        Some(Leadership::new(self, TERMS))
    }

    /// Starts the lanes of a drill. They are given an inbox and a folder, and no way to anybody.
    pub(crate) fn start_drill_workers(&self, number: u32, places: &DrillPlaces) {
        let world = World::Drill(number);
        let inbox = Arc::new(DrillInbox::new(Arc::clone(self.store()), number));
        let over = move |engine: &Engine| drill::is_over(engine, world);
        tokio::spawn(Pager::new(self.clone(), world, inbox).run(over));
        let mirrors = Mirrors::One(places.mirror());
        let lane = PublicLane::new(self.clone(), world, places.word(), mirrors, None);
        tokio::spawn(lane.run(over, std::future::pending()));
    }
}

/// Hands the configuration in force to the live channels.
fn configure(engine: &Engine, courier: &LiveCourier) {
    let known = engine.read(|state| {
        let configuration = state.configuration.as_ref()?;
        Some((
            configuration.hash.clone(),
            configuration.organisation.clone()?,
        ))
    });
    if let Some((hash, organisation)) = known {
        courier.configure(&hash, &organisation);
    }
}

/// Hands every configuration that comes into force to the live channels, and looks for changed contacts.
async fn keep_configured(engine: Engine, courier: Arc<LiveCourier>) {
    let mut changes = engine.changes();
    let mut refreshed = engine.clock().monotonic();
    loop {
        changes.mark_unchanged();
        configure(&engine, &courier);
        // By the clock, however busy the journal is.
        let age = engine.clock().monotonic().saturating_sub(refreshed);
        if age >= REFRESH {
            refreshed = engine.clock().monotonic();
            if let Err(error) = engine.shared.refresh_channels().await {
                tracing::warn!(%error, "contacts could not be read");
            }
            continue;
        }
        tokio::select! {
            () = changes.changed() => {}
            () = engine.clock().sleep(REFRESH - age) => {}
        }
    }
}
