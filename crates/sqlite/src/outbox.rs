//! The outbox's leases and attempts; each operation is one statement that commits by itself.

use async_trait::async_trait;
use stentor_domain::world::World;
use stentor_store::text::storable;
use stentor_store::{Attempt, Claim, Lane, Outbox, OutboxRow, StoreError};

use crate::journal::limit_of;
use crate::{SqliteStore, rows};

#[async_trait]
impl Outbox for SqliteStore {
    async fn claim(&self, claim: Claim<'_>) -> Result<Vec<OutboxRow>, StoreError> {
        let query = sqlx::query(
            "UPDATE outbox SET lease_holder = ?1, lease_until_ms = ?2 WHERE key IN ( \
             SELECT key FROM outbox WHERE world = ?3 AND lane = ?4 AND next_try_ms <= ?5 \
             AND (lease_holder IS NULL OR lease_holder = ?1 OR lease_until_ms <= ?5) \
             ORDER BY next_try_ms, key LIMIT ?6) \
             RETURNING key, world, lane, body, created_ms, next_try_ms, attempts, lease_holder, \
             lease_until_ms, last_error",
        )
        .bind(storable(claim.holder).into_owned())
        .bind(claim.until_ms)
        .bind(claim.world.to_string())
        .bind(claim.lane.name())
        .bind(claim.now_ms)
        .bind(limit_of(claim.limit));
        let mut claimed = rows::all(&self.writer.run(query).await?, rows::outbox)?;
        // RETURNING promises no order.
        claimed.sort_by(|a, b| (a.next_try_ms, &a.key).cmp(&(b.next_try_ms, &b.key)));
        Ok(claimed)
    }

    async fn postpone(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let query = sqlx::query(
            "UPDATE outbox SET attempts = attempts + 1, next_try_ms = ?, last_error = ?, \
             lease_holder = NULL, lease_until_ms = 0 WHERE key = ? AND lease_holder = ?",
        )
        .bind(attempt.next_try_ms)
        .bind(storable(&attempt.error).into_owned())
        .bind(storable(&attempt.key).into_owned())
        .bind(storable(&attempt.holder).into_owned());
        self.writer.run(query).await.map(drop)
    }

    async fn next_due_ms(&self, world: World, lane: Lane) -> Result<Option<i64>, StoreError> {
        let query = sqlx::query(
            "SELECT max(next_try_ms, lease_until_ms) FROM outbox WHERE world = ? AND lane = ? \
             ORDER BY 1 LIMIT 1",
        )
        .bind(world.to_string())
        .bind(lane.name());
        rows::first(&self.read(query).await?, rows::number)
    }

    async fn waiting(
        &self,
        world: World,
        lane: Lane,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let query = sqlx::query(
            "SELECT key, world, lane, body, created_ms, next_try_ms, attempts, lease_holder, \
             lease_until_ms, last_error FROM outbox WHERE world = ? AND lane = ? \
             ORDER BY created_ms, key LIMIT ?",
        )
        .bind(world.to_string())
        .bind(lane.name())
        .bind(limit_of(limit));
        rows::all(&self.read(query).await?, rows::outbox)
    }
}
