//! How bytes come from a mirror: a trait the caller supplies, and a local directory.

use std::io::Read;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::limits::PATH_BYTES;

/// Why a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The mirror answers and says that it has no such file.
    #[error("the mirror does not have it")]
    NotFound,
    /// The file is longer than it may be; reading stopped there.
    #[error("it is longer than {limit} bytes")]
    TooLarge {
        /// The bytes that would have been accepted.
        limit: u64,
    },
    /// The mirror does not answer.
    #[error("{0}")]
    Unreachable(String),
}

/// A mirror as a reader sees it.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// How the mirror is called in reports.
    fn name(&self) -> String;

    /// The whole file at `path` (relative, `/` between segments), if it has at most `limit` bytes. An implementation
    /// stops reading at `limit` and bounds its own waiting. Over HTTP, 404 and 410 (and 403, which object stores say
    /// instead) mean [`FetchError::NotFound`].
    ///
    /// # Errors
    /// [`FetchError`]: the three kinds lead to different verdicts, so they must be told apart.
    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError>;
}

/// Whether `path` is relative, stays below its base on every platform and holds nothing surprising. No part of it is
/// hidden but `.well-known` (RFC 8615).
#[must_use]
pub fn safe_path(path: &str) -> bool {
    let segment =
        |part: &str| !part.is_empty() && (!part.starts_with('.') || part == ".well-known");
    path.len() <= PATH_BYTES
        && path.split('/').all(segment)
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/._-@+~,=".contains(&b))
}

/// A mirror that is a directory of this machine.
#[derive(Debug, Clone)]
pub struct LocalDir(PathBuf);

impl LocalDir {
    /// The mirror at `base`.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        Self(base.into())
    }

    /// The whole file at `path`, blocking; see [`Fetch::fetch`].
    ///
    /// # Errors
    /// [`FetchError`], as there.
    pub fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        if !safe_path(path) {
            return Err(FetchError::NotFound);
        }
        if !self.0.is_dir() {
            return Err(FetchError::Unreachable(format!(
                "{} is not a directory",
                self.0.display()
            )));
        }
        read_regular(&self.0.join(path), limit)
    }
}

/// Reads a regular file of at most `limit` bytes. Devices and pipes, which can be endless or block, are refused.
pub(crate) fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, FetchError> {
    use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    let refused = |e: std::io::Error| match e.kind() {
        NotFound | NotADirectory | IsADirectory => FetchError::NotFound,
        _ => FetchError::Unreachable(e.to_string()),
    };
    if !std::fs::metadata(path).map_err(refused)?.is_file() {
        return Err(FetchError::Unreachable(format!(
            "{} is not a regular file",
            path.display()
        )));
    }
    let file = std::fs::File::open(path).map_err(refused)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(refused)?;
    if bytes.len() as u64 > limit {
        Err(FetchError::TooLarge { limit })
    } else {
        Ok(bytes)
    }
}

#[async_trait]
impl Fetch for LocalDir {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        // Small files of a local disk: a thread switch would cost more than the read.
        self.read(path, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_their_base() {
        #[track_caller]
        fn check(path: &str, expect: bool) {
            assert_eq!(safe_path(path), expect, "{path:?}");
        }
        check("index.html", true);
        check("incidents/INC-7.html", true);
        check("metadata/1.root.json", true);
        check(".well-known/security.txt", true);
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            ".hidden",
            "a/.b",
            "a\\b",
            "C:\\x",
            "a\0b",
            "a\nb",
            "a b",
            "a?b",
            "a%2e",
            "ä",
            "a:b",
        ] {
            check(bad, false);
        }
        check(&"a".repeat(PATH_BYTES + 1), false);
    }
}
