//! Starting from a journal: snapshots are a cache, and entries of a newer release stop the node.

use stentor_domain::state::{FOLD_VERSION, State};
use stentor_domain::world::World::Live;
use stentor_engine::{StartError, encode_state};
use stentor_store::{Entry, Head, Journal, Snapshot, Snapshots};

use crate::lab::{Lab, pass, write};
use crate::world::essence;

async fn append_unknown(lab: &Lab) {
    let mut group = lab.store.begin().await.unwrap();
    let head = group.head();
    let time_ms = lab.entries().await.last().map_or(0, |e| e.time_ms);
    let entry = Entry::seal(head, time_ms, Live, "from.tomorrow", 1, [0; 16], Vec::new());
    group.append(&[entry], &[]).await.unwrap();
    group.commit().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_unknown_kind_stops_a_node_that_starts() {
    let lab = Lab::new();
    lab.troubled_node("a").await;
    append_unknown(&lab).await;
    let error = lab.open("b").await.err().unwrap();
    assert!(matches!(error, StartError::Journal { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("run the release that wrote them"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_kind_stops_a_node_that_runs_and_folds_nothing_twice() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    let before = engine.read(essence);
    append_unknown(&lab).await;
    assert!(write(&engine, incident, "refused").await.is_none());
    pass(60).await;
    let health = engine.health();
    assert!(!health.accepting);
    let reason = health.reason.unwrap();
    assert!(
        reason.contains("run the release that wrote them"),
        "{reason}"
    );
    assert_eq!(engine.read(essence), before);
}

async fn put(lab: &Lab, head: Head, bytes: Vec<u8>) {
    let snapshot = Snapshot {
        head,
        fold_version: FOLD_VERSION,
        bytes,
    };
    lab.store.put_snapshot(&snapshot).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_cannot_be_used_costs_time_only() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    let bytes = engine.read(|state| encode_state(state).unwrap());
    let head = lab.store.head().await.unwrap();
    write(&engine, incident, "tail").await.unwrap();
    let elsewhere = Head {
        hash: [9; 32],
        ..head
    };
    let beyond = Head {
        seq: head.seq + 100,
        ..head
    };
    for (head, bytes) in [
        (head, bytes.clone()),
        (head, b"nonsense".to_vec()),
        (head, Vec::new()),
        (elsewhere, bytes.clone()),
        (beyond, bytes),
    ] {
        put(&lab, head, bytes).await;
        let (fresh, _) = lab.open("b").await.unwrap();
        assert_eq!(fresh.read(essence), engine.read(essence));
        assert_eq!(fresh.seq(), engine.seq());
        write(&fresh, incident, "goes on").await.unwrap();
        engine.wait_for(fresh.seq()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_used_and_time_goes_on_from_it() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    pass(3600).await;
    let last = write(&engine, incident, "last").await.unwrap();
    let mut state: State = engine.read(Clone::clone);
    // A mark that no journal holds.
    state.worlds.get_mut(&Live).unwrap().last.handoff = 77;
    let head = lab.store.head().await.unwrap();
    assert_eq!(head.seq, last.seq);
    put(&lab, head, encode_state(&state).unwrap()).await;
    let (fresh, clock) = lab.open("b").await.unwrap();
    let mark = fresh.read(|state| state.world(Live).unwrap().last.handoff);
    assert_eq!(mark, 77);
    assert!(fresh.read(|state| state.organisation().is_some()));
    clock.jump(-7_200_000);
    write(&fresh, incident, "after").await.unwrap();
    let times: Vec<i64> = lab.entries().await.iter().map(|e| e.time_ms).collect();
    assert!(times.is_sorted(), "{times:?}");
}
