//! The simulated commit group: what it appends stays with it until it commits.

use async_trait::async_trait;
use stentor_store::{Entry, Group, Head, Journal, Seq, StoreError, Write, chain};
use tokio::time::{Instant, timeout, timeout_at};

use super::data::entries_after;
use super::faults::Kind;
use super::{BEGIN_LIMIT, HOLD_LIMIT, Holder, POLL, SimulatedStore, State};

struct SimulatedGroup {
    store: SimulatedStore,
    group: u64,
    head: Head,
    /// Volatile: gone with the group, the node or the power.
    entries: Vec<Entry>,
    writes: Vec<Write>,
    spent: bool,
}

impl State {
    /// Gives the head to a node, unless another group holds it and is not frozen.
    fn take_head(&mut self, node: u64, now: Instant) -> Option<(u64, Head)> {
        if let Some(holder) = self.holder
            && now.duration_since(holder.since) < HOLD_LIMIT
        {
            return None;
        }
        self.groups += 1;
        self.holder = Some(Holder {
            group: self.groups,
            node,
            since: now,
        });
        Some((self.groups, self.durable.head()))
    }

    fn require_head(&self, group: u64) -> Result<(), StoreError> {
        if self.holder.is_some_and(|holder| holder.group == group) {
            return Ok(());
        }
        Err(StoreError::Unavailable(
            "the group lost the head to another".to_owned(),
        ))
    }
}

#[async_trait]
impl Journal for SimulatedStore {
    async fn head(&self) -> Result<Head, StoreError> {
        self.read(|tables| tables.head()).await
    }

    async fn entries_after(&self, after: Seq, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.read(|tables| entries_after(&tables.entries, after, limit))
            .await
    }

    async fn begin(&self) -> Result<Box<dyn Group>, StoreError> {
        let deadline = Instant::now() + BEGIN_LIMIT;
        loop {
            let freed = self.shared.head_freed.notified();
            let taken = self
                .operate(Kind::Read, |state| {
                    Ok(state.take_head(self.node, Instant::now()))
                })
                .await?;
            if let Some((group, head)) = taken {
                return Ok(Box::new(SimulatedGroup {
                    store: self.clone(),
                    group,
                    head,
                    entries: Vec::new(),
                    writes: Vec::new(),
                    spent: false,
                }));
            }
            if timeout_at(deadline, freed).await.is_err() {
                return Err(StoreError::Unavailable(
                    "another writer holds the head".to_owned(),
                ));
            }
        }
    }

    async fn changed(&self) {
        if self.shared.state().crashed.contains(&self.node) {
            // Nobody is there to notice.
            std::future::pending::<()>().await;
        }
        // Either a commit or the period: which of them does not matter.
        let _ = timeout(POLL, self.shared.appended.notified()).await;
    }
}

#[async_trait]
impl Group for SimulatedGroup {
    fn head(&self) -> Head {
        self.head
    }

    async fn entries_after(&mut self, after: Seq, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let group = self.group;
        let mut found = self
            .store
            .operate(Kind::Read, |state| {
                state.require_head(group)?;
                Ok(entries_after(&state.durable.entries, after, limit))
            })
            .await?;
        let own = self.entries.iter().filter(|entry| entry.seq > after);
        found.extend(own.take(limit - found.len()).cloned());
        Ok(found)
    }

    async fn append(&mut self, entries: &[Entry], writes: &[Write]) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.spent, true) {
            return Err(spent());
        }
        let head = chain::follow(self.head, entries)
            .map_err(|broken| StoreError::Corrupt(broken.to_string()))?;
        let group = self.group;
        self.store
            .operate(Kind::Read, |state| state.require_head(group))
            .await?;
        self.entries.extend_from_slice(entries);
        self.writes.extend_from_slice(writes);
        self.head = head;
        self.spent = false;
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.spent {
            return Err(spent());
        }
        let entries = std::mem::take(&mut self.entries);
        let writes = std::mem::take(&mut self.writes);
        let group = self.group;
        let committed = self.store.operate(Kind::Write, |state| {
            state.require_head(group)?;
            state.durable.entries.extend(entries);
            for write in &writes {
                state.durable.apply(write);
            }
            Ok(())
        });
        committed.await?;
        self.store.shared.appended.notify_waiters();
        Ok(())
    }
}

fn spent() -> StoreError {
    StoreError::Unavailable("an earlier append of this group failed".to_owned())
}

impl Drop for SimulatedGroup {
    fn drop(&mut self) {
        let mut state = self.store.shared.state();
        if state.require_head(self.group).is_ok() {
            state.holder = None;
            self.store.shared.head_freed.notify_one();
        }
    }
}
