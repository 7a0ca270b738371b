//! A commit group as one `BEGIN IMMEDIATE` transaction.

use std::mem::discriminant;
use std::sync::LazyLock;

use async_trait::async_trait;
use stentor_store::text::storable;
use stentor_store::{
    ERASED_LINE, Entry, Group, Head, OutboxRow, Payload, Seq, StoreError, TimelineRow, Write, chain,
};

use crate::bulk::{Bulk, Statements, insert};
use crate::journal::{entries_query, saturating};
use crate::rows;
use crate::writer::Transaction;

/// Headers, payloads and the head together, so that a group of one entry is one statement text.
static APPEND: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(|rows| {
        format!(
            "{}; {}; UPDATE head SET seq = ?, hash = ?",
            insert(
                "entries (seq, time_ms, world, kind, version, digest, hash)",
                7,
                rows,
                ""
            ),
            insert("payloads (seq, salt, bytes, erased_by)", 4, rows, ""),
        )
    })
});

static ENQUEUE: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(|rows| {
        let into = "outbox (key, world, lane, body, created_ms, next_try_ms, attempts, lease_holder, \
                    lease_until_ms, last_error)";
        insert(into, 10, rows, "ON CONFLICT (key) DO NOTHING")
    })
});

static TIMELINE: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(|rows| {
        let into = "timeline (world, incident, seq, line, time_ms, kind, actor, text)";
        insert(
            into,
            8,
            rows,
            "ON CONFLICT (world, incident, seq, line) DO NOTHING",
        )
    })
});

/// Rows older than this before a new answer are dropped with it.
const ANSWERS_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// The open transaction and the head inside it.
pub(crate) struct SqliteGroup {
    transaction: Transaction,
    head: Head,
    /// What goes with the commit, to save a round trip.
    pending: Statements,
    /// A failed or abandoned append may have written half of its rows.
    spent: bool,
}

impl SqliteGroup {
    pub(crate) fn new(transaction: Transaction, head: Head) -> Self {
        Self {
            transaction,
            head,
            pending: Statements::default(),
            spent: false,
        }
    }

    /// Adds writes of one kind, in order.
    async fn add(
        &mut self,
        mut statements: Statements,
        writes: &[Write],
    ) -> Result<Statements, StoreError> {
        let mut enqueue = Vec::new();
        let mut timeline = Vec::new();
        for write in writes {
            match write {
                Write::Enqueue(row) => enqueue.push(row),
                Write::Timeline(row) => timeline.push(row),
                other => {
                    statements = statements.room(&mut self.transaction).await?;
                    statements = single(statements, other);
                }
            }
        }
        let transaction = &mut self.transaction;
        let statements = ENQUEUE
            .add(transaction, statements, &enqueue, bind_enqueue)
            .await?;
        TIMELINE
            .add(transaction, statements, &timeline, bind_timeline)
            .await
    }
}

#[async_trait]
impl Group for SqliteGroup {
    fn head(&self) -> Head {
        self.head
    }

    async fn entries_after(&mut self, after: Seq, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let pending = std::mem::take(&mut self.pending);
        pending.run(&mut self.transaction).await?;
        let found = self.transaction.run(entries_query(after, limit)).await?;
        rows::all(&found, rows::entry)
    }

    async fn append(&mut self, entries: &[Entry], writes: &[Write]) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.spent, true) {
            return Err(spent());
        }
        let head = chain::follow(self.head, entries)
            .map_err(|broken| StoreError::Corrupt(broken.to_string()))?;
        let mut statements = APPEND
            .add(
                &mut self.transaction,
                std::mem::take(&mut self.pending),
                entries,
                bind_append,
            )
            .await?;
        for run in writes.chunk_by(|a, b| discriminant(a) == discriminant(b)) {
            statements = self.add(statements, run).await?;
        }
        self.pending = statements;
        self.head = head;
        self.spent = false;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.spent {
            return Err(spent());
        }
        let last = self.pending.then("COMMIT").query()?;
        self.transaction.commit(last).await
    }
}

fn spent() -> StoreError {
    StoreError::Unavailable("an earlier append of this group failed".to_owned())
}

fn bind_append(mut query: Statements, entries: &[Entry]) -> Statements {
    for entry in entries {
        query = query
            .bind(saturating(entry.seq))
            .bind(entry.time_ms)
            .bind(entry.world.to_string())
            .bind(entry.kind.clone())
            .bind(i64::from(entry.version))
            .bind(entry.digest.to_vec())
            .bind(entry.hash.to_vec());
    }
    for entry in entries {
        query = query.bind(saturating(entry.seq));
        query = match &entry.payload {
            Payload::Present { salt, bytes } => query
                .bind(salt.to_vec())
                .bind(bytes.clone())
                .bind(None::<i64>),
            Payload::Erased { by } => query
                .bind(None::<Vec<u8>>)
                .bind(None::<Vec<u8>>)
                .bind(saturating(*by)),
        };
    }
    match entries.last() {
        Some(last) => query.bind(saturating(last.seq)).bind(last.hash.to_vec()),
        None => query,
    }
}

fn bind_enqueue(query: Statements, rows: &[&OutboxRow]) -> Statements {
    rows.iter().fold(query, |query, row| {
        query
            .bind(text(&row.key))
            .bind(row.world.to_string())
            .bind(row.lane.name())
            .bind(text(&row.body))
            .bind(row.created_ms)
            .bind(row.next_try_ms)
            .bind(i64::from(row.attempts))
            .bind(row.lease_holder.as_deref().map(text))
            .bind(row.lease_until_ms)
            .bind(row.last_error.as_deref().map(text))
    })
}

fn bind_timeline(query: Statements, rows: &[&TimelineRow]) -> Statements {
    rows.iter().fold(query, |query, row| {
        query
            .bind(row.world.to_string())
            .bind(i64::from(row.incident))
            .bind(saturating(row.seq))
            .bind(i64::from(row.line))
            .bind(row.time_ms)
            .bind(text(&row.kind))
            .bind(row.actor.as_deref().map(text))
            .bind(text(&row.text))
    })
}

/// The statement of a write that is not inserted in bulk.
fn single(statements: Statements, write: &Write) -> Statements {
    match write {
        Write::Enqueue(_) | Write::Timeline(_) => statements,
        Write::Dequeue { key } => statements
            .then("DELETE FROM outbox WHERE key = ?")
            .bind(text(key)),
        Write::Incident(row) => statements
            .then(
                "INSERT INTO incidents \
             (world, id, service, severity, phase, opened_ms, closed_ms, title, data) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (world, id) DO UPDATE SET service = excluded.service, \
             severity = excluded.severity, phase = excluded.phase, opened_ms = excluded.opened_ms, \
             closed_ms = excluded.closed_ms, title = excluded.title, data = excluded.data",
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
        Write::Answer(row) => statements
            .then(
                "DELETE FROM idempotency WHERE time_ms < ?; \
             INSERT INTO idempotency (key, request, answer, time_ms) VALUES (?, ?, ?, ?) \
             ON CONFLICT (key) DO NOTHING",
            )
            .bind(row.time_ms.saturating_sub(ANSWERS_KEPT_MS))
            .bind(text(&row.key))
            .bind(text(&row.request))
            .bind(text(&row.answer))
            .bind(row.time_ms),
        Write::Erase { seq, by } => statements
            .then(
                "UPDATE payloads SET salt = NULL, bytes = NULL, erased_by = ? \
             WHERE seq = ? AND erased_by IS NULL; \
             UPDATE timeline SET text = ?, actor = NULL WHERE seq = ?",
            )
            .bind(saturating(*by))
            .bind(saturating(*seq))
            .bind(ERASED_LINE)
            .bind(saturating(*seq)),
        Write::ForgetProjections(world) => statements
            .then(
                "DELETE FROM outbox WHERE world = ?; DELETE FROM timeline WHERE world = ?; \
             DELETE FROM incidents WHERE world = ?",
            )
            .bind(world.to_string())
            .bind(world.to_string())
            .bind(world.to_string()),
    }
}

fn text(value: &str) -> String {
    storable(value).into_owned()
}
