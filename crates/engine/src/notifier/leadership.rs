//! Which node tells receivers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use stentor_store::Store;

use crate::clock::Clock;
use crate::engine::Engine;

/// The lease's name.
const LEASE: &str = "notifications";

/// The lease is taken for so long; a node that is killed is replaced after that, in milliseconds.
const TERM_MS: i64 = 10_000;

/// It is renewed this often.
const RENEW: Duration = Duration::from_secs(2);

/// Nothing is begun within this time before the term ends.
const MARGIN: Duration = Duration::from_secs(2);

pub(crate) struct Leadership {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Unique to this start of this node.
    holder: String,
    /// Until when this node leads, in monotonic milliseconds; 0 when it does not.
    until: AtomicU64,
}

impl Leadership {
    pub(crate) fn new(engine: &Engine) -> Arc<Self> {
        let start = hex::encode(&crate::project::salt()[..6]);
        Arc::new(Self {
            store: Arc::clone(engine.store()),
            clock: Arc::clone(engine.clock()),
            holder: format!("{}/{start}", engine.shared.node),
            until: AtomicU64::new(0),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether this node leads, by what it knows.
    pub(crate) fn leads(&self) -> bool {
        let margin = MARGIN.as_millis() as u64;
        self.now() + margin < self.until.load(Ordering::Acquire)
    }

    /// Takes the lease when it can be had, and renews it, for ever. `changed` is called when this node begins or ends
    /// to lead.
    pub(crate) async fn keep(&self, changed: impl Fn()) {
        loop {
            let led = self.leads();
            self.ask().await;
            if led != self.leads() {
                changed();
            }
            self.clock.sleep(RENEW).await;
        }
    }

    async fn ask(&self) {
        let before = self.now();
        match self.store.hold(LEASE, &self.holder, TERM_MS).await {
            // Counted from before the question: the database counts from when it answered.
            Ok(true) => self
                .until
                .store(before + TERM_MS.unsigned_abs(), Ordering::Release),
            Ok(false) => self.until.store(0, Ordering::Release),
            Err(error) => {
                tracing::warn!(%error, "the lease of notifications could not be renewed");
            }
        }
    }

    /// Lets another node take over at once.
    pub(crate) async fn give_up(&self) {
        self.until.store(0, Ordering::Release);
        if let Err(error) = self.store.release(LEASE, &self.holder).await {
            tracing::warn!(%error, "the lease of notifications was not given up; it runs out");
        }
    }
}
