//! A disk without room, and damage.

use sqlx::ConnectOptions as _;
use stentor_sqlite::SqliteStore;
use stentor_store::chain::Verifier;
use stentor_store::{Entry, Journal as _, StoreError};
use stentor_testkit::contract::samples::{append, entry};

use crate::contract::TestFile;

/// Damages or limits the file from outside.
async fn tamper(file: &TestFile, sql: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file.path());
    let mut conn = options.connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
}

async fn append_big(store: &SqliteStore) -> Result<Entry, StoreError> {
    let mut group = store.begin().await?;
    let entry = entry(group.head(), &[7; 400_000]);
    group.append(std::slice::from_ref(&entry), &[]).await?;
    group.commit().await?;
    Ok(entry)
}

#[tokio::test]
async fn a_full_database_says_so_and_goes_on_when_there_is_room() {
    let file = TestFile::new();
    let store = SqliteStore::open_limited(&file.path(), 400).await.unwrap();
    append(&store, 3, &[]).await.unwrap();
    let mut stored = 3;
    let full = loop {
        match append_big(&store).await {
            Ok(entry) => stored = entry.seq,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::Full(_)), "{full}");
    assert_eq!(store.head().await.unwrap().seq, stored);
    // Refused each time, and what still fits is written in between.
    for _ in 0..3 {
        let refused = append_big(&store).await;
        assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
        append(&store, 1, &[]).await.unwrap();
    }
    drop(store);
    let store = file.store().await;
    append_big(&store).await.unwrap();
    let mut verifier = Verifier::default();
    for entry in store.entries_after(0, 99).await.unwrap() {
        verifier.step(&entry).unwrap();
    }
    assert_eq!(verifier.head(), store.head().await.unwrap());
    assert_eq!(verifier.head().seq, stored + 4);
}

#[tokio::test]
async fn damage_is_reported_as_damage() {
    for (sql, step) in [
        (
            "PRAGMA foreign_keys = off; DELETE FROM payloads WHERE seq = 2",
            "entries",
        ),
        (
            "UPDATE entries SET world = 'nowhere' WHERE seq = 2",
            "entries",
        ),
        ("UPDATE entries SET digest = x'00' WHERE seq = 2", "entries"),
        ("DELETE FROM head", "head"),
        ("UPDATE head SET seq = -1", "head"),
        ("UPDATE head SET hash = zeroblob(31)", "head"),
    ] {
        let file = TestFile::new();
        let store = file.store().await;
        append(&store, 3, &[]).await.unwrap();
        tamper(&file, sql).await;
        let error = match step {
            "head" => store.head().await.map(drop).unwrap_err(),
            _ => store.entries_after(0, 9).await.map(drop).unwrap_err(),
        };
        assert!(matches!(error, StoreError::Corrupt(_)), "{sql}: {error}");
    }
}
