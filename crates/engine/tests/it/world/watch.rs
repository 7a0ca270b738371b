//! Watches one node for as long as it lives: an alert does not end while its source says that it fires, whatever
//! happened to us meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use stentor_domain::world::World::Live;

use super::{Node, World};

pub(crate) async fn alerts(world: Arc<World>, node: Node) {
    let mut changes = node.engine.changes();
    let mut before = BTreeSet::new();
    loop {
        changes.mark_unchanged();
        if node.clock.is_dead() {
            return;
        }
        let now: BTreeSet<_> = node.engine.read(|state| {
            let alerts = state.world(Live).map(|live| live.alerts.keys().copied());
            alerts.into_iter().flatten().collect()
        });
        for ended in before.difference(&now) {
            let fires = world.record.lock().unwrap().firing.contains(ended);
            if fires {
                world.complain(format!("{ended} ended although its source says it fires"));
            }
        }
        before = now;
        let at_ms = world.true_ms();
        node.engine.read(|state| {
            let pages = state.world(Live).map(|live| live.pages.values());
            let mut record = world.record.lock().unwrap();
            for page in pages.into_iter().flatten() {
                for channel in &page.delivered_by {
                    let message = (page.id.0, channel.clone());
                    record.delivered.entry(message).or_insert(at_ms);
                }
            }
        });
        changes.changed().await;
    }
}
