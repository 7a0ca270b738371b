//! Lanes: a cut push goes on where it was, and a slow mirror goes on with the newest word.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use stentor_verify::FetchError;
use tokio::sync::Semaphore;

use super::support::{House, assert_everywhere, hours, now, word};
use crate::{LocalMirror, Mirror, MirrorError, MirrorFailure};

/// A directory that counts what is read and written, that can lose answers, and that waits for leave to write.
#[derive(Clone)]
struct Counted {
    inner: LocalMirror,
    reads: Arc<AtomicUsize>,
    writes: Arc<Mutex<Vec<String>>>,
    /// After so many writes everything fails.
    room: Arc<AtomicUsize>,
    /// What fails was done all the same.
    but_done: Arc<AtomicBool>,
    leave: Arc<Semaphore>,
}

impl Counted {
    fn over(house: &House) -> Self {
        Self {
            inner: LocalMirror::new("counted", house.path("counted")),
            reads: Arc::default(),
            writes: Arc::default(),
            room: Arc::new(AtomicUsize::new(usize::MAX)),
            but_done: Arc::default(),
            leave: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }

    fn written(&self) -> Vec<String> {
        std::mem::take(&mut self.writes.lock().unwrap())
    }
}

#[async_trait]
impl Mirror for Counted {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.inner.read(path, limit).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        self.leave.acquire().await.unwrap().forget();
        let room = self.room.load(Ordering::Relaxed);
        if room > 0 || self.but_done.load(Ordering::Relaxed) {
            self.writes.lock().unwrap().push(path.to_owned());
            self.inner.write(path, bytes).await?;
        }
        let left = room
            .checked_sub(1)
            .ok_or(MirrorError::Failed("cut".into()))?;
        self.room.store(left, Ordering::Relaxed);
        Ok(())
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.inner.delete(path).await
    }
}

/// Four targets and their pages; root, targets, status, three years, snapshot, timestamp.
const WHOLE: usize = 16;

#[tokio::test]
async fn a_cut_push_goes_on_where_it_was() {
    for but_done in [false, true] {
        for room in 0..=WHOLE {
            let house = House::new();
            let counted = Counted::over(&house);
            let mut publisher = house.settings(vec![Box::new(counted.clone())]);
            counted.room.store(room, Ordering::Relaxed);
            counted.but_done.store(but_done, Ordering::Relaxed);
            let cut = publisher.say(word("a"), now()).await.unwrap();
            if room == WHOLE {
                assert_everywhere(&cut);
                assert_eq!(counted.written().len(), WHOLE);
                continue;
            }
            assert!(
                matches!(cut.mirrors[0].result, Err(MirrorFailure::Write { .. })),
                "{:?}",
                cut.mirrors[0].result
            );
            let before = counted.written();
            // Another process goes on.
            drop(publisher);
            counted.room.store(usize::MAX, Ordering::Relaxed);
            counted.reads.store(0, Ordering::Relaxed);
            let publication = house
                .settings(vec![Box::new(counted.clone())])
                .push(now())
                .await
                .unwrap();
            assert_everywhere(&publication);
            let after = counted.written();
            let again = before.iter().filter(|path| after.contains(path)).count();
            // Only the write whose answer was lost is done twice.
            assert_eq!(
                again,
                usize::from(but_done),
                "room {room}: {before:?} {after:?}"
            );
            assert_eq!(before.len() + after.len(), WHOLE + again);
        }
    }
}

#[tokio::test]
async fn a_word_among_many_reads_only_what_is_new() {
    let house = House::new();
    let counted = Counted::over(&house);
    let mut publisher = house.settings(vec![Box::new(counted.clone())]);
    let mut pages = word("a");
    for number in 10..60 {
        pages.insert(format!("incidents/2026/INC-{number}.html"), b"old".to_vec());
    }
    publisher.say(pages.clone(), now()).await.unwrap();
    counted.reads.store(0, Ordering::Relaxed);
    counted.written();
    pages.insert("index.html".to_owned(), b"new".to_vec());
    assert_everywhere(&publisher.say(pages, now()).await.unwrap());
    // The page and its target, status, snapshot, timestamp.
    assert_eq!(counted.written().len(), 5);
    let reads = counted.reads.load(Ordering::Relaxed);
    assert!(reads < 40, "{reads} files were read for one that is new");
}

#[tokio::test(start_paused = true)]
async fn a_slow_mirror_goes_on_with_the_newest_word() {
    let house = House::new();
    let counted = Counted::over(&house);
    let mut publisher = house.settings(vec![house.mirror("one"), Box::new(counted.clone())]);
    counted.leave.forget_permits(Semaphore::MAX_PERMITS);
    for (hour, text) in [(0, "a"), (1, "b"), (2, "c")] {
        let said = publisher.say(word(text), hours(hour)).await.unwrap();
        assert!(said.mirrors[0].result.is_ok());
        assert!(matches!(
            said.mirrors[1].result,
            Err(MirrorFailure::Underway)
        ));
    }
    counted.leave.add_permits(1_000);
    while matches!(publisher.outcomes()[1].result, Err(MirrorFailure::Underway)) {
        publisher.progress().await;
    }
    let outcome = publisher.outcomes().remove(1);
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    assert_eq!(outcome.word_at, Some(hours(2)));
    let written = counted.written();
    assert!(written.contains(&"metadata/2.snapshot.json".to_owned()));
    assert!(
        !written.contains(&"metadata/3.snapshot.json".to_owned()),
        "{written:?}"
    );
    assert!(written.contains(&"metadata/4.snapshot.json".to_owned()));
}
