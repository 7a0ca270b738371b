//! The outbox's leases and attempts; each operation is one statement that commits by itself.

use async_trait::async_trait;
use stentor_domain::world::World;
use stentor_store::text::storable;
use stentor_store::{Attempt, Claim, Lane, Outbox, OutboxRow, StoreError};

use crate::journal::limit_of;
use crate::{PostgresStore, rows};

#[async_trait]
impl Outbox for PostgresStore {
    async fn claim(&self, claim: Claim<'_>) -> Result<Vec<OutboxRow>, StoreError> {
        let query = sqlx::query(
            "WITH due AS MATERIALIZED (SELECT key FROM outbox \
             WHERE world = $3 AND lane = $4 AND next_try_ms <= $5 \
             AND (lease_holder IS NULL OR lease_holder = $1 OR lease_until_ms <= $5) \
             ORDER BY next_try_ms, key LIMIT $6 FOR UPDATE SKIP LOCKED) \
             UPDATE outbox o SET lease_holder = $1, lease_until_ms = $2 FROM due \
             WHERE o.key = due.key \
             RETURNING o.key, o.world, o.lane, o.body, o.created_ms, o.next_try_ms, o.attempts, \
             o.lease_holder, o.lease_until_ms, o.last_error",
        )
        .bind(storable(claim.holder).into_owned())
        .bind(claim.until_ms)
        .bind(claim.world.to_string())
        .bind(claim.lane.name())
        .bind(claim.now_ms)
        .bind(limit_of(claim.limit));
        let mut claimed = rows::all(&self.run(query).await?, rows::outbox)?;
        // RETURNING promises no order.
        claimed.sort_by(|a, b| (a.next_try_ms, &a.key).cmp(&(b.next_try_ms, &b.key)));
        Ok(claimed)
    }

    async fn postpone(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let query = sqlx::query(
            "UPDATE outbox SET attempts = attempts + 1, next_try_ms = $1, last_error = $2, \
             lease_holder = NULL, lease_until_ms = 0 WHERE key = $3 AND lease_holder = $4",
        )
        .bind(attempt.next_try_ms)
        .bind(storable(&attempt.error).into_owned())
        .bind(storable(&attempt.key).into_owned())
        .bind(storable(&attempt.holder).into_owned());
        self.run(query).await.map(drop)
    }

    async fn next_due_ms(&self, world: World, lane: Lane) -> Result<Option<i64>, StoreError> {
        let query = sqlx::query(
            "SELECT greatest(next_try_ms, lease_until_ms) FROM outbox WHERE world = $1 AND lane = $2 \
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
             lease_until_ms, last_error FROM outbox WHERE world = $1 AND lane = $2 \
             ORDER BY created_ms, key LIMIT $3",
        )
        .bind(world.to_string())
        .bind(lane.name())
        .bind(limit_of(limit));
        rows::all(&self.read(query).await?, rows::outbox)
    }
}
