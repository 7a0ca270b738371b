//! One node: its writer, its state, its workers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use stentor_domain::command::Command;
use stentor_domain::decide::Refusal;
use stentor_domain::ids::{DenialId, HandoffId, IncidentId, MaintenanceId};
use stentor_domain::page::Page;
use stentor_domain::routing::Dispatcher;
use stentor_domain::silence::SilenceId;
use stentor_domain::state::State;
use stentor_domain::world::World;
use stentor_publish::{Expiry, Waits};
use stentor_store::{Contact, Lane, Seq, Store, StoreError};
use tokio::sync::mpsc;

use crate::changes::{Changes, Position};
use crate::clock::{Clock, SteadyClock};
use crate::gate::Gate;
use crate::groups::Groups;
use crate::handover::Handover;
use crate::health::{Health, LaneHealth, MirrorHealth, WayReport};
use crate::idempotency::Idempotency;
use crate::keys::{InstanceKey, PageToken};
use crate::publisher::TrustedRoot;
use crate::shared::Shared;
use crate::submission::Submission;
use crate::writer;

/// What a node is given at its start.
pub struct Settings {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The key that outward keys derive from.
    pub key: InstanceKey,
    /// This node's name in leases.
    pub node: String,
    /// How much later than the known end of an alert another node may have been told, in milliseconds: 0 when this
    /// is the only node.
    pub alert_grace_ms: i64,
}

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal cannot be folded.
    #[error("entry {seq} cannot be read: {reason}")]
    Journal {
        /// Which entry.
        seq: Seq,
        /// Why.
        reason: String,
    },
    /// The chain is broken.
    #[error("the journal was tampered with or damaged: {0}")]
    Chain(#[from] stentor_store::chain::Broken),
    /// The instance key is another's, or the configuration was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Why a command was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SubmitError {
    /// It was decided that it is not.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing was recorded; try again later.
    #[error("{0}")]
    Unavailable(String),
    /// The database does not say whether it was recorded. The same request may be sent again: it acts once.
    #[error("it is not known yet whether this was recorded")]
    OutcomeUnknown,
    /// Too many commands wait; nothing was recorded.
    #[error("too many requests wait; try again in a moment")]
    Busy,
    /// The idempotency key belongs to another request; nothing was recorded.
    #[error("this idempotency key was used for another request")]
    KeyReused,
}

/// A command was carried out durably.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The journal's position after it; a read that names it sees its effect.
    pub seq: Seq,
    /// The incident that it was about or created.
    pub incident: Option<IncidentId>,
    /// The handoff that it created.
    pub handoff: Option<HandoffId>,
    /// The silence that it was about or created.
    pub silence: Option<SilenceId>,
    /// The announced work that it was about or created.
    pub maintenance: Option<MaintenanceId>,
    /// The denied message that it was about or created.
    pub denial: Option<DenialId>,
}

/// A node. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    intake: mpsc::Sender<Submission>,
}

/// Commands that may wait for the writer.
const INTAKE: usize = 4096;

/// How long a read waits for the position that it names.
const READ_WAIT: Duration = Duration::from_secs(1);

impl Engine {
    /// Loads the state from snapshot and journal and starts the writer. Workers are started apart.
    ///
    /// # Errors
    /// The database fails, or the journal is damaged or from a newer release.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let loaded = writer::load(&*settings.store).await?;
        let clock = Arc::new(SteadyClock::new(settings.clock, loaded.time_ms));
        let shared = Arc::new(Shared {
            store: settings.store,
            clock: Arc::clone(&clock),
            told_clock: clock,
            key: settings.key,
            node: settings.node,
            alert_grace_ms: settings.alert_grace_ms,
            state: RwLock::new(loaded.state.clone()),
            seq: Position::new(loaded.head.seq),
            groups: Groups::default(),
            handover: Handover::default(),
            trouble: RwLock::new(None),
            mirrors: RwLock::new(Vec::new()),
            ways: RwLock::new(Vec::new()),
            members: RwLock::new(Vec::new()),
            channels: RwLock::new(HashMap::new()),
            refused: AtomicBool::new(false),
            quiet_until_ms: AtomicI64::new(0),
            heard_since_ms: AtomicI64::new(0),
            gate: Gate::default(),
            roots: RwLock::new(HashMap::new()),
            key_expiries: RwLock::default(),
            waits: RwLock::default(),
            places: RwLock::new(None),
        });
        shared.refresh_channels().await?;
        shared.keep_quiet();
        let now_ms = shared.clock.now_ms();
        shared.groups.rebuild(&shared.read_state(), now_ms);
        let (intake, submissions) = mpsc::channel(INTAKE);
        tokio::spawn(writer::run(Arc::clone(&shared), loaded, submissions));
        let engine = Self { shared, intake };
        let key_fingerprint = engine.shared.key.fingerprint();
        match engine
            .submit(World::Live, Command::Found { key_fingerprint })
            .await
        {
            Ok(_) => Ok(engine),
            Err(SubmitError::Refused(refusal)) => Err(refusal.into()),
            Err(other) => Err(StoreError::Unavailable(other.to_string()).into()),
        }
    }

    /// Carries out a command. When this returns `Ok`, it is durable.
    ///
    /// # Errors
    /// The command is refused, or could not be recorded.
    pub async fn submit(&self, world: World, command: Command) -> Result<Done, SubmitError> {
        self.enqueue(world, command, None).await
    }

    /// Carries out a command unless the same request was carried out before; then the answer is the first one's.
    ///
    /// # Errors
    /// As [`Engine::submit`]; or the key belongs to another request.
    pub async fn submit_once(
        &self,
        world: World,
        command: Command,
        once: Idempotency,
    ) -> Result<Done, SubmitError> {
        self.enqueue(world, command, Some(once)).await
    }

    async fn enqueue(
        &self,
        world: World,
        command: Command,
        once: Option<Idempotency>,
    ) -> Result<Done, SubmitError> {
        let (submission, answer) = Submission::new(world, command, once);
        self.intake.try_send(submission).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => {
                self.shared.refused.store(true, Ordering::Relaxed);
                SubmitError::Busy
            }
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Reads the state. Keep it short: the writer waits for readers.
    pub fn read<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        read(&self.shared.read_state())
    }

    /// Reads the groups of alerts beside the state that they follow from; `None` without a routing. Keep it short.
    pub fn read_groups<R>(&self, read: impl FnOnce(&State, Option<&Dispatcher>) -> R) -> R {
        let state = self.shared.read_state();
        self.shared.groups.read(|groups| read(&state, groups))
    }

    /// Makes the groups of alerts anew, as after a start: their times count from now. What was told is not told again.
    pub fn regroup(&self) {
        let state = self.shared.read_state();
        self.shared
            .groups
            .rebuild(&state, self.shared.clock.now_ms());
        drop(state);
        self.shared.seq.signal();
    }

    /// How long after its known end an alert counts as over, in milliseconds: much later after an outage of ours.
    #[must_use]
    pub fn alert_grace_ms(&self) -> i64 {
        if self.shared.is_quiet(World::Live) {
            return i64::MAX;
        }
        self.shared.alert_grace_ms
    }

    /// The position of the last entry that reads can see.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.shared.seq.get()
    }

    /// Waits up to one second until reads can see `seq`.
    pub async fn wait_for(&self, seq: Seq) {
        let mut seen = self.shared.seq.changes();
        let caught_up = seen.reached(seq);
        tokio::select! {
            () = caught_up => {}
            () = self.shared.clock.sleep(READ_WAIT) => {}
        }
    }

    /// Is told whenever entries are folded.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.shared.seq.changes()
    }

    /// The database, for projections, people and tokens.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    /// Keeps how people are reached, forgets everybody else's details, and goes by it from now on.
    ///
    /// # Errors
    /// The database fails.
    pub async fn replace_contacts(&self, contacts: &[Contact]) -> Result<(), StoreError> {
        let store = &self.shared.store;
        store.put_contacts(contacts).await?;
        for known in store.contacts().await? {
            if !contacts.iter().any(|c| c.person == known.person) {
                store.erase_contact(&known.person).await?;
            }
        }
        self.shared.refresh_channels().await
    }

    /// The source of time: the clock that the node was given, without its jumps.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.told_clock
    }

    /// The page that a link's last part opens, while its incident is not closed.
    #[must_use]
    pub fn page_of(&self, link: &str) -> Option<(World, Page)> {
        let token = PageToken::parse(link)?;
        let page = self.read(|state| state.world(token.world)?.pages.get(&token.page).cloned())?;
        self.shared
            .key
            .accepts(&token, &page)
            .then_some((token.world, page))
    }

    /// The last part of the link that opens a page.
    #[must_use]
    pub fn link_of(&self, world: World, page: &Page) -> String {
        self.shared.key.page_link(world, page)
    }

    /// The node's health.
    #[must_use]
    pub fn health(&self) -> Health {
        let reason = self.shared.trouble.read().map_or(None, |t| t.clone());
        Health {
            accepting: reason.is_none(),
            reason,
            seq: self.seq(),
            engine: self.shared.store.engine(),
        }
    }

    /// Where a drill's own mirror lies; `None` when there was no such drill.
    #[must_use]
    pub fn drill_mirror_dir(&self, number: u32) -> Option<std::path::PathBuf> {
        self.read(|state| {
            state
                .world(World::Drill(number))?
                .drill
                .as_ref()
                .map(|_| ())
        })?;
        let places = self.shared.places.read().ok()?;
        Some(places.as_ref()?.drill(number).mirror())
    }

    /// When each role of the public word, and with it its keys, stops to count; empty on a node that does not publish,
    /// and before they were read first.
    #[must_use]
    pub fn key_expiries(&self) -> Vec<Expiry> {
        self.shared
            .key_expiries
            .read()
            .map_or_else(|_| Vec::new(), |e| e.clone())
    }

    /// Reads these times anew.
    pub(crate) async fn read_key_expiries(&self) {
        let Some(places) = self.shared.places.read().ok().and_then(|p| p.clone()) else {
            return;
        };
        let repository = places.word().repository;
        let read = tokio::task::spawn_blocking(move || stentor_publish::expiries(&repository));
        match read.await {
            Ok(Ok(found)) => {
                if let Ok(mut known) = self.shared.key_expiries.write() {
                    *known = found;
                }
            }
            // The public lane says what is wrong with the repository.
            Ok(Err(error)) => tracing::debug!(%error, "the expiry of keys could not be read"),
            Err(_) => {}
        }
    }

    /// The mirrors' health.
    #[must_use]
    pub fn mirrors(&self) -> Vec<MirrorHealth> {
        self.shared
            .mirrors
            .read()
            .map_or_else(|_| Vec::new(), |m| m.clone())
    }

    /// What of a world's public word this node could not publish for want of a signature.
    #[must_use]
    pub fn word_waits(&self, world: World) -> Option<Waits> {
        let waits = self.shared.waits.read();
        waits.ok().and_then(|known| known.get(&world).cloned())
    }

    /// How the ways by which receivers are told about groups of alerts are doing, in order of their names.
    #[must_use]
    pub fn ways(&self) -> Vec<WayReport> {
        let ways = self.shared.ways.read();
        ways.map_or_else(|_| Vec::new(), |w| w.iter().map(|w| w.report()).collect())
    }

    /// The first trusted root of a world's word: what readers pin.
    #[must_use]
    pub fn trusted_root(&self, world: World) -> Option<TrustedRoot> {
        self.shared.roots.read().ok()?.get(&world).cloned()
    }

    /// The lanes of a world.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lanes(&self, world: World) -> Result<Vec<LaneHealth>, StoreError> {
        let now_ms = self.shared.clock.now_ms();
        let mut lanes = Vec::new();
        for lane in Lane::ALL {
            let waiting = self.shared.store.waiting(world, lane, 1000).await?;
            lanes.push(LaneHealth {
                world,
                lane: lane.name(),
                waiting: waiting.len(),
                oldest_ms: waiting
                    .iter()
                    .map(|r| now_ms - r.created_ms)
                    .max()
                    .unwrap_or(0)
                    .max(0),
                last_error: waiting.iter().find_map(|r| r.last_error.clone()),
            });
        }
        Ok(lanes)
    }
}

fn stopped() -> SubmitError {
    SubmitError::Unavailable("the node is stopping".into())
}
