//! Leases and members. Their clock is the runtime's, which a test may pause.

use std::time::Instant;

use async_trait::async_trait;
use stentor_store::{Leases, Member, Members, StoreError};

use super::SimulatedStore;

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[async_trait]
impl Leases for SimulatedStore {
    async fn hold(&self, name: &str, holder: &str, for_ms: i64) -> Result<bool, StoreError> {
        self.write(|tables| tables.cluster.hold(name, holder, for_ms, now()))
            .await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.write(|tables| tables.cluster.release(name, holder))
            .await
    }

    async fn holder(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(|tables| tables.cluster.holder(name, now())).await
    }
}

#[async_trait]
impl Members for SimulatedStore {
    async fn announce(&self, member: &Member, for_ms: i64) -> Result<(), StoreError> {
        self.write(|tables| tables.cluster.announce(member, for_ms, now()))
            .await
    }

    async fn members(&self) -> Result<Vec<Member>, StoreError> {
        self.read(|tables| tables.cluster.members(now())).await
    }

    async fn leave(&self, node: &str) -> Result<(), StoreError> {
        self.write(|tables| tables.cluster.leave(node)).await
    }

    async fn clock_skew_ms(&self, _now_ms: i64) -> Result<i64, StoreError> {
        self.read(|_| 0).await
    }
}
