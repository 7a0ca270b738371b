//! What is read but not needed in memory: timelines, closed incidents, answers to repeated requests, drill inboxes.

use async_trait::async_trait;
use stentor_domain::world::World;

use crate::{Seq, StoreError};

/// One line of an incident's timeline (INC-7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineRow {
    /// The world.
    pub world: World,
    /// The incident's number in its world.
    pub incident: u32,
    /// The entry it follows from.
    pub seq: Seq,
    /// Order among the lines of one entry.
    pub line: u32,
    /// Milliseconds since the epoch.
    pub time_ms: i64,
    /// Stable name of what happened, for instance `page.acknowledged`.
    pub kind: String,
    /// Who did it, when a person did.
    pub actor: Option<String>,
    /// One plain sentence. Contains text from strangers: escape it on every exit.
    pub text: String,
}

/// An incident as lists show it; `data` holds the rest as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRow {
    /// The world.
    pub world: World,
    /// The incident's number in its world.
    pub id: u32,
    /// The service's id.
    pub service: String,
    /// `sev1` to `sev4`.
    pub severity: String,
    /// `open`, `resolved` or `closed`.
    pub phase: String,
    /// Milliseconds since the epoch.
    pub opened_ms: i64,
    /// Milliseconds since the epoch, once closed.
    pub closed_ms: Option<i64>,
    /// One line.
    pub title: String,
    /// The whole incident as JSON.
    pub data: String,
}

/// The recorded answer to a request that carried an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotentAnswer {
    /// The key, prefixed by who sent it.
    pub key: String,
    /// SHA-256 of the request, hex: the same key with another request is refused.
    pub request: String,
    /// The answer as JSON.
    pub answer: String,
    /// Milliseconds since the epoch; rows older than a day may go.
    pub time_ms: i64,
}

/// A message of a drill, as its recipient would have seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxMessage {
    /// The derived outward key.
    pub key: String,
    /// The drill.
    pub world: World,
    /// Milliseconds since the epoch.
    pub time_ms: i64,
    /// To whom.
    pub person: String,
    /// By what channel, for instance `email`.
    pub channel: String,
    /// The subject or title.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Which part of a timeline to read.
#[derive(Clone, Copy, Debug)]
pub struct TimelineFilter {
    /// The world.
    pub world: World,
    /// The incident's number.
    pub incident: u32,
    /// At most this many lines, the newest.
    pub limit: usize,
}

/// Reading the projections. They are written through [`crate::Write`], except the inbox.
#[async_trait]
pub trait Projections: Send + Sync {
    /// An incident's timeline, oldest line first.
    async fn timeline(&self, filter: TimelineFilter) -> Result<Vec<TimelineRow>, StoreError>;

    /// One incident, open or closed.
    async fn incident(&self, world: World, id: u32) -> Result<Option<IncidentRow>, StoreError>;

    /// Incidents of a world, newest first, before number `before` when given.
    async fn incidents(
        &self,
        world: World,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<IncidentRow>, StoreError>;

    /// The recorded answer for a key.
    async fn answer(&self, key: &str) -> Result<Option<IdempotentAnswer>, StoreError>;

    /// Puts a message into a drill's inbox, durably. A key that is already there is left alone; an inbox message of
    /// the live world is refused as [`StoreError::Corrupt`].
    async fn put_inbox(&self, message: &InboxMessage) -> Result<(), StoreError>;

    /// A drill's inbox, oldest first, at most the first `limit`.
    async fn inbox(&self, world: World, limit: usize) -> Result<Vec<InboxMessage>, StoreError>;
}
