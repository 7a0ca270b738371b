//! Places where the public word is put.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use stentor_verify::{Fetch, FetchError};

/// Why a mirror did not take a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// The path would leave the mirror.
    #[error("the path {0:?} leaves the mirror")]
    Path(String),
    /// Somebody else changed the mirror since it was looked at. Looking again settles it.
    #[error("somebody else wrote to it at the same time; nothing of theirs was overwritten")]
    Changed,
    /// The mirror failed.
    #[error("{0}")]
    Failed(String),
}

/// One change of a mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// The file is to have this content.
    Put {
        /// The file.
        path: &'a str,
        /// All of its bytes.
        bytes: &'a [u8],
    },
    /// The file is to be gone.
    Delete {
        /// The file.
        path: &'a str,
    },
}

impl<'a> Step<'a> {
    /// The file that it is about.
    #[must_use]
    pub fn path(self) -> &'a str {
        match self {
            Self::Put { path, .. } | Self::Delete { path } => path,
        }
    }

    /// The step that was not done, and why.
    #[must_use]
    pub fn undone(self, why: MirrorError) -> Undone {
        Undone {
            what: match self {
                Self::Put { .. } => "write",
                Self::Delete { .. } => "delete",
            },
            path: self.path().to_owned(),
            why,
        }
    }
}

/// The first step of several that was not done. Whether it was done after all is not known: an answer can be lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {what} {path}: {why}")]
pub struct Undone {
    /// "write" or "delete".
    pub what: &'static str,
    /// The file, or what stands for several.
    pub path: String,
    /// The mirror's reason.
    pub why: MirrorError,
}

/// Is told the index of each step that is done.
pub type Done<'a> = &'a (dyn Fn(usize) + Send + Sync);

/// Files that were brought at once, each as reading it alone would have been answered.
pub type Brought = HashMap<String, Result<Vec<u8>, FetchError>>;

/// A place that serves static files. Implementations bound their own requests; the caller bounds the whole.
#[async_trait]
pub trait Mirror: Send + Sync {
    /// How the mirror is called in reports.
    fn name(&self) -> &str;

    /// The file as it lies there now, of at most `limit` bytes.
    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError>;

    /// Replaces the file, all at once as far as the place can.
    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError>;

    /// Removes the file; that there is none is no error.
    async fn delete(&self, path: &str) -> Result<(), MirrorError>;

    /// Does all steps in their order, or the first ones of them. A place that can do many at once does so, as long as
    /// no reader ever sees a later step without the earlier ones.
    ///
    /// # Errors
    /// [`Undone`] for the first step that is not certainly done; none after it is begun.
    async fn apply(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        for (index, step) in steps.iter().enumerate() {
            let taken = match step {
                Step::Put { path, bytes } => self.write(path, bytes).await,
                Step::Delete { path } => self.delete(path).await,
            };
            taken.map_err(|why| step.undone(why))?;
            done(index);
        }
        Ok(())
    }

    /// Looks at the place anew: for one of which we keep a copy.
    ///
    /// # Errors
    /// [`MirrorError`] if it cannot be looked at.
    async fn refresh(&self) -> Result<(), MirrorError> {
        Ok(())
    }

    /// Brings several files, each of at most so many bytes, in one go where each visit is dear. What is not in the
    /// answer is read by itself.
    async fn bring(&self, _wanted: &[(String, u64)]) -> Brought {
        Brought::new()
    }

    /// The mirror as the public reaches it, when that is another way than ours.
    fn public(&self) -> Option<&dyn Fetch> {
        None
    }

    /// How long one push may take, if usually it is `usual`.
    fn within(&self, usual: Duration) -> Duration {
        usual
    }
}

/// A mirror read by the way we write to it.
pub(crate) struct Reader<'a> {
    mirror: &'a dyn Mirror,
    brought: Brought,
}

impl<'a> Reader<'a> {
    /// Each file when it is asked for.
    pub(crate) fn of(mirror: &'a dyn Mirror) -> Self {
        Self {
            mirror,
            brought: Brought::new(),
        }
    }

    /// With these files brought before.
    pub(crate) async fn with(mirror: &'a dyn Mirror, wanted: &[(String, u64)]) -> Self {
        Self {
            mirror,
            brought: mirror.bring(wanted).await,
        }
    }
}

#[async_trait]
impl Fetch for Reader<'_> {
    fn name(&self) -> String {
        self.mirror.name().to_owned()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        match self.brought.get(path) {
            Some(Ok(bytes)) if bytes.len() as u64 > limit => Err(FetchError::TooLarge { limit }),
            // It may fit into the limit of this reading.
            None | Some(Err(FetchError::TooLarge { .. })) => self.mirror.read(path, limit).await,
            Some(brought) => brought.clone(),
        }
    }
}
