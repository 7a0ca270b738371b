//! Commits whose outcome is not known yet.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts doubts and how many are settled, so that settling one never hides another that arises meanwhile.
#[derive(Default)]
pub(crate) struct Doubt {
    arisen: AtomicU64,
    settled: AtomicU64,
}

impl Doubt {
    /// A commit ended without a certain outcome.
    pub(crate) fn arise(&self) {
        self.arisen.fetch_add(1, Ordering::AcqRel);
    }

    /// What to settle, if anything: pass it to [`Doubt::settle`] afterwards.
    pub(crate) fn open(&self) -> Option<u64> {
        let arisen = self.arisen.load(Ordering::Acquire);
        (self.settled.load(Ordering::Acquire) < arisen).then_some(arisen)
    }

    /// Everything up to what [`Doubt::open`] returned is certain now.
    pub(crate) fn settle(&self, up_to: u64) {
        self.settled.fetch_max(up_to, Ordering::AcqRel);
    }
}
