//! Clauses on leases and attempts.

use std::collections::BTreeMap;

use futures::future::join_all;
use stentor_domain::world::World;
use stentor_store::{Attempt, Claim, Lane, OutboxRow, Store, Write};

use super::Database;
use super::samples::{NOW, page, write};

fn claim<'a>(holder: &'a str, now_ms: i64, limit: usize) -> Claim<'a> {
    Claim {
        world: World::Live,
        lane: Lane::Pages,
        holder,
        now_ms,
        until_ms: now_ms + 1_000,
        limit,
    }
}

async fn claimed(store: &dyn Store, claim: Claim<'_>) -> Vec<String> {
    let rows = store.claim(claim).await.unwrap();
    for row in &rows {
        assert_eq!(row.lease_holder.as_deref(), Some(claim.holder));
        assert_eq!(row.lease_until_ms, claim.until_ms);
    }
    rows.into_iter().map(|row| row.key).collect()
}

async fn enqueue(store: &dyn Store, rows: impl IntoIterator<Item = OutboxRow>) {
    let writes: Vec<_> = rows.into_iter().map(Write::Enqueue).collect();
    write(store, &writes).await.unwrap();
}

fn leased(key: &str, holder: &str, until_ms: i64) -> OutboxRow {
    OutboxRow {
        lease_holder: Some(holder.to_owned()),
        lease_until_ms: until_ms,
        ..page(key, NOW)
    }
}

/// Rows due now or earlier, by time of next try, up to the limit.
pub async fn due_rows_are_claimed_oldest_first(database: &dyn Database) {
    let store = database.open().await;
    let rows = [("c", 0), ("b", -5), ("later", 1), ("a", -9), ("d", 0)];
    enqueue(&*store, rows.map(|(key, at)| page(key, NOW + at))).await;
    assert_eq!(claimed(&*store, claim("n1", NOW, 3)).await, ["a", "b", "c"]);
    assert_eq!(claimed(&*store, claim("n2", NOW, 9)).await, ["d"]);
    assert_eq!(claimed(&*store, claim("n2", NOW + 1, 1)).await, ["d"]);
    assert_eq!(claimed(&*store, claim("n3", NOW + 1, 9)).await, ["later"]);
    assert!(claimed(&*store, claim("n4", NOW + 1, 0)).await.is_empty());
}

/// A lease excludes others until it ends; its holder may claim again, and rows decided by a node are its own.
pub async fn a_lease_keeps_others_away_until_it_ends(database: &dyn Database) {
    let store = database.open().await;
    enqueue(&*store, [leased("own", "n1", NOW + 50)]).await;
    assert!(claimed(&*store, claim("n2", NOW + 49, 9)).await.is_empty());
    assert_eq!(claimed(&*store, claim("n1", NOW, 9)).await, ["own"]);
    assert_eq!(claimed(&*store, claim("n1", NOW + 1, 9)).await, ["own"]);
    assert!(
        claimed(&*store, claim("n2", NOW + 1_000, 9))
            .await
            .is_empty()
    );
    assert_eq!(claimed(&*store, claim("n2", NOW + 1_001, 9)).await, ["own"]);
    assert!(
        claimed(&*store, claim("n1", NOW + 1_002, 9))
            .await
            .is_empty()
    );
}

/// A drill's worker cannot see a live row, nor one lane another's.
pub async fn a_worker_sees_only_its_world_and_lane(database: &dyn Database) {
    let store = database.open().await;
    let drill = World::Drill(1);
    let places = [
        (World::Live, Lane::Pages),
        (World::Live, Lane::Public),
        (drill, Lane::Pages),
    ];
    enqueue(
        &*store,
        places.map(|(world, lane)| OutboxRow {
            world,
            lane,
            ..page(&format!("{world} {}", lane.name()), NOW)
        }),
    )
    .await;
    for (world, lane) in places {
        let all = Claim {
            world,
            lane,
            ..claim("n1", NOW, 9)
        };
        let expected = [format!("{world} {}", lane.name())];
        assert_eq!(claimed(&*store, all).await, expected);
    }
    let empty = Claim {
        world: drill,
        lane: Lane::Public,
        ..claim("n1", NOW, 9)
    };
    assert!(claimed(&*store, empty).await.is_empty());
}

/// Claimers at work at the same time, on two nodes, get every row exactly once.
pub async fn two_claimers_never_share_a_row(database: &dyn Database) {
    let stores = [database.open().await, database.open().await];
    enqueue(&*stores[0], (0..120).map(|n| page(&format!("{n}"), NOW))).await;
    let workers = (0..4).map(|n| {
        let store = &stores[n % 2];
        async move {
            let mut mine = Vec::new();
            for round in 0..20 {
                // A name of its own each round, so that its own leases do not count as free.
                let holder = format!("worker {n} round {round}");
                mine.extend(claimed(&**store, claim(&holder, NOW, 4)).await);
            }
            mine
        }
    });
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for key in join_all(workers).await.into_iter().flatten() {
        *seen.entry(key).or_default() += 1;
    }
    let shared: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
    assert!(shared.is_empty(), "claimed twice: {shared:?}");
    assert_eq!(seen.len(), 120);
}

/// Postponing counts, notes the error, frees the lease and sets the time; another's row is left alone.
pub async fn only_the_holder_postpones(database: &dyn Database) {
    let store = database.open().await;
    enqueue(&*store, [page("a", NOW)]).await;
    claimed(&*store, claim("n1", NOW, 1)).await;
    let attempt = |key: &str, holder: &str| Attempt {
        key: key.to_owned(),
        holder: holder.to_owned(),
        next_try_ms: NOW + 500,
        error: "connection refused".to_owned(),
    };
    store.postpone(&attempt("a", "n2")).await.unwrap();
    store.postpone(&attempt("absent", "n1")).await.unwrap();
    assert!(claimed(&*store, claim("n2", NOW + 600, 1)).await.is_empty());
    store.postpone(&attempt("a", "n1")).await.unwrap();
    store.postpone(&attempt("a", "n1")).await.unwrap();
    let expected = OutboxRow {
        attempts: 1,
        last_error: Some("connection refused".to_owned()),
        ..page("a", NOW + 500)
    };
    let rows = store.waiting(World::Live, Lane::Pages, 9).await.unwrap();
    assert_eq!(rows, [expected]);
    assert!(claimed(&*store, claim("n2", NOW + 499, 1)).await.is_empty());
    assert_eq!(claimed(&*store, claim("n2", NOW + 500, 1)).await, ["a"]);
}

/// The earliest time at which a claim could find something, or nothing for an empty lane.
pub async fn next_due_respects_leases(database: &dyn Database) {
    let store = database.open().await;
    let due = || store.next_due_ms(World::Live, Lane::Pages);
    assert_eq!(due().await.unwrap(), None);
    enqueue(&*store, [leased("a", "n1", NOW + 40)]).await;
    assert_eq!(due().await.unwrap(), Some(NOW + 40));
    enqueue(&*store, [page("b", NOW + 70), page("c", NOW + 30)]).await;
    assert_eq!(due().await.unwrap(), Some(NOW + 30));
    claimed(&*store, claim("n2", NOW + 30, 1)).await;
    assert_eq!(due().await.unwrap(), Some(NOW + 40));
    assert_eq!(
        store.next_due_ms(World::Live, Lane::Public).await.unwrap(),
        None
    );
    assert_eq!(
        store
            .next_due_ms(World::Drill(1), Lane::Pages)
            .await
            .unwrap(),
        None
    );
}

/// The oldest rows, leased or not, due or not.
pub async fn waiting_lists_the_oldest(database: &dyn Database) {
    let store = database.open().await;
    let aged = |key: &str, age: i64| OutboxRow {
        created_ms: NOW - age,
        ..page(key, NOW + 1_000)
    };
    enqueue(
        &*store,
        [aged("young", 1), aged("old", 9), leased("mid", "n1", NOW)],
    )
    .await;
    let keys = |rows: Vec<OutboxRow>| rows.into_iter().map(|row| row.key).collect::<Vec<_>>();
    let all = store.waiting(World::Live, Lane::Pages, 9).await.unwrap();
    assert_eq!(keys(all), ["old", "young", "mid"]);
    let one = store.waiting(World::Live, Lane::Pages, 1).await.unwrap();
    assert_eq!(keys(one), ["old"]);
    assert_eq!(
        store.waiting(World::Live, Lane::Public, 9).await.unwrap(),
        []
    );
}
