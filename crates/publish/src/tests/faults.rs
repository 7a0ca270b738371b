//! A publication that fails or is killed at each of its writes: before the write was done, and after.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use stentor_verify::{FetchError, StateDir, Verdict};
use tokio::sync::Notify;

use super::support::{House, assert_everywhere, copy, hours, now, word};
use crate::repository::Pages;
use crate::{LocalMirror, Mirror, MirrorError, Publisher, Settings};

/// What happens at the chosen write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It fails and was not done.
    FailsUndone,
    /// It fails and was done.
    FailsDone,
    /// The publisher is killed before it.
    KilledBefore,
    /// The publisher is killed after it.
    KilledAfter,
}

/// A mirror at which something happens at one write or deletion, counted from 0.
struct Faulty {
    inner: LocalMirror,
    kind: Kind,
    at: usize,
    count: Arc<AtomicUsize>,
    killed: Arc<Notify>,
}

impl Faulty {
    async fn around(
        &self,
        work: impl Future<Output = Result<(), MirrorError>> + Send,
    ) -> Result<(), MirrorError> {
        if self.count.fetch_add(1, Ordering::Relaxed) != self.at {
            return work.await;
        }
        if matches!(self.kind, Kind::FailsDone | Kind::KilledAfter) {
            work.await?;
        }
        if matches!(self.kind, Kind::KilledBefore | Kind::KilledAfter) {
            self.killed.notify_one();
            std::future::pending::<()>().await;
        }
        Err(MirrorError::Failed("injected".to_owned()))
    }
}

#[async_trait]
impl Mirror for Faulty {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.inner.read(path, limit).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        self.around(self.inner.write(path, bytes)).await
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.around(self.inner.delete(path)).await
    }
}

/// A new word with a page less, so that something is deleted too.
fn second() -> Pages {
    let mut pages = word("b");
    pages.remove("status.txt");
    pages
}

fn publisher(house: &House, own: &str, mirror: Box<dyn Mirror>) -> Publisher {
    Publisher::open(Settings {
        world: house.world,
        repository: &house.path(own),
        online: &house.path("online"),
        mirrors: vec![mirror],
        timeout: Duration::from_secs(30),
    })
    .unwrap()
}

#[tokio::test]
async fn at_each_write_of_a_publication() {
    let house = House::new();
    let first = publisher(&house, "repository", house.mirror("before"));
    let mut first = first;
    first.say(word("a"), now()).await.unwrap();
    drop(first);
    let mut writes = 0;
    for kind in [
        Kind::FailsUndone,
        Kind::FailsDone,
        Kind::KilledBefore,
        Kind::KilledAfter,
    ] {
        for at in 0.. {
            let name = |what: &str| format!("{what} {kind:?} {at}");
            copy(&house.path("repository"), &house.path(&name("own")));
            copy(&house.path("before"), &house.path(&name("mirror")));
            let dir = house.path(&name("mirror"));
            let state = StateDir::new(house.path(&name("state")));
            let seen = house.verify_dir(&dir, Some(&state), now()).await;
            assert_eq!(seen.verdict, Verdict::Fresh);
            let (count, killed) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
            let faulty = Faulty {
                inner: LocalMirror::new("faulty", &dir),
                kind,
                at,
                count: Arc::clone(&count),
                killed: Arc::clone(&killed),
            };
            let mut broken = publisher(&house, &name("own"), Box::new(faulty));
            tokio::select! {
                done = broken.say(second(), hours(1)) => {
                    let everywhere = done.unwrap().is_everywhere();
                    assert_eq!(everywhere, count.load(Ordering::Relaxed) <= at, "{kind:?} {at}");
                }
                () = killed.notified() => {}
            }
            drop(broken);
            // A reader who was there before: one whole word, never an older one, and at most pages that are late.
            let seen = house.verify_dir(&dir, Some(&state), hours(1)).await;
            let late = |what: &[String]| what.iter().all(|w| w.contains("at the top"));
            match &seen.verdict {
                Verdict::Fresh => {}
                Verdict::NotAuthentic { what } if late(what) => {}
                other => panic!("{kind:?} {at}: {other:?}"),
            }
            // Started again, the work is finished.
            let again = publisher(
                &house,
                &name("own"),
                Box::new(LocalMirror::new("again", &dir)),
            );
            assert_everywhere(&again.push(hours(1)).await.unwrap());
            let seen = house.verify_dir(&dir, Some(&state), hours(1)).await;
            assert_eq!(seen.verdict, Verdict::Fresh, "{kind:?} {at}");
            assert_eq!(seen.version("snapshot"), Some(3));
            assert!(!dir.join("status.txt").exists());
            writes = count.load(Ordering::Relaxed);
            if writes <= at {
                break;
            }
        }
    }
    // Three targets, the roles of the present and of the year, snapshot, timestamp, three pages, one deletion.
    assert_eq!(writes, 3 + 2 + 1 + 1 + 3 + 1);
}

#[tokio::test]
async fn two_publishers_at_once_are_told_apart() {
    let house = House::new();
    let mut first = house.publisher();
    first.say(word("a"), now()).await.unwrap();
    drop(first);
    copy(&house.path("repository"), &house.path("other"));
    let both = || ["one", "two"].map(|name| house.mirror(name)).into();
    let mut ours = house.settings(both());
    let mut theirs = Publisher::open(Settings {
        world: house.world,
        repository: &house.path("other"),
        online: &house.path("online"),
        mirrors: both(),
        timeout: Duration::from_secs(30),
    })
    .unwrap();
    // Both sign snapshot 3; theirs reaches the mirrors first.
    let reader = StateDir::new(house.path("reader"));
    let one = house.path("one");
    assert_everywhere(&theirs.say(word("theirs"), hours(1)).await.unwrap());
    house.verify_dir(&one, Some(&reader), hours(1)).await;
    ours.sign_only(word("ours"), hours(1)).await.unwrap();
    for outcome in ours.push(hours(1)).await.unwrap().mirrors {
        let raced = matches!(
            outcome.result,
            Err(crate::MirrorFailure::Raced { snapshot: 3 })
        );
        assert!(raced, "{:?}", outcome.result);
    }
    let refused = ours.say(word("ours"), hours(1)).await;
    assert!(
        matches!(refused, Err(crate::PublishError::Raced { snapshot: 3, .. })),
        "{refused:?}"
    );
    let seen = house.verify_dir(&one, Some(&reader), hours(1)).await;
    assert_eq!(seen.verdict, Verdict::Fresh, "nothing was written");
    // One takes over; the other finds that it was overtaken.
    ours.adopt(hours(1)).await.unwrap();
    let next = ours.say(word("ours"), hours(1)).await.unwrap();
    assert_eq!(next.snapshot, 4);
    assert_everywhere(&next);
    let seen = house.verify_dir(&one, Some(&reader), hours(1)).await;
    assert_eq!(seen.verdict, Verdict::Fresh);
    let refused = theirs.say(word("theirs again"), hours(1)).await;
    assert!(
        matches!(refused, Err(crate::PublishError::Ahead { .. })),
        "{refused:?}"
    );
}
