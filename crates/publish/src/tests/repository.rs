//! Versions, lives, what is kept and what goes.

use std::time::Duration;

use stentor_verify::Verdict;

use super::support::{House, assert_everywhere, copy, files, hours, now, word};
use crate::repository::Pages;
use crate::{PublishError, Publisher, RepositoryError, Settings};

#[tokio::test]
async fn a_word_moves_all_versions_and_a_confirmation_only_one() {
    let house = House::new();
    let mut publisher = house.publisher();
    let minute = now().as_second() as u64 / 60;
    let first = publisher.say(word("a"), now()).await.unwrap();
    assert_everywhere(&first);
    assert_eq!(
        (first.snapshot, first.timestamp),
        (2, 2_000_000_000 + minute)
    );
    assert_eq!(first.fresh_until, hours(6));
    let again = publisher.say(word("a"), hours(1)).await.unwrap();
    assert_eq!(
        (again.snapshot, again.timestamp),
        (2, 2_000_000_000 + minute + 60),
        "nothing new was said"
    );
    let confirmed = publisher.resign_timestamp(hours(1)).await.unwrap();
    assert_eq!(
        confirmed.timestamp,
        again.timestamp + 1,
        "twice in one minute"
    );
    let second = publisher.say(word("b"), hours(2)).await.unwrap();
    assert_eq!(
        (second.snapshot, second.timestamp),
        (3, 3_000_000_000 + minute + 120)
    );
    assert_everywhere(&second);

    // The lives: a timestamp of 6 hours, a snapshot and status of 30 days, offline roles of a year.
    let report = house.verify("one", hours(2)).await;
    let expires = |role: &str| {
        report
            .roles
            .iter()
            .find(|r| r.name == role)
            .unwrap()
            .expires
    };
    assert_eq!(expires("timestamp"), hours(8));
    assert_eq!(
        (expires("snapshot"), expires("status")),
        (hours(722), hours(722))
    );
    assert_eq!(
        (expires("root"), expires("targets")),
        (hours(8_760), hours(8_760))
    );
    assert_eq!(
        house.verify("one", hours(8)).await.verdict,
        Verdict::Stale {
            since: hours(8),
            age_seconds: 0
        }
    );
}

#[tokio::test]
async fn a_standing_word_is_renewed_before_its_roles_expire() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    assert_eq!(
        publisher
            .say(word("a"), hours(14 * 24))
            .await
            .unwrap()
            .snapshot,
        2
    );
    let renewed = publisher.say(word("a"), hours(15 * 24)).await.unwrap();
    assert_eq!(renewed.snapshot, 3);
    assert_everywhere(&renewed);
}

#[tokio::test]
async fn superseded_files_go_after_thirty_days_and_unsigned_pages_at_once() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    let mut fewer = word("b");
    fewer.remove("incidents/INC-1.html");
    publisher.say(fewer, hours(1)).await.unwrap();
    let count = |part: &str| {
        files(&house.path("one"))
            .iter()
            .filter(|p| p.contains(part))
            .count()
    };
    assert_eq!(
        count("INC-1"),
        1,
        "the hashed target stays for readers on their way, the page does not"
    );
    assert_eq!(
        (count("snapshot.json"), count("status.json")),
        (2, 2 + 2 + 1)
    );

    publisher.say(word("c"), hours(30 * 24)).await.unwrap();
    assert_eq!(
        count("index.html"),
        4,
        "three words in targets and the page"
    );
    assert_eq!(count("INC-1"), 3, "the incident is back");
    let late = publisher.say(word("d"), hours(31 * 24 + 2)).await.unwrap();
    assert_everywhere(&late);
    let left = files(&house.path("one"));
    assert!(
        !left
            .iter()
            .any(|p| p.ends_with("/2.snapshot.json") || p.ends_with("/2.status.json")),
        "{left:?}"
    );
    assert!(
        left.iter().any(|p| p.ends_with("/1.root.json")),
        "roots stay"
    );
    // Our own copy is cleaned as well.
    let kept = files(&house.path("repository"));
    assert!(
        !kept.iter().any(|p| p.ends_with("/2.snapshot.json")),
        "{kept:?}"
    );
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let house = House::new();
    let first = house.publisher().say(word("a"), now()).await.unwrap();
    // A crash before the head was replaced leaves files of the next version that nobody saw.
    let next = house.path("repository/metadata/3.snapshot.json");
    std::fs::write(&next, "half").unwrap();
    let mut publisher = house.publisher();
    assert_eq!(
        publisher.push(now()).await.unwrap().timestamp,
        first.timestamp
    );
    let second = publisher.say(word("b"), hours(1)).await.unwrap();
    assert_eq!(second.snapshot, 3);
    assert_everywhere(&second);
}

#[tokio::test]
async fn only_the_paths_of_the_role_can_be_signed() {
    let house = House::new();
    let mut publisher = house.publisher();
    for path in [
        "root.json",
        "metadata/timestamp.json",
        "targets/x",
        "incidents/2026/a/b.html",
        "incidents/2026/",
        "incidents/../index.html",
        "/index.html",
        "advisories/a.json",
    ] {
        let pages: Pages = [(path.to_owned(), b"x".to_vec())].into();
        let refused = publisher.say(pages, now()).await;
        assert!(
            matches!(
                refused,
                Err(PublishError::Repository(RepositoryError::Page { .. }))
            ),
            "{path}: {refused:?}"
        );
    }
    assert!(!house.path("one").exists(), "nothing was pushed");
}

#[tokio::test]
async fn a_damaged_repository_is_not_pushed() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    let stored = super::support::find(&house.path("repository/targets"), "index.html");
    std::fs::write(&stored, "index.html: A").unwrap();
    let refused = publisher.resign_timestamp(hours(1)).await;
    assert!(
        matches!(
            refused,
            Err(PublishError::Repository(RepositoryError::Damaged { .. }))
        ),
        "{refused:?}"
    );
    // Nor is damaged metadata signed for.
    for part in ["2.snapshot.json", "1.targets.json"] {
        let path = house.path("repository/metadata").join(part);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("T02:10", "T03:10")).unwrap();
    }
    let head = std::fs::read(house.path("repository/head.json")).unwrap();
    assert!(publisher.resign_timestamp(hours(1)).await.is_err());
    assert!(publisher.say(word("b"), hours(1)).await.is_err());
    assert_eq!(
        std::fs::read(house.path("repository/head.json")).unwrap(),
        head
    );
    assert_eq!(
        house.verify("one", hours(1)).await.verdict,
        Verdict::Fresh,
        "the mirrors are untouched"
    );
}

#[tokio::test]
async fn a_clock_far_behind_is_told_so() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), hours(25)).await.unwrap();
    let refused = publisher.resign_timestamp(now()).await;
    assert!(
        matches!(
            refused,
            Err(PublishError::Repository(RepositoryError::ClockBehind(_)))
        ),
        "{refused:?}"
    );
    // A new word outranks by its snapshot and needs no clock.
    assert!(publisher.say(word("b"), now()).await.is_ok());
}

#[tokio::test]
async fn one_process_at_a_time_writes() {
    let house = House::new();
    let first = house.publisher();
    let second = Publisher::open(Settings {
        world: house.world,
        repository: &house.path("repository"),
        online: &house.path("online"),
        mirrors: Vec::new(),
        timeout: Duration::from_secs(1),
    });
    let refused = second.err();
    assert!(
        matches!(
            refused,
            Some(PublishError::Repository(RepositoryError::InUse { .. }))
        ),
        "{refused:?}"
    );
    drop(first);
    house.publisher();
}

#[tokio::test]
async fn killed_at_any_moment_of_signing_it_goes_on_from_the_old_word() {
    let house = House::new();
    house.publisher().say(word("a"), now()).await.unwrap();
    copy(&house.path("repository"), &house.path("before"));
    house.publisher().say(word("b"), hours(1)).await.unwrap();
    let (before, after) = (house.path("before"), house.path("repository"));
    let known = files(&before);
    let mut new: Vec<_> = files(&after)
        .into_iter()
        .filter(|f| !known.contains(f))
        .collect();
    // Targets, status, snapshot: as they are written.
    new.sort_by_key(|f| (f.starts_with("metadata"), f.contains("snapshot")));
    assert_eq!(new.len(), 6, "{new:?}");
    for killed_after in 0..=new.len() {
        let own = house.path(&format!("own {killed_after}"));
        copy(&before, &own);
        for file in &new[..killed_after] {
            std::fs::copy(after.join(file), own.join(file)).unwrap();
        }
        let name = format!("mirror {killed_after}");
        let mut publisher = Publisher::open(Settings {
            world: house.world,
            repository: &own,
            online: &house.path("online"),
            mirrors: vec![house.mirror(&name)],
            timeout: Duration::from_secs(30),
        })
        .unwrap();
        let old = publisher.push(hours(1)).await.unwrap();
        assert_everywhere(&old);
        assert_eq!(old.snapshot, 2);
        // Another word than the one that was lost, under the number nobody has seen.
        let next = publisher.say(word("c"), hours(1)).await.unwrap();
        assert_everywhere(&next);
        assert_eq!(next.snapshot, 3);
    }
}
