//! Leases and members, in memory.
//!
//! One process runs on the file: it holds its data directory by a lock file. So both are only ever this process's,
//! and end with it; writing them would cost a sync every few seconds for nothing. Stores that one process opens on the
//! same file share them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_trait::async_trait;
use stentor_store::memory::MemoryCluster;
use stentor_store::{Leases, Member, Members, StoreError};
use tokio::time::Instant;

use crate::SqliteStore;

/// The leases and members of one file.
#[derive(Default)]
pub(crate) struct Cluster(Mutex<MemoryCluster>);

/// By canonical path; an entry ends with the last store on its file.
static OPEN: Mutex<BTreeMap<PathBuf, Weak<Cluster>>> = Mutex::new(BTreeMap::new());

impl Cluster {
    /// The one that every store of this process on that file shares. The file must exist.
    pub(crate) fn of(path: &Path) -> io::Result<Arc<Self>> {
        let path = path.canonicalize()?;
        let mut open = entered(&OPEN);
        open.retain(|_, cluster| cluster.strong_count() > 0);
        if let Some(cluster) = open.get(&path).and_then(Weak::upgrade) {
            return Ok(cluster);
        }
        let cluster = Arc::new(Self::default());
        open.insert(path, Arc::downgrade(&cluster));
        Ok(cluster)
    }
}

/// A panic elsewhere cannot leave half a change: every change is one call on whole values.
fn entered<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

impl SqliteStore {
    fn cluster(&self) -> MutexGuard<'_, MemoryCluster> {
        entered(&self.cluster.0)
    }
}

#[async_trait]
impl Leases for SqliteStore {
    async fn hold(&self, name: &str, holder: &str, for_ms: i64) -> Result<bool, StoreError> {
        self.writer.require_writable()?;
        Ok(self.cluster().hold(name, holder, for_ms, now()))
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.writer.require_writable()?;
        self.cluster().release(name, holder);
        Ok(())
    }

    async fn holder(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.cluster().holder(name, now()))
    }
}

#[async_trait]
impl Members for SqliteStore {
    async fn announce(&self, member: &Member, for_ms: i64) -> Result<(), StoreError> {
        self.writer.require_writable()?;
        self.cluster().announce(member, for_ms, now());
        Ok(())
    }

    async fn members(&self) -> Result<Vec<Member>, StoreError> {
        Ok(self.cluster().members(now()))
    }

    async fn leave(&self, node: &str) -> Result<(), StoreError> {
        self.writer.require_writable()?;
        self.cluster().leave(node);
        Ok(())
    }

    async fn clock_skew_ms(&self, _now_ms: i64) -> Result<i64, StoreError> {
        Ok(0)
    }
}
