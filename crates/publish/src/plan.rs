//! What a mirror should look like, in the order in which it may become so.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_verify::{Fetch, FetchError};

use crate::head::Head;
use crate::lives::{self, later};

/// The one file whose name does not change with its content.
pub(crate) const TIMESTAMP: &str = "metadata/timestamp.json";

/// What is to be done to a mirror. Doing it again changes nothing where nothing is missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Steps in the safe order: nothing is named before it is there.
    /// Targets; roots, targets and metadata of delegated roles; snapshot; timestamp; pages at the top.
    pub(crate) steps: [Vec<File>; 5],
    /// Superseded long ago, or no longer signed. Last of all.
    pub(crate) delete: Vec<String>,
    /// The version of the timestamp among the files.
    pub(crate) timestamp: u64,
    /// SHA-256 of the snapshot that the timestamp names, in hex.
    pub(crate) snapshot: String,
    /// Metadata that is known to be on the mirror and is large: it is not read back from there.
    pub(crate) known: Vec<File>,
    /// Further metadata that is read from the mirror, by path: brought in one go, where each visit is dear.
    pub(crate) asked: Vec<String>,
    /// Whether the steps hold everything that is signed. Otherwise the rest is known to be on the mirror.
    pub(crate) whole: bool,
}

/// A file of a mirror.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) bytes: Arc<[u8]>,
}

impl File {
    pub(crate) fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            path: path.into(),
            bytes: bytes.into(),
        }
    }
}

/// What is known to be on a mirror, because it was written there and read back.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// Everything that this head names.
    pub(crate) head: Arc<Head>,
    /// When it was brought there.
    pub(crate) at: Timestamp,
    /// When all of it was read back.
    pub(crate) checked: Timestamp,
}

impl Known {
    /// Whether everything is to be read again.
    pub(crate) fn is_old(&self, now: Timestamp) -> bool {
        // A clock that was set back must not make it last longer.
        now >= later(self.checked, lives::BELIEVED) || now < self.checked
    }

    /// Whether a beacon may go by it: it reads a copy that it made itself less often.
    pub(crate) fn is_believed_copy(&self, now: Timestamp) -> bool {
        (self.checked..later(self.checked, lives::COPY_BELIEVED)).contains(&now)
    }
}

/// A plan can be visited before any mirror is, so that nothing is pushed which a reader would refuse.
#[async_trait]
impl Fetch for Plan {
    fn name(&self) -> String {
        "the plan".to_owned()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let file = self
            .steps
            .iter()
            .flatten()
            .chain(&self.known)
            .find(|f| f.path == path)
            .ok_or(FetchError::NotFound)?;
        if file.bytes.len() as u64 > limit {
            Err(FetchError::TooLarge { limit })
        } else {
            Ok(file.bytes.to_vec())
        }
    }
}
