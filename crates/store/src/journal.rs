//! The journal: one hash-chained sequence of entries, appended in groups.

use async_trait::async_trait;
use stentor_domain::world::World;

use crate::chain::{self, Digest};
use crate::{Group, StoreError};

/// Position in the journal, from 1 without gaps. 0 is "before the first entry".
pub type Seq = u64;

/// Random bytes that keep the digest of an erased payload from being guessed.
pub type Salt = [u8; 16];

/// The last entry's position and hash; `(0, zeroes)` for an empty journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Position of the last entry.
    pub seq: Seq,
    /// Its chain hash.
    pub hash: Digest,
}

/// What an entry carries, or the mark that it was erased (on request or by retention).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The bytes as they were appended; never re-serialised.
    Present {
        /// Hashed before the bytes.
        salt: Salt,
        /// Encoded as the entry's kind and version say.
        bytes: Vec<u8>,
    },
    /// Erased by the entry at this position; the chain still verifies.
    Erased {
        /// The entry that records who erased it and why.
        by: Seq,
    },
}

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position.
    pub seq: Seq,
    /// Milliseconds since the Unix epoch; never less than the previous entry's.
    pub time_ms: i64,
    /// The world it belongs to.
    pub world: World,
    /// What happened, for instance `incident.opened`.
    pub kind: String,
    /// Version of the payload's encoding.
    pub version: u16,
    /// SHA-256(salt ‖ payload).
    pub digest: Digest,
    /// Chain hash; see [`chain::entry_hash`].
    pub hash: Digest,
    /// The payload, which lies in a table of its own.
    pub payload: Payload,
}

impl Entry {
    /// Seals a new entry onto `previous`.
    #[must_use]
    pub fn seal(
        previous: Head,
        time_ms: i64,
        world: World,
        kind: &str,
        version: u16,
        salt: Salt,
        bytes: Vec<u8>,
    ) -> Self {
        let digest = chain::payload_digest(&salt, &bytes);
        let seq = previous.seq + 1;
        let hash = chain::entry_hash(&previous.hash, seq, time_ms, world, kind, version, &digest);
        Self {
            seq,
            time_ms,
            world,
            kind: kind.to_owned(),
            version,
            digest,
            hash,
            payload: Payload::Present { salt, bytes },
        }
    }

    /// The head after this entry.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            seq: self.seq,
            hash: self.hash,
        }
    }
}

/// Reading the journal and opening the one transaction that may append to it.
#[async_trait]
pub trait Journal: Send + Sync {
    /// The committed head. After [`StoreError::OutcomeUnknown`] this and [`Journal::entries_after`] answer only once
    /// the outcome is settled: what was not committed by then never will be.
    async fn head(&self) -> Result<Head, StoreError>;

    /// Up to `limit` committed entries after `after`, in order.
    async fn entries_after(&self, after: Seq, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Opens a commit group: locks the head against every other writer on any node until the group is committed or
    /// dropped. Waiting for the lock is bounded; a frozen holder loses it (PostgreSQL's transaction timeouts).
    async fn begin(&self) -> Result<Box<dyn Group>, StoreError>;

    /// Waits until another node may have appended, or for the engine's polling period (at most 500 ms). A lost
    /// wake-up costs time, never truth.
    async fn changed(&self);
}
