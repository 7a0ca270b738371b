//! Snapshots of the state: what they look like, when one is worth its cost, and taking one beside the writer's work.

use std::io::{self, Write};
use std::sync::Arc;

use stentor_domain::state::{FOLD_VERSION, State};
use stentor_store::{Entry, Head, Payload, Seq, Snapshot, Store};
use tokio::task::JoinHandle;

/// Entries after which a snapshot may be worth it.
const EVERY: u64 = 10_000;

/// Bytes that are compressed together.
const BLOCK: usize = 1024 * 1024;

/// Encodes a state for a snapshot: postcard, compressed block by block.
///
/// # Errors
/// The state holds what postcard cannot write.
pub fn encode(state: &State) -> Result<Vec<u8>, postcard::Error> {
    let blocks = postcard::to_io(state, Blocks::default())?;
    Ok(blocks.finish())
}

/// Reads what [`encode`] wrote; `None` if it is something else.
pub(crate) fn decode(mut bytes: &[u8]) -> Option<State> {
    let mut plain = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk()?;
        let (block, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        // Nothing is taken from what the block says of its size.
        let start = plain.len();
        plain.resize(start + BLOCK, 0);
        let written = lz4_flex::block::decompress_into(block, &mut plain[start..]).ok()?;
        plain.truncate(start + written);
        bytes = rest;
    }
    postcard::from_bytes(&plain).ok()
}

/// Compresses what is written to it: each block after its length in four bytes, the lowest first.
#[derive(Default)]
struct Blocks {
    block: Vec<u8>,
    done: Vec<u8>,
}

impl Blocks {
    fn close(&mut self) {
        if self.block.is_empty() {
            return;
        }
        let compressed = lz4_flex::block::compress(&self.block);
        // A block grows by half a percent at worst.
        let length = u32::try_from(compressed.len()).unwrap_or(u32::MAX);
        self.done.extend(length.to_le_bytes());
        self.done.extend(compressed);
        self.block.clear();
    }

    fn finish(mut self) -> Vec<u8> {
        self.close();
        self.done
    }
}

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == BLOCK {
            self.close();
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes snapshots of one node's state.
pub(crate) struct Snapshots {
    store: Arc<dyn Store>,
    /// Where the newest was taken.
    seq: Seq,
    /// Its size, in bytes.
    size: u64,
    /// How much was appended since, in bytes.
    grown: u64,
    /// Tells the size of the one that is being taken, or 0 if there is none.
    underway: Option<JoinHandle<u64>>,
}

impl Snapshots {
    /// Goes on from a start that used the snapshot at `seq` with its size, and folded so many bytes after it.
    pub(crate) fn after(store: Arc<dyn Store>, (seq, size): (Seq, u64), grown: u64) -> Self {
        Self {
            store,
            seq,
            size,
            grown,
            underway: None,
        }
    }

    /// Takes note of what was appended.
    pub(crate) fn note(&mut self, entries: &[Entry]) {
        self.grown += bytes_of(entries);
    }

    /// Takes a snapshot if the journal grew by as much as one costs: what writing them takes then stays a part of what
    /// writing the journal takes, however much is open. Only the copy of the state holds up the caller.
    pub(crate) async fn consider(&mut self, state: &State, head: Head) {
        if head.seq < self.seq + EVERY || self.grown < self.size {
            return;
        }
        if let Some(underway) = &mut self.underway {
            if !underway.is_finished() {
                return;
            }
            self.size = underway.await.unwrap_or(0);
            self.underway = None;
            if self.grown < self.size {
                return;
            }
        }
        self.seq = head.seq;
        self.grown = 0;
        self.underway = Some(tokio::spawn(take(
            Arc::clone(&self.store),
            state.clone(),
            head,
        )));
    }
}

/// What entries weigh, in bytes.
pub(crate) fn bytes_of(entries: &[Entry]) -> u64 {
    let bytes = entries.iter().map(|entry| match &entry.payload {
        Payload::Present { bytes, .. } => bytes.len() as u64,
        Payload::Erased { .. } => 0,
    });
    bytes.sum()
}

/// A snapshot only saves time at the next start, so what fails is said and left.
async fn take(store: Arc<dyn Store>, state: State, head: Head) -> u64 {
    let encoded = tokio::task::spawn_blocking(move || encode(&state)).await;
    let bytes = match encoded {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => {
            tracing::warn!(%error, "no snapshot was taken");
            return 0;
        }
        Err(_) => return 0,
    };
    let size = bytes.len() as u64;
    let snapshot = Snapshot {
        head,
        fold_version: FOLD_VERSION,
        bytes,
    };
    if let Err(error) = store.put_snapshot(&snapshot).await {
        tracing::warn!(%error, "no snapshot was taken");
    }
    size
}

#[cfg(test)]
mod tests {
    use stentor_domain::world::World;
    use stentor_testkit::simulated::SimulatedDatabase;

    use super::*;

    #[test]
    fn a_state_of_many_blocks_is_read_back() {
        let mut state = State {
            key_fingerprint: Some("ab".repeat(BLOCK)),
            ..State::default()
        };
        let read = |state: &State| decode(&encode(state).unwrap()).unwrap().key_fingerprint;
        assert_eq!(read(&state), state.key_fingerprint);
        state.key_fingerprint = None;
        assert_eq!(read(&state), None);
    }

    fn at(seq: Seq) -> Head {
        let hash = [1; 32];
        Head { seq, hash }
    }

    fn entry(bytes: u64) -> Entry {
        let bytes = vec![0; usize::try_from(bytes).unwrap()];
        Entry::seal(at(0), 0, World::Live, "test", 1, [0; 16], bytes)
    }

    /// Considers one at `seq`; answers where the newest lies once none is under way.
    async fn newest(snapshots: &mut Snapshots, state: &State, seq: Seq) -> Option<Seq> {
        snapshots.consider(state, at(seq)).await;
        while snapshots
            .underway
            .as_ref()
            .is_some_and(|u| !u.is_finished())
        {
            tokio::task::yield_now().await;
        }
        let newest = snapshots.store.latest_snapshot(FOLD_VERSION).await.unwrap();
        newest.map(|newest| newest.head.seq)
    }

    #[tokio::test]
    async fn the_next_is_taken_when_the_journal_grew_by_as_much() {
        let store = Arc::new(SimulatedDatabase::new(1).open());
        let mut snapshots = Snapshots::after(store, (0, 0), 0);
        let state = State {
            key_fingerprint: Some((0..9_999).map(|n| n.to_string()).collect()),
            ..State::default()
        };
        let size = encode(&state).unwrap().len() as u64;
        assert_eq!(newest(&mut snapshots, &state, EVERY - 1).await, None);
        assert_eq!(newest(&mut snapshots, &state, EVERY).await, Some(EVERY));
        snapshots.note(&[entry(size - 1)]);
        assert_eq!(newest(&mut snapshots, &state, 3 * EVERY).await, Some(EVERY));
        snapshots.note(&[entry(1)]);
        assert_eq!(
            newest(&mut snapshots, &state, 4 * EVERY).await,
            Some(4 * EVERY)
        );
        snapshots.note(&[entry(size)]);
        let soon = 5 * EVERY - 1;
        assert_eq!(newest(&mut snapshots, &state, soon).await, Some(4 * EVERY));
    }

    #[test]
    fn what_is_no_snapshot_is_none() {
        let bytes = encode(&State::default()).unwrap();
        assert!(decode(&bytes[..bytes.len() - 1]).is_none());
        assert!(decode(&[0xff; 64]).is_none());
        assert!(decode(b"nonsense").is_none());
        assert!(decode(b"").is_none());
    }
}
