//! Start: the newest snapshot, then the tail of the journal, each entry proven to follow its predecessor.

use stentor_domain::event::Event;
use stentor_domain::state::{FOLD_VERSION, State};
use stentor_store::chain::Verifier;
use stentor_store::{Entry, Head, Payload, Snapshot, Store};

use crate::engine::StartError;

/// Entries read at a time.
pub(crate) const PAGE: usize = 2_000;

/// The state as of the head.
pub(crate) async fn load(store: &dyn Store) -> Result<(State, Head), StartError> {
    let (mut state, head) = match store.latest_snapshot(FOLD_VERSION).await? {
        Some(snapshot) => match postcard::from_bytes::<State>(&snapshot.bytes) {
            Ok(mut state) if on_chain(store, snapshot.head).await? => {
                state.restore_organisation();
                (state, snapshot.head)
            }
            // A snapshot is a cache: one that cannot be used costs time only.
            _ => (State::default(), Head::default()),
        },
        None => (State::default(), Head::default()),
    };
    let mut verifier = Verifier::after(head);
    loop {
        let entries = store.entries_after(verifier.head().seq, PAGE).await?;
        if entries.is_empty() {
            return Ok((state, verifier.head()));
        }
        for entry in &entries {
            verifier.step(entry)?;
            fold(&mut state, entry)?;
        }
    }
}

/// Whether the journal still holds the entry that a snapshot was taken at.
async fn on_chain(store: &dyn Store, head: Head) -> Result<bool, StartError> {
    if head.seq == 0 {
        return Ok(true);
    }
    let entry = store.entries_after(head.seq - 1, 1).await?;
    Ok(entry.first().is_some_and(|e| e.head() == head))
}

/// Folds a stored entry; a tombstone changes nothing.
pub(crate) fn fold(state: &mut State, entry: &Entry) -> Result<(), StartError> {
    if let Payload::Present { bytes, .. } = &entry.payload {
        let event =
            Event::decode(&entry.kind, entry.version, bytes).map_err(|e| StartError::Journal {
                seq: entry.seq,
                reason: e.to_string(),
            })?;
        state.fold(entry.world, entry.time_ms, &event);
    }
    Ok(())
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
