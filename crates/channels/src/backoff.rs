//! When a page is tried again.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::Key;

/// The waits after the first attempts, in seconds; after that [`LONGEST`]. A page is worth little when it is late, so
/// this is far denser than the sample schedule of Standard Webhooks.
const SCHEDULE: [u64; 5] = [1, 2, 5, 10, 30];

/// No wait is longer: somebody is waiting to be woken.
pub const LONGEST: Duration = Duration::from_secs(60);

/// How long to wait after the `attempt`th attempt (from 1) failed. Up to a quarter is taken off, derived from the key,
/// so that messages that failed together do not come back together, and every node computes the same.
#[must_use]
pub fn wait(attempt: u32, key: &Key) -> Duration {
    let index = attempt.saturating_sub(1) as usize;
    let base = SCHEDULE
        .get(index)
        .copied()
        .map_or(LONGEST, Duration::from_secs);
    let mut hash = Sha256::new();
    hash.update(attempt.to_be_bytes());
    hash.update(key.as_str());
    let byte = u32::from(hash.finalize()[0]);
    base - base * byte / 1024
}

/// The same, but not before the other side wants (`Retry-After`). It cannot put a page off beyond [`LONGEST`].
#[must_use]
pub fn wait_at_least(attempt: u32, key: &Key, after: Option<Duration>) -> Duration {
    wait(attempt, key)
        .max(after.unwrap_or_default())
        .min(LONGEST)
}
