//! Rows and entries to store.

use stentor_domain::world::World;
use stentor_store::{
    Entry, Head, IdempotentAnswer, IncidentRow, Lane, OutboxRow, Seq, Store, StoreError,
    TimelineRow, Write,
};

/// A day in 2026, in milliseconds since the epoch.
pub const NOW: i64 = 1_790_000_000_000;

/// An entry that follows `previous`, with a payload of its own.
#[must_use]
pub fn entry(previous: Head, bytes: &[u8]) -> Entry {
    let seq = previous.seq + 1;
    let salt = [(seq % 251) as u8; 16];
    let time_ms = NOW + i64::try_from(seq).unwrap_or(0);
    Entry::seal(
        previous,
        time_ms,
        World::Live,
        "test.happened",
        1,
        salt,
        bytes.to_vec(),
    )
}

/// `count` entries that follow `previous`.
#[must_use]
pub fn entries(previous: Head, count: u64) -> Vec<Entry> {
    let mut head = previous;
    (0..count)
        .map(|n| {
            let entry = entry(head, format!("payload {n}").as_bytes());
            head = entry.head();
            entry
        })
        .collect()
}

/// Appends `count` entries and the writes in one group; returns the entries.
///
/// # Errors
/// As the store fails.
pub async fn append(
    store: &dyn Store,
    count: u64,
    writes: &[Write],
) -> Result<Vec<Entry>, StoreError> {
    let mut group = store.begin().await?;
    let entries = entries(group.head(), count);
    group.append(&entries, writes).await?;
    group.commit().await?;
    Ok(entries)
}

/// Applies the writes in a group without entries.
///
/// # Errors
/// As the store fails.
pub async fn write(store: &dyn Store, writes: &[Write]) -> Result<(), StoreError> {
    append(store, 0, writes).await.map(drop)
}

/// A page that is due at `next_try_ms` and leased to nobody.
#[must_use]
pub fn page(key: &str, next_try_ms: i64) -> OutboxRow {
    OutboxRow {
        key: key.to_owned(),
        world: World::Live,
        lane: Lane::Pages,
        body: r#"{"subject":"disk full"}"#.to_owned(),
        created_ms: NOW,
        next_try_ms,
        attempts: 0,
        lease_holder: None,
        lease_until_ms: 0,
        last_error: None,
    }
}

/// A line of incident 1's timeline.
#[must_use]
pub fn line(seq: Seq, line: u32) -> TimelineRow {
    TimelineRow {
        world: World::Live,
        incident: 1,
        seq,
        line,
        time_ms: NOW,
        kind: "page.acknowledged".to_owned(),
        actor: Some("ada".to_owned()),
        text: format!("line {line} of entry {seq}"),
    }
}

/// An open incident.
#[must_use]
pub fn incident(world: World, id: u32) -> IncidentRow {
    IncidentRow {
        world,
        id,
        service: "mirrors".to_owned(),
        severity: "sev2".to_owned(),
        phase: "open".to_owned(),
        opened_ms: NOW,
        closed_ms: None,
        title: format!("incident {id}"),
        data: "{}".to_owned(),
    }
}

/// An answer recorded at `time_ms`.
#[must_use]
pub fn answer(key: &str, answer: &str, time_ms: i64) -> IdempotentAnswer {
    IdempotentAnswer {
        key: key.to_owned(),
        request: "00ff".to_owned(),
        answer: answer.to_owned(),
        time_ms,
    }
}
