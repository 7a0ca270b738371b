//! Creating, migrating and sharing the file.

use std::os::unix::fs::PermissionsExt as _;

use futures::future::join_all;
use stentor_sqlite::SqliteStore;
use stentor_store::{Journal as _, Leases as _, Members as _, StoreError, Write};
use stentor_testkit::contract::samples::append;

use crate::contract::TestFile;

#[tokio::test]
async fn the_files_are_readable_by_their_owner_only() {
    let file = TestFile::new();
    let store = file.store().await;
    append(&store, 1, &[]).await.unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(file.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert!(seen >= 2, "the log is a file of its own");
}

#[tokio::test]
async fn many_may_create_one_file_at_once() {
    let file = TestFile::new();
    let path = file.path();
    let stores = join_all((0..8).map(|_| SqliteStore::open(&path))).await;
    for store in stores {
        append(&store.unwrap(), 1, &[]).await.unwrap();
    }
    assert_eq!(file.store().await.head().await.unwrap().seq, 8);
}

#[tokio::test]
async fn a_reader_reads_and_never_writes() {
    let file = TestFile::new();
    let missing = SqliteStore::open_read_only(&file.path()).await;
    assert!(matches!(missing, Err(StoreError::Unavailable(_))));
    let writer = file.store().await;
    append(&writer, 2, &[]).await.unwrap();
    let reader = SqliteStore::open_read_only(&file.path()).await.unwrap();
    assert_eq!(reader.head().await.unwrap().seq, 2);
    append(&writer, 1, &[]).await.unwrap();
    assert_eq!(reader.entries_after(0, 9).await.unwrap().len(), 3);
    let refused = reader.begin().await;
    assert!(matches!(refused, Err(StoreError::Unsuitable(_))));
    let refused = reader.hold("sender", "a", 1000).await;
    assert!(matches!(refused, Err(StoreError::Unsuitable(_))));
    let refused = reader.leave("a").await;
    assert!(matches!(refused, Err(StoreError::Unsuitable(_))));
    assert_eq!(reader.holder("sender").await.unwrap(), None);
    assert_eq!(reader.members().await.unwrap(), []);
}

#[tokio::test]
async fn leases_belong_to_one_file_and_end_with_the_process_that_used_it() {
    let (file, other) = (TestFile::new(), TestFile::new());
    let (one, two) = (file.store().await, file.store().await);
    assert!(one.hold("sender", "a", 60_000).await.unwrap());
    assert!(!two.hold("sender", "b", 60_000).await.unwrap());
    let elsewhere = other.store().await;
    assert!(elsewhere.hold("sender", "b", 60_000).await.unwrap());
    drop(one);
    assert!(!two.hold("sender", "b", 60_000).await.unwrap());
    drop(two);
    let next = file.store().await;
    assert!(next.hold("sender", "b", 60_000).await.unwrap());
}

#[tokio::test]
async fn foreign_newer_and_broken_files_are_refused() {
    let broken = TestFile::new();
    std::fs::write(
        broken.path(),
        "not a database, but long enough to look like one ".repeat(99),
    )
    .unwrap();
    let refused = SqliteStore::open(&broken.path()).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt(_))),
        "{:?}",
        refused.err()
    );

    for (pragma, expect) in [
        ("PRAGMA user_version = 99", "newer"),
        ("PRAGMA application_id = 7", "another program"),
    ] {
        let file = TestFile::new();
        file.store().await;
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file.path());
        let mut conn = sqlx::ConnectOptions::connect(&options).await.unwrap();
        sqlx::raw_sql(pragma).execute(&mut conn).await.unwrap();
        match SqliteStore::open(&file.path()).await {
            Err(StoreError::Unsuitable(text)) => assert!(text.contains(expect), "{text}"),
            other => panic!("{pragma}: {:?}", other.err()),
        }
    }
}

#[tokio::test]
async fn an_erased_payload_is_gone_from_the_file() {
    const SECRET: &[u8] = b"a phrase that stands nowhere else";
    let file = TestFile::new();
    let store = file.store().await;
    let mut group = store.begin().await.unwrap();
    let entry = stentor_testkit::contract::samples::entry(group.head(), &SECRET.repeat(500));
    group.append(&[entry], &[]).await.unwrap();
    group.commit().await.unwrap();
    append(&store, 1, &[Write::Erase { seq: 1, by: 2 }])
        .await
        .unwrap();
    drop(store);
    // The next start moves the log into the file; the log itself is overwritten as it is used again.
    drop(file.store().await);
    let bytes = std::fs::read(file.path()).unwrap();
    assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET));
}
