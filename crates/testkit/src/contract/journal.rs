//! Clauses on reading and appending to the journal.

use futures::future::join_all;
use stentor_store::chain::Verifier;
use stentor_store::{Entry, Head, Payload, Store};

use super::Database;
use super::samples::{append, entries, entry};

/// Reads the whole journal in pages of `page`.
async fn read_all(store: &dyn Store, page: usize) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let after = all.last().map_or(0, |entry| entry.seq);
        let more = store.entries_after(after, page).await.unwrap();
        assert!(more.len() <= page, "more entries than asked for");
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// Proves the chain from storage and returns its end.
pub(super) async fn verified_head(store: &dyn Store) -> Head {
    let mut verifier = Verifier::default();
    for entry in read_all(store, 7).await {
        verifier.step(&entry).unwrap();
    }
    assert_eq!(verifier.head(), store.head().await.unwrap());
    verifier.head()
}

/// Position 0 and a hash of zeroes.
pub async fn an_empty_journal_has_the_zero_head(database: &dyn Database) {
    let store = database.open().await;
    assert_eq!(store.head().await.unwrap(), Head::default());
    assert_eq!(store.entries_after(0, 10).await.unwrap(), []);
}

/// What is read equals what was appended, page by page.
pub async fn entries_are_read_back_as_appended_and_without_gaps(database: &dyn Database) {
    let store = database.open().await;
    let mut expected = Vec::new();
    for count in [1, 3, 2] {
        expected.extend(append(&*store, count, &[]).await.unwrap());
    }
    for page in [1, 4, 100] {
        assert_eq!(read_all(&*store, page).await, expected);
    }
    assert_eq!(store.entries_after(2, 2).await.unwrap(), expected[2..4]);
    assert_eq!(store.entries_after(6, 2).await.unwrap(), []);
    assert_eq!(store.entries_after(0, 0).await.unwrap(), []);
    assert_eq!(store.head().await.unwrap(), expected[5].head());
}

/// Storage keeps every byte the chain covers.
pub async fn the_chain_is_verified_from_storage(database: &dyn Database) {
    let store = database.open().await;
    for count in [5, 1, 20] {
        append(&*store, count, &[]).await.unwrap();
    }
    assert_eq!(verified_head(&*store).await.seq, 26);
}

/// Payloads of any bytes, from none to five megabytes.
pub async fn large_payloads_survive(database: &dyn Database) {
    let store = database.open().await;
    for size in [0, 1, 65_535, 65_537, 500_000, 5_000_000] {
        let payload: Vec<u8> = (0..size)
            .map(|n: u32| (n.wrapping_mul(31) >> 3) as u8)
            .collect();
        let mut group = store.begin().await.unwrap();
        let entry = entry(group.head(), &payload);
        group
            .append(std::slice::from_ref(&entry), &[])
            .await
            .unwrap();
        group.commit().await.unwrap();
        let read = store.entries_after(entry.seq - 1, 1).await.unwrap();
        assert!(read == [entry], "{size} bytes came back changed");
    }
    let read = store.entries_after(0, 1).await.unwrap();
    assert!(matches!(&read[0].payload, Payload::Present { bytes, .. } if bytes.is_empty()));
    verified_head(&*store).await;
}

/// A store that is opened again holds all that was committed, and appends after it.
pub async fn everything_survives_a_restart(database: &dyn Database) {
    let store = database.open().await;
    let before = append(&*store, 3, &[]).await.unwrap();
    drop(store);
    let store = database.open().await;
    assert_eq!(read_all(&*store, 10).await, before);
    append(&*store, 1, &[]).await.unwrap();
    assert_eq!(verified_head(&*store).await.seq, 4);
}

/// Concurrent writers on several store objects build one chain without losing a group.
pub async fn many_nodes_append_one_chain(database: &dyn Database) {
    let stores = [database.open().await, database.open().await];
    let groups = (0..16).map(|n| {
        let store = &stores[n % 2];
        async move {
            let mut group = store.begin().await.unwrap();
            let entries = entries(group.head(), 1 + n as u64 % 3);
            group.append(&entries, &[]).await.unwrap();
            group.commit().await.unwrap();
            entries.len() as u64
        }
    });
    let appended: u64 = join_all(groups).await.into_iter().sum();
    assert_eq!(verified_head(&*stores[0]).await.seq, appended);
    assert_eq!(verified_head(&*stores[1]).await.seq, appended);
}

/// A follower that hears nothing goes on polling.
pub async fn changed_returns_without_a_change(database: &dyn Database) {
    database.open().await.changed().await;
}
