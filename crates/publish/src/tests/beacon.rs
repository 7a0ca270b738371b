//! Beacons: quiet while the publisher is well, and never able to make an older word the newest.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use stentor_verify::{FetchError, Verdict};
use tokio::time::Instant;

use super::support::{House, copy, files, find, hours, now, word};
use crate::{Beacon, BeaconError, BeaconSettings, Mirror, MirrorError, Place, Round, Signing};

/// A beacon that reads `one` and `two` and writes to `own`.
fn beacon(house: &House, own: &str, always: bool) -> Beacon {
    open(house, own, &house.path(&format!("state {own}")), always).unwrap()
}

fn open(house: &House, own: &str, state: &Path, always: bool) -> Result<Beacon, BeaconError> {
    let place = |name: &str, writes| Place {
        mirror: house.mirror(name),
        writes,
    };
    Beacon::open(BeaconSettings {
        root: house.founded.root.clone(),
        key: &house.path("online/timestamp.key"),
        places: vec![place("one", false), place("two", false), place(own, true)],
        timeout: Duration::from_secs(30),
        state: Some(state.to_owned()),
        always,
    })
}

#[track_caller]
fn assert_written(round: &Round) {
    for outcome in &round.written {
        if let Err(failure) = &outcome.result {
            panic!("{}: {failure}", outcome.mirror)
        }
    }
}

#[tokio::test]
async fn it_copies_the_word_and_signs_only_when_the_publisher_does_not() {
    let house = House::new();
    let mut publisher = house.publisher();
    let mut beacon = beacon(&house, "own", false);
    let nothing = beacon.round(now()).await.unwrap();
    assert_eq!(nothing.signing, Signing::NothingSeen);
    assert!(!nothing.is_well(now()));

    let said = publisher.say(word("a"), now()).await.unwrap();
    let round = beacon.round(hours(1)).await.unwrap();
    assert_written(&round);
    assert_eq!(
        (round.signing, round.timestamp),
        (Signing::NotDue, said.timestamp)
    );
    assert_eq!(house.verify("own", hours(1)).await.verdict, Verdict::Fresh);
    assert_eq!(
        files(&house.path("own")),
        files(&house.path("one")),
        "the whole word"
    );

    // The publisher is gone for more than half of a timestamp's life.
    let round = beacon.round(hours(4)).await.unwrap();
    assert_eq!(round.signing, Signing::Signed);
    assert!(round.is_well(hours(4)));
    assert_eq!(round.fresh_until, Some(hours(10)));
    assert_eq!(
        house.verify("own", hours(9)).await.verdict,
        Verdict::Fresh,
        "the publisher's own mirrors are stale by then"
    );
    assert!(matches!(
        house.verify("one", hours(9)).await.verdict,
        Verdict::Stale { .. }
    ));

    // It comes back: its word is newer whatever the beacon signed.
    let said = publisher.say(word("b"), hours(9)).await.unwrap();
    let round = beacon.round(hours(9)).await.unwrap();
    assert_written(&round);
    assert_eq!(
        (round.signing, round.timestamp),
        (Signing::NotDue, said.timestamp)
    );
    assert_eq!(
        std::fs::read(house.path("own/index.html")).unwrap(),
        b"index.html: b"
    );
}

#[tokio::test]
async fn told_to_sign_always_it_signs_once_a_round() {
    let house = House::new();
    let said = house.publisher().say(word("a"), now()).await.unwrap();
    let round = beacon(&house, "own", true).round(now()).await.unwrap();
    assert_eq!(
        (round.signing, round.timestamp),
        (Signing::Signed, said.timestamp + 1)
    );
}

#[tokio::test]
async fn an_older_word_put_back_everywhere_is_not_confirmed() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    copy(&house.path("one"), &house.path("old"));
    publisher.say(word("b"), hours(1)).await.unwrap();
    let newest = beacon(&house, "own", false).round(hours(1)).await.unwrap();
    for mirror in ["one", "two", "own"] {
        std::fs::remove_dir_all(house.path(mirror)).unwrap();
        copy(&house.path("old"), &house.path(mirror));
    }
    // Also after a restart, and when it is due: what was seen counts, and it is confirmed where it can be.
    let round = beacon(&house, "own", false).round(hours(5)).await.unwrap();
    assert_eq!((round.snapshot, round.signing), (3, Signing::Signed));
    assert!(round.timestamp > newest.timestamp);
    assert!(
        round.written.iter().all(|o| o.result.is_err()),
        "there is no whole copy of it left: {:?}",
        round.written
    );
    assert_eq!(
        house.verify("own", hours(5)).await.version("snapshot"),
        Some(2),
        "nothing was signed for the older one"
    );
    // As soon as the newer word is anywhere, it is copied.
    publisher.push(hours(5)).await.unwrap();
    let round = beacon(&house, "own", false).round(hours(5)).await.unwrap();
    assert_written(&round);
    assert_eq!(house.verify("own", hours(5)).await.verdict, Verdict::Fresh);
    assert_eq!(
        house.verify("own", hours(5)).await.version("snapshot"),
        Some(3)
    );
}

#[tokio::test]
async fn a_wrong_clock_does_not_outrank_a_newer_word() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    // A day ahead: it signs at once, and its number is the highest for this snapshot only.
    let ahead = beacon(&house, "own", false).round(hours(24)).await.unwrap();
    assert_eq!(ahead.signing, Signing::Signed);
    // Another, with the right clock, says what is wrong instead of going along.
    let mut right = open(&house, "own", &house.path("other state"), true).unwrap();
    let round = right.round(now()).await.unwrap();
    assert!(
        matches!(round.signing, Signing::ClockBehind(_)),
        "{:?}",
        round.signing
    );
    let newer = publisher.say(word("b"), hours(1)).await.unwrap();
    assert!(newer.timestamp > ahead.timestamp);
    let round = right.round(hours(1)).await.unwrap();
    assert_written(&round);
    assert_eq!(round.signing, Signing::Signed);
    assert_eq!(
        house.verify("own", hours(1)).await.version("snapshot"),
        Some(3)
    );
    // A day behind: it believes that all is well, and does no harm.
    let behind = beacon(&house, "own", false)
        .round(hours(-23))
        .await
        .unwrap();
    assert_eq!(behind.signing, Signing::NotDue);
    assert_eq!(behind.timestamp, round.timestamp);
}

#[tokio::test]
async fn the_publisher_gets_out_of_what_a_wrong_clock_signed() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    let shared = open(&house, "one", &house.path("state"), true);
    let ahead = shared.unwrap().round(hours(24)).await.unwrap();
    // Nothing new is to be said, and no number is left for confirming the old one.
    assert!(publisher.resign_timestamp(now()).await.is_err());
    let said = publisher.say(word("a"), now()).await.unwrap();
    assert_eq!(said.snapshot, 3);
    assert!(said.is_everywhere() && said.timestamp > ahead.timestamp);
}

#[tokio::test]
async fn it_says_why_it_does_not_sign() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    let late = now() + SignedDuration::from_hours(31 * 24);
    let round = beacon(&house, "own", false).round(late).await.unwrap();
    assert_eq!(round.signing, Signing::SnapshotExpired);
    assert!(!round.is_well(late));
    // A key that the root does not name.
    let other = House::new();
    std::fs::copy(
        other.path("online/timestamp.key"),
        house.path("online/timestamp.key"),
    )
    .unwrap();
    let round = beacon(&house, "own", true).round(hours(1)).await.unwrap();
    assert_eq!(round.signing, Signing::NotNamed);
    assert_written(&round);
}

#[tokio::test]
async fn damaged_memory_is_said_and_not_passed_over() {
    let house = House::new();
    house.publisher().say(word("a"), now()).await.unwrap();
    let state = house.path("state");
    open(&house, "own", &state, false)
        .unwrap()
        .round(now())
        .await
        .unwrap();
    std::fs::write(state.join("beacon.json"), "{").unwrap();
    let refused = open(&house, "own", &state, false).err();
    assert!(
        matches!(refused, Some(BeaconError::State { what: "read", .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn its_mirror_loses_what_is_no_longer_signed() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    let mut kept = beacon(&house, "own", false);
    assert_written(&kept.round(now()).await.unwrap());
    drop(kept);
    let mut fewer = word("b");
    fewer.remove("status.txt");
    publisher.say(fewer, hours(1)).await.unwrap();
    // Also after a restart.
    let mut beacon = beacon(&house, "own", false);
    assert_written(&beacon.round(hours(1)).await.unwrap());
    let own = house.path("own");
    assert!(!own.join("status.txt").exists());
    let left = |part: &str| files(&own).iter().any(|path| path.contains(part));
    assert!(left("/2.snapshot.json"), "readers may be on their way");
    let mut at: Timestamp = hours(1);
    for _ in 0..3 {
        at += SignedDuration::from_hours(11 * 24);
        publisher.say(word(&at.to_string()), at).await.unwrap();
        assert_written(&beacon.round(at).await.unwrap());
    }
    assert!(!left("/2.snapshot.json"), "{:?}", files(&own));
    assert!(left("/1.root.json"));
    assert_eq!(house.verify("own", at).await.verdict, Verdict::Fresh);
}

#[tokio::test]
async fn a_damaged_source_is_left_for_a_better_one() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    let target = find(&house.path("one/targets"), "index.html");
    std::fs::write(target, "index.html: A").unwrap();
    let round = beacon(&house, "own", false).round(now()).await.unwrap();
    assert_written(&round);
    assert_eq!(house.verify("own", now()).await.verdict, Verdict::Fresh);
}

/// A directory in which writing, or reading as well, never ends; or one that notes when it was written last.
struct Timed {
    inner: Box<dyn Mirror>,
    hangs: Option<&'static str>,
    written: Arc<Mutex<Option<Instant>>>,
}

#[async_trait]
impl Mirror for Timed {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        if self.hangs == Some("reading") {
            std::future::pending::<()>().await;
        }
        self.inner.read(path, limit).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        if self.hangs.is_some() {
            std::future::pending::<()>().await;
        }
        *self.written.lock().unwrap() = Some(Instant::now());
        self.inner.write(path, bytes).await
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.inner.delete(path).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_mirror_that_hangs_holds_up_no_other() {
    let house = House::new();
    house.publisher().say(word("a"), now()).await.unwrap();
    // Reading is waited for once, because it comes before signing; writing is not.
    for (hangs, after) in [("writing", 0), ("reading", 30)] {
        let written = Arc::default();
        let timed = |name: &str, hangs| Place {
            mirror: Box::new(Timed {
                inner: house.mirror(name),
                hangs,
                written: Arc::clone(&written),
            }),
            writes: true,
        };
        let one = Place {
            mirror: house.mirror("one"),
            writes: false,
        };
        let mut beacon = Beacon::open(BeaconSettings {
            root: house.founded.root.clone(),
            key: &house.path("online/timestamp.key"),
            places: vec![one, timed("stuck", Some(hangs)), timed("own", None)],
            timeout: Duration::from_secs(30),
            state: None,
            always: true,
        })
        .unwrap();
        let begun = Instant::now();
        let round = beacon.round(hours(1)).await.unwrap();
        let results: Vec<_> = round.written.iter().map(|o| o.result.is_ok()).collect();
        assert_eq!(results, [false, true], "{hangs}: {:?}", round.written);
        assert_eq!(house.verify("own", hours(6)).await.verdict, Verdict::Fresh);
        // Time is virtual: it passes only while everybody waits.
        let written = written.lock().unwrap().unwrap();
        assert_eq!(written.duration_since(begun).as_secs(), after, "{hangs}");
    }
}
