//! Start: the newest snapshot, then the tail of the journal, each entry proven to follow its predecessor.

use stentor_domain::event::Event;
use stentor_domain::state::{FOLD_VERSION, State};
use stentor_store::chain::Verifier;
use stentor_store::{Entry, Head, Payload, Seq, Snapshot, Store};

use crate::engine::StartError;

/// Entries read at a time.
pub(crate) const PAGE: usize = 2_000;

/// The state as of the head, and what the next entry needs to follow it.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) state: State,
    pub(crate) head: Head,
    /// When the last entry was made, in milliseconds since the epoch: no later entry has an earlier time.
    pub(crate) time_ms: i64,
    /// Position of the snapshot that was used; 0 when there was none.
    pub(crate) snapshot_seq: Seq,
}

/// The state as of the head.
pub(crate) async fn load(store: &dyn Store) -> Result<Loaded, StartError> {
    let snapshot = store.latest_snapshot(FOLD_VERSION).await?;
    let mut loaded = match snapshot {
        // A snapshot is a cache: one that cannot be used costs time only.
        Some(snapshot) => restore(store, &snapshot).await?.unwrap_or_default(),
        None => Loaded::default(),
    };
    let mut verifier = Verifier::after(loaded.head);
    loop {
        let entries = store.entries_after(verifier.head().seq, PAGE).await?;
        if entries.is_empty() {
            loaded.head = verifier.head();
            return Ok(loaded);
        }
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
async fn restore(store: &dyn Store, snapshot: &Snapshot) -> Result<Option<Loaded>, StartError> {
    let head = snapshot.head;
    let Ok(mut state) = postcard::from_bytes::<State>(&snapshot.bytes) else {
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
        snapshot_seq: head.seq,
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

/// Takes a snapshot of a state.
pub(crate) fn snapshot(state: &State, head: Head) -> Option<Snapshot> {
    let bytes = postcard::to_stdvec(state).ok()?;
    Some(Snapshot {
        head,
        fold_version: FOLD_VERSION,
        bytes,
    })
}
