//! The nodes that share one database.

use async_trait::async_trait;

use crate::StoreError;

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, unique among the nodes.
    pub node: String,
    /// Where other nodes reach it.
    pub address: String,
    /// Since when it runs, by its own clock, in milliseconds since the epoch.
    pub started_ms: i64,
    /// The version of its program.
    pub version: String,
    /// How many kinds of entries it knows. A new kind is written only once every live node knows it.
    pub kinds_version: u32,
}

/// The table of nodes. Time is the database's own.
#[async_trait]
pub trait Members: Send + Sync {
    /// Inserts or replaces the node's row; it counts as live for `for_ms` milliseconds from now (see
    /// [`term_ms`](crate::term_ms)). A node calls this every few seconds. Rows that have been dead for a day are removed.
    async fn announce(&self, member: &Member, for_ms: i64) -> Result<(), StoreError>;

    /// The live nodes, in order of their names' bytes.
    async fn members(&self) -> Result<Vec<Member>, StoreError>;

    /// Removes a node's row, when it stops.
    async fn leave(&self, node: &str) -> Result<(), StoreError>;

    /// How far the database's clock is ahead of the caller's, in milliseconds; negative when it is behind. `now_ms` is
    /// the caller's clock at the moment of the call, in milliseconds since the epoch. Exact to half a round trip, which
    /// is at most half a second. Always 0 when the database has no clock of its own.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] also when the answer took too long to say anything about clocks.
    async fn clock_skew_ms(&self, now_ms: i64) -> Result<i64, StoreError>;
}
