//! A commit group: one transaction that appends entries and writes their projections.

use async_trait::async_trait;
use stentor_domain::world::World;

use crate::{Entry, Head, IdempotentAnswer, IncidentRow, OutboxRow, Seq, StoreError, TimelineRow};

/// What a timeline says where the entry behind a line was erased.
pub const ERASED_LINE: &str = "(erased)";

/// A projection written in the same transaction as the entries it follows from.
#[derive(Clone, Debug)]
pub enum Write {
    /// A message to be sent. Inserting a key that exists changes nothing.
    Enqueue(OutboxRow),
    /// A message that needs no further attempt: it was delivered, failed for good or became void.
    Dequeue {
        /// The row's key.
        key: String,
    },
    /// A line of an incident's timeline. Inserting a line that exists changes nothing.
    Timeline(TimelineRow),
    /// The current summary of an incident; replaces the previous one.
    Incident(IncidentRow),
    /// The answer to a request with an `Idempotency-Key`. The first answer to a key stands; answers more than a day
    /// older than this one are dropped.
    Answer(IdempotentAnswer),
    /// Replaces a payload and its salt by a tombstone, and the timeline lines that follow from the entry by
    /// [`ERASED_LINE`]. An erased payload keeps its first tombstone.
    Erase {
        /// Whose payload.
        seq: Seq,
        /// The entry that records the erasure.
        by: Seq,
    },
    /// Empties the outbox, timelines and incidents of a world before they are written anew from the journal.
    ForgetProjections(World),
}

/// An open transaction that holds the head. Dropping it without [`Group::commit`] undoes everything.
#[async_trait]
pub trait Group: Send {
    /// The head as it is inside the transaction; another node may have moved it since it was last read.
    fn head(&self) -> Head;

    /// Committed entries after `after`, read inside the transaction.
    async fn entries_after(&mut self, after: Seq, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Appends `entries`, which must follow [`Group::head`] without a gap, moves the head, and applies `writes` in
    /// order.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the entries do not follow the head. After any error the group is spent: committing
    /// it fails and leaves nothing.
    async fn append(&mut self, entries: &[Entry], writes: &[Write]) -> Result<(), StoreError>;

    /// Makes everything durable: when this returns `Ok`, it survives a crash of the process and of the machine.
    ///
    /// # Errors
    /// [`StoreError::OutcomeUnknown`] when the entries may or may not have become durable; every other error means
    /// that they did not.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
