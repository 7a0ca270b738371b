//! Leases, members and clocks where only a server can fail.

use std::time::Duration;

use stentor_postgres::{PostgresStore, Timeouts};
use stentor_store::{Leases as _, Member, Members as _};
use stentor_testkit::postgres::PrivatePostgres;

use crate::contract::TestDatabase;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Tries again until the holder is told whether it has the lease: its pool may hold connections that are dead.
async fn hold(store: &PostgresStore, holder: &str, for_ms: i64) -> bool {
    for _ in 0..200 {
        if let Ok(has_it) = store.hold("sender", holder, for_ms).await {
            return has_it;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the store does not recover");
}

/// Tries until the lease has run out and is this holder's.
async fn take_over(store: &PostgresStore, holder: &str) {
    for _ in 0..2000 {
        if store.hold("sender", holder, HOUR_MS).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the lease does not run out");
}

#[tokio::test]
async fn a_holder_whose_connections_are_killed_holds_until_the_term_ends() {
    let database = TestDatabase::new();
    let holder = database.store().await;
    assert!(hold(&holder, "a", HOUR_MS).await);
    let name = database.url.rsplit('/').next().unwrap();
    let killed = PrivatePostgres::shared().sql(&format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
    assert_ne!(killed.trim(), "0");
    let other = database.store().await;
    assert!(!hold(&other, "b", HOUR_MS).await);
    assert_eq!(other.holder("sender").await.unwrap().as_deref(), Some("a"));
    assert!(hold(&holder, "a", 1).await, "it renews when it is back");
    take_over(&other, "b").await;
    assert!(!hold(&holder, "a", HOUR_MS).await);
}

#[tokio::test]
async fn a_renewal_survives_a_crash_of_the_server() {
    let cluster = PrivatePostgres::start();
    let timeouts = Timeouts {
        lock: Duration::from_millis(300),
        ..Timeouts::default()
    };
    let store = PostgresStore::connect_with(&cluster.database(), timeouts)
        .await
        .unwrap();
    assert!(hold(&store, "a", 1).await);
    assert!(hold(&store, "a", HOUR_MS).await);
    cluster.crash();
    cluster.start_again();
    assert!(!hold(&store, "b", HOUR_MS).await);
    assert!(hold(&store, "a", HOUR_MS).await);
}

#[tokio::test]
async fn rows_of_the_long_dead_are_removed() {
    let database = TestDatabase::new();
    let store = database.store().await;
    let member = |node: &str| Member {
        node: node.to_owned(),
        address: "[::1]:9095".to_owned(),
        started_ms: 0,
        version: "1.2.3".to_owned(),
        kinds_version: 1,
    };
    for node in ["live", "dead", "long dead", "back"] {
        store.announce(&member(node), HOUR_MS).await.unwrap();
    }
    let name = database.url.rsplit('/').next().unwrap();
    let sql = |statement: &str| PrivatePostgres::shared().sql_in(name, statement);
    sql("UPDATE members SET until = clock_timestamp() - CASE node \
         WHEN 'dead' THEN interval '23 hours' ELSE interval '25 hours' END WHERE node <> 'live'");
    // The node that announces may itself have been dead for long.
    store.announce(&member("back"), HOUR_MS).await.unwrap();
    assert_eq!(
        sql("SELECT string_agg(node, ',' ORDER BY node) FROM members").trim(),
        "back,dead,live"
    );
    let live = [member("back"), member("live")];
    assert_eq!(store.members().await.unwrap(), live);
}

#[tokio::test]
async fn a_wrong_clock_shows() {
    let database = TestDatabase::new();
    let store = database.store().await;
    let theirs_ms = || {
        let now = PrivatePostgres::shared()
            .sql("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)");
        now.trim().parse::<i64>().unwrap()
    };
    for ahead_ms in [HOUR_MS, -HOUR_MS] {
        // The caller's clock is wrong by so much when it asks.
        let before_ms = theirs_ms();
        let skew_ms = store.clock_skew_ms(before_ms - ahead_ms).await.unwrap();
        let took_ms = theirs_ms() - before_ms;
        let off_ms = skew_ms - ahead_ms;
        assert!(
            (-1..=took_ms + 1).contains(&off_ms),
            "{off_ms} of {took_ms}"
        );
    }
}
