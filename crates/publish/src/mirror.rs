//! Places where the public word is put: a trait, and a directory.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use stentor_verify::{FetchError, LocalDir, safe_path};

use crate::files;

/// Why a mirror did not take a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// The path would leave the mirror.
    #[error("the path {0:?} leaves the mirror")]
    Path(String),
    /// The mirror failed.
    #[error("{0}")]
    Failed(String),
}

/// A place that serves static files. Implementations bound their own requests; the caller bounds the whole.
#[async_trait]
pub trait Mirror: Send + Sync {
    /// How the mirror is called in reports.
    fn name(&self) -> &str;

    /// The file as a reader gets it, of at most `limit` bytes.
    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError>;

    /// Replaces the file, all at once as far as the place can.
    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError>;

    /// Removes the file; that there is none is no error.
    async fn delete(&self, path: &str) -> Result<(), MirrorError>;
}

/// A mirror that is a directory of this machine, served by whatever web server.
#[derive(Debug, Clone)]
pub struct LocalMirror {
    name: String,
    base: PathBuf,
}

impl LocalMirror {
    /// The mirror `name` at `base`, which is created with the first file.
    pub fn new(name: impl Into<String>, base: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            base: base.into(),
        }
    }

    /// Runs where it may block: a hanging disk must not hold up the other mirrors.
    async fn blocking<T: Send + 'static>(
        &self,
        path: &str,
        work: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, MirrorError> {
        let path = self.inside(path)?;
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        done.map_err(|e| MirrorError::Failed(e.to_string()))?
            .map_err(|e| MirrorError::Failed(e.to_string()))
    }

    /// The place of `path`, if no step on the way leads out of the mirror.
    fn inside(&self, path: &str) -> Result<PathBuf, MirrorError> {
        let refused = || MirrorError::Path(path.to_owned());
        if !safe_path(path) {
            return Err(refused());
        }
        let mut place = self.base.clone();
        for part in path.split('/') {
            // Who can write to the mirror must not turn our writing elsewhere by a link.
            if place != self.base && place.is_symlink() {
                return Err(refused());
            }
            place.push(part);
        }
        Ok(place)
    }
}

#[async_trait]
impl Mirror for LocalMirror {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let dir = LocalDir::new(&self.base);
        let (base, path) = (self.base.clone(), path.to_owned());
        let read = move || {
            // Without its directory: a mirror before its first push.
            if base.exists() {
                dir.read(&path, limit)
            } else {
                Err(FetchError::NotFound)
            }
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|e| FetchError::Unreachable(e.to_string()))?
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        let bytes = bytes.to_vec();
        self.blocking(path, move |path| {
            files::replace(path, &bytes, files::PUBLIC)
        })
        .await
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.blocking(path, |path| match std::fs::remove_file(path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        })
        .await
    }
}
