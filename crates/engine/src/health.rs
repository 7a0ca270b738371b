//! How the node and what it talks to are doing, for the console, `/metrics` and `/-/ready`.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use stentor_domain::world::World;

/// A node's health.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// Whether commands are being accepted.
    pub accepting: bool,
    /// Why not.
    pub reason: Option<String>,
    /// Position of the last folded entry.
    pub seq: u64,
    /// The storage engine.
    pub engine: &'static str,
}

/// One lane of one world.
#[derive(Clone, Debug)]
pub struct LaneHealth {
    /// The world.
    pub world: World,
    /// `pages` or `public`.
    pub lane: &'static str,
    /// Messages that wait.
    pub waiting: usize,
    /// Age of the oldest, in milliseconds.
    pub oldest_ms: i64,
    /// What the last failed attempt ran into.
    pub last_error: Option<String>,
}

/// One mirror.
#[derive(Clone, Debug)]
pub struct MirrorHealth {
    /// The mirror's name.
    pub name: String,
    /// Its world.
    pub world: World,
    /// Version of the snapshot that was read back last.
    pub snapshot: Option<u64>,
    /// When it was last read back as a reader would, in milliseconds since the epoch.
    pub confirmed_ms: Option<i64>,
    /// When readers will call it stale, in milliseconds since the epoch.
    pub fresh_until_ms: Option<i64>,
    /// When the time was signed that readers were last seen to get there, in milliseconds since the epoch.
    pub word_ms: Option<i64>,
    /// What is wrong now.
    pub error: Option<String>,
}

/// One way of one receiver of groups of alerts.
#[derive(Debug)]
pub struct WayHealth {
    /// The receiver and the way, for instance `ops/webhook[0]`.
    pub way: String,
    /// The kind of receiver, for instance `webhook`.
    pub kind: &'static str,
    waiting: AtomicUsize,
    busy_since_ms: AtomicI64,
    delivered: AtomicU64,
    attempts: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
    took_us: AtomicU64,
    last_error: Mutex<Option<String>>,
}

/// How a way is doing at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct WayReport {
    /// The receiver and the way.
    pub way: String,
    /// The kind of receiver.
    pub kind: &'static str,
    /// Groups that wait.
    pub waiting: usize,
    /// Since when some have always waited, in milliseconds since the epoch; 0 when none wait.
    pub busy_since_ms: i64,
    /// Messages that were delivered.
    pub delivered: u64,
    /// Attempts.
    pub attempts: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Messages that were given up until the group's next look.
    pub given_up: u64,
    /// What all attempts took together, in microseconds.
    pub took_us: u64,
    /// What the last attempts ran into, until one succeeds.
    pub last_error: Option<String>,
}

impl WayHealth {
    pub(crate) fn new(way: &str, kind: &'static str) -> Self {
        Self {
            way: way.to_owned(),
            kind,
            waiting: AtomicUsize::new(0),
            busy_since_ms: AtomicI64::new(0),
            delivered: AtomicU64::new(0),
            attempts: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
            took_us: AtomicU64::new(0),
            last_error: Mutex::new(None),
        }
    }

    /// So many groups wait now.
    pub(crate) fn waits(&self, waiting: usize, now_ms: i64) {
        let before = self.waiting.swap(waiting, Ordering::Relaxed);
        if waiting == 0 {
            self.busy_since_ms.store(0, Ordering::Relaxed);
        } else if before == 0 {
            self.busy_since_ms.store(now_ms, Ordering::Relaxed);
        }
    }

    pub(crate) fn attempted(&self, took: Duration) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.took_us.fetch_add(took, Ordering::Relaxed);
    }

    pub(crate) fn delivered(&self) {
        self.delivered.fetch_add(1, Ordering::Relaxed);
        let mut last = self.last();
        if last.is_some() {
            *last = None;
        }
    }

    pub(crate) fn failed(&self, error: &str) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        *self.last() = Some(error.to_owned());
    }

    pub(crate) fn gave_up(&self) {
        self.given_up.fetch_add(1, Ordering::Relaxed);
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn report(&self) -> WayReport {
        WayReport {
            way: self.way.clone(),
            kind: self.kind,
            waiting: self.waiting.load(Ordering::Relaxed),
            busy_since_ms: self.busy_since_ms.load(Ordering::Relaxed),
            delivered: self.delivered.load(Ordering::Relaxed),
            attempts: self.attempts.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            given_up: self.given_up.load(Ordering::Relaxed),
            took_us: self.took_us.load(Ordering::Relaxed),
            last_error: self.last().clone(),
        }
    }
}
