//! How far the state is folded, and waiting for it to move on.
//!
//! `tokio::sync::watch` would do, but it wakes its waiters in an order that it draws by lot; here they wake in the
//! order in which they began to wait, so that a simulated run is decided by its seed alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stentor_store::Seq;
use tokio::sync::Notify;

/// The position of the last entry that readers see.
pub(crate) struct Position {
    seq: AtomicU64,
    /// Grows at each signal.
    signals: AtomicU64,
    waiters: Notify,
}

impl Position {
    pub(crate) fn new(seq: Seq) -> Arc<Self> {
        Arc::new(Self {
            seq: AtomicU64::new(seq),
            signals: AtomicU64::new(0),
            waiters: Notify::new(),
        })
    }

    pub(crate) fn get(&self) -> Seq {
        self.seq.load(Ordering::Acquire)
    }

    pub(crate) fn set(&self, seq: Seq) {
        self.seq.store(seq, Ordering::Release);
        self.signal();
    }

    /// Wakes who waits although the position is the same.
    pub(crate) fn signal(&self) {
        self.signals.fetch_add(1, Ordering::AcqRel);
        self.waiters.notify_waiters();
    }

    pub(crate) fn changes(self: &Arc<Self>) -> Changes {
        Changes {
            position: Arc::clone(self),
            seen: self.signals.load(Ordering::Acquire),
        }
    }
}

/// Tells when entries were folded.
pub struct Changes {
    position: Arc<Position>,
    seen: u64,
}

impl Changes {
    /// Completes when something was folded since this, or [`Changes::mark_unchanged`], completed last.
    pub async fn changed(&mut self) {
        loop {
            // Made before the look, so that no signal falls between the two.
            let signalled = self.position.waiters.notified();
            let signals = self.position.signals.load(Ordering::Acquire);
            if signals != self.seen {
                self.seen = signals;
                return;
            }
            signalled.await;
        }
    }

    /// Takes everything so far as seen.
    pub fn mark_unchanged(&mut self) {
        self.seen = self.position.signals.load(Ordering::Acquire);
    }

    /// Completes when readers see `seq`.
    pub(crate) async fn reached(&mut self, seq: Seq) {
        while self.position.get() < seq {
            self.changed().await;
        }
    }
}
