//! What a reader remembers between visits, so that an older state put back is noticed.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fetch::{FetchError, read_regular};
use crate::limits::STATE_BYTES;
use crate::verification::fingerprint;

/// The newest metadata seen, as it was signed. It carries its own proof and is verified again from the pinned root
/// each time it is used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// Roots that followed the pinned one, in order.
    pub(crate) roots: Vec<String>,
    /// The newest `timestamp.json`.
    pub(crate) timestamp: Option<String>,
    /// The snapshot which that timestamp names.
    pub(crate) snapshot: Option<String>,
}

/// Why remembered state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The directory or its file cannot be read or written.
    #[error("cannot {what} {path}: {why}")]
    Io {
        /// "read" or "write".
        what: &'static str,
        /// The file.
        path: String,
        /// The operating system's reason.
        why: String,
    },
    /// The file is not what was written here.
    #[error("{path} is damaged ({why}); delete it to start over as on a first visit")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A directory in which one reader remembers one publisher.
#[derive(Debug, Clone)]
pub struct StateDir(PathBuf);

impl StateDir {
    /// State kept in `dir`, which is created at the first [`Self::save`].
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    fn file(&self) -> PathBuf {
        self.0.join("seen.json")
    }

    /// What was remembered, or `None` on a first visit.
    ///
    /// # Errors
    /// [`StateError`] if there is something that cannot be read back: then a rollback could hide, so nobody is told
    /// that all is well.
    pub fn load(&self) -> Result<Option<Remembered>, StateError> {
        let path = self.file();
        let shown = path.display().to_string();
        let bytes = match read_regular(&path, STATE_BYTES) {
            Ok(bytes) => bytes,
            Err(FetchError::NotFound) => return Ok(None),
            Err(e) => {
                return Err(StateError::Io {
                    what: "read",
                    path: shown,
                    why: e.to_string(),
                });
            }
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|e| StateError::Damaged {
                path: shown,
                why: e.to_string(),
            })
    }

    /// Replaces what is remembered, all at once: a crash leaves the old or the new. `before` is what was loaded; if
    /// another visit has remembered more in the meantime, that stays, so that floors never sink.
    ///
    /// # Errors
    /// [`StateError`] if it cannot be written durably.
    pub fn save(&self, before: Option<&Remembered>, seen: &Remembered) -> Result<(), StateError> {
        let path = self.file();
        let failed = |e: std::io::Error| StateError::Io {
            what: "write",
            path: path.display().to_string(),
            why: e.to_string(),
        };
        // Held until the end of this function.
        let _lock = self.lock().map_err(failed)?;
        let now = self.load()?;
        if now.as_ref() != before && now.is_some_and(|other| other.rank() >= seen.rank()) {
            return Ok(());
        }
        write_atomically(&self.0, &path, seen).map_err(failed)
    }

    fn lock(&self) -> std::io::Result<std::fs::File> {
        std::fs::create_dir_all(&self.0)?;
        let file = std::fs::File::create(self.0.join("lock"))?;
        file.lock()?;
        Ok(file)
    }
}

impl Remembered {
    /// The roots alone: who may speak is remembered, and how far they had come is not. With this a reader of several
    /// mirrors tells one that lags from one that is forged.
    #[must_use]
    pub fn roots_only(&self) -> Self {
        Self {
            roots: self.roots.clone(),
            timestamp: None,
            snapshot: None,
        }
    }

    /// Whether one of the roots that followed the pinned one has this SHA-256, in lower-case hex.
    #[must_use]
    pub fn knows_root(&self, sha256: &str) -> bool {
        let mut roots = self.roots.iter();
        roots.any(|root| fingerprint(root.as_bytes()) == sha256)
    }

    /// Orders two memories of one publisher: the newest root, then the newest timestamp.
    fn rank(&self) -> (u64, u64) {
        let version = |text: Option<&String>| {
            let file: Option<serde_json::Value> = text.and_then(|t| serde_json::from_str(t).ok());
            file.and_then(|f| f["signed"]["version"].as_u64())
                .unwrap_or(0)
        };
        (version(self.roots.last()), version(self.timestamp.as_ref()))
    }
}

fn write_atomically(dir: &Path, path: &Path, seen: &Remembered) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let mut temp = tempfile::NamedTempFile::new_in(dir)?;
    serde_json::to_writer(temp.as_file_mut(), seen)?;
    temp.as_file_mut().flush()?;
    temp.as_file().sync_all()?;
    temp.persist(path)?;
    std::fs::File::open(dir)?.sync_all()
}
