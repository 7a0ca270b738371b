//! Starting a node's workers.

use std::sync::Arc;
use std::time::Duration;

use stentor_domain::world::World;

use crate::courier::DrillInbox;
use crate::engine::Engine;
use crate::live::{LiveCourier, LivePlaces};
use crate::pager::Pager;
use crate::timekeeper;

/// Contacts that another process changed are noticed within this time.
const REFRESH: Duration = Duration::from_secs(30);

impl Engine {
    /// Starts the workers of the live world, and of drills that were under way when the node stopped.
    pub fn start_workers(&self, places: LivePlaces) {
        tokio::spawn(timekeeper::run(self.clone()));
        let courier = Arc::new(LiveCourier::new(Arc::clone(self.store()), places));
        tokio::spawn(keep_configured(self.clone(), Arc::clone(&courier)));
        tokio::spawn(Pager::new(self.clone(), World::Live, courier).run(|_| false));
        let drills: Vec<u32> = self.read(|state| {
            let unfinished = state.worlds.iter().filter_map(|(world, w)| match world {
                World::Drill(n) if w.drill.as_ref().is_some_and(|d| d.scorecard.is_none()) => {
                    Some(*n)
                }
                _ => None,
            });
            unfinished.collect()
        });
        for drill in drills {
            self.start_drill_workers(drill);
        }
    }

    /// Starts the pages lane of a drill. It is given an inbox, and no way to anybody.
    pub(crate) fn start_drill_workers(&self, drill: u32) {
        let world = World::Drill(drill);
        let inbox = Arc::new(DrillInbox::new(Arc::clone(self.store()), drill));
        let over = move |engine: &Engine| {
            engine.read(|state| {
                let drill = state.world(world).and_then(|w| w.drill.as_ref());
                drill.is_none_or(|d| d.scorecard.is_some())
            })
        };
        tokio::spawn(Pager::new(self.clone(), world, inbox).run(over));
    }
}

/// Hands every configuration that comes into force to the live channels, and looks for changed contacts.
async fn keep_configured(engine: Engine, courier: Arc<LiveCourier>) {
    let mut changes = engine.changes();
    loop {
        changes.mark_unchanged();
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
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = engine.clock().sleep(REFRESH) => {
                if let Err(error) = engine.shared.refresh_channels().await {
                    tracing::warn!(%error, "contacts could not be read");
                }
            }
        }
    }
}
