//! What a mirror should look like, in the order in which it may become so.

use async_trait::async_trait;
use stentor_verify::{Fetch, FetchError};

/// The one file whose name does not change with its content.
pub(crate) const TIMESTAMP: &str = "metadata/timestamp.json";

/// The whole of a mirror. Pushing it again changes nothing where nothing is missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Steps in the safe order: nothing is named before it is there.
    /// Targets; roots, targets and status metadata; snapshot; timestamp; pages at the top.
    pub(crate) steps: [Vec<File>; 5],
    /// Superseded long ago, or no longer signed.
    pub(crate) delete: Vec<String>,
    /// The version of the timestamp among the files.
    pub(crate) timestamp: u64,
}

/// A file of a mirror.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
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
            .find(|f| f.path == path)
            .ok_or(FetchError::NotFound)?;
        if file.bytes.len() as u64 > limit {
            Err(FetchError::TooLarge { limit })
        } else {
            Ok(file.bytes.clone())
        }
    }
}
