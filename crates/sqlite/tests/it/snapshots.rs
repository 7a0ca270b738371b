//! Snapshots in parts: whole or none, whatever stopped in between.

use sqlx::{ConnectOptions as _, Row as _};
use stentor_store::{Journal as _, Snapshot, Snapshots as _};
use stentor_testkit::contract::samples::append;

use crate::contract::TestFile;

/// A snapshot of many parts, different in each of them.
fn large(seq: u64) -> Snapshot {
    let bytes = (0..3_000_000_u32).map(|n| (n / 1000 + n % 251) as u8);
    Snapshot {
        head: stentor_store::Head { seq, hash: [7; 32] },
        fold_version: 1,
        bytes: bytes.collect(),
    }
}

/// Runs a statement from outside; the number in the first cell of what it answers.
async fn outside(file: &TestFile, sql: &'static str) -> Option<i64> {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(file.path())
        .create_if_missing(true);
    let mut conn = options.connect().await.unwrap();
    let rows = sqlx::raw_sql(sql).fetch_all(&mut conn).await.unwrap();
    rows.first().map(|row| row.get(0))
}

#[tokio::test]
async fn commits_go_on_while_a_large_one_is_written() {
    let file = TestFile::new();
    let store = file.store().await;
    let commits = async {
        for _ in 0..3 {
            append(&store, 1, &[]).await.unwrap();
        }
        // Were it one transaction, the commits would have waited for all of it.
        store.latest_snapshot(1).await.unwrap()
    };
    let snapshot = large(1);
    let (put, between) = tokio::join!(biased; store.put_snapshot(&snapshot), commits);
    put.unwrap();
    assert_eq!(between, None);
    assert_eq!(store.latest_snapshot(1).await.unwrap(), Some(snapshot));
    assert_eq!(store.head().await.unwrap().seq, 3);
}

#[tokio::test]
async fn what_a_stopped_writing_left_is_dropped_and_never_read() {
    let file = TestFile::new();
    let store = file.store().await;
    store.put_snapshot(&large(10)).await.unwrap();
    let parts = outside(&file, "SELECT count(*) FROM snapshot_parts").await;
    outside(
        &file,
        "INSERT INTO snapshot_parts VALUES ('left', 0, x'00'), ('left', 1, x'00')",
    )
    .await;
    assert_eq!(store.latest_snapshot(1).await.unwrap(), Some(large(10)));
    store.put_snapshot(&large(5)).await.unwrap();
    let left = outside(&file, "SELECT count(*) FROM snapshot_parts").await;
    assert_eq!(left, parts);
    assert_eq!(store.latest_snapshot(1).await.unwrap(), Some(large(5)));
}

#[tokio::test]
async fn one_that_lacks_a_part_is_none() {
    let file = TestFile::new();
    let store = file.store().await;
    store.put_snapshot(&large(10)).await.unwrap();
    outside(&file, "DELETE FROM snapshot_parts WHERE part = 1").await;
    assert_eq!(store.latest_snapshot(1).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_of_before_loses_its_snapshots_and_nothing_else() {
    let file = TestFile::new();
    outside(&file, include_str!("../../migrations/0001_store.sql")).await;
    outside(
        &file,
        "INSERT INTO snapshots VALUES (1, 9, x'00', x'00'); \
         PRAGMA user_version = 1; PRAGMA application_id = 0x5374656e",
    )
    .await;
    let store = file.store().await;
    append(&store, 2, &[]).await.unwrap();
    assert_eq!(store.latest_snapshot(1).await.unwrap(), None);
    store.put_snapshot(&large(2)).await.unwrap();
    assert_eq!(store.latest_snapshot(1).await.unwrap(), Some(large(2)));
}
