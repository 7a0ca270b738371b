//! A store in memory with faults from a seed, for tests in virtual time.
//!
//! It uses no threads and no real time: on a current-thread runtime with a paused clock, a run is decided by its seed.
//! What is committed is durable and survives [`SimulatedStore::crash`]; open groups are volatile and do not.

mod cluster;
mod data;
mod faults;
mod group;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stentor_store::StoreError;
use tokio::sync::Notify;
use tokio::time::Instant;

use data::Tables;
pub use faults::{Fault, Rates};
use faults::{Faults, Kind};

/// How long [`stentor_store::Journal::begin`] waits for the head.
const BEGIN_LIMIT: Duration = Duration::from_secs(5);
/// How long a group may hold the head before another takes it, as PostgreSQL's transaction timeouts do.
const HOLD_LIMIT: Duration = Duration::from_secs(10);
/// The followers' polling period.
const POLL: Duration = Duration::from_millis(500);

/// The data that several simulated nodes share, and the faults they meet.
#[derive(Clone)]
pub struct SimulatedDatabase {
    shared: Arc<Shared>,
}

/// One node's view of a [`SimulatedDatabase`].
#[derive(Clone)]
pub struct SimulatedStore {
    shared: Arc<Shared>,
    node: u64,
}

struct Shared {
    state: Mutex<State>,
    head_freed: Notify,
    appended: Notify,
}

struct State {
    durable: Tables,
    faults: Faults,
    /// The open group: which it is, whose it is, and since when.
    holder: Option<Holder>,
    groups: u64,
    nodes: u64,
    crashed: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Holder {
    group: u64,
    node: u64,
    since: Instant,
}

impl SimulatedDatabase {
    /// An empty database whose random faults and delays follow from `seed`. Without [`SimulatedDatabase::set_rates`]
    /// there are none.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let state = State {
            durable: Tables::default(),
            faults: Faults::new(seed),
            holder: None,
            groups: 0,
            nodes: 0,
            crashed: Vec::new(),
        };
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                head_freed: Notify::new(),
                appended: Notify::new(),
            }),
        }
    }

    /// Opens the database as a node of its own.
    #[must_use]
    pub fn open(&self) -> SimulatedStore {
        let mut state = self.shared.state();
        state.nodes += 1;
        SimulatedStore {
            shared: Arc::clone(&self.shared),
            node: state.nodes,
        }
    }

    /// Random faults from now on.
    pub fn set_rates(&self, rates: Rates) {
        self.shared.state().faults.rates = rates;
    }

    /// The next write meets this fault, the one after it the next given, and so on.
    pub fn fail_next(&self, fault: Fault) {
        self.shared.state().faults.script.push_back(Some(fault));
    }

    /// The next write not yet spoken for succeeds: to place a fault behind it.
    pub fn pass_next(&self) {
        self.shared.state().faults.script.push_back(None);
    }

    /// Every operation fails like this until it is lifted with `None`. [`Fault::Full`] lets reading go on.
    pub fn set_outage(&self, fault: Option<Fault>) {
        self.shared.state().faults.outage = fault;
    }

    /// A fail-over to a copy that lags behind: the entries after `seq` were never written.
    pub fn lose_after(&self, seq: u64) {
        let kept = usize::try_from(seq).unwrap_or(usize::MAX);
        self.shared.state().durable.entries.truncate(kept);
    }

    /// How many writes were tried so far, to place faults at each of them in turn.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.shared.state().faults.writes
    }
}

impl SimulatedStore {
    /// The node dies: its open groups are undone and its store object answers nothing any more. Open the database
    /// again for the node's next life.
    pub fn crash(&self) {
        let mut state = self.shared.state();
        state.crashed.push(self.node);
        if state.holder.is_some_and(|holder| holder.node == self.node) {
            state.holder = None;
            self.shared.head_freed.notify_one();
        }
    }

    /// Waits as long as the seed says, then lets `act` work on the durable data unless a fault prevents it.
    async fn operate<T>(
        &self,
        kind: Kind,
        act: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let delay = self.shared.state().faults.delay();
        match delay {
            Duration::ZERO => tokio::task::yield_now().await,
            delay => tokio::time::sleep(delay).await,
        }
        let mut state = self.shared.state();
        if state.crashed.contains(&self.node) {
            return Err(StoreError::Unavailable("this node has crashed".to_owned()));
        }
        let failure = match state.faults.strike(kind) {
            None => return act(&mut state),
            Some(Fault::FailedButPersisted) => {
                act(&mut state)?;
                StoreError::OutcomeUnknown("simulated: persisted".to_owned())
            }
            Some(Fault::FailedNotPersisted) => {
                StoreError::OutcomeUnknown("simulated: not persisted".to_owned())
            }
            Some(Fault::Unavailable) => StoreError::Unavailable("simulated".to_owned()),
            Some(Fault::Full) => StoreError::Full("simulated".to_owned()),
        };
        Err(failure)
    }

    async fn read<T>(&self, read: impl FnOnce(&Tables) -> T) -> Result<T, StoreError> {
        self.operate(Kind::Read, |state| Ok(read(&state.durable)))
            .await
    }

    async fn write<T>(&self, write: impl FnOnce(&mut Tables) -> T) -> Result<T, StoreError> {
        self.operate(Kind::Write, |state| Ok(write(&mut state.durable)))
            .await
    }
}

impl Shared {
    /// A panic elsewhere cannot leave half a change: every change is one call on whole values.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
