//! The embedded storage engine: one SQLite file in WAL mode.
//!
//! Every commit is synced (`synchronous=FULL`) before it is answered. One connection writes; a small pool reads.
//! Several processes may open one file: `BEGIN IMMEDIATE` locks the head across them. Only leases and members are each
//! process's own, in memory.
//!
//! While a [`stentor_store::Group`] is open every other write of the process waits for it, for at most five seconds.

mod bulk;
mod cluster;
mod doubt;
mod error;
mod group;
mod journal;
mod open;
mod outbox;
mod people;
mod projections;
mod rows;
mod schema;
mod snapshots;
mod tokens;
mod writer;

use std::sync::Arc;

use sqlx::SqlitePool;
use stentor_store::Store;

use cluster::Cluster;
use writer::Writer;

/// The store in one SQLite file.
#[derive(Clone)]
pub struct SqliteStore {
    readers: SqlitePool,
    writer: Arc<Writer>,
    cluster: Arc<Cluster>,
}

impl Store for SqliteStore {
    fn engine(&self) -> &'static str {
        "sqlite"
    }
}
