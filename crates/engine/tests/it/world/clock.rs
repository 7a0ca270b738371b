//! Virtual time, and the wall clock of one node, which may be wrong.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use stentor_engine::Clock;
use tokio::time::Instant;

/// 2026-03-02 08:00 UTC, a Monday.
const BEGIN_MS: i64 = 1_772_438_400_000;

/// The moment at which a simulated world began.
#[derive(Clone, Copy)]
pub(crate) struct Begin(Instant);

impl Begin {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    /// The time that a right clock shows.
    pub(crate) fn true_ms(self) -> i64 {
        BEGIN_MS + i64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

/// The clock of one life of one node.
pub(crate) struct NodeClock {
    begin: Begin,
    wrong_ms: AtomicI64,
    dead: AtomicBool,
}

impl NodeClock {
    pub(crate) fn new(begin: Begin, wrong_ms: i64) -> Self {
        Self {
            begin,
            wrong_ms: AtomicI64::new(wrong_ms),
            dead: AtomicBool::new(false),
        }
    }

    pub(crate) fn jump(&self, wrong_ms: i64) {
        self.wrong_ms.store(wrong_ms, Ordering::Relaxed);
    }

    /// From now on nothing of the node that waits goes on.
    pub(crate) fn stop(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        let wrong_ms = self.wrong_ms.load(Ordering::Relaxed);
        Timestamp::from_millisecond(self.begin.true_ms() + wrong_ms).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.begin.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        // The future cannot borrow the clock; a dead node's store refuses, so one more turn changes nothing.
        if self.is_dead() {
            return Box::pin(std::future::pending());
        }
        Box::pin(tokio::time::sleep(duration))
    }
}
