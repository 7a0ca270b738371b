//! Reading the journal and beginning a group.

use std::time::Duration;

use async_trait::async_trait;
use stentor_store::{Entry, Group, Head, Journal, Seq, StoreError};

use crate::error::uncommitted;
use crate::group::PostgresGroup;
use crate::session::Query;
use crate::{PostgresStore, rows};

/// The longest wait for a notification.
const POLL: Duration = Duration::from_millis(500);

/// Committed entries after a position; the left join shows a lost payload as damage instead of hiding its entry.
const ENTRIES: &str = "SELECT e.seq, e.time_ms, e.world, e.kind, e.version, e.digest, e.hash, \
     p.salt, p.bytes, p.erased_by \
     FROM entries e LEFT JOIN payloads p ON p.seq = e.seq WHERE e.seq > $1 ORDER BY e.seq LIMIT $2";

/// The query for entries, on whatever connection.
pub(crate) fn entries_query(after: Seq, limit: usize) -> Query<'static> {
    sqlx::query(ENTRIES)
        .bind(saturating(after))
        .bind(limit_of(limit))
}

/// A position as PostgreSQL counts.
pub(crate) fn saturating(seq: Seq) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// A limit as PostgreSQL counts.
pub(crate) fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl PostgresStore {
    /// After a commit without a certain outcome: waits for the lock that the lost transaction holds until the server
    /// has ended it one way or the other.
    async fn settle(&self) -> Result<(), StoreError> {
        let Some(doubt) = self.shared.doubt.open() else {
            return Ok(());
        };
        let mut session = self.session().await?;
        session
            .script("SELECT seq FROM head FOR UPDATE")
            .await
            .map_err(uncommitted)?;
        self.shared.doubt.settle(doubt);
        Ok(())
    }
}

#[async_trait]
impl Journal for PostgresStore {
    async fn head(&self) -> Result<Head, StoreError> {
        self.settle().await?;
        rows::head(&self.read(sqlx::query("SELECT seq, hash FROM head")).await?)
    }

    async fn entries_after(&self, after: Seq, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.settle().await?;
        rows::all(&self.read(entries_query(after, limit)).await?, rows::entry)
    }

    async fn begin(&self) -> Result<Box<dyn Group>, StoreError> {
        let (transaction, head) = self
            .transaction("BEGIN; SELECT seq, hash FROM head FOR UPDATE")
            .await?;
        let head = rows::head(&head)?;
        Ok(Box::new(PostgresGroup::new(transaction, head)))
    }

    async fn changed(&self) {
        // Either a notification or the period: which of them does not matter.
        let _ = tokio::time::timeout(POLL, self.shared.appended.notified()).await;
    }
}
