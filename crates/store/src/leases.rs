//! Named leases: which of several nodes does what only one may do.

use async_trait::async_trait;

use crate::StoreError;

/// The longest term of a lease or an announcement: a day. A longer one would be a mistake that nobody outlives.
pub const MAX_TERM_MS: i64 = 24 * 60 * 60 * 1000;

/// The term that every engine uses for the one asked for: at least a millisecond, at most [`MAX_TERM_MS`].
#[must_use]
pub fn term_ms(for_ms: i64) -> i64 {
    for_ms.clamp(1, MAX_TERM_MS)
}

/// The lease table. Time is the database's own, so a node with a wrong clock steals nothing.
///
/// A holder counts its term from the moment before it called [`Leases::hold`], by a monotonic clock, and stops when
/// that has run out, whatever it was doing. Even then two nodes may act at once in two cases that no lease excludes: the
/// database's clock is set forward, or a fail-over loses what was committed. What is done under a lease must bear being
/// done twice.
///
/// A holder's name belongs to one start of one node and is never used again.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes or renews a lease for `for_ms` milliseconds from now (see [`term_ms`]). True when this holder has it;
    /// false, and nothing changes, when another has it and it has not run out. Of several takers at most one gets it.
    ///
    /// # Errors
    /// After any error the caller acts as if it did not have the lease; it may have it all the same until it runs out.
    async fn hold(&self, name: &str, holder: &str, for_ms: i64) -> Result<bool, StoreError>;

    /// Gives a lease up; no effect when it is another's. After an error this may still happen later, so a holder that
    /// released does not take the lease again under the same name.
    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError>;

    /// Who has the lease now.
    async fn holder(&self, name: &str) -> Result<Option<String>, StoreError>;
}
