//! What a beacon remembers: the newest it has seen, as it was signed. It is verified again each time it is used.

use std::collections::BTreeMap;
use std::path::Path;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use stentor_verify::{Fetch, FetchError, limits};

use super::BeaconError;
use super::sight::Sight;
use crate::files;
use crate::head::{Superseded, role_path};
use crate::plan::TIMESTAMP;

const FILE: &str = "beacon.json";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    /// Roots that followed the pinned one, by version.
    pub(super) roots: BTreeMap<u64, String>,
    timestamp: Option<String>,
    /// The snapshot which that timestamp names, and its version.
    snapshot: Option<(u64, String)>,
    /// By mirror where it writes: files that are no longer named there.
    pub(super) superseded: BTreeMap<String, Vec<Superseded>>,
}

impl Memory {
    pub(super) fn load(dir: &Path) -> Result<Self, BeaconError> {
        let path = dir.join(FILE);
        let unreadable = |why: String| BeaconError::State {
            what: "read",
            path: path.display().to_string(),
            why,
        };
        match files::read(&path, limits::STATE_BYTES) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| {
                unreadable(format!(
                    "it is damaged ({e}); remove it to start over from what the mirrors show"
                ))
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(unreadable(e.to_string())),
        }
    }

    pub(super) fn save(&self, dir: &Path) -> Result<(), BeaconError> {
        let path = dir.join(FILE);
        let written = serde_json::to_vec(self)
            .map_err(std::io::Error::other)
            .and_then(|bytes| files::replace(&path, &bytes, files::PRIVATE));
        written.map_err(|e| BeaconError::State {
            what: "write",
            path: path.display().to_string(),
            why: e.to_string(),
        })
    }

    /// Takes verified roots.
    pub(super) fn learn(&mut self, roots: &BTreeMap<u64, String>) {
        let new = roots.iter().map(|(version, root)| (*version, root.clone()));
        self.roots.extend(new);
    }

    /// Takes what was found to be the newest.
    pub(super) fn keep(&mut self, best: &Sight) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.timestamp = Some(text(&best.timestamp_json));
        self.snapshot = Some((best.snapshot, text(&best.snapshot_json)));
    }

    fn file(&self, path: &str) -> Option<&str> {
        if path == TIMESTAMP {
            return self.timestamp.as_deref();
        }
        let (version, snapshot) = self.snapshot.as_ref()?;
        (path == role_path("snapshot", *version)).then_some(snapshot)
    }
}

/// What is remembered is judged as if it were one more mirror.
#[async_trait]
impl Fetch for Memory {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        match self.file(path) {
            None => Err(FetchError::NotFound),
            Some(text) if text.len() as u64 > limit => Err(FetchError::TooLarge { limit }),
            Some(text) => Ok(text.as_bytes().to_vec()),
        }
    }
}
