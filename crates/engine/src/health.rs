//! How the node and what it talks to are doing, for the console, `/metrics` and `/-/ready`.

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
    /// What is wrong now.
    pub error: Option<String>,
}
