//! Erasing a payload: on record, once, and never of something that the node still needs to know (SURV-4).

use stentor_domain::command::Command;
use stentor_domain::event::Event;
use stentor_domain::state::State;
use stentor_domain::timeline;
use stentor_domain::world::World;
use stentor_store::{Entry, Payload, Seq, StoreError};

use crate::engine::{Done, Engine, SubmitError};

/// Why a payload is not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// There is no such entry.
    #[error("there is no entry {0}")]
    Missing(Seq),
    /// It was erased before.
    #[error("the payload of entry {seq} was erased already, by entry {by}")]
    Erased {
        /// Which.
        seq: Seq,
        /// The entry that records it.
        by: Seq,
    },
    /// The node still needs it.
    #[error("entry {seq} cannot be erased: {reason}")]
    Needed {
        /// Which.
        seq: Seq,
        /// What needs it, and what to do.
        reason: String,
    },
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was not recorded.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl Engine {
    /// Replaces an entry's payload by a tombstone and takes its words from the timeline.
    ///
    /// # Errors
    /// There is no such payload, the node still needs it, or nothing can be recorded.
    pub async fn erase(&self, seq: Seq, reason: String, by: String) -> Result<Done, EraseError> {
        let before = seq.checked_sub(1).ok_or(EraseError::Missing(seq))?;
        let entries = self.store().entries_after(before, 1).await?;
        let entry = entries.first().filter(|e| e.seq == seq);
        let entry = entry.ok_or(EraseError::Missing(seq))?;
        if let Payload::Erased { by } = entry.payload {
            return Err(EraseError::Erased { seq, by });
        }
        if let Some(reason) = self.read(|state| needed(state, entry)) {
            return Err(EraseError::Needed { seq, reason });
        }
        let command = Command::Erase { seq, reason, by };
        Ok(self.submit(World::Live, command).await?)
    }
}

/// What still needs an entry.
fn needed(state: &State, entry: &Entry) -> Option<String> {
    let Payload::Present { bytes, .. } = &entry.payload else {
        return None;
    };
    let event = match Event::decode(&entry.kind, entry.version, bytes) {
        Ok(event) => event,
        Err(error) => return Some(error.to_string()),
    };
    match &event {
        Event::InstanceFounded(_) | Event::PayloadErased(_) => {
            return Some("it holds nothing personal, and the journal is read by it".to_owned());
        }
        Event::BundleAccepted(e) => {
            let in_force = state
                .configuration
                .as_ref()
                .is_some_and(|c| c.hash == e.hash);
            return in_force
                .then(|| "it is the configuration in force; apply another first".to_owned());
        }
        _ => {}
    }
    let organisation = state.organisation()?;
    let world = state.world(entry.world)?;
    let lines = timeline::lines(organisation, entry.time_ms, &event);
    let open = lines
        .iter()
        .find(|line| world.incidents.contains_key(&line.incident))?;
    Some(format!("{} is not closed; close it first", open.incident))
}
