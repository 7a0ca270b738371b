//! The groups of alerts of the live world, kept in step with the state that readers see.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stentor_domain::alert::Fingerprint;
use stentor_domain::event::Event;
use stentor_domain::routing::Dispatcher;
use stentor_domain::state::State;
use stentor_domain::world::World;

/// The groups, while there is a routing.
#[derive(Default)]
pub(crate) struct Groups(Mutex<Option<Dispatcher>>);

impl Groups {
    fn lock(&self) -> MutexGuard<'_, Option<Dispatcher>> {
        // A lock is poisoned by a panic of its holder only, and what it holds is derived.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the groups.
    pub(crate) fn read<R>(&self, read: impl FnOnce(Option<&Dispatcher>) -> R) -> R {
        read(self.lock().as_ref())
    }

    /// Changes the groups. Whoever needs the state too locks it before.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Dispatcher) -> R) -> Option<R> {
        self.lock().as_mut().map(change)
    }

    /// Makes the groups anew: after a start, and when the routing changed.
    pub(crate) fn rebuild(&self, state: &State, now_ms: i64) {
        let world = state.world(World::Live);
        let routing = state.routing().cloned();
        *self.lock() = routing.map(|routing| Dispatcher::new(routing, world, now_ms));
    }

    /// Takes over what was folded into `state`.
    pub(crate) fn follow<'a>(
        &self,
        state: &State,
        events: impl IntoIterator<Item = &'a (World, i64, Event)>,
    ) {
        let mut groups = self.lock();
        for (world, now_ms, event) in events {
            match event {
                Event::BundleAccepted(_) => {
                    let known = groups.as_ref().map(Dispatcher::routing);
                    if !same(known, state.routing()) {
                        let routing = state.routing().cloned();
                        let world = state.world(World::Live);
                        *groups = routing.map(|r| Dispatcher::new(r, world, *now_ms));
                    }
                }
                Event::AlertsChanged(changed) if *world == World::Live => {
                    if let Some(groups) = groups.as_mut() {
                        let alerts = changed.iter().flat_map(|g| &g.alerts);
                        let firing = alerts.filter(|a| a.ends_ms > *now_ms);
                        firing.for_each(|a| groups.insert(a, *now_ms));
                    }
                }
                _ => {}
            }
        }
    }

    /// Alerts were sent again.
    pub(crate) fn again(&self, state: &State, resent: &[(Fingerprint, i64)], now_ms: i64) {
        let Some(world) = state.world(World::Live) else {
            return;
        };
        if let Some(groups) = self.lock().as_mut() {
            let open = resent.iter().filter_map(|(f, _)| world.alerts.get(f));
            open.for_each(|open| groups.again(&open.alert, now_ms));
        }
    }
}

fn same(
    a: Option<&Arc<stentor_domain::routing::Routing>>,
    b: Option<&Arc<stentor_domain::routing::Routing>>,
) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}
