//! What the writer, the workers and readers of one node share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use stentor_domain::decide::Hearing;
use stentor_domain::ids::PersonId;
use stentor_domain::state::State;
use stentor_domain::world::World;
use stentor_publish::{Expiry, Waits};
use stentor_store::{Member, Store, StoreError};

use crate::changes::Position;
use crate::clock::{Clock, SteadyClock};
use crate::gate::Gate;
use crate::groups::Groups;
use crate::handover::Handover;
use crate::health::{MirrorHealth, WayHealth};
use crate::keys::InstanceKey;
use crate::places::Places;
use crate::publisher::TrustedRoot;

/// The names of the channels that a page can go by, in the order in which they are tried.
pub(crate) const CHANNELS: [&str; 2] = ["email", "webhook"];

/// After our own outage a source has `resolve_timeout` plus this long to speak before its alerts expire, in
/// milliseconds: our outage must never look like a recovery.
const SILENCE_MARGIN_MS: i64 = 600_000;

pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<SteadyClock>,
    pub(crate) key: InstanceKey,
    /// The same, as readers are given it.
    pub(crate) told_clock: Arc<dyn Clock>,
    /// This node's name in leases.
    pub(crate) node: String,
    /// How much later than the known end of an alert another node may have been told, in milliseconds.
    pub(crate) alert_grace_ms: i64,
    /// The state as of the last committed entry that was folded.
    pub(crate) state: RwLock<State>,
    /// Position of that entry; workers wait on it.
    pub(crate) seq: Arc<Position>,
    /// The groups of alerts that the routing makes, when there is one.
    pub(crate) groups: Groups,
    /// Messages on their way to the lanes of this node.
    pub(crate) handover: Handover,
    /// Why commands cannot be recorded, when they cannot.
    pub(crate) trouble: RwLock<Option<String>>,
    pub(crate) mirrors: RwLock<Vec<MirrorHealth>>,
    /// When what the public word is signed with stops to count, as it was read last.
    pub(crate) key_expiries: RwLock<Vec<Expiry>>,
    /// By which channels each person can be reached.
    pub(crate) channels: RwLock<HashMap<PersonId, Vec<String>>>,
    /// Senders were refused since alerts were last given time.
    pub(crate) refused: AtomicBool,
    /// No alert expires before this time, in milliseconds since the epoch.
    pub(crate) quiet_until_ms: AtomicI64,
    /// Since when senders are heard without a break, in milliseconds since the epoch.
    pub(crate) heard_since_ms: AtomicI64,
    /// What sources of alerts and heartbeats have to show.
    pub(crate) gate: Gate,
    /// The roots that readers pin, by world.
    pub(crate) roots: RwLock<HashMap<World, TrustedRoot>>,
    /// What could not be published for want of a signature, by world.
    pub(crate) waits: RwLock<HashMap<World, Waits>>,
    /// How the ways of the routing are doing.
    pub(crate) ways: RwLock<Vec<Arc<WayHealth>>>,
    /// The live nodes, as known last.
    pub(crate) members: RwLock<Vec<Member>>,
    /// Where this node's things lie, once its workers run.
    pub(crate) places: RwLock<Option<Places>>,
}

impl Shared {
    pub(crate) fn read_state(&self) -> RwLockReadGuard<'_, State> {
        // A lock is poisoned by a panic inside a fold only, and the fold does not panic.
        self.state
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn write_state(&self) -> RwLockWriteGuard<'_, State> {
        self.state
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The ways of the routing in force.
    pub(crate) fn set_ways(&self, ways: impl Iterator<Item = Arc<WayHealth>>) {
        if let Ok(mut known) = self.ways.write() {
            *known = ways.collect();
            known.sort_by(|a, b| a.way.cmp(&b.way));
        }
    }

    /// Notes that commands cannot be recorded, and why.
    pub(crate) fn set_trouble(&self, reason: String) {
        if let Ok(mut trouble) = self.trouble.write() {
            *trouble = Some(reason);
        }
    }

    /// Notes that commands are recorded again.
    pub(crate) fn clear_trouble(&self) {
        let over = self
            .trouble
            .write()
            .ok()
            .and_then(|mut trouble| trouble.take());
        if over.is_some() {
            tracing::info!("commands are recorded again");
        }
    }

    /// Whether the alerts of a world are not to expire yet.
    pub(crate) fn is_quiet(&self, world: World) -> bool {
        !world.is_drill() && self.clock.now_ms() < self.quiet_until_ms.load(Ordering::Relaxed)
    }

    /// Gives every source time to speak before its alerts expire: called at a start and after an outage of ours.
    pub(crate) fn keep_quiet(&self) {
        let timeout = self
            .read_state()
            .organisation()
            .map_or(300_000, |o| o.rules.resolve_timeout_ms);
        let now_ms = self.clock.now_ms();
        let until = now_ms + timeout + SILENCE_MARGIN_MS;
        self.quiet_until_ms.store(until, Ordering::Relaxed);
        self.heard_since_ms.store(now_ms, Ordering::Relaxed);
    }

    /// How well senders are heard.
    pub(crate) fn hearing(&self) -> Hearing {
        Hearing {
            since_ms: self.heard_since_ms.load(Ordering::Relaxed),
            shared: self.alert_grace_ms > 0,
        }
    }

    /// By which channels a person is told. Somebody without any is still queued for e-mail, so that the failure shows.
    pub(crate) fn channels_of(&self, world: World, person: &PersonId) -> Vec<String> {
        if world.is_drill() {
            return CHANNELS.map(str::to_owned).to_vec();
        }
        let known = self
            .channels
            .read()
            .ok()
            .and_then(|c| c.get(person).cloned());
        known
            .filter(|c| !c.is_empty())
            .unwrap_or_else(|| vec![CHANNELS[0].to_owned()])
    }

    /// Reads anew by which channels people can be reached.
    pub(crate) async fn refresh_channels(&self) -> Result<(), StoreError> {
        let contacts = self.store.contacts().await?;
        let known = contacts.into_iter().map(|contact| {
            let mut channels = Vec::new();
            if contact.email.is_some() {
                channels.push(CHANNELS[0].to_owned());
            }
            if contact.webhook_url.is_some() {
                channels.push(CHANNELS[1].to_owned());
            }
            (PersonId::from(contact.person.as_str()), channels)
        });
        if let Ok(mut channels) = self.channels.write() {
            *channels = known.collect();
        }
        Ok(())
    }

    pub(crate) fn set_root(&self, world: World, root: &[u8]) {
        if let Ok(mut roots) = self.roots.write() {
            roots.insert(world, root.into());
        }
    }

    pub(crate) fn set_waits(&self, world: World, waits: Option<Waits>) {
        if let Ok(mut known) = self.waits.write() {
            match waits {
                Some(waits) => known.insert(world, waits),
                None => known.remove(&world),
            };
        }
    }

    /// Changes what is known of the named mirrors of a world; mirrors that are no longer named are forgotten.
    pub(crate) fn update_mirrors(
        &self,
        world: World,
        names: &[String],
        mut change: impl FnMut(&mut MirrorHealth),
    ) {
        let Ok(mut mirrors) = self.mirrors.write() else {
            return;
        };
        mirrors.retain(|m| m.world != world || names.contains(&m.name));
        for name in names {
            if !mirrors.iter().any(|m| m.world == world && m.name == *name) {
                mirrors.push(MirrorHealth {
                    name: name.clone(),
                    world,
                    snapshot: None,
                    confirmed_ms: None,
                    fresh_until_ms: None,
                    word_ms: None,
                    error: None,
                });
            }
        }
        mirrors
            .iter_mut()
            .filter(|m| m.world == world)
            .for_each(&mut change);
    }
}
