//! One lane for each mirror: each is brought up to date by itself, and none waits for another.
//!
//! A lane carries the newest order. What comes while it is busy replaces what waits, so that a mirror that was slow
//! goes on with the newest word and not with all it missed.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::lives;
use crate::mirror::{Mirror, Reader};
use crate::plan::Plan;
use crate::push::{MirrorFailure, MirrorOutcome, Order, Push, Saw, survey};
use crate::there::There;

/// So long is waited for mirrors that answer; slower ones go on by themselves.
const PATIENCE: Duration = Duration::from_secs(1);

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
    work: Mutex<Work>,
    done: watch::Sender<Option<(u64, MirrorOutcome)>>,
    /// The highest timestamp that lay there when it was last looked at.
    seen: AtomicU64,
    /// The version of the timestamp that readers were last seen to get; 0 for none.
    readers: AtomicU64,
    /// Somebody is asking what it holds, and has no answer yet.
    asking: AtomicBool,
    /// It was waited for in vain, and has not been quick since: nobody waits for it again.
    slow: AtomicBool,
}

#[derive(Default)]
struct Work {
    newest: Option<Arc<Order>>,
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
                work: Mutex::default(),
                done: watch::Sender::new(None),
                seen: AtomicU64::new(0),
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

    /// Gives every lane the plan, and waits for those that are free and answer soon.
    pub(crate) async fn push(&self, plan: Plan, now: Timestamp) -> Vec<MirrorOutcome> {
        let number = self.orders.fetch_add(1, Ordering::Relaxed) + 1;
        let order = Arc::new(Order::new(number, plan, now));
        let until = Instant::now() + PATIENCE;
        for lane in &self.lanes {
            lane.take(Arc::clone(&order));
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

    /// The highest timestamp on each mirror that was validly signed; 0 for none. A mirror that does not answer soon
    /// says what it said last.
    pub(crate) async fn ask(&self, now: Timestamp) -> Vec<(String, u64)> {
        let until = Instant::now() + ASKING;
        let asked = self.lanes.iter().map(|lane| {
            // Asked apart, so that a late answer still counts for the next time.
            let task = (!lane.asking.swap(true, Ordering::AcqRel))
                .then(|| tokio::spawn(Arc::clone(lane).ask(now)));
            async move {
                if let Some(task) = task.filter(|_| !lane.is_slow())
                    && timeout_at(until, task).await.is_err()
                {
                    lane.slow.store(true, Ordering::Relaxed);
                }
                let seen = lane.seen.load(Ordering::Acquire);
                (lane.mirror.name().to_owned(), seen)
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
    fn take(self: &Arc<Self>, order: Arc<Order>) {
        let mut work = self.lock();
        work.newest = Some(order);
        if work.busy {
            return;
        }
        work.busy = true;
        let lane = Arc::clone(self);
        let task = tokio::spawn(async move {
            // Also when the mirror's code panics, the lane takes the next order.
            let free = Free(&lane);
            while let Some(order) = lane.next() {
                let outcome = lane.work(&order).await;
                lane.done.send_replace(Some((order.number, outcome)));
            }
            std::mem::forget(free);
        });
        work.task = Some(task.abort_handle());
    }

    /// The newest order, or the end of the work.
    fn next(&self) -> Option<Arc<Order>> {
        let mut work = self.lock();
        let order = work.newest.take();
        work.busy = order.is_some();
        order
    }

    async fn work(&self, order: &Order) -> MirrorOutcome {
        let saw = |saw: Saw| match saw {
            Saw::Before(version) => self.seen.store(version, Ordering::Release),
            Saw::Readers(version) => self.readers.store(version, Ordering::Release),
        };
        let push = Push {
            mirror: self.mirror.as_ref(),
            trusted_root: &self.trusted_root,
            order,
            there: &self.there,
            saw: &saw,
        };
        let after = self.timeout;
        let begun = Instant::now();
        let result = timeout(after, push.run())
            .await
            .unwrap_or(Err(MirrorFailure::TimedOut { after }));
        if begun.elapsed() < PATIENCE {
            self.slow.store(false, Ordering::Relaxed);
        }
        self.told(result)
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

    async fn ask(self: Arc<Self>, now: Timestamp) {
        let looking = async {
            self.mirror.refresh().await.ok()?;
            let reader = Reader::of(self.mirror.as_ref());
            let report = survey(&reader, &self.trusted_root, now).await;
            Some(report.version("timestamp").unwrap_or(0))
        };
        if let Ok(Some(version)) = timeout(self.timeout, looking).await {
            self.seen.store(version, Ordering::Release);
        }
        self.asking.store(false, Ordering::Release);
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
