//! The snapshot tables. A snapshot is written in parts, each a transaction of its own, and counts once all are there:
//! commits go on between them.

use async_trait::async_trait;
use sqlx::Row as _;
use stentor_store::{Snapshot, Snapshots, StoreError};

use crate::error::uncommitted;
use crate::journal::saturating;
use crate::{SqliteStore, rows};

/// Bytes of a part.
const PART: usize = 512 * 1024;

/// Drops a part of no snapshot, and tells whether there was one.
const DROP_PART: &str = "DELETE FROM snapshot_parts WHERE rowid = \
    (SELECT rowid FROM snapshot_parts WHERE id NOT IN (SELECT id FROM snapshots) LIMIT 1) RETURNING part";

#[async_trait]
impl Snapshots for SqliteStore {
    async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        // Before the parts are there: what an attempt left that was stopped.
        self.drop_parts().await?;
        let id = self.fresh_id().await?;
        for (part, bytes) in (0_i64..).zip(snapshot.bytes.chunks(PART)) {
            let query =
                sqlx::query("INSERT INTO snapshot_parts (id, part, bytes) VALUES (?, ?, ?)")
                    .bind(id.clone())
                    .bind(part)
                    .bind(bytes.to_vec());
            self.writer.run(query).await?;
        }
        self.count(snapshot, &id).await?;
        self.drop_parts().await
    }

    async fn latest_snapshot(&self, fold_version: u32) -> Result<Option<Snapshot>, StoreError> {
        let query = sqlx::query(
            "SELECT seq, hash, id, parts FROM snapshots WHERE fold_version = ? \
             ORDER BY seq DESC LIMIT 1",
        )
        .bind(i64::from(fold_version));
        let Some((head, id, parts)) = rows::first(&self.read(query).await?, rows::snapshot)? else {
            return Ok(None);
        };
        let query =
            sqlx::query("SELECT bytes FROM snapshot_parts WHERE id = ? ORDER BY part").bind(id);
        let found = self.read(query).await?;
        // Another process may have replaced it in between; and what is a cache may as well be missing.
        if found.len() != parts {
            return Ok(None);
        }
        Ok(Some(Snapshot {
            head,
            fold_version,
            bytes: rows::all(&found, rows::part)?.concat(),
        }))
    }
}

impl SqliteStore {
    /// Makes a snapshot whose parts are there the newest, and lets go of those that it replaces.
    async fn count(&self, snapshot: &Snapshot, id: &str) -> Result<(), StoreError> {
        let query = sqlx::query(
            "DELETE FROM snapshots WHERE fold_version = ?1 AND (seq >= ?2 OR seq < \
             (SELECT max(seq) FROM snapshots WHERE fold_version = ?1 AND seq < ?2)); \
             INSERT INTO snapshots (fold_version, seq, hash, id, parts) VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .bind(i64::from(snapshot.fold_version))
        .bind(saturating(snapshot.head.seq))
        .bind(snapshot.head.hash.to_vec())
        .bind(id.to_owned())
        .bind(saturating(snapshot.bytes.chunks(PART).len() as u64));
        let (mut transaction, _) = self.writer.begin("BEGIN IMMEDIATE").await?;
        transaction.run(query).await?;
        transaction.commit(sqlx::query("COMMIT")).await
    }

    /// One after the other, for the same reason as they are written so.
    async fn drop_parts(&self) -> Result<(), StoreError> {
        while !self.writer.run(sqlx::query(DROP_PART)).await?.is_empty() {}
        Ok(())
    }

    async fn fresh_id(&self) -> Result<String, StoreError> {
        let drawn = self
            .read(sqlx::query("SELECT lower(hex(randomblob(16)))"))
            .await?;
        let id = drawn.first().map(|row| row.try_get(0)).transpose();
        id.map_err(uncommitted)?
            .ok_or_else(|| StoreError::Corrupt("no row".to_owned()))
    }
}
