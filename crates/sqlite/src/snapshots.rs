//! The snapshot table.

use async_trait::async_trait;
use stentor_store::{Snapshot, Snapshots, StoreError};

use crate::journal::saturating;
use crate::{SqliteStore, rows};

#[async_trait]
impl Snapshots for SqliteStore {
    async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let version = i64::from(snapshot.fold_version);
        let query = sqlx::query(
            "DELETE FROM snapshots WHERE fold_version = ?1 AND (seq >= ?2 OR seq < \
             (SELECT max(seq) FROM snapshots WHERE fold_version = ?1 AND seq < ?2)); \
             INSERT INTO snapshots (fold_version, seq, hash, bytes) VALUES (?1, ?2, ?3, ?4)",
        )
        .bind(version)
        .bind(saturating(snapshot.head.seq))
        .bind(snapshot.head.hash.to_vec())
        .bind(snapshot.bytes.clone());
        let (mut transaction, _) = self.writer.begin("BEGIN IMMEDIATE").await?;
        transaction.run(query).await?;
        transaction.commit(sqlx::query("COMMIT")).await
    }

    async fn latest_snapshot(&self, fold_version: u32) -> Result<Option<Snapshot>, StoreError> {
        let query = sqlx::query(
            "SELECT seq, hash, fold_version, bytes FROM snapshots WHERE fold_version = ? \
             ORDER BY seq DESC LIMIT 1",
        )
        .bind(i64::from(fold_version));
        rows::first(&self.read(query).await?, rows::snapshot)
    }
}
