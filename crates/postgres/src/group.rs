//! A commit group as one transaction that holds the head row.

use std::mem::discriminant;

use async_trait::async_trait;
use stentor_store::text::storable;
use stentor_store::{
    ERASED_LINE, Entry, Group, Head, OutboxRow, Payload, Seq, StoreError, TimelineRow, Write, chain,
};

use crate::connect::CHANNEL;
use crate::journal::{entries_query, saturating};
use crate::rows;
use crate::session::{Query, Transaction};

/// Headers, payloads, the head and the announcement (sent at commit) in one round trip for any number of entries.
const APPEND: &str = "WITH e AS (INSERT INTO entries (seq, time_ms, world, kind, version, digest, hash) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], \
     $6::bytea[], $7::bytea[])), \
     p AS (INSERT INTO payloads (seq, salt, bytes, erased_by) \
     SELECT * FROM unnest($1::bigint[], $8::bytea[], $9::bytea[], $10::bigint[])) \
     UPDATE head SET seq = $11, hash = $12 RETURNING pg_notify($13, '')";

/// Rows older than this before a new answer are dropped with it.
const ANSWERS_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// The open transaction and the head inside it.
pub(crate) struct PostgresGroup {
    transaction: Transaction,
    head: Head,
    /// After a failed append PostgreSQL would answer `COMMIT` with a silent rollback.
    spent: bool,
}

impl PostgresGroup {
    pub(crate) fn new(transaction: Transaction, head: Head) -> Self {
        Self {
            transaction,
            head,
            spent: false,
        }
    }

    /// Applies writes of one kind, in order.
    async fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let mut outbox = Vec::new();
        let mut lines = Vec::new();
        for write in writes {
            match write {
                Write::Enqueue(row) => outbox.push(row),
                Write::Timeline(row) => lines.push(row),
                other => {
                    for query in single(other) {
                        self.transaction.run(query).await?;
                    }
                }
            }
        }
        if !outbox.is_empty() {
            self.transaction.run(enqueue(&outbox)).await?;
        }
        if !lines.is_empty() {
            self.transaction.run(timeline(&lines)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Group for PostgresGroup {
    fn head(&self) -> Head {
        self.head
    }

    async fn entries_after(&mut self, after: Seq, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let found = self.transaction.run(entries_query(after, limit)).await?;
        rows::all(&found, rows::entry)
    }

    async fn append(&mut self, entries: &[Entry], writes: &[Write]) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.spent, true) {
            return Err(spent());
        }
        let head = chain::follow(self.head, entries)
            .map_err(|broken| StoreError::Corrupt(broken.to_string()))?;
        if !entries.is_empty() {
            self.transaction.run(append(entries, head)).await?;
        }
        for run in writes.chunk_by(|a, b| discriminant(a) == discriminant(b)) {
            self.apply(run).await?;
        }
        self.head = head;
        self.spent = false;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.spent {
            return Err(spent());
        }
        self.transaction.commit().await
    }
}

fn spent() -> StoreError {
    StoreError::Unavailable("an earlier append of this group failed".to_owned())
}

fn column<R, T>(rows: &[R], cell: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(cell).collect()
}

fn append(entries: &[Entry], head: Head) -> Query<'_> {
    let present = |entry: &Entry| match &entry.payload {
        Payload::Present { .. } => None,
        Payload::Erased { by } => Some(saturating(*by)),
    };
    let salts: Vec<Option<&[u8]>> = entries
        .iter()
        .map(|entry| match &entry.payload {
            Payload::Present { salt, .. } => Some(salt.as_slice()),
            Payload::Erased { .. } => None,
        })
        .collect();
    let bytes: Vec<Option<&[u8]>> = entries
        .iter()
        .map(|entry| match &entry.payload {
            Payload::Present { bytes, .. } => Some(bytes.as_slice()),
            Payload::Erased { .. } => None,
        })
        .collect();
    sqlx::query(APPEND)
        .bind(column(entries, |entry| saturating(entry.seq)))
        .bind(column(entries, |entry| entry.time_ms))
        .bind(column(entries, |entry| entry.world.to_string()))
        .bind(column(entries, |entry| entry.kind.clone()))
        .bind(column(entries, |entry| i64::from(entry.version)))
        .bind(column(entries, |entry| entry.digest.to_vec()))
        .bind(column(entries, |entry| entry.hash.to_vec()))
        .bind(salts)
        .bind(bytes)
        .bind(column(entries, present))
        .bind(saturating(head.seq))
        .bind(head.hash.to_vec())
        .bind(CHANNEL)
}

fn enqueue(rows: &[&OutboxRow]) -> Query<'static> {
    sqlx::query(
        "INSERT INTO outbox (key, world, lane, body, created_ms, next_try_ms, attempts, \
         lease_holder, lease_until_ms, last_error) \
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], \
         $6::bigint[], $7::bigint[], $8::text[], $9::bigint[], $10::text[]) \
         ON CONFLICT (key) DO NOTHING",
    )
    .bind(column(rows, |row| text(&row.key)))
    .bind(column(rows, |row| row.world.to_string()))
    .bind(column(rows, |row| row.lane.name()))
    .bind(column(rows, |row| text(&row.body)))
    .bind(column(rows, |row| row.created_ms))
    .bind(column(rows, |row| row.next_try_ms))
    .bind(column(rows, |row| i64::from(row.attempts)))
    .bind(column(rows, |row| row.lease_holder.as_deref().map(text)))
    .bind(column(rows, |row| row.lease_until_ms))
    .bind(column(rows, |row| row.last_error.as_deref().map(text)))
}

fn timeline(rows: &[&TimelineRow]) -> Query<'static> {
    sqlx::query(
        "INSERT INTO timeline (world, incident, seq, line, time_ms, kind, actor, text) \
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], \
         $6::text[], $7::text[], $8::text[]) \
         ON CONFLICT (world, incident, seq, line) DO NOTHING",
    )
    .bind(column(rows, |row| row.world.to_string()))
    .bind(column(rows, |row| i64::from(row.incident)))
    .bind(column(rows, |row| saturating(row.seq)))
    .bind(column(rows, |row| i64::from(row.line)))
    .bind(column(rows, |row| row.time_ms))
    .bind(column(rows, |row| text(&row.kind)))
    .bind(column(rows, |row| row.actor.as_deref().map(text)))
    .bind(column(rows, |row| text(&row.text)))
}

/// The statements of a write that is not inserted in bulk.
fn single(write: &Write) -> Vec<Query<'static>> {
    match write {
        Write::Enqueue(_) | Write::Timeline(_) => Vec::new(),
        Write::Dequeue { key } => {
            vec![sqlx::query("DELETE FROM outbox WHERE key = $1").bind(text(key))]
        }
        Write::Incident(row) => vec![
            sqlx::query(
                "INSERT INTO incidents \
                 (world, id, service, severity, phase, opened_ms, closed_ms, title, data) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                 ON CONFLICT (world, id) DO UPDATE SET service = excluded.service, \
                 severity = excluded.severity, phase = excluded.phase, \
                 opened_ms = excluded.opened_ms, closed_ms = excluded.closed_ms, \
                 title = excluded.title, data = excluded.data",
            )
            .bind(row.world.to_string())
            .bind(i64::from(row.id))
            .bind(text(&row.service))
            .bind(text(&row.severity))
            .bind(text(&row.phase))
            .bind(row.opened_ms)
            .bind(row.closed_ms)
            .bind(text(&row.title))
            .bind(text(&row.data)),
        ],
        Write::Answer(row) => vec![
            sqlx::query("DELETE FROM idempotency WHERE time_ms < $1")
                .bind(row.time_ms.saturating_sub(ANSWERS_KEPT_MS)),
            sqlx::query(
                "INSERT INTO idempotency (key, request, answer, time_ms) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (key) DO NOTHING",
            )
            .bind(text(&row.key))
            .bind(text(&row.request))
            .bind(text(&row.answer))
            .bind(row.time_ms),
        ],
        Write::Erase { seq, by } => vec![
            sqlx::query(
                "UPDATE payloads SET salt = NULL, bytes = NULL, erased_by = $1 \
                 WHERE seq = $2 AND erased_by IS NULL",
            )
            .bind(saturating(*by))
            .bind(saturating(*seq)),
            sqlx::query("UPDATE timeline SET text = $1, actor = NULL WHERE seq = $2")
                .bind(ERASED_LINE)
                .bind(saturating(*seq)),
        ],
        Write::ForgetProjections(world) => [
            "DELETE FROM outbox WHERE world = $1",
            "DELETE FROM timeline WHERE world = $1",
            "DELETE FROM incidents WHERE world = $1",
        ]
        .map(|sql| sqlx::query(sql).bind(world.to_string()))
        .into(),
    }
}

fn text(value: &str) -> String {
    storable(value).into_owned()
}
