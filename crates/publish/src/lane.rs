//! One lane for each mirror: each is brought up to date by itself, and none waits for another.
//!
//! A lane carries the newest order. What comes while it is busy replaces what waits, so that a mirror that was slow
//! goes on with the newest word and not with all it missed.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::head::Head;
use crate::lives;
use crate::mirror::{Mirror, Reader};
use crate::plan::{Known, Plan};
use crate::push::{MirrorFailure, MirrorOutcome, Push, Saw};
use crate::repository::{Repository, RepositoryError};
use crate::survey::{Seen, survey};
use crate::there::There;

/// So long is waited for mirrors that answer; slower ones go on by themselves.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) {
    // On a machine that is busy with other tests nothing answers soon.
    10
} else {
    1
});

/// So long is waited for what mirrors hold, before a word is signed.
const ASKING: Duration = Duration::from_secs(2);

/// The lanes of a publisher. Dropping them stops what is under way, as a crash would.
pub(crate) struct Lanes {
    lanes: Vec<Arc<Lane>>,
    orders: AtomicU64,
}

struct Lane {
    mirror: Arc<dyn Mirror>,
    trusted_root: Arc<[u8]>,
    timeout: Duration,
    there: There,
    /// What need not be written there and read back again.
    known: Mutex<Option<Known>>,
    work: Mutex<Work>,
    done: watch::Sender<Option<(u64, MirrorOutcome)>>,
    /// What lay there when it was last looked at.
    seen: Mutex<Option<Sight>>,
    /// The version of the timestamp that readers were last seen to get; 0 for none.
    readers: AtomicU64,
    /// Somebody is asking what it holds, and has no answer yet.
    asking: AtomicBool,
    /// It was waited for in vain, and has not been quick since: nobody waits for it again.
    slow: AtomicBool,
}

/// What was validly signed on a mirror.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// The version of the timestamp; 0 for none.
    pub(crate) timestamp: u64,
    /// SHA-256 of the snapshot that it names, in hex.
    pub(crate) snapshot: Option<String>,
}

impl From<&Seen> for Sight {
    fn from(seen: &Seen) -> Self {
        Self {
            timestamp: seen.timestamp,
            snapshot: seen.snapshot.clone(),
        }
    }
}

/// What is to be brought: whatever the repository says when a lane comes to it.
pub(crate) struct Order {
    /// Not held by what is under way: who drops the publisher can open the repository again.
    pub(crate) repository: Weak<Mutex<Repository>>,
    /// The root in force.
    pub(crate) current_root: Vec<u8>,
    pub(crate) now: Timestamp,
}

impl Order {
    /// What is to be done to a mirror of which this is known, and what it will hold then.
    async fn plan(
        self: &Arc<Self>,
        known: Option<Known>,
    ) -> Result<(Plan, Arc<Head>), RepositoryError> {
        let this = Arc::clone(self);
        let making = move || {
            let repository = this.repository.upgrade().ok_or(RepositoryError::Stopped)?;
            let repository = repository.lock().unwrap_or_else(PoisonError::into_inner);
            let plan = repository.plan(known.as_ref(), this.now)?;
            Ok((plan, Arc::clone(repository.head())))
        };
        tokio::task::spawn_blocking(making)
            .await
            .map_err(|_| RepositoryError::Stopped)?
    }
}

#[derive(Default)]
struct Work {
    newest: Option<(u64, Arc<Order>)>,
    busy: bool,
    task: Option<AbortHandle>,
}

impl Lanes {
    /// Lanes for mirrors that readers of `trusted_root` visit; a push may take `timeout`, and what lies there is
    /// remembered in the folder `notes`.
    pub(crate) fn new(
        mirrors: Vec<Box<dyn Mirror>>,
        trusted_root: &[u8],
        timeout: Duration,
        notes: &Path,
    ) -> Self {
        let trusted_root: Arc<[u8]> = trusted_root.into();
        let lane = |mirror: Box<dyn Mirror>| {
            Arc::new(Lane {
                there: There::kept_in(notes.join(mirror.name())),
                timeout: mirror.within(timeout),
                mirror: mirror.into(),
                trusted_root: Arc::clone(&trusted_root),
                known: Mutex::default(),
                work: Mutex::default(),
                done: watch::Sender::new(None),
                seen: Mutex::default(),
                readers: AtomicU64::new(0),
                asking: AtomicBool::new(false),
                slow: AtomicBool::new(false),
            })
        };
        Self {
            lanes: mirrors.into_iter().map(lane).collect(),
            orders: AtomicU64::new(0),
        }
    }

    /// The mirrors, in their order.
    pub(crate) fn mirrors(&self) -> impl Iterator<Item = &Arc<dyn Mirror>> {
        self.lanes.iter().map(|lane| &lane.mirror)
    }

    /// Gives every lane the order, and waits for those that are free and answer soon.
    pub(crate) async fn push(&self, order: Order) -> Vec<MirrorOutcome> {
        let number = self.orders.fetch_add(1, Ordering::Relaxed) + 1;
        let order = Arc::new(order);
        let until = Instant::now() + PATIENCE;
        for lane in &self.lanes {
            lane.take(number, Arc::clone(&order));
        }
        let quick = self.lanes.iter().filter(|lane| !lane.is_slow());
        let waiting = quick.map(|lane| async move {
            if timeout_at(until, lane.finished(number)).await.is_err() {
                lane.slow.store(true, Ordering::Relaxed);
            }
        });
        join_all(waiting).await;
        self.outcomes()
    }

    /// What has become of the newest order at each mirror by now.
    pub(crate) fn outcomes(&self) -> Vec<MirrorOutcome> {
        let newest = self.orders.load(Ordering::Relaxed);
        self.lanes.iter().map(|lane| lane.outcome(newest)).collect()
    }

    /// Waits until one more mirror is done with the newest order. Never ends when none is under way.
    pub(crate) async fn progress(&self) {
        let newest = self.orders.load(Ordering::Relaxed);
        let open = self.lanes.iter().filter(|lane| lane.is_open(newest));
        let open: Vec<_> = open.map(|lane| Box::pin(lane.finished(newest))).collect();
        if open.is_empty() {
            std::future::pending::<()>().await;
        }
        futures::future::select_all(open).await;
    }

    /// Forgets what is known to be on the mirrors: the next push looks at everything.
    pub(crate) fn forget(&self) {
        for lane in &self.lanes {
            *lane.known() = None;
        }
    }

    /// What is validly signed on each mirror under `root`. One that does not answer soon says what it said last, or
    /// nothing.
    pub(crate) async fn ask(&self, root: &[u8], now: Timestamp) -> Vec<(String, Option<Sight>)> {
        let root: Arc<[u8]> = root.into();
        let until = Instant::now() + ASKING;
        let asked = self.lanes.iter().map(|lane| {
            // Asked apart, so that a late answer still counts for the next time.
            let task = (!lane.asking.swap(true, Ordering::AcqRel))
                .then(|| tokio::spawn(Arc::clone(lane).ask(Arc::clone(&root), now)));
            async move {
                if let Some(task) = task.filter(|_| !lane.is_slow())
                    && timeout_at(until, task).await.is_err()
                {
                    lane.slow.store(true, Ordering::Relaxed);
                }
                (lane.mirror.name().to_owned(), lane.seen().clone())
            }
        });
        join_all(asked).await
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        for lane in &self.lanes {
            let mut work = lane.lock();
            work.newest = None;
            if let Some(task) = work.task.take() {
                task.abort();
            }
        }
    }
}

impl Lane {
    fn is_slow(&self) -> bool {
        self.slow.load(Ordering::Relaxed)
    }

    /// Takes an order; begins with it if the lane is free.
    fn take(self: &Arc<Self>, number: u64, order: Arc<Order>) {
        let mut work = self.lock();
        work.newest = Some((number, order));
        if work.busy {
            return;
        }
        work.busy = true;
        let lane = Arc::clone(self);
        let task = tokio::spawn(async move {
            // Also when the mirror's code panics, the lane takes the next order.
            let free = Free(&lane);
            while let Some((number, order)) = lane.next() {
                let outcome = lane.work(&order).await;
                lane.done.send_replace(Some((number, outcome)));
            }
            std::mem::forget(free);
        });
        work.task = Some(task.abort_handle());
    }

    /// The newest order, or the end of the work.
    fn next(&self) -> Option<(u64, Arc<Order>)> {
        let mut work = self.lock();
        let order = work.newest.take();
        work.busy = order.is_some();
        order
    }

    async fn work(&self, order: &Arc<Order>) -> MirrorOutcome {
        let after = self.timeout;
        let begun = Instant::now();
        let result = timeout(after, self.bring(order))
            .await
            .unwrap_or(Err(MirrorFailure::TimedOut { after }));
        if begun.elapsed() < PATIENCE {
            self.slow.store(false, Ordering::Relaxed);
        }
        self.told(result)
    }

    async fn bring(&self, order: &Arc<Order>) -> Result<stentor_verify::Report, MirrorFailure> {
        // Whatever goes wrong, the next push looks at everything.
        let known = self.known().take().filter(|k| !k.is_old(order.now));
        let checked = known.as_ref().map(|k| k.checked);
        let planned = order.plan(known).await;
        let (plan, head) = planned.map_err(|why| MirrorFailure::Own {
            why: why.to_string(),
        })?;
        let saw = |saw: Saw<'_>| match saw {
            Saw::Before(seen) => *self.seen() = Some(seen.into()),
            Saw::Readers(version) => self.readers.store(version, Ordering::Release),
        };
        let push = Push {
            mirror: self.mirror.as_ref(),
            trusted_root: &self.trusted_root,
            current_root: &order.current_root,
            now: order.now,
            settled: 0,
            there: &self.there,
            saw: &saw,
        };
        let report = push.run(&plan).await?;
        let checked = checked.filter(|_| !plan.whole).unwrap_or(order.now);
        let at = order.now;
        *self.known() = Some(Known { head, at, checked });
        Ok(report)
    }

    fn told(&self, result: Result<stentor_verify::Report, MirrorFailure>) -> MirrorOutcome {
        MirrorOutcome {
            mirror: self.mirror.name().to_owned(),
            word_at: lives::signed_at(self.readers.load(Ordering::Acquire)),
            result,
        }
    }

    fn outcome(&self, newest: u64) -> MirrorOutcome {
        let done = self.done.borrow();
        match done.as_ref() {
            Some((number, outcome)) if *number >= newest => outcome.clone(),
            _ => self.told(Err(MirrorFailure::Underway)),
        }
    }

    fn is_open(&self, newest: u64) -> bool {
        let done = self.done.borrow();
        done.as_ref().is_none_or(|(number, _)| *number < newest)
    }

    async fn finished(&self, number: u64) {
        let mut done = self.done.subscribe();
        let reached = |done: &Option<(u64, MirrorOutcome)>| {
            done.as_ref().is_some_and(|(reached, _)| *reached >= number)
        };
        // The sender is ours: it does not end before us.
        let _ = done.wait_for(reached).await;
    }

    async fn ask(self: Arc<Self>, root: Arc<[u8]>, now: Timestamp) {
        let looking = async {
            self.mirror.refresh().await.ok()?;
            let reader = Reader::of(self.mirror.as_ref());
            Some(survey(&reader, &root, now).await)
        };
        if let Ok(Some(seen)) = timeout(self.timeout, looking).await {
            *self.seen() = Some((&seen).into());
        }
        self.asking.store(false, Ordering::Release);
    }

    fn seen(&self) -> MutexGuard<'_, Option<Sight>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Frees the lane of a task that ended otherwise than by running out of work.
struct Free<'a>(&'a Lane);

impl Drop for Free<'_> {
    fn drop(&mut self) {
        self.0.lock().busy = false;
    }
}
