//! Clauses on snapshots.

use stentor_store::{Head, Snapshot};

use super::Database;

fn snapshot(fold_version: u32, seq: u64) -> Snapshot {
    Snapshot {
        head: Head {
            seq,
            hash: [seq as u8; 32],
        },
        fold_version,
        bytes: vec![seq as u8; 100_000],
    }
}

/// The newest of a version is found; older versions keep their own.
pub async fn the_newest_two_are_kept(database: &dyn Database) {
    let store = database.open().await;
    assert_eq!(store.latest_snapshot(1).await.unwrap(), None);
    for (version, seq) in [(1, 10), (1, 20), (1, 30), (2, 5)] {
        store.put_snapshot(&snapshot(version, seq)).await.unwrap();
        let latest = store.latest_snapshot(version).await.unwrap();
        assert_eq!(latest, Some(snapshot(version, seq)));
    }
    assert_eq!(
        store.latest_snapshot(1).await.unwrap(),
        Some(snapshot(1, 30))
    );
    assert_eq!(store.latest_snapshot(3).await.unwrap(), None);
    let again = Snapshot {
        bytes: Vec::new(),
        ..snapshot(1, 30)
    };
    store.put_snapshot(&again).await.unwrap();
    assert_eq!(store.latest_snapshot(1).await.unwrap(), Some(again));
}

/// After a fail-over that lost commits, snapshots above the new one are not on the chain.
pub async fn a_lower_snapshot_replaces_those_above(database: &dyn Database) {
    let store = database.open().await;
    for seq in [10, 20, 30, 15] {
        store.put_snapshot(&snapshot(1, seq)).await.unwrap();
    }
    assert_eq!(
        store.latest_snapshot(1).await.unwrap(),
        Some(snapshot(1, 15))
    );
}
