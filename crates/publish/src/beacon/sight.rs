//! One look at one mirror: the newest timestamp there, and the snapshot that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use stentor_verify::{Fetch, FetchError, Report, Scope, Verdict, Verification};

use super::memory::Memory;
use crate::head::role_path;
use crate::lives;
use crate::plan::TIMESTAMP;

/// What is validly signed, fresh or not.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) snapshot: u64,
    pub(super) timestamp: u64,
    pub(super) expires: Timestamp,
    pub(super) snapshot_expires: Timestamp,
    pub(super) timestamp_json: Vec<u8>,
    pub(super) snapshot_json: Vec<u8>,
    /// Roots that followed the pinned one, by version.
    pub(super) roots: BTreeMap<u64, String>,
    /// Keys that the newest root names for timestamps.
    pub(super) signers: BTreeSet<String>,
}

/// Looks at a mirror, or at what is remembered.
pub(super) async fn look(
    source: &dyn Fetch,
    pinned: &[u8],
    memory: &Memory,
    now: Timestamp,
) -> Result<Sight, String> {
    let recorded = Recorded {
        source,
        roots: &memory.roots,
        taken: Mutex::default(),
    };
    let check = Verification {
        scope: Scope::Metadata,
        ..Verification::new(&recorded, pinned, now)
    };
    let report = check.run().await.report;
    let role = |name: &str| report.roles.iter().find(|r| r.name == name);
    let (Some(root), Some(timestamp), Some(snapshot)) =
        (role("root"), role("timestamp"), role("snapshot"))
    else {
        return Err(why(&report));
    };
    if lives::snapshot_of(timestamp.version) != snapshot.version {
        return Err("its timestamp is not numbered by its snapshot".to_owned());
    }
    let mut taken = recorded
        .taken
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let mut roots = memory.roots.clone();
    for version in 1..=root.version {
        if let Some(bytes) = taken.remove(&role_path("root", version)) {
            roots.insert(version, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    let newest = roots
        .get(&root.version)
        .map_or(pinned, |root| root.as_bytes());
    let mut bytes = |path: &str| taken.remove(path).unwrap_or_default();
    Ok(Sight {
        snapshot: snapshot.version,
        timestamp: timestamp.version,
        expires: timestamp.expires,
        snapshot_expires: snapshot.expires,
        timestamp_json: bytes(TIMESTAMP),
        snapshot_json: bytes(&role_path("snapshot", snapshot.version)),
        signers: signers(newest),
        roots,
    })
}

fn signers(root: &[u8]) -> BTreeSet<String> {
    let root: Value = serde_json::from_slice(root).unwrap_or_default();
    let ids = root["signed"]["roles"]["timestamp"]["keyids"].as_array();
    let ids = ids.into_iter().flatten();
    ids.filter_map(|id| Some(id.as_str()?.to_owned())).collect()
}

fn why(report: &Report) -> String {
    match &report.verdict {
        Verdict::NotAuthentic { what } => what.join("; "),
        Verdict::Unreachable { reason } => reason.clone(),
        // Without a snapshot nothing can be fresh or stale.
        Verdict::Fresh | Verdict::Stale { .. } => "it holds no snapshot".to_owned(),
    }
}

/// Keeps what was read, and seems to end after the snapshot. Roots that are known are not asked for.
struct Recorded<'a> {
    source: &'a dyn Fetch,
    roots: &'a BTreeMap<u64, String>,
    taken: Mutex<BTreeMap<String, Vec<u8>>>,
}

#[async_trait]
impl Fetch for Recorded<'_> {
    fn name(&self) -> String {
        self.source.name()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        if path.ends_with("targets.json") {
            return Err(FetchError::NotFound);
        }
        let known = |(version, _): &(&u64, &String)| role_path("root", **version) == path;
        if let Some((_, root)) = self.roots.iter().find(known) {
            return Ok(root.as_bytes().to_vec());
        }
        let bytes = self.source.fetch(path, limit).await?;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.insert(path.to_owned(), bytes.clone());
        Ok(bytes)
    }
}
