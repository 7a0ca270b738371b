//! Reading the journal and beginning a group.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use stentor_store::{Entry, Group, Head, Journal, Seq, StoreError};

use crate::bulk::Query;
use crate::error::uncommitted;
use crate::group::SqliteGroup;
use crate::{SqliteStore, rows};

/// How long to wait before another process may have appended. SQLite gives no signal across processes.
const POLL: Duration = Duration::from_millis(500);

/// Committed entries after a position; the left join shows a lost payload as damage instead of hiding its entry.
const ENTRIES: &str = "SELECT e.seq, e.time_ms, e.world, e.kind, e.version, e.digest, e.hash, \
     p.salt, p.bytes, p.erased_by \
     FROM entries e LEFT JOIN payloads p ON p.seq = e.seq WHERE e.seq > ? ORDER BY e.seq LIMIT ?";

/// The query for entries, on whatever connection.
pub(crate) fn entries_query(after: Seq, limit: usize) -> Query<'static> {
    sqlx::query(ENTRIES)
        .bind(saturating(after))
        .bind(limit_of(limit))
}

/// A position as SQLite counts.
pub(crate) fn saturating(seq: Seq) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// A limit as SQLite counts.
pub(crate) fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl SqliteStore {
    /// Runs a query on a reading connection.
    pub(crate) async fn read(&self, query: Query<'_>) -> Result<Vec<SqliteRow>, StoreError> {
        query.fetch_all(&self.readers).await.map_err(uncommitted)
    }
}

#[async_trait]
impl Journal for SqliteStore {
    async fn head(&self) -> Result<Head, StoreError> {
        self.writer.settle().await?;
        rows::head(&self.read(sqlx::query("SELECT seq, hash FROM head")).await?)
    }

    async fn entries_after(&self, after: Seq, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.writer.settle().await?;
        rows::all(&self.read(entries_query(after, limit)).await?, rows::entry)
    }

    async fn begin(&self) -> Result<Box<dyn Group>, StoreError> {
        self.writer.settle().await?;
        let (transaction, head) = self
            .writer
            .begin("BEGIN IMMEDIATE; SELECT seq, hash FROM head")
            .await?;
        let head = rows::head(&head)?;
        Ok(Box::new(SqliteGroup::new(transaction, head)))
    }

    async fn changed(&self) {
        tokio::time::sleep(POLL).await;
    }
}
