//! What can go wrong with a repository.

use stentor_domain::world::World;

use crate::keys::KeyError;
use crate::lives::ClockBehind;

/// Why the repository cannot be used or extended.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// A file cannot be read or written.
    #[error("cannot {what} {path}: {why}")]
    Io {
        /// "read" or "write".
        what: &'static str,
        /// The file.
        path: String,
        /// The operating system's reason.
        why: String,
    },
    /// A file is not what the head says it is.
    #[error("{path} in the repository is damaged; restore it from a mirror or a backup")]
    Damaged {
        /// The file.
        path: String,
    },
    /// The runtime stopped before the work was done.
    #[error("stopped before the repository was written")]
    Stopped,
    /// The online keys cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A change of keys that waits to be put in force cannot be.
    #[error("the change of keys in {path} was refused and set aside: {why}")]
    Change {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// Another process has it open.
    #[error("another process publishes from {path}")]
    InUse {
        /// The folder.
        path: String,
    },
    /// The online keys are not the ones that the root and the delegation name.
    #[error("the online {role} key is not the one this repository names")]
    WrongKey {
        /// The role.
        role: &'static str,
    },
    /// The repository was founded for another world.
    #[error("this repository speaks for {founded}, not for {asked}")]
    WrongWorld {
        /// The world in the root.
        founded: String,
        /// The world asked for.
        asked: World,
    },
    /// A page has a path that the role `status` may not speak for, or is too long.
    #[error("the page {path:?} cannot be signed: its path or its length is not allowed")]
    Page {
        /// The path.
        path: String,
    },
    /// Another signer's clock is far ahead, or ours is far behind.
    #[error(transparent)]
    ClockBehind(#[from] ClockBehind),
}
