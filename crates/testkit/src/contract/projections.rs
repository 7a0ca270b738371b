//! Clauses on timelines, incidents, answers and inboxes.

use stentor_domain::world::World;
use stentor_store::{
    Attempt, Claim, Contact, InboxMessage, IncidentRow, Lane, OutboxRow, StoreError,
    TimelineFilter, TimelineRow, Write,
};

use super::Database;
use super::samples::{NOW, answer, incident, line, page, write};

/// A limit keeps the newest lines, and they are still read oldest first.
pub async fn timelines_return_the_newest_lines_oldest_first(database: &dyn Database) {
    let store = database.open().await;
    let stored = [
        line(2, 0),
        line(2, 1),
        line(10, 0),
        line(300, 0),
        line(300, 1),
    ];
    let other_incident = TimelineRow {
        incident: 2,
        ..line(5, 0)
    };
    let other_world = TimelineRow {
        world: World::Drill(1),
        ..line(5, 0)
    };
    let writes: Vec<_> = stored
        .iter()
        .rev()
        .chain([&other_incident, &other_world])
        .cloned()
        .map(Write::Timeline)
        .collect();
    write(&*store, &writes).await.unwrap();
    for limit in [0, 1, 3, 5, 100] {
        let filter = TimelineFilter {
            world: World::Live,
            incident: 1,
            limit,
        };
        let read = store.timeline(filter).await.unwrap();
        assert_eq!(read, stored[stored.len() - limit.min(stored.len())..]);
    }
    let filter = TimelineFilter {
        world: World::Live,
        incident: 2,
        limit: 9,
    };
    assert_eq!(store.timeline(filter).await.unwrap(), [other_incident]);
}

/// Newest first by number, in pages, by world.
pub async fn incidents_are_listed_newest_first(database: &dyn Database) {
    let store = database.open().await;
    let mut writes: Vec<_> = [3, 11, 2, 1]
        .map(|id| Write::Incident(incident(World::Live, id)))
        .into();
    writes.push(Write::Incident(incident(World::Drill(1), 7)));
    write(&*store, &writes).await.unwrap();
    let ids = |rows: Vec<IncidentRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    for (before, limit, expect) in [
        (None, 9, vec![11, 3, 2, 1]),
        (None, 2, vec![11, 3]),
        (Some(3), 9, vec![2, 1]),
        (Some(1), 9, vec![]),
        (Some(u32::MAX), 1, vec![11]),
    ] {
        let rows = store.incidents(World::Live, before, limit).await.unwrap();
        assert_eq!(ids(rows), expect, "before {before:?}, limit {limit}");
    }
    let drill = store.incidents(World::Drill(1), None, 9).await.unwrap();
    assert_eq!(drill, [incident(World::Drill(1), 7)]);
    assert_eq!(store.incident(World::Live, 7).await.unwrap(), None);
    let max = IncidentRow {
        closed_ms: Some(NOW),
        ..incident(World::Live, u32::MAX)
    };
    write(&*store, &[Write::Incident(max.clone())])
        .await
        .unwrap();
    assert_eq!(
        store.incident(World::Live, u32::MAX).await.unwrap(),
        Some(max)
    );
}

/// A key keeps its first answer for a day at least; much older ones go when new ones come.
pub async fn the_first_answer_to_a_key_stands(database: &dyn Database) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let store = database.open().await;
    assert_eq!(store.answer("k").await.unwrap(), None);
    let put = |key: &str, text: &str, time_ms| Write::Answer(answer(key, text, time_ms));
    write(&*store, &[put("k", "first", NOW)]).await.unwrap();
    write(&*store, &[put("k", "second", NOW + 1)])
        .await
        .unwrap();
    let stored = store.answer("k").await.unwrap();
    assert_eq!(stored, Some(answer("k", "first", NOW)));
    write(&*store, &[put("l", "other", NOW + DAY)])
        .await
        .unwrap();
    assert!(store.answer("k").await.unwrap().is_some());
    write(&*store, &[put("m", "other", NOW + DAY + 1)])
        .await
        .unwrap();
    assert_eq!(store.answer("k").await.unwrap(), None);
    assert!(store.answer("l").await.unwrap().is_some());
    let late = NOW + 3 * DAY;
    write(&*store, &[put("l", "anew", late)]).await.unwrap();
    assert_eq!(
        store.answer("l").await.unwrap(),
        Some(answer("l", "anew", late))
    );
}

fn message(key: &str, world: World, time_ms: i64) -> InboxMessage {
    InboxMessage {
        key: key.to_owned(),
        world,
        time_ms,
        person: "ada".to_owned(),
        channel: "email".to_owned(),
        subject: "[drill] disk full".to_owned(),
        body: "…".to_owned(),
    }
}

/// Oldest first, idempotent by key, and closed to the live world.
pub async fn the_inbox_is_for_drills_only(database: &dyn Database) {
    let store = database.open().await;
    let live = store.put_inbox(&message("a", World::Live, NOW)).await;
    assert!(matches!(live, Err(StoreError::Corrupt(_))), "{live:?}");
    let (one, two) = (World::Drill(1), World::Drill(2));
    let stored = [
        message("b", one, NOW),
        message("a", one, NOW + 5),
        message("c", one, NOW + 9),
    ];
    for message in stored.iter().rev() {
        store.put_inbox(message).await.unwrap();
    }
    store
        .put_inbox(&message("b", one, NOW + 100))
        .await
        .unwrap();
    store.put_inbox(&message("b", two, NOW)).await.unwrap();
    assert_eq!(store.inbox(one, 9).await.unwrap(), stored);
    assert_eq!(store.inbox(one, 2).await.unwrap(), stored[..2]);
    assert_eq!(store.inbox(two, 9).await.unwrap(), [message("b", two, NOW)]);
    assert_eq!(store.inbox(World::Live, 9).await.unwrap(), []);
}

/// Text from strangers comes back as it was, except that U+0000 becomes U+FFFD on every engine.
pub async fn hostile_text_is_kept(database: &dyn Database) {
    const HOSTILE: &str = "'; DROP TABLE entries; -- \" \\ \u{1}\r\n\t <script> ${x} {{y}} %s ?1 $1 \
                           \u{202e}ẞ𝕏👩‍🚒\u{10ffff}\u{feff}";
    let store = database.open().await;
    for (given, expect) in [
        (HOSTILE.to_owned(), HOSTILE.to_owned()),
        (
            format!("{HOSTILE}\0tail\0"),
            format!("{HOSTILE}\u{fffd}tail\u{fffd}"),
        ),
        (String::new(), String::new()),
    ] {
        let (given, expect) = (given.as_str(), expect.as_str());
        let row = |text: &str| OutboxRow {
            body: text.to_owned(),
            lease_holder: Some(text.to_owned()),
            last_error: Some(text.to_owned()),
            ..page(text, NOW)
        };
        let line = |text: &str| TimelineRow {
            kind: text.to_owned(),
            actor: Some(text.to_owned()),
            text: text.to_owned(),
            ..line(1, 0)
        };
        let incident = |text: &str| IncidentRow {
            service: text.to_owned(),
            severity: text.to_owned(),
            phase: text.to_owned(),
            title: text.to_owned(),
            data: text.to_owned(),
            ..incident(World::Live, 1)
        };
        let contact = |text: &str| Contact {
            person: text.to_owned(),
            email: Some(text.to_owned()),
            webhook_url: None,
            webhook_secret: Some(text.to_owned()),
        };
        let message = |text: &str| InboxMessage {
            person: text.to_owned(),
            channel: text.to_owned(),
            subject: text.to_owned(),
            body: text.to_owned(),
            ..message(text, World::Drill(1), NOW)
        };
        let writes = [
            Write::ForgetProjections(World::Live),
            Write::Enqueue(row(given)),
            Write::Timeline(line(given)),
            Write::Incident(incident(given)),
            Write::Answer(answer(given, given, NOW)),
        ];
        write(&*store, &writes).await.unwrap();
        store.put_contacts(&[contact(given)]).await.unwrap();
        store.put_inbox(&message(given)).await.unwrap();

        let filter = TimelineFilter {
            world: World::Live,
            incident: 1,
            limit: 9,
        };
        assert_eq!(store.timeline(filter).await.unwrap(), [line(expect)]);
        let stored = store.incident(World::Live, 1).await.unwrap();
        assert_eq!(stored, Some(incident(expect)));
        let stored = store.answer(given).await.unwrap();
        assert_eq!(stored, Some(answer(expect, expect, NOW)));
        assert_eq!(store.contact(given).await.unwrap(), Some(contact(expect)));
        let inbox = store.inbox(World::Drill(1), 9).await.unwrap();
        assert!(inbox.contains(&message(expect)));
        // The holder and the key are found under the text as given.
        let claim = Claim {
            world: World::Live,
            lane: Lane::Pages,
            holder: given,
            now_ms: NOW,
            until_ms: NOW,
            limit: 9,
        };
        let claimed = store.claim(claim).await.unwrap();
        assert_eq!(
            claimed,
            [OutboxRow {
                lease_until_ms: NOW,
                ..row(expect)
            }]
        );
        let attempt = Attempt {
            key: given.to_owned(),
            holder: given.to_owned(),
            next_try_ms: NOW,
            error: given.to_owned(),
        };
        store.postpone(&attempt).await.unwrap();
        let waiting = store.waiting(World::Live, Lane::Pages, 9).await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].attempts, 1);
        assert_eq!(waiting[0].last_error.as_deref(), Some(expect));
        write(
            &*store,
            &[Write::Dequeue {
                key: given.to_owned(),
            }],
        )
        .await
        .unwrap();
        assert_eq!(
            store.waiting(World::Live, Lane::Pages, 9).await.unwrap(),
            []
        );
        assert!(store.erase_contact(given).await.unwrap());
    }
}
