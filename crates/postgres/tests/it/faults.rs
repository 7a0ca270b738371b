//! Crashes, broken connections and frozen nodes.

use std::time::Duration;

use stentor_postgres::{PostgresStore, Timeouts};
use stentor_store::chain::Verifier;
use stentor_store::{Head, Journal, StoreError};
use stentor_testkit::contract::samples::{append, entries};
use stentor_testkit::postgres::PrivatePostgres;

use crate::contract::TestDatabase;
use crate::proxy::{Cut, Proxy};

async fn verified(store: &PostgresStore) -> Head {
    let mut verifier = Verifier::default();
    for entry in store.entries_after(0, usize::MAX).await.unwrap() {
        verifier.step(&entry).unwrap();
    }
    assert_eq!(verifier.head(), store.head().await.unwrap());
    verifier.head()
}

/// Polls until the server answers again; the pool may hold connections that died with it.
async fn until_reachable(store: &PostgresStore) {
    for _ in 0..200 {
        if store.head().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the store does not recover");
}

#[tokio::test]
async fn the_head_tells_the_truth_after_a_connection_broke_during_commit() {
    let database = TestDatabase::new();
    let proxy = Proxy::start(PrivatePostgres::shared().port()).await;
    let direct = format!(":{}/", PrivatePostgres::shared().port());
    let url = database.url.replace(&direct, &format!(":{}/", proxy.port));
    let store = PostgresStore::connect(&url).await.unwrap();
    append(&store, 1, &[]).await.unwrap();
    let mut expected = 1;
    for (cut, persisted) in [
        (Cut::BeforeTheServer, 0),
        (Cut::BeforeTheClient, 2),
        (Cut::BeforeTheClient, 2),
        (Cut::BeforeTheServer, 0),
    ] {
        proxy.cut_next(cut);
        let result = append(&store, 2, &[]).await;
        assert!(
            matches!(result, Err(StoreError::OutcomeUnknown(_))),
            "{cut:?}: {result:?}"
        );
        let found = store.entries_after(expected, 9).await.unwrap().len() as u64;
        assert_eq!(found, persisted, "{cut:?}");
        expected += persisted;
        assert_eq!(store.head().await.unwrap().seq, expected, "{cut:?}");
        append(&store, 1, &[]).await.unwrap();
        expected += 1;
        assert_eq!(verified(&store).await.seq, expected);
    }
}

#[tokio::test]
async fn what_was_committed_survives_a_crash_and_nothing_else_does() {
    let cluster = PrivatePostgres::start();
    // Connecting is tried again for this long before the server counts as away.
    let timeouts = Timeouts {
        lock: Duration::from_millis(300),
        ..Timeouts::default()
    };
    let store = PostgresStore::connect_with(&cluster.database(), timeouts)
        .await
        .unwrap();
    append(&store, 3, &[]).await.unwrap();
    let mut group = store.begin().await.unwrap();
    group.append(&entries(group.head(), 2), &[]).await.unwrap();
    cluster.crash();
    let lost = group.commit().await;
    assert!(
        matches!(lost, Err(StoreError::OutcomeUnknown(_))),
        "{lost:?}"
    );
    for _ in 0..3 {
        let head = store.head().await;
        assert!(matches!(head, Err(StoreError::Unavailable(_))), "{head:?}");
        let read = store.entries_after(0, 9).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    }
    cluster.start_again();
    until_reachable(&store).await;
    assert_eq!(verified(&store).await.seq, 3);
    append(&store, 1, &[]).await.unwrap();
    assert_eq!(verified(&store).await.seq, 4);
}

#[tokio::test]
async fn a_frozen_holder_loses_the_head() {
    let database = TestDatabase::new();
    let timeouts = Timeouts {
        idle_in_transaction: Duration::from_millis(200),
        ..Timeouts::default()
    };
    let frozen = PostgresStore::connect_with(&database.url, timeouts)
        .await
        .unwrap();
    let other = database.store().await;
    let mut group = frozen.begin().await.unwrap();
    group
        .append(&entries(Head::default(), 2), &[])
        .await
        .unwrap();
    // Waits for the server to end the frozen node's session.
    append(&other, 1, &[]).await.unwrap();
    assert!(group.commit().await.is_err());
    assert_eq!(verified(&frozen).await.seq, 1);
    append(&frozen, 1, &[]).await.unwrap();
}

#[tokio::test]
async fn waiting_for_the_head_is_bounded() {
    let database = TestDatabase::new();
    let timeouts = Timeouts {
        lock: Duration::from_millis(200),
        ..Timeouts::default()
    };
    let store = PostgresStore::connect_with(&database.url, timeouts)
        .await
        .unwrap();
    let group = store.begin().await.unwrap();
    let refused = store.begin().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    drop(group);
    append(&store, 1, &[]).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_and_damage_are_told_apart() {
    let database = TestDatabase::new();
    let store = database.store().await;
    append(&store, 3, &[]).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap();
    let cluster = PrivatePostgres::shared();
    cluster.sql_in(
        name,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$; \
         CREATE TRIGGER full_disk BEFORE INSERT ON entries EXECUTE FUNCTION full_disk()",
    );
    let full = append(&store, 1, &[]).await;
    assert!(matches!(full, Err(StoreError::Full(_))), "{full:?}");
    cluster.sql_in(name, "DROP TRIGGER full_disk ON entries");
    append(&store, 1, &[]).await.unwrap();
    cluster.sql_in(name, "DELETE FROM payloads WHERE seq = 2");
    let damaged = store.entries_after(0, 9).await;
    assert!(
        matches!(damaged, Err(StoreError::Corrupt(_))),
        "{damaged:?}"
    );
}
