//! A beacon that breaks one of its rules, for tests that must notice.

use jiff::Timestamp;
use serde_json::Value;
use stentor_verify::Fetch;

use super::sight::Sight;
use crate::head::role_path;
use crate::plan::TIMESTAMP;

/// The rule that it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// What mirrors show is read before anything is signed.
    ReadsFirst,
    /// What somebody else signed meanwhile is put where it is missing.
    PutsTheHigherBack,
    /// No number is more than a day ahead of its clock.
    KeepsToItsDay,
    /// What is signed for was verified.
    Verifies,
}

/// The next number, however far ahead of the clock.
pub(super) fn next_version(snapshot: u64, seen: u64, now: Timestamp) -> u64 {
    let own = u64::try_from(now.as_second() / 60).unwrap();
    let first = snapshot * 1_000_000_000;
    (first + own).max(seen + 1)
}

/// What a source shows, believed as it is.
pub(super) async fn believe(source: &dyn Fetch, verified: Option<&Sight>) -> Option<Sight> {
    let timestamp_json = source.fetch(TIMESTAMP, u64::MAX).await.ok()?;
    let timestamp: Value = serde_json::from_slice(&timestamp_json).ok()?;
    let snapshot = timestamp["signed"]["meta"]["snapshot.json"]["version"].as_u64()?;
    let path = role_path("snapshot", snapshot);
    let snapshot_json = source.fetch(&path, u64::MAX).await.ok()?;
    let signed: Value = serde_json::from_slice(&snapshot_json).ok()?;
    let expires = |file: &Value| file["signed"]["expires"].as_str()?.parse().ok();
    Some(Sight {
        snapshot,
        timestamp: timestamp["signed"]["version"].as_u64()?,
        expires: expires(&timestamp)?,
        snapshot_expires: expires(&signed)?,
        timestamp_json,
        snapshot_json,
        ..verified?.clone()
    })
}
