//! The snapshot table.

use async_trait::async_trait;
use stentor_store::{Snapshot, Snapshots, StoreError};

use crate::journal::saturating;
use crate::{PostgresStore, rows};

#[async_trait]
impl Snapshots for PostgresStore {
    async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let version = i64::from(snapshot.fold_version);
        let seq = saturating(snapshot.head.seq);
        let prune = sqlx::query(
            "DELETE FROM snapshots WHERE fold_version = $1 AND (seq >= $2 OR seq < \
             (SELECT max(seq) FROM snapshots WHERE fold_version = $1 AND seq < $2))",
        )
        .bind(version)
        .bind(seq);
        let put = sqlx::query(
            "INSERT INTO snapshots (fold_version, seq, hash, bytes) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (fold_version, seq) DO UPDATE SET hash = excluded.hash, \
             bytes = excluded.bytes",
        )
        .bind(version)
        .bind(seq)
        .bind(snapshot.head.hash.to_vec())
        .bind(&snapshot.bytes);
        let (mut transaction, _) = self.transaction("BEGIN").await?;
        transaction.run(prune).await?;
        transaction.run(put).await?;
        transaction.commit().await
    }

    async fn latest_snapshot(&self, fold_version: u32) -> Result<Option<Snapshot>, StoreError> {
        let query = sqlx::query(
            "SELECT seq, hash, fold_version, bytes FROM snapshots WHERE fold_version = $1 \
             ORDER BY seq DESC LIMIT 1",
        )
        .bind(i64::from(fold_version));
        rows::first(&self.read(query).await?, rows::snapshot)
    }
}
