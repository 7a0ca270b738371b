//! What is validly signed on a mirror, before anything is written there.

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use stentor_verify::{Fetch, FetchError, Report, Scope, Verification};

use crate::plan::TIMESTAMP;

/// What was found; whether it is fresh does not matter here.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) report: Report,
    /// The version of the timestamp; 0 if none is validly signed.
    pub(crate) timestamp: u64,
    /// SHA-256 of the snapshot that it names, in hex.
    pub(crate) snapshot: Option<String>,
}

/// Reads roots, timestamp and snapshot.
pub(crate) async fn survey(mirror: &dyn Fetch, trusted_root: &[u8], now: Timestamp) -> Seen {
    let versions = Versions {
        mirror,
        timestamp: Mutex::default(),
    };
    let check = Verification {
        scope: Scope::Metadata,
        ..Verification::new(&versions, trusted_root, now)
    };
    let report = check.run().await.report;
    let timestamp = report.version("timestamp").unwrap_or(0);
    let signed = versions.timestamp.into_inner().ok().flatten();
    let snapshot = signed
        .filter(|_| timestamp > 0)
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .and_then(|file| {
            let hash = &file["signed"]["meta"]["snapshot.json"]["hashes"]["sha256"];
            Some(hash.as_str()?.to_owned())
        });
    Seen {
        report,
        timestamp,
        snapshot,
    }
}

/// A mirror that seems to end after its snapshot: what that names is large, and says nothing about versions.
struct Versions<'a> {
    mirror: &'a dyn Fetch,
    timestamp: Mutex<Option<Vec<u8>>>,
}

#[async_trait]
impl Fetch for Versions<'_> {
    fn name(&self) -> String {
        self.mirror.name()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        if path.ends_with("targets.json") {
            return Err(FetchError::NotFound);
        }
        let bytes = self.mirror.fetch(path, limit).await?;
        if path == TIMESTAMP
            && let Ok(mut timestamp) = self.timestamp.lock()
        {
            *timestamp = Some(bytes.clone());
        }
        Ok(bytes)
    }
}
