//! Mirrors that fail, hang, are ahead, are somebody else's, or were tampered with.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use stentor_domain::world::World;
use stentor_verify::{FetchError, StateDir, Verdict};

use super::support::{
    House, assert_everywhere, assert_forged, copy, files, find, hours, now, word,
};
use crate::{
    LocalMirror, Mirror, MirrorError, MirrorFailure, MirrorOutcome, PublishError, Publisher,
    Settings,
};

/// A directory that writes down what is done to it, and may hang or fail on some paths.
struct Watched {
    inner: LocalMirror,
    log: &'static Mutex<Vec<String>>,
    fail: &'static str,
    hang: &'static str,
}

impl Watched {
    fn over(
        house: &House,
        fail: &'static str,
        hang: &'static str,
    ) -> (Box<dyn Mirror>, &'static Mutex<Vec<String>>) {
        let log: &'static Mutex<Vec<String>> = Box::leak(Box::default());
        let inner = LocalMirror::new("watched", house.path("watched"));
        (
            Box::new(Self {
                inner,
                log,
                fail,
                hang,
            }),
            log,
        )
    }
}

#[async_trait]
impl Mirror for Watched {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        if !self.hang.is_empty() && path.contains(self.hang) {
            std::future::pending::<()>().await;
        }
        self.inner.read(path, limit).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        if !self.fail.is_empty() && path.contains(self.fail) {
            return Err(MirrorError::Failed("disk full".into()));
        }
        self.log.lock().unwrap().push(path.to_owned());
        self.inner.write(path, bytes).await
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.log.lock().unwrap().push(format!("-{path}"));
        self.inner.delete(path).await
    }
}

#[tokio::test]
async fn files_are_written_in_the_safe_order_and_only_when_missing() {
    let house = House::new();
    let (mirror, log) = Watched::over(&house, "", "");
    let mut publisher = house.settings(vec![mirror]);
    publisher.say(word("a"), now()).await.unwrap();
    let first = std::mem::take(&mut *log.lock().unwrap());
    let place = |part: &str| {
        first
            .iter()
            .position(|p| p.contains(part))
            .unwrap_or_else(|| panic!("{part}: {first:?}"))
    };
    let last_target = first
        .iter()
        .rposition(|p| p.starts_with("targets/"))
        .unwrap();
    assert!(last_target < place("1.root.json") && place("1.targets.json") < place("2.status.json"));
    assert!(
        place("2.status.json") < place("2.snapshot.json")
            && place("2.snapshot.json") < place("timestamp.json")
    );
    let first_page = first
        .iter()
        .position(|p| !p.contains("targets/") && !p.contains("metadata/"))
        .unwrap();
    assert!(place("timestamp.json") < first_page);

    // Once more: nothing to do.
    publisher.push(now()).await.unwrap();
    assert_eq!(*log.lock().unwrap(), Vec::<String>::new());
    // A confirmation is one file.
    publisher.resign_timestamp(hours(1)).await.unwrap();
    assert_eq!(
        std::mem::take(&mut *log.lock().unwrap()),
        ["metadata/timestamp.json"]
    );
    // What is missing or damaged is put back, nothing else.
    std::fs::remove_file(house.path("watched/status.txt")).unwrap();
    std::fs::write(house.path("watched/index.html"), "forged").unwrap();
    publisher.forget();
    assert_everywhere(&publisher.push(hours(1)).await.unwrap());
    assert_eq!(*log.lock().unwrap(), ["index.html", "status.txt"]);
}

#[tokio::test(start_paused = true)]
async fn one_bad_mirror_never_holds_up_another() {
    let house = House::new();
    for (fail, hang) in [
        ("snapshot.json", ""),
        ("", "1.root.json"),
        ("", "timestamp.json"),
        ("index.html", ""),
    ] {
        let (bad, _) = Watched::over(&house, fail, hang);
        let mut publisher = Publisher::open(Settings {
            world: World::Live,
            repository: &house.path("repository"),
            online: &house.path("online"),
            mirrors: vec![house.mirror("one"), bad, house.mirror("two")],
            timeout: Duration::from_secs(60),
        })
        .unwrap();
        let publication = publisher.say(word("a"), now()).await.unwrap();
        assert!(!publication.is_everywhere());
        let [one, bad, two] = publication.mirrors.as_slice() else {
            panic!()
        };
        assert!(one.result.is_ok() && two.result.is_ok());
        let underway = matches!(bad.result, Err(MirrorFailure::Underway));
        assert_eq!(
            underway,
            !hang.is_empty(),
            "one that hangs is not waited for"
        );
        // The next word is everywhere else before the bad one is given up.
        let next = publisher.say(word("b"), hours(1)).await.unwrap();
        assert!(next.mirrors[0].result.is_ok() && next.mirrors[2].result.is_ok());
        assert_eq!(
            house.verify("two", hours(1)).await.version("snapshot"),
            Some(next.snapshot)
        );
        let pending = |o: &[MirrorOutcome]| matches!(o[1].result, Err(MirrorFailure::Underway));
        while pending(&publisher.outcomes()) {
            publisher.progress().await;
        }
        let settled = publisher.outcomes();
        let bad = &settled[1];
        match bad.result.as_ref().unwrap_err() {
            MirrorFailure::TimedOut { .. } => assert!(!hang.is_empty()),
            MirrorFailure::Write { path, why, .. } => {
                assert!(path.contains(fail) && why == "disk full")
            }
            other => panic!("{other}"),
        }
        let _ = std::fs::remove_dir_all(house.path("watched"));
    }
}

#[tokio::test]
async fn a_mirror_with_a_newer_snapshot_stops_the_writer() {
    let house = House::new();
    house.publisher().say(word("a"), now()).await.unwrap();
    copy(&house.path("repository"), &house.path("backup"));
    house.publisher().say(word("b"), hours(1)).await.unwrap();
    // The repository comes back from an old backup.
    std::fs::remove_dir_all(house.path("repository")).unwrap();
    copy(&house.path("backup"), &house.path("repository"));
    let mut publisher = house.publisher();
    let refused = publisher.say(word("c"), hours(2)).await;
    assert!(
        matches!(
            refused,
            Err(PublishError::Ahead {
                theirs: 3,
                ours: 2,
                ..
            })
        ),
        "{refused:?}"
    );
    for mirror in publisher.push(hours(2)).await.unwrap().mirrors {
        assert!(
            matches!(mirror.result, Err(MirrorFailure::Ahead { .. })),
            "{mirror:?}"
        );
    }
    assert_eq!(
        std::fs::read(house.path("one/index.html")).unwrap(),
        b"index.html: b",
        "the newer word stands"
    );

    // Taking the newer word over is a decision of its own; afterwards all goes on from there.
    std::fs::remove_dir_all(house.path("two")).unwrap();
    assert!(publisher.adopt(hours(2)).await.unwrap());
    assert!(
        !publisher.adopt(hours(2)).await.unwrap(),
        "nothing newer is left"
    );
    assert_everywhere(&publisher.push(hours(2)).await.unwrap());
    assert_eq!(
        std::fs::read(house.path("two/index.html")).unwrap(),
        b"index.html: b"
    );
    let next = publisher.say(word("c"), hours(2)).await.unwrap();
    assert_eq!(next.snapshot, 4);
    assert_everywhere(&next);
    drop(publisher);
    assert_everywhere(&house.publisher().push(hours(2)).await.unwrap());
}

#[tokio::test]
async fn a_forged_word_is_not_taken_over() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    copy(&house.path("repository"), &house.path("follower"));
    publisher.say(word("b"), hours(1)).await.unwrap();
    std::fs::remove_dir_all(house.path("two")).unwrap();
    let one = house.path("one");
    let follower = || {
        Publisher::open(Settings {
            world: World::Live,
            repository: &house.path("follower"),
            online: &house.path("online"),
            mirrors: vec![house.mirror("one")],
            timeout: Duration::from_secs(30),
        })
        .unwrap()
    };
    let target = find(
        &one.join("targets"),
        &stentor_verify::fingerprint(b"index.html: b"),
    );
    for path in [
        one.join("metadata/3.status.json"),
        one.join("metadata/3.snapshot.json"),
        target,
    ] {
        let good = std::fs::read_to_string(&path).unwrap();
        let bad = good
            .replace("index.html: b", "index.html: B")
            .replace("2026", "2027");
        assert_ne!(good, bad);
        std::fs::write(&path, bad).unwrap();
        let refused = follower().adopt(hours(1)).await;
        assert!(
            matches!(refused, Err(PublishError::Adopt { .. })),
            "{}: {refused:?}",
            path.display()
        );
        std::fs::write(&path, good).unwrap();
    }
    assert!(follower().adopt(hours(1)).await.unwrap());
}

#[tokio::test]
async fn several_signers_of_one_snapshot_never_go_backwards() {
    let house = House::new();
    house.publisher().say(word("a"), now()).await.unwrap();
    copy(&house.path("repository"), &house.path("beacon"));
    let beacon = |mirrors| {
        Publisher::open(Settings {
            world: World::Live,
            repository: &house.path("beacon"),
            online: &house.path("online"),
            mirrors,
            timeout: Duration::from_secs(30),
        })
        .unwrap()
    };
    let theirs = beacon(vec![house.mirror("one")])
        .resign_timestamp(hours(1))
        .await
        .unwrap();
    // Without signing, the higher one stays and the mirror counts as current.
    let mut publisher = house.publisher();
    let pushed = publisher.push(hours(1)).await.unwrap();
    assert_everywhere(&pushed);
    assert_eq!(
        house.verify("one", hours(1)).await.version("timestamp"),
        Some(theirs.timestamp)
    );
    // With signing, we go above it, though our clock is behind theirs.
    let ours = publisher.resign_timestamp(now()).await.unwrap();
    assert_eq!(ours.timestamp, theirs.timestamp + 1);
    assert_everywhere(&ours);
    // Nobody's confirmation outranks a newer snapshot.
    let newer = publisher.say(word("b"), now()).await.unwrap();
    let refused = beacon(vec![house.mirror("one")])
        .resign_timestamp(hours(3))
        .await;
    assert!(
        matches!(refused, Err(PublishError::Ahead { .. })),
        "{refused:?}"
    );
    assert_eq!(
        house.verify("one", now()).await.version("timestamp"),
        Some(newer.timestamp)
    );
}

#[tokio::test]
async fn another_publishers_mirror_is_not_overwritten() {
    let live = House::new();
    live.publisher().say(word("real"), now()).await.unwrap();
    let before = files(&live.path("one"));
    // A drill that was pointed at the live mirror.
    let drill = House::of(World::Drill(1));
    let mut publisher = drill.settings(vec![live.mirror("one"), drill.mirror("own")]);
    let publication = publisher.say(word("drill"), hours(1)).await.unwrap();
    let fingerprint = live.founded.fingerprint.clone();
    assert!(
        matches!(&publication.mirrors[0].result, Err(MirrorFailure::Foreign { fingerprint: f }) if *f == fingerprint)
    );
    assert!(publication.mirrors[1].result.is_ok());
    assert_eq!(files(&live.path("one")), before);
    assert_eq!(live.verify("one", hours(1)).await.verdict, Verdict::Fresh);
    // A first root that is only damaged is repaired.
    std::fs::write(live.path("one/metadata/1.root.json"), "{}").unwrap();
    assert_everywhere(&live.publisher().push(hours(1)).await.unwrap());
    assert_eq!(
        std::fs::read(live.path("one/metadata/1.root.json")).unwrap(),
        live.founded.root
    );
}

#[tokio::test]
async fn a_page_of_another_world_is_not_published() {
    let house = House::new();
    let mut publisher = house.publisher();
    let mut page = super::render::troubled();
    assert_everywhere(&publisher.publish_page(&page, now()).await.unwrap());
    page.world = World::Drill(1);
    let refused = publisher.publish_page(&page, now()).await;
    assert!(
        matches!(refused, Err(PublishError::WrongWorld { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_link_on_the_mirror_does_not_turn_writing_elsewhere() {
    let house = House::new();
    std::fs::create_dir_all(house.path("one")).unwrap();
    std::fs::create_dir_all(house.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(house.path("elsewhere"), house.path("one/targets")).unwrap();
    let publication = house.publisher().say(word("a"), now()).await.unwrap();
    assert!(matches!(
        &publication.mirrors[0].result,
        Err(MirrorFailure::Write { .. })
    ));
    assert!(publication.mirrors[1].result.is_ok());
    assert_eq!(files(&house.path("elsewhere")), Vec::<String>::new());
    let mirror = LocalMirror::new("m", house.path("two"));
    for path in ["../x", "/x", "a/../../x", ""] {
        assert!(
            matches!(mirror.write(path, b"x").await, Err(MirrorError::Path(_))),
            "{path:?}"
        );
        assert!(
            matches!(mirror.delete(path).await, Err(MirrorError::Path(_))),
            "{path:?}"
        );
    }
}

#[tokio::test]
async fn what_others_do_to_a_mirror_shows_and_is_repaired() {
    let house = House::new();
    let mut publisher = house.publisher();
    let state = StateDir::new(house.path("state"));
    let one = house.path("one");
    publisher.say(word("a"), now()).await.unwrap();
    copy(&one, &house.path("old"));
    publisher.say(word("b"), hours(1)).await.unwrap();
    assert_eq!(
        house.verify_dir(&one, Some(&state), hours(1)).await.verdict,
        Verdict::Fresh
    );
    // Older state put back.
    let old = house
        .verify_dir(&house.path("old"), Some(&state), hours(1))
        .await;
    assert_forged(&old, "older state");
    // A tampered page, a tampered target.
    std::fs::write(one.join("index.html"), "index.html: B").unwrap();
    assert_forged(
        &house.verify("one", hours(1)).await,
        "index.html at the top",
    );
    let target = find(
        &house.path("two/targets"),
        &stentor_verify::fingerprint(b"index.html: b"),
    );
    std::fs::write(target, "index.html: B").unwrap();
    assert_forged(
        &house.verify("two", hours(1)).await,
        "index.html does not match",
    );
    assert_everywhere(&publisher.push(hours(1)).await.unwrap());
    // Remembered floors are the same on every mirror of the publisher.
    assert_eq!(
        house.remembered("one", hours(1)).await,
        house.remembered("two", hours(1)).await
    );
}

#[tokio::test]
async fn at_every_moment_of_a_push_there_is_one_whole_word() {
    let house = House::new();
    let (mirror, log) = Watched::over(&house, "", "");
    let mut publisher = house.settings(vec![mirror]);
    let watched = house.path("watched");
    publisher.say(word("a"), now()).await.unwrap();
    copy(&watched, &house.path("before"));
    log.lock().unwrap().clear();
    publisher.say(word("b"), hours(1)).await.unwrap();
    let written = log.lock().unwrap().clone();
    let timestamp = written
        .iter()
        .position(|p| p == "metadata/timestamp.json")
        .unwrap();
    for killed_after in 0..=written.len() {
        // A mirror as it is when the writer dies after so many files.
        let dir = house.path(&format!("after {killed_after}"));
        copy(&house.path("before"), &dir);
        for path in &written[..killed_after] {
            std::fs::copy(watched.join(path), dir.join(path)).unwrap();
        }
        let report = house.verify_dir(&dir, None, hours(1)).await;
        let (snapshot, pages) = if killed_after <= timestamp {
            (2, true)
        } else {
            (3, killed_after == written.len())
        };
        assert_eq!(
            report.version("snapshot"),
            Some(snapshot),
            "after {killed_after}"
        );
        if pages {
            assert_eq!(report.verdict, Verdict::Fresh, "after {killed_after}");
        } else {
            // The signed word is whole; the pages that people open are still the old ones, and are named.
            let Verdict::NotAuthentic { what } = &report.verdict else {
                panic!("{:?}", report.verdict)
            };
            assert!(what.iter().all(|w| w.contains("at the top")), "{what:?}");
        }
        // The next push finishes the work.
        let name = format!("after {killed_after}");
        let again = Publisher::open(Settings {
            world: World::Live,
            repository: &{
                let own = house.path(&format!("own {killed_after}"));
                copy(&house.path("repository"), &own);
                own
            },
            online: &house.path("online"),
            mirrors: vec![house.mirror(&name)],
            timeout: Duration::from_secs(30),
        });
        assert_everywhere(&again.unwrap().push(hours(1)).await.unwrap());
    }
}

#[tokio::test]
async fn publishing_can_be_spawned() {
    let house = House::new();
    let mut publisher = house.publisher();
    let task = tokio::spawn(async move {
        publisher
            .publish_page(&super::render::troubled(), now())
            .await
    });
    assert_everywhere(&task.await.unwrap().unwrap());
}
