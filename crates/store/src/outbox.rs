//! The outbox: leases, attempts and next-try times of messages. It can be rebuilt from the journal.

use async_trait::async_trait;
use stentor_domain::world::World;

use crate::StoreError;

/// Lanes share no queue, pool or limit, so that none can starve another (REACH-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// Pages to responders.
    Pages,
    /// The public word and partners.
    Public,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 2] = [Self::Pages, Self::Public];

    /// The name used in the database, metrics and the console.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Public => "public",
        }
    }

    /// The lane of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.name() == name)
    }
}

/// One message to one person by one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// The derived outward key: the same on every node and for every attempt.
    pub key: String,
    /// Whose message.
    pub world: World,
    /// Which lane carries it.
    pub lane: Lane,
    /// What to send, as the engine encoded it (JSON).
    pub body: String,
    /// Milliseconds since the epoch.
    pub created_ms: i64,
    /// Not before this time, in milliseconds since the epoch.
    pub next_try_ms: i64,
    /// Attempts that ended without delivery.
    pub attempts: u32,
    /// The node that may send it now, until `lease_until_ms`. A row is inserted already leased to the node that
    /// decided it, which saves a commit between the decision and the page.
    pub lease_holder: Option<String>,
    /// Milliseconds since the epoch; 0 when not leased.
    pub lease_until_ms: i64,
    /// What the last attempt ran into.
    pub last_error: Option<String>,
}

/// How an attempt without delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The row's key.
    pub key: String,
    /// The holder that made the attempt; a row meanwhile leased to another is left alone.
    pub holder: String,
    /// When to try again, in milliseconds since the epoch.
    pub next_try_ms: i64,
    /// What went wrong.
    pub error: String,
}

/// Claiming and postponing messages. Every call names its world: a drill's worker cannot see a live row.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Leases up to `limit` rows of a world's lane that are due at `now_ms` and not leased to anybody else, oldest
    /// `next_try_ms` first, to `holder` until `until_ms`. Rows that `holder` itself holds (it decided them) are
    /// claimed too. Two holders never hold one row at the same time.
    async fn claim(&self, claim: Claim<'_>) -> Result<Vec<OutboxRow>, StoreError>;

    /// Releases the lease after an attempt that did not deliver, counts it, and sets the next time.
    async fn postpone(&self, attempt: &Attempt) -> Result<(), StoreError>;

    /// When the next row of a lane becomes due; a leased row not before its lease ends, whoever holds it (the holder
    /// was signalled when it got the lease). `None` when the lane is empty.
    async fn next_due_ms(&self, world: World, lane: Lane) -> Result<Option<i64>, StoreError>;

    /// What still waits in a lane, oldest first, up to `limit`: for the console and the age alarm.
    async fn waiting(
        &self,
        world: World,
        lane: Lane,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError>;
}

/// What a worker asks for.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Whose messages.
    pub world: World,
    /// Which lane.
    pub lane: Lane,
    /// The node that claims.
    pub holder: &'a str,
    /// Now, in milliseconds since the epoch.
    pub now_ms: i64,
    /// Until when the lease holds.
    pub until_ms: i64,
    /// At most this many.
    pub limit: usize,
}
