//! Clauses on commit groups and the writes in them.

use std::time::Duration;

use stentor_domain::world::World;
use stentor_store::chain::Broken;
use stentor_store::{
    ERASED_LINE, Entry, Lane, OutboxRow, Payload, Store, StoreError, TimelineFilter, TimelineRow,
    Write, chain,
};

use super::Database;
use super::journal::verified_head;
use super::samples::{NOW, answer, append, entries, entry, incident, line, page, write};

async fn waiting(store: &dyn Store) -> Vec<String> {
    let rows = store.waiting(World::Live, Lane::Pages, 1000).await.unwrap();
    rows.into_iter().map(|row| row.key).collect()
}

async fn lines(store: &dyn Store, world: World) -> Vec<TimelineRow> {
    let filter = TimelineFilter {
        world,
        incident: 1,
        limit: 1000,
    };
    store.timeline(filter).await.unwrap()
}

/// A second writer, also through another store object, waits in bounded time and gets the head once it is free.
pub async fn an_open_group_excludes_every_other(database: &dyn Database) {
    let (one, other) = (database.open().await, database.open().await);
    for second in [&one, &other] {
        let mut group = one.begin().await.unwrap();
        let appended = entries(group.head(), 1);
        group.append(&appended, &[]).await.unwrap();
        let mut waiter = second.begin();
        // Either it still waits, or it gave up; what it must not do is to get the head.
        match tokio::time::timeout(Duration::from_millis(300), &mut waiter).await {
            Ok(Ok(_)) => panic!("two groups held the head"),
            Ok(Err(error)) => {
                assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
                waiter = second.begin();
            }
            Err(_) => {}
        }
        group.commit().await.unwrap();
        let next = waiter.await.unwrap();
        assert_eq!(next.head(), appended[0].head());
    }
}

/// Dropping a group, before or after appending, undoes everything and frees the head.
pub async fn a_dropped_group_leaves_nothing(database: &dyn Database) {
    let store = database.open().await;
    append(&*store, 1, &[]).await.unwrap();
    let before = store.head().await.unwrap();
    drop(store.begin().await.unwrap());
    for _ in 0..3 {
        let mut group = store.begin().await.unwrap();
        assert_eq!(group.head(), before);
        let writes = [
            Write::Enqueue(page("a", NOW)),
            Write::Timeline(line(2, 0)),
            Write::Incident(incident(World::Live, 1)),
            Write::Answer(answer("k", "{}", NOW)),
            Write::Erase { seq: 1, by: 2 },
        ];
        group.append(&entries(before, 2), &writes).await.unwrap();
        drop(group);
    }
    assert_eq!(verified_head(&*store).await, before);
    assert_eq!(waiting(&*store).await, Vec::<String>::new());
    assert_eq!(lines(&*store, World::Live).await, []);
    assert_eq!(store.incident(World::Live, 1).await.unwrap(), None);
    assert_eq!(store.answer("k").await.unwrap(), None);
    let first = &store.entries_after(0, 1).await.unwrap()[0];
    assert!(matches!(first.payload, Payload::Present { .. }));
}

/// The head inside a group is the newest, whoever wrote it, and the entries up to it can be read there.
pub async fn a_group_sees_what_others_committed(database: &dyn Database) {
    let (one, other) = (database.open().await, database.open().await);
    assert_eq!(one.head().await.unwrap().seq, 0);
    let appended = append(&*other, 3, &[]).await.unwrap();
    let mut group = one.begin().await.unwrap();
    assert_eq!(group.head(), appended[2].head());
    assert_eq!(group.entries_after(1, 10).await.unwrap(), appended[1..]);
    drop(group);
    assert_eq!(one.head().await.unwrap(), appended[2].head());
}

/// Several appends in one group continue each other; readers see them only after the commit.
pub async fn a_group_sees_its_own_appends(database: &dyn Database) {
    let store = database.open().await;
    let mut group = store.begin().await.unwrap();
    let first = entries(group.head(), 2);
    group.append(&first, &[]).await.unwrap();
    assert_eq!(group.head(), first[1].head());
    let second = entries(group.head(), 1);
    group.append(&second, &[]).await.unwrap();
    assert_eq!(group.entries_after(2, 10).await.unwrap(), second);
    assert_eq!(store.head().await.unwrap().seq, 0);
    assert_eq!(store.entries_after(0, 10).await.unwrap(), []);
    group.commit().await.unwrap();
    assert_eq!(verified_head(&*store).await, second[0].head());
}

/// A gap, a repetition or a foreign chain is refused, and committing afterwards leaves nothing.
pub async fn entries_that_do_not_follow_are_refused(database: &dyn Database) {
    let store = database.open().await;
    let stored = append(&*store, 2, &[]).await.unwrap();
    let head = stored[1].head();
    let mut foreign_head = head;
    foreign_head.hash[0] ^= 1;
    let mut renamed = entries(head, 1);
    renamed[0].kind.push('x');
    let mut with_gap = entries(head, 3);
    with_gap.remove(1);
    let wrong: [Vec<Entry>; 4] = [stored.clone(), entries(foreign_head, 1), renamed, with_gap];
    for entries in wrong {
        assert!(chain::follow(head, &entries).is_err());
        let mut group = store.begin().await.unwrap();
        let refused = group
            .append(&entries, &[Write::Enqueue(page("a", NOW))])
            .await;
        assert!(
            matches!(refused, Err(StoreError::Corrupt(_))),
            "{refused:?}"
        );
        assert!(group.append(&[], &[]).await.is_err());
        assert!(group.commit().await.is_err());
    }
    assert_eq!(verified_head(&*store).await, head);
    assert_eq!(waiting(&*store).await, Vec::<String>::new());
    assert_eq!(
        chain::follow(head, &stored[..1]),
        Err(Broken::Gap {
            expected: 3,
            found: 1
        })
    );
}

/// Each kind of write does what it says, and a later one sees an earlier one's effect.
pub async fn every_write_is_applied_in_order(database: &dyn Database) {
    let store = database.open().await;
    let leased = OutboxRow {
        attempts: 2,
        lease_holder: Some("node-1".to_owned()),
        lease_until_ms: NOW + 30_000,
        last_error: Some("451 try later".to_owned()),
        ..page("kept", NOW + 5)
    };
    let closed = {
        let mut row = incident(World::Live, 1);
        row.phase = "closed".to_owned();
        row.closed_ms = Some(NOW + 9);
        row
    };
    let writes = [
        Write::Enqueue(page("gone", NOW)),
        Write::Enqueue(leased.clone()),
        Write::Dequeue {
            key: "gone".to_owned(),
        },
        Write::Dequeue {
            key: "never there".to_owned(),
        },
        Write::Enqueue(page("again", NOW)),
        Write::Dequeue {
            key: "again".to_owned(),
        },
        Write::Enqueue(page("again", NOW + 7)),
        Write::Timeline(line(1, 0)),
        Write::Timeline(TimelineRow {
            actor: None,
            ..line(1, 1)
        }),
        Write::Incident(incident(World::Live, 1)),
        Write::Incident(closed.clone()),
        Write::Answer(answer("k", r#"{"incident":1}"#, NOW)),
    ];
    append(&*store, 1, &writes).await.unwrap();
    let kept = store.waiting(World::Live, Lane::Pages, 10).await.unwrap();
    assert_eq!(kept, [page("again", NOW + 7), leased]);
    let expected = [
        line(1, 0),
        TimelineRow {
            actor: None,
            ..line(1, 1)
        },
    ];
    assert_eq!(lines(&*store, World::Live).await, expected);
    assert_eq!(store.incident(World::Live, 1).await.unwrap(), Some(closed));
    let stored = store.answer("k").await.unwrap();
    assert_eq!(stored, Some(answer("k", r#"{"incident":1}"#, NOW)));
}

/// Enqueueing a key and writing a line that exist change nothing.
pub async fn repeated_writes_change_nothing(database: &dyn Database) {
    let store = database.open().await;
    let first = [Write::Enqueue(page("a", NOW)), Write::Timeline(line(1, 0))];
    write(&*store, &first).await.unwrap();
    let mut other_page = page("a", NOW + 1);
    other_page.body = "other".to_owned();
    let mut other_line = line(1, 0);
    other_line.text = "other".to_owned();
    let again = [
        Write::Enqueue(other_page.clone()),
        Write::Enqueue(page("b", NOW)),
        Write::Enqueue(other_page),
        Write::Timeline(other_line.clone()),
        Write::Timeline(line(1, 1)),
        Write::Timeline(other_line),
    ];
    write(&*store, &again).await.unwrap();
    let rows = store.waiting(World::Live, Lane::Pages, 10).await.unwrap();
    assert_eq!(rows, [page("a", NOW), page("b", NOW)]);
    assert_eq!(lines(&*store, World::Live).await, [line(1, 0), line(1, 1)]);
}

/// Batches of any size, around the sizes engines may cut them into.
pub async fn large_groups_are_written_whole(database: &dyn Database) {
    let store = database.open().await;
    let mut total = 0;
    for count in [1, 3, 4, 5, 17, 64, 65, 300] {
        let writes: Vec<_> = (total..total + count)
            .map(|n| Write::Enqueue(page(&format!("{n:04}"), NOW)))
            .chain((0..count).map(|n| Write::Timeline(line(total + 1, n as u32))))
            .collect();
        append(&*store, count, &writes).await.unwrap();
        total += count;
        assert_eq!(verified_head(&*store).await.seq, total);
        let keys: Vec<_> = (0..total).map(|n| format!("{n:04}")).collect();
        assert_eq!(waiting(&*store).await, keys);
        assert_eq!(lines(&*store, World::Live).await.len() as u64, total);
    }
}

/// Erasing removes salt and payload for good, keeps the first tombstone, and the chain still verifies.
pub async fn an_erased_payload_leaves_a_tombstone(database: &dyn Database) {
    let store = database.open().await;
    let before = append(&*store, 3, &[]).await.unwrap();
    append(&*store, 1, &[Write::Erase { seq: 2, by: 4 }])
        .await
        .unwrap();
    let again = [
        Write::Erase { seq: 2, by: 5 },
        Write::Erase { seq: 99, by: 5 },
    ];
    append(&*store, 1, &again).await.unwrap();
    let read = store.entries_after(0, 10).await.unwrap();
    assert_eq!(read[0], before[0]);
    assert_eq!(read[1].payload, Payload::Erased { by: 4 });
    assert_eq!(read[1].digest, before[1].digest);
    assert_eq!(read[2], before[2]);
    assert_eq!(verified_head(&*store).await.seq, 5);
    // What the timeline told of it is gone too, and nothing else.
    let told = [Write::Timeline(line(2, 0)), Write::Timeline(line(3, 0))];
    append(&*store, 1, &told).await.unwrap();
    append(&*store, 1, &[Write::Erase { seq: 2, by: 7 }])
        .await
        .unwrap();
    let lines = lines(&*store, World::Live).await;
    assert_eq!(lines[0].text, ERASED_LINE);
    assert_eq!(lines[0].actor, None);
    assert_eq!(lines[1], line(3, 0));
    // An entry can be erased by the group that appends it.
    append(&*store, 1, &[Write::Erase { seq: 8, by: 8 }])
        .await
        .unwrap();
    let read = store.entries_after(7, 1).await.unwrap();
    assert_eq!(read[0].payload, Payload::Erased { by: 8 });
}

/// A journal with tombstones can be copied into another database.
pub async fn an_erased_entry_can_be_appended_elsewhere(database: &dyn Database) {
    let store = database.open().await;
    let mut group = store.begin().await.unwrap();
    let mut erased = entry(group.head(), b"secret");
    erased.payload = Payload::Erased { by: 2 };
    let by = entry(erased.head(), b"erased entry 1");
    let copied = [erased, by];
    group.append(&copied, &[]).await.unwrap();
    group.commit().await.unwrap();
    assert_eq!(store.entries_after(0, 10).await.unwrap(), copied);
    verified_head(&*store).await;
}

/// Forgetting empties one world's projections before they are rebuilt, and touches nothing else.
pub async fn forgetting_empties_the_projections_of_one_world(database: &dyn Database) {
    let store = database.open().await;
    let drill = World::Drill(3);
    let mut drill_page = page("d", NOW);
    drill_page.world = drill;
    let mut drill_line = line(1, 0);
    drill_line.world = drill;
    let writes = [
        Write::Enqueue(page("a", NOW)),
        Write::Enqueue(drill_page.clone()),
        Write::Timeline(line(1, 0)),
        Write::Timeline(drill_line.clone()),
        Write::Incident(incident(World::Live, 1)),
        Write::Incident(incident(drill, 1)),
        Write::Answer(answer("k", "{}", NOW)),
    ];
    append(&*store, 1, &writes).await.unwrap();
    let rebuild = [
        Write::ForgetProjections(World::Live),
        Write::Enqueue(page("rebuilt", NOW)),
    ];
    write(&*store, &rebuild).await.unwrap();
    assert_eq!(waiting(&*store).await, ["rebuilt"]);
    assert_eq!(lines(&*store, World::Live).await, []);
    assert_eq!(store.incident(World::Live, 1).await.unwrap(), None);
    assert_eq!(
        store.waiting(drill, Lane::Pages, 10).await.unwrap(),
        [drill_page]
    );
    assert_eq!(lines(&*store, drill).await, [drill_line]);
    assert!(store.incident(drill, 1).await.unwrap().is_some());
    assert!(store.answer("k").await.unwrap().is_some());
    assert_eq!(verified_head(&*store).await.seq, 1);
}
