//! The folder of a repository, held by one process at a time.

use std::fs::File as OpenFile;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stentor_verify::limits;

use crate::files;
use crate::metadata::Target;
use crate::repository::RepositoryError;

/// A program that this process is just starting holds our lock for the moment between fork and exec, also after we let
/// it go: so a lock that is held is looked at again.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// A folder in which nobody else writes.
#[derive(Debug)]
pub(crate) struct Folder {
    dir: PathBuf,
    /// Held while we may write: two writers would sign one version twice.
    _lock: OpenFile,
}

impl Folder {
    /// Takes the folder; creates it if there is none.
    pub(crate) fn take(dir: &Path) -> Result<Self, RepositoryError> {
        Ok(Self {
            dir: dir.to_owned(),
            _lock: lock(dir)?,
        })
    }

    /// Where it lies.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where a file of it lies.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The whole file, of at most `limit` bytes.
    pub(crate) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, RepositoryError> {
        let path = self.dir.join(path);
        files::read(&path, limit).map_err(|e| failed("read", &path, &e))
    }

    /// The file, if it is what it is expected to be: damage on our disk must not become the word.
    pub(crate) fn checked(
        &self,
        path: &str,
        expected: &Target,
    ) -> Result<Vec<u8>, RepositoryError> {
        let limit = limits::METADATA_BYTES.max(limits::TARGET_BYTES);
        let bytes = self.read(path, limit)?;
        if Target::of(&bytes) == *expected {
            Ok(bytes)
        } else {
            Err(damaged(path))
        }
    }

    /// Replaces the file. Files named by version or hash are written again only if a crash left them unfinished or
    /// different.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), RepositoryError> {
        let path = self.dir.join(path);
        if files::read(&path, bytes.len() as u64).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        files::replace(&path, bytes, files::PUBLIC).map_err(|e| failed("write", &path, &e))
    }

    /// Removes a superseded file. A leftover costs room, nothing else.
    pub(crate) fn remove(&self, path: &str) {
        // Pages lie on mirrors only, and may be called like something that lies here.
        if path.starts_with("targets/") || path.starts_with("metadata/") {
            let _ = std::fs::remove_file(self.dir.join(path));
        }
    }
}

/// The lock goes with the process, however it ends.
fn lock(dir: &Path) -> Result<OpenFile, RepositoryError> {
    let path = dir.join("lock");
    let open = || {
        std::fs::create_dir_all(dir)?;
        OpenFile::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
    };
    let file = open().map_err(|e| failed("write", &path, &e))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(std::fs::TryLockError::Error(e)) => return Err(failed("write", &path, &e)),
        }
    }
    Err(RepositoryError::InUse {
        path: dir.display().to_string(),
    })
}

pub(crate) fn damaged(path: &str) -> RepositoryError {
    RepositoryError::Damaged {
        path: path.to_owned(),
    }
}

pub(crate) fn failed(what: &'static str, path: &Path, why: &std::io::Error) -> RepositoryError {
    RepositoryError::Io {
        what,
        path: path.display().to_string(),
        why: why.to_string(),
    }
}
