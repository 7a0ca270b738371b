//! From the writer to the lanes: messages that this node decided and holds the lease of. A lane that gets them here
//! need not claim them from the database, which would cost a commit between the decision and the page. Nothing is
//! lost with what lies here: the same rows are in the outbox, under this node's lease, and are claimed when they are
//! due.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use stentor_domain::world::World;
use stentor_store::OutboxRow;

/// What waits for each lane that listens.
#[derive(Default)]
pub(crate) struct Handover(Mutex<BTreeMap<World, Vec<OutboxRow>>>);

impl Handover {
    /// The lane of a world listens from now on.
    pub(crate) fn open(&self, world: World) {
        self.with(|lanes| {
            lanes.entry(world).or_default();
        });
    }

    /// It listens no more.
    pub(crate) fn close(&self, world: World) {
        self.with(|lanes| {
            lanes.remove(&world);
        });
    }

    /// Hands over rows that are durable and readable in the state; those of lanes that do not listen are left to the
    /// outbox.
    pub(crate) fn give(&self, rows: Vec<OutboxRow>) {
        if rows.is_empty() {
            return;
        }
        self.with(|lanes| {
            for row in rows {
                if let Some(lane) = lanes.get_mut(&row.world) {
                    lane.push(row);
                }
            }
        });
    }

    /// What was given since the last time, oldest first.
    pub(crate) fn take(&self, world: World) -> Vec<OutboxRow> {
        self.with(|lanes| lanes.get_mut(&world).map(std::mem::take))
            .unwrap_or_default()
    }

    fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<World, Vec<OutboxRow>>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use stentor_store::Lane;

    use super::*;

    fn row(world: World, key: &str) -> OutboxRow {
        OutboxRow {
            key: key.to_owned(),
            world,
            lane: Lane::Pages,
            body: String::new(),
            created_ms: 0,
            next_try_ms: 0,
            attempts: 0,
            lease_holder: None,
            lease_until_ms: 0,
            last_error: None,
        }
    }

    #[test]
    fn a_lane_gets_its_own_rows_once_and_only_while_it_listens() {
        let (live, drill) = (World::Live, World::Drill(1));
        let handover = Handover::default();
        let taken = |world| {
            let rows = handover.take(world).into_iter().map(|row| row.key);
            rows.collect::<Vec<_>>()
        };
        handover.give(vec![row(live, "before")]);
        handover.open(live);
        handover.give(vec![row(live, "a"), row(drill, "b"), row(live, "c")]);
        assert_eq!(taken(drill), [""; 0]);
        assert_eq!(taken(live), ["a", "c"]);
        assert_eq!(taken(live), [""; 0]);
        handover.give(vec![row(live, "d")]);
        handover.close(live);
        assert_eq!(taken(live), [""; 0]);
    }
}
