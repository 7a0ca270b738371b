//! The machine's clocks: a bench is about time.
#![expect(
    clippy::disallowed_methods,
    reason = "a bench measures time, and nothing is decided by it"
)]

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Measures from its making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch(Instant);

impl Watch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn read(self) -> Duration {
        self.0.elapsed()
    }
}

/// Wall time.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
