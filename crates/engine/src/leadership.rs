//! Which of several nodes does what only one may do: tell receivers, publish the word.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use stentor_store::{Store, StoreError};

use crate::clock::Clock;
use crate::engine::Engine;

/// A lease, and how it is kept.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// The lease's name.
    pub(crate) lease: &'static str,
    /// The lease is taken for so long; a node that is killed is replaced after that, in milliseconds.
    pub(crate) term_ms: i64,
    /// It is renewed this often.
    pub(crate) renew: Duration,
    /// Nothing is begun within this time before the term ends.
    pub(crate) margin: Duration,
    /// Whether a node that starts again has the lease still: where what it had begun ended with it.
    pub(crate) survives_restart: bool,
}

pub(crate) struct Leadership {
    terms: Terms,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Unique to this node, or to this start of it.
    holder: String,
    /// Until when this node leads, in monotonic milliseconds; 0 when it does not.
    until: AtomicU64,
    /// The database did not answer the last question, and this node led when it last did.
    left_alone: AtomicBool,
    given_up: AtomicBool,
}

impl Leadership {
    pub(crate) fn new(engine: &Engine, terms: Terms) -> Arc<Self> {
        let node = &engine.shared.node;
        let start = hex::encode(&crate::project::salt()[..6]);
        let holder = if terms.survives_restart {
            node.clone()
        } else {
            format!("{node}/{start}")
        };
        Arc::new(Self {
            terms,
            store: Arc::clone(engine.store()),
            clock: Arc::clone(engine.clock()),
            holder,
            until: AtomicU64::new(0),
            left_alone: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether this node leads, by what it knows.
    pub(crate) fn leads(&self) -> bool {
        let margin = self.terms.margin.as_millis() as u64;
        self.now() + margin < self.until.load(Ordering::Acquire)
    }

    /// Whether nobody else can have been made leader as far as this node can know: it led when the database last
    /// answered. For what must go on without the database, and notices by itself when another does it too.
    pub(crate) fn is_left_alone(&self) -> bool {
        self.left_alone.load(Ordering::Acquire)
    }

    /// Another does it: this node does not go on before the database says that it leads.
    pub(crate) fn stand_back(&self) {
        self.left_alone.store(false, Ordering::Release);
        self.until.store(0, Ordering::Release);
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
            self.clock.sleep(self.terms.renew).await;
        }
    }

    async fn ask(&self) {
        if self.given_up.load(Ordering::Acquire) {
            return;
        }
        let before = self.now();
        let Terms { lease, term_ms, .. } = self.terms;
        let led = self.until.load(Ordering::Acquire) > 0;
        let answer = tokio::select! {
            answer = self.store.hold(lease, &self.holder, term_ms) => answer,
            () = self.clock.sleep(self.terms.renew * 2) => {
                Err(StoreError::Unavailable("no answer".to_owned()))
            }
        };
        match answer {
            // Counted from before the question: the database counts from when it answered.
            Ok(leads) => {
                let until = if leads {
                    before + term_ms.unsigned_abs()
                } else {
                    0
                };
                self.until.store(until, Ordering::Release);
                self.left_alone.store(false, Ordering::Release);
            }
            Err(error) => {
                tracing::warn!(%error, lease, "a lease could not be renewed");
                self.left_alone.store(led, Ordering::Release);
            }
        }
    }

    /// Lets another node take over at once.
    pub(crate) async fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
        self.stand_back();
        let lease = self.terms.lease;
        if let Err(error) = self.store.release(lease, &self.holder).await {
            tracing::warn!(%error, lease, "a lease was not given up; it runs out");
        }
    }
}
