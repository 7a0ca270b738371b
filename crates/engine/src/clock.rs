//! The only place that asks the machine for the time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// A source of wall time, monotonic time and waiting. Simulations bring their own.
pub trait Clock: Send + Sync + 'static {
    /// Wall time.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment, which never jumps.
    fn monotonic(&self) -> Duration;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Wall time in milliseconds since the epoch.
    fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the source of time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        use std::sync::OnceLock;
        use std::time::Instant;
        static START: OnceLock<Instant> = OnceLock::new();
        #[expect(clippy::disallowed_methods, reason = "this is the source of time")]
        let start = *START.get_or_init(Instant::now);
        start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A wall clock that differs from the steady one by more than this jumped, in milliseconds.
const JUMP_MS: i64 = 2_000;

/// Wall time that does not jump: it follows the wall clock while that runs evenly, and goes on by the monotonic clock
/// when it jumps. So no deadline is met early or hangs, and no alert looks over, because of a wrong clock of ours.
pub(crate) struct SteadyClock {
    clock: Arc<dyn Clock>,
    base: Mutex<Base>,
}

struct Base {
    /// What this clock showed, in milliseconds since the epoch …
    wall_ms: i64,
    /// … at this monotonic time.
    monotonic: Duration,
    /// By how much the wall clock was ahead when that was last reported, in milliseconds.
    reported_ms: i64,
}

impl Base {
    fn now_ms(&self, monotonic: Duration) -> i64 {
        let passed = monotonic.saturating_sub(self.monotonic).as_millis();
        self.wall_ms
            .saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
    }
}

impl SteadyClock {
    /// Starts with the wall clock, but not before `earliest_ms` (milliseconds since the epoch).
    pub(crate) fn new(clock: Arc<dyn Clock>, earliest_ms: i64) -> Self {
        let base = Base {
            wall_ms: clock.now_ms().max(earliest_ms),
            monotonic: clock.monotonic(),
            reported_ms: 0,
        };
        Self {
            clock,
            base: Mutex::new(base),
        }
    }

    fn base(&self) -> std::sync::MutexGuard<'_, Base> {
        self.base.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another node was already that far, in milliseconds since the epoch: deadlines count from there.
    pub(crate) fn catch_up(&self, wall_ms: i64) {
        let monotonic = self.clock.monotonic();
        let mut base = self.base();
        if base.now_ms(monotonic) < wall_ms {
            (base.wall_ms, base.monotonic) = (wall_ms, monotonic);
        }
    }

    /// Compares with the wall clock and follows it while it runs evenly. Answers by how many milliseconds it jumped
    /// since the last call.
    pub(crate) fn compare(&self) -> Option<i64> {
        let (wall_ms, monotonic) = (self.clock.now_ms(), self.clock.monotonic());
        let mut base = self.base();
        let ahead_ms = wall_ms - base.now_ms(monotonic);
        let jump_ms = ahead_ms - base.reported_ms;
        if ahead_ms.abs() <= JUMP_MS {
            (base.wall_ms, base.monotonic) = (wall_ms, monotonic);
            base.reported_ms = 0;
        } else if jump_ms.abs() > JUMP_MS {
            base.reported_ms = ahead_ms;
        }
        (jump_ms.abs() > JUMP_MS).then_some(jump_ms)
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        let now_ms = self.base().now_ms(self.clock.monotonic());
        Timestamp::from_millisecond(now_ms).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.clock.sleep(duration)
    }
}
