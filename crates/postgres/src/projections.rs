//! Reading the projections, and the inbox of drills.

use async_trait::async_trait;
use stentor_domain::world::World;
use stentor_store::text::storable;
use stentor_store::{
    IdempotentAnswer, InboxMessage, IncidentRow, Projections, StoreError, TimelineFilter,
    TimelineRow,
};

use crate::journal::limit_of;
use crate::{PostgresStore, rows};

#[async_trait]
impl Projections for PostgresStore {
    async fn timeline(&self, filter: TimelineFilter) -> Result<Vec<TimelineRow>, StoreError> {
        let query = sqlx::query(
            "SELECT world, incident, seq, line, time_ms, kind, actor, text FROM timeline \
             WHERE world = $1 AND incident = $2 ORDER BY seq DESC, line DESC LIMIT $3",
        )
        .bind(filter.world.to_string())
        .bind(i64::from(filter.incident))
        .bind(limit_of(filter.limit));
        let mut lines = rows::all(&self.read(query).await?, rows::timeline)?;
        lines.reverse();
        Ok(lines)
    }

    async fn incident(&self, world: World, id: u32) -> Result<Option<IncidentRow>, StoreError> {
        let query = sqlx::query(
            "SELECT world, id, service, severity, phase, opened_ms, closed_ms, title, data \
             FROM incidents WHERE world = $1 AND id = $2",
        )
        .bind(world.to_string())
        .bind(i64::from(id));
        rows::first(&self.read(query).await?, rows::incident)
    }

    async fn incidents(
        &self,
        world: World,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<IncidentRow>, StoreError> {
        let query = sqlx::query(
            "SELECT world, id, service, severity, phase, opened_ms, closed_ms, title, data \
             FROM incidents WHERE world = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(world.to_string())
        .bind(before.map_or(i64::MAX, i64::from))
        .bind(limit_of(limit));
        rows::all(&self.read(query).await?, rows::incident)
    }

    async fn answer(&self, key: &str) -> Result<Option<IdempotentAnswer>, StoreError> {
        let query =
            sqlx::query("SELECT key, request, answer, time_ms FROM idempotency WHERE key = $1")
                .bind(storable(key).into_owned());
        rows::first(&self.read(query).await?, rows::answer)
    }

    async fn put_inbox(&self, message: &InboxMessage) -> Result<(), StoreError> {
        if !message.world.is_drill() {
            return Err(StoreError::Corrupt("only a drill has an inbox".to_owned()));
        }
        let query = sqlx::query(
            "INSERT INTO inbox (key, world, time_ms, person, channel, subject, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (world, key) DO NOTHING",
        )
        .bind(storable(&message.key).into_owned())
        .bind(message.world.to_string())
        .bind(message.time_ms)
        .bind(storable(&message.person).into_owned())
        .bind(storable(&message.channel).into_owned())
        .bind(storable(&message.subject).into_owned())
        .bind(storable(&message.body).into_owned());
        self.run(query).await.map(drop)
    }

    async fn inbox(&self, world: World, limit: usize) -> Result<Vec<InboxMessage>, StoreError> {
        let query = sqlx::query(
            "SELECT key, world, time_ms, person, channel, subject, body FROM inbox \
             WHERE world = $1 ORDER BY time_ms, key LIMIT $2",
        )
        .bind(world.to_string())
        .bind(limit_of(limit));
        rows::all(&self.read(query).await?, rows::inbox)
    }
}
