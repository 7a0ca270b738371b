//! The storage ports. Each trait states its contract; `stentor-testkit` holds the one suite that every engine passes.
//!
//! The journal is the truth. Every other table is a projection of it written in the same transaction, or state that
//! is deliberately kept outside it because it must be erasable (people's contact details) or is worthless after a
//! while (leases, sessions).

pub mod chain;
mod error;
mod group;
mod journal;
mod leases;
mod members;
pub mod memory;
mod outbox;
mod people;
mod projections;
mod snapshots;
pub mod text;
mod tokens;

pub use error::StoreError;
pub use group::{ERASED_LINE, Group, Write};
pub use journal::{Entry, Head, Journal, Payload, Salt, Seq};
pub use leases::{Leases, MAX_TERM_MS, term_ms};
pub use members::{Member, Members};
pub use outbox::{Attempt, Claim, Lane, Outbox, OutboxRow};
pub use people::{Contact, People};
pub use projections::{
    IdempotentAnswer, InboxMessage, IncidentRow, Projections, TimelineFilter, TimelineRow,
};
pub use snapshots::{Snapshot, Snapshots};
pub use tokens::{Token, TokenHash, TokenKind, Tokens};

/// Everything a node needs of its database.
pub trait Store:
    Journal + Outbox + Projections + People + Tokens + Snapshots + Leases + Members
{
    /// The engine's name as metrics and the console show it: `sqlite`, `postgres` or `simulated`.
    fn engine(&self) -> &'static str;
}
