//! The table of nodes, and comparing clocks.

use std::time::Duration;

use async_trait::async_trait;
use stentor_store::text::storable;
use stentor_store::{Member, Members, StoreError, term_ms};
use tokio::time::Instant;

use crate::error::uncommitted;
use crate::{PostgresStore, rows};

/// A longer round trip says too little about the clocks: the skew is known to half of it.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(1);

#[async_trait]
impl Members for PostgresStore {
    async fn announce(&self, member: &Member, for_ms: i64) -> Result<(), StoreError> {
        // Rows that another node is removing are skipped: two nodes that wait for each other's rows would not end.
        let query = sqlx::query(
            "WITH dead AS MATERIALIZED (SELECT node FROM members \
             WHERE until < clock_timestamp() - interval '1 day' AND node <> $1 \
             FOR UPDATE SKIP LOCKED), \
             removed AS (DELETE FROM members m USING dead WHERE m.node = dead.node) \
             INSERT INTO members (node, address, started_ms, version, kinds_version, until) \
             VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 millisecond') \
             ON CONFLICT (node) DO UPDATE SET address = excluded.address, \
             started_ms = excluded.started_ms, version = excluded.version, \
             kinds_version = excluded.kinds_version, \
             until = clock_timestamp() + $6 * interval '1 millisecond'",
        )
        .bind(storable(&member.node).into_owned())
        .bind(storable(&member.address).into_owned())
        .bind(member.started_ms)
        .bind(storable(&member.version).into_owned())
        .bind(i64::from(member.kinds_version))
        .bind(term_ms(for_ms));
        self.run(query).await.map(drop)
    }

    async fn members(&self) -> Result<Vec<Member>, StoreError> {
        let query = sqlx::query(
            "SELECT node, address, started_ms, version, kinds_version FROM members \
             WHERE until > clock_timestamp() ORDER BY node",
        );
        rows::all(&self.read(query).await?, rows::member)
    }

    async fn leave(&self, node: &str) -> Result<(), StoreError> {
        let query =
            sqlx::query("DELETE FROM members WHERE node = $1").bind(storable(node).into_owned());
        self.run(query).await.map(drop)
    }

    async fn clock_skew_ms(&self, now_ms: i64) -> Result<i64, StoreError> {
        let asked = Instant::now();
        let mut session = self.session().await?;
        // Waiting for a connection is no part of the round trip, and a prepared statement would take two.
        let sent = Instant::now();
        let found = session
            .script("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
            .await
            .map_err(uncommitted)?;
        let round_trip = sent.elapsed();
        if round_trip > LONGEST_ROUND_TRIP {
            return Err(StoreError::Unavailable(format!(
                "the answer took {} ms, too long to compare clocks",
                round_trip.as_millis()
            )));
        }
        let theirs_ms = rows::first(&found, rows::number)?
            .ok_or_else(|| StoreError::Corrupt("the server tells no time".to_owned()))?;
        let since_asked = sent - asked + round_trip / 2;
        let passed_ms = i64::try_from(since_asked.as_millis()).unwrap_or(i64::MAX);
        Ok(theirs_ms.saturating_sub(now_ms.saturating_add(passed_ms)))
    }
}
