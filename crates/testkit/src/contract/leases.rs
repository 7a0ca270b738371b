//! Clauses on leases. A term that is to run out is a millisecond; one that is not is an hour.

use std::future::Future;
use std::time::Duration;

use futures::future::join_all;
use stentor_store::Store;

use super::Database;

/// Longer than any test runs.
pub(super) const HOUR_MS: i64 = 60 * 60 * 1000;

/// Asks again until it is so.
pub(super) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    for _ in 0..2000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} does not happen");
}

async fn hold(store: &dyn Store, name: &str, holder: &str, for_ms: i64) -> bool {
    store.hold(name, holder, for_ms).await.unwrap()
}

async fn holder(store: &dyn Store, name: &str) -> Option<String> {
    store.holder(name).await.unwrap()
}

/// One holder at a time, on whatever node; only the holder gives it up.
pub async fn a_lease_excludes_others_until_it_is_released(database: &dyn Database) {
    let (one, two) = (database.open().await, database.open().await);
    assert_eq!(holder(&*one, "sender").await, None);
    one.release("sender", "a").await.unwrap();
    assert!(hold(&*one, "sender", "a", HOUR_MS).await);
    for store in [&one, &two] {
        assert!(!hold(&**store, "sender", "b", HOUR_MS).await);
        assert_eq!(holder(&**store, "sender").await.as_deref(), Some("a"));
        assert!(hold(&**store, "sender", "a", HOUR_MS).await, "renewed");
        store.release("sender", "b").await.unwrap();
        assert_eq!(holder(&**store, "sender").await.as_deref(), Some("a"));
    }
    assert!(hold(&*two, "sweeper", "b", HOUR_MS).await, "another lease");
    one.release("sender", "a").await.unwrap();
    assert_eq!(holder(&*two, "sender").await, None);
    assert!(hold(&*two, "sender", "b", HOUR_MS).await);
    assert!(!hold(&*one, "sender", "a", HOUR_MS).await);
    assert_eq!(holder(&*one, "sweeper").await.as_deref(), Some("b"));
}

/// When the term is over nobody has it; another takes it, and then the first has lost it.
pub async fn a_lease_that_ran_out_can_be_taken(database: &dyn Database) {
    let (one, two) = (database.open().await, database.open().await);
    assert!(hold(&*one, "sender", "a", 1).await);
    until("the lease's end", || async {
        holder(&*two, "sender").await.is_none()
    })
    .await;
    assert!(hold(&*one, "sender", "a", 1).await, "nobody took it");
    until("the takeover", || hold(&*two, "sender", "b", HOUR_MS)).await;
    assert!(!hold(&*one, "sender", "a", HOUR_MS).await);
    one.release("sender", "a").await.unwrap();
    assert_eq!(holder(&*one, "sender").await.as_deref(), Some("b"));
}

/// The newest call decides how long it lasts, longer or shorter.
pub async fn a_renewal_counts_from_now(database: &dyn Database) {
    let (one, two) = (database.open().await, database.open().await);
    assert!(hold(&*one, "sender", "a", 1).await);
    assert!(hold(&*one, "sender", "a", HOUR_MS).await);
    assert!(!hold(&*two, "sender", "b", HOUR_MS).await);
    assert!(hold(&*one, "sender", "a", 1).await);
    until("the takeover", || hold(&*two, "sender", "b", HOUR_MS)).await;
}

/// Exactly one of many takers at once, on two nodes, is told that it has the lease, and it has it.
async fn take_at_once(stores: &[std::sync::Arc<dyn Store>; 2], name: &str) {
    let takers: Vec<_> = (0..12).map(|n| format!("taker {n}")).collect();
    let takes = takers.iter().enumerate();
    let takes = takes.map(|(n, taker)| hold(&*stores[n % 2], name, taker, HOUR_MS));
    let taken = join_all(takes).await;
    let winners: Vec<_> = takers.iter().zip(taken).filter(|(_, won)| *won).collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert_eq!(holder(&*stores[0], name).await.as_ref(), Some(winners[0].0));
}

/// Nobody had it before.
pub async fn of_many_takers_one_gets_a_free_lease(database: &dyn Database) {
    let stores = [database.open().await, database.open().await];
    for round in 0..8 {
        take_at_once(&stores, &format!("sender {round}")).await;
    }
}

/// Another had it before.
pub async fn of_many_takers_one_gets_a_lease_that_ran_out(database: &dyn Database) {
    let stores = [database.open().await, database.open().await];
    for round in 0..8 {
        let name = format!("sender {round}");
        assert!(hold(&*stores[0], &name, "old", 1).await);
        until("the lease's end", || async {
            holder(&*stores[0], &name).await.is_none()
        })
        .await;
        take_at_once(&stores, &name).await;
    }
}

/// No term is endless and none is refused.
pub async fn terms_are_bounded(database: &dyn Database) {
    let store = database.open().await;
    assert!(hold(&*store, "sender", "a", i64::MAX).await);
    assert!(!hold(&*store, "sender", "b", 1).await);
    for for_ms in [0, -1, i64::MIN] {
        assert!(hold(&*store, "sender", "a", for_ms).await);
        until("the takeover", || hold(&*store, "sender", "b", HOUR_MS)).await;
        store.release("sender", "b").await.unwrap();
    }
}

/// Names are compared byte by byte; only NUL is stored as another character.
pub async fn strange_lease_names_are_kept_apart(database: &dyn Database) {
    let store = database.open().await;
    let names = [
        "",
        " ",
        "sender",
        "Sender",
        "sender ",
        "s'e\"n;--",
        "%_\\",
        "$1 ?",
        "\n\t\u{7f}",
        "\u{e9}",
        "e\u{301}",
        "\u{202e}\u{1f4df}",
        "nul\0",
    ];
    for name in names {
        assert!(hold(&*store, name, name, HOUR_MS).await, "{name:?}");
    }
    for name in names {
        let stored = name.replace('\0', "\u{fffd}");
        assert_eq!(holder(&*store, name).await, Some(stored), "{name:?}");
        assert!(hold(&*store, name, name, HOUR_MS).await, "{name:?}");
        assert!(!hold(&*store, name, "another", HOUR_MS).await, "{name:?}");
    }
    for name in names {
        store.release(name, name).await.unwrap();
        assert_eq!(holder(&*store, name).await, None, "{name:?}");
    }
}
