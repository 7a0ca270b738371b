//! Snapshots of the folded state: a cache, never the truth.

use async_trait::async_trait;

use crate::{Head, StoreError};

/// A serialised state as of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Where it was taken.
    pub head: Head,
    /// The version of the fold that made it; another version's snapshot is ignored.
    pub fold_version: u32,
    /// As the engine encoded it.
    pub bytes: Vec<u8>,
}

/// Keeping the newest snapshots.
#[async_trait]
pub trait Snapshots: Send + Sync {
    /// Stores a snapshot and drops all but the newest two of its fold version. Snapshots at or above its position are
    /// dropped too: after a fail-over that lost commits they would not lie on the chain.
    async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StoreError>;

    /// The newest snapshot of that fold version.
    async fn latest_snapshot(&self, fold_version: u32) -> Result<Option<Snapshot>, StoreError>;
}
