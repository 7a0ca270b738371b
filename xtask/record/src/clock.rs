//! The machine's clock: what is recorded happens in real time.
#![expect(
    clippy::disallowed_methods,
    reason = "a recording is of real time, and nothing is decided by it"
)]

use std::thread;
use std::time::Duration;

use jiff::Timestamp;

/// Counts units from a start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// When it was started.
    pub(crate) start: Timestamp,
    unit_ms: i64,
}

impl Clock {
    pub(crate) fn start(unit_ms: i64) -> Self {
        let now = now();
        // Whole milliseconds, as they are sent.
        let start = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        Self { start, unit_ms }
    }

    /// Waits until that many units are over.
    pub(crate) fn wait_until(&self, units: f64) {
        let left = self.moment(units).duration_since(now());
        // What is over already needs no wait.
        if let Ok(left) = Duration::try_from(left) {
            thread::sleep(left);
        }
    }

    /// A moment, in units to two places.
    pub(crate) fn units(&self, at: Timestamp) -> f64 {
        let ms = (at.as_nanosecond() - self.start.as_nanosecond()) as f64 / 1e6;
        (ms / self.unit_ms as f64 * 100.0).round() / 100.0
    }

    /// The moment after that many units.
    pub(crate) fn moment(&self, units: f64) -> Timestamp {
        let ms = (units * self.unit_ms as f64).round() as i64;
        let at = self.start.as_millisecond() + ms;
        Timestamp::from_millisecond(at).unwrap_or(self.start)
    }
}

/// Wall time.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
