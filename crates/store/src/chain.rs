//! The hash chain over the journal's headers.
//!
//! An entry's hash covers the previous hash, the header and a salted digest of the payload, so a payload can be
//! erased while the chain stays verifiable. The bytes hashed form an RFC 6962 leaf: they begin with `0x00`.

use sha2::{Digest as _, Sha256};
use stentor_domain::world::World;

use crate::{Entry, Head, Payload, Seq};

/// A SHA-256 value.
pub type Digest = [u8; 32];

/// SHA-256(salt ‖ payload).
#[must_use]
pub fn payload_digest(salt: &[u8; 16], payload: &[u8]) -> Digest {
    Sha256::new()
        .chain_update(salt)
        .chain_update(payload)
        .finalize()
        .into()
}

/// The chain hash of an entry. Variable-length fields are length-prefixed, so no two headers share an encoding.
#[must_use]
pub fn entry_hash(
    previous: &Digest,
    seq: Seq,
    time_ms: i64,
    world: World,
    kind: &str,
    version: u16,
    digest: &Digest,
) -> Digest {
    let world = world.to_string();
    Sha256::new()
        .chain_update([0u8])
        .chain_update(previous)
        .chain_update(seq.to_be_bytes())
        .chain_update(time_ms.to_be_bytes())
        .chain_update((world.len() as u32).to_be_bytes())
        .chain_update(world)
        .chain_update((kind.len() as u32).to_be_bytes())
        .chain_update(kind)
        .chain_update(version.to_be_bytes())
        .chain_update(digest)
        .finalize()
        .into()
}

/// Why an entry does not belong where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A position is missing or repeated.
    #[error("entry {expected} is missing; entry {found} stands in its place")]
    Gap {
        /// The position that should follow.
        expected: Seq,
        /// The position found.
        found: Seq,
    },
    /// The header does not hash to what is stored, or does not follow its predecessor.
    #[error("the header of entry {0} was changed")]
    Header(Seq),
    /// The payload does not hash to the digest in the header.
    #[error("the payload of entry {0} was changed")]
    Payload(Seq),
    /// Time runs backwards.
    #[error("entry {0} is dated before its predecessor")]
    Time(Seq),
}

/// The head after appending `entries` to `head`. Engines ask this before they write: positions and header hashes must
/// follow. Payloads are not hashed again, which would double the cost of an append; [`Verifier`] does that.
///
/// # Errors
/// Says which entry does not follow.
pub fn follow(head: Head, entries: &[Entry]) -> Result<Head, Broken> {
    entries.iter().try_fold(head, |head, entry| {
        header_follows(&head, entry)?;
        Ok(entry.head())
    })
}

fn header_follows(head: &Head, entry: &Entry) -> Result<(), Broken> {
    let expected = head.seq + 1;
    if entry.seq != expected {
        return Err(Broken::Gap {
            expected,
            found: entry.seq,
        });
    }
    let hash = entry_hash(
        &head.hash,
        entry.seq,
        entry.time_ms,
        entry.world,
        &entry.kind,
        entry.version,
        &entry.digest,
    );
    if hash == entry.hash {
        Ok(())
    } else {
        Err(Broken::Header(entry.seq))
    }
}

/// Walks entries in order and proves that each follows the one before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verifier {
    head: Head,
    time_ms: Option<i64>,
}

impl Verifier {
    /// Starts after `head`, which the caller trusts.
    #[must_use]
    pub fn after(head: Head) -> Self {
        Self {
            head,
            time_ms: None,
        }
    }

    /// The last entry that was proven.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Proves that `entry` follows.
    ///
    /// # Errors
    /// Says what about the entry is wrong.
    pub fn step(&mut self, entry: &Entry) -> Result<(), Broken> {
        header_follows(&self.head, entry)?;
        if self
            .time_ms
            .is_some_and(|previous| entry.time_ms < previous)
        {
            return Err(Broken::Time(entry.seq));
        }
        if let Payload::Present { salt, bytes } = &entry.payload
            && payload_digest(salt, bytes) != entry.digest
        {
            return Err(Broken::Payload(entry.seq));
        }
        self.head = entry.head();
        self.time_ms = Some(entry.time_ms);
        Ok(())
    }
}
