//! The storage engine for many nodes: one PostgreSQL database.
//!
//! A group locks the head row, so one node appends at a time; the server's timeouts free the lock of a frozen node.
//! A server that does not sync before it answers is refused.

mod connect;
mod doubt;
mod error;
mod group;
mod journal;
mod leases;
mod members;
mod outbox;
mod people;
mod projections;
mod rows;
mod schema;
mod session;
mod snapshots;
mod tokens;

use std::fmt;
use std::sync::Arc;

use sqlx::PgPool;
use stentor_store::Store;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

pub use connect::Timeouts;
use doubt::Doubt;

/// The store in one PostgreSQL database.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    shared: Arc<Shared>,
}

struct Shared {
    /// A commit ended without a certain outcome; see [`stentor_store::Journal::head`].
    doubt: Doubt,
    /// Somebody appended.
    appended: Arc<Notify>,
    listener: AbortHandle,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Tells nothing about the address: it may hold a password.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

impl Store for PostgresStore {
    fn engine(&self) -> &'static str {
        "postgres"
    }
}
