//! Start: the newest snapshot, then the tail of the journal, each entry proven to follow its predecessor.

use stentor_domain::event::Event;
use stentor_domain::state::{FOLD_VERSION, State};
use stentor_store::chain::Verifier;
use stentor_store::{Entry, Head, Payload, Seq, Snapshot, Store};

use crate::engine::StartError;
use crate::snapshot;

/// Entries read at a time.
pub(crate) const PAGE: usize = 2_000;

/// The state as of the head, and what the next entry needs to follow it.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) state: State,
    pub(crate) head: Head,
    /// When the last entry was made, in milliseconds since the epoch: no later entry has an earlier time.
    pub(crate) time_ms: i64,
    /// Position of the snapshot that was used, and its size in bytes; 0 when there was none.
    pub(crate) snapshot: (Seq, u64),
    /// How much was folded after it, in bytes.
    pub(crate) grown: u64,
}

/// The state as of the head.
pub(crate) async fn load(store: &dyn Store) -> Result<Loaded, StartError> {
    let newest = store.latest_snapshot(FOLD_VERSION).await?;
    let mut loaded = match newest {
        // A snapshot is a cache: one that cannot be used costs time only.
        Some(newest) => restore(store, &newest).await?.unwrap_or_default(),
        None => Loaded::default(),
    };
    let mut verifier = Verifier::after(loaded.head);
    loop {
        let entries = store.entries_after(verifier.head().seq, PAGE).await?;
        if entries.is_empty() {
            loaded.head = verifier.head();
            return Ok(loaded);
        }
        loaded.grown += snapshot::bytes_of(&entries);
        for entry in &entries {
            verifier.step(entry)?;
            loaded.time_ms = entry.time_ms;
            if let Some(event) = decode(entry)? {
                loaded.state.fold(entry.world, entry.time_ms, &event);
            }
        }
    }
}

/// What a snapshot holds, if the journal still has the entry that it was taken at.
async fn restore(store: &dyn Store, newest: &Snapshot) -> Result<Option<Loaded>, StartError> {
    let head = newest.head;
    let Some(mut state) = snapshot::decode(&newest.bytes) else {
        return Ok(None);
    };
    let entry = store.entries_after(head.seq.saturating_sub(1), 1).await?;
    let Some(entry) = entry.first().filter(|e| e.head() == head) else {
        return Ok(None);
    };
    state.restore_organisation();
    let time_ms = entry.time_ms;
    Ok(Some(Loaded {
        state,
        head,
        time_ms,
        snapshot: (head.seq, newest.bytes.len() as u64),
        grown: 0,
    }))
}

/// What a stored entry says; a tombstone says nothing.
pub(crate) fn decode(entry: &Entry) -> Result<Option<Event>, StartError> {
    let Payload::Present { bytes, .. } = &entry.payload else {
        return Ok(None);
    };
    let event = Event::decode(&entry.kind, entry.version, bytes);
    event.map(Some).map_err(|e| StartError::Journal {
        seq: entry.seq,
        reason: e.to_string(),
    })
}
