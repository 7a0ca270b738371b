//! Everything that happens to keys: the founding, and each change of who may sign.
//!
//! A change is a folder with a new root, new targets or both, unsigned at first. It is carried to the holders, or a text
//! is; each adds a signature after reading what is signed; when there are enough of them it goes into the repository.

mod authority;
mod carried;
mod change;
mod difference;
mod document;
mod finish;
mod folder;
mod founding;
mod names;
mod roster;
mod sheet;
mod signing;

pub(crate) use authority::Authority;
pub use carried::SIGNATURE_LINE;
pub(crate) use carried::{Answer, armour, unarmour};
pub use change::{Change, OfflineRole};
pub(crate) use document::Document;
pub use finish::Finished;
pub use folder::Ceremony;
pub use founding::{
    Beginning, Founded, Founding, found, next_online_key, online_keys, server_keys,
};
pub use names::{Name, Names};
pub use roster::{Holders, Roster, found_keys};
pub use sheet::Sheet;
pub use signing::Need;

use crate::keys::KeyError;
use crate::repository::RepositoryError;

/// Why nothing was founded, changed or signed.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// A folder holds something already; keys and roots are never replaced.
    #[error(
        "{0} is not empty; a publisher is founded once, and a ceremony needs a folder of its own"
    )]
    NotEmpty(String),
    /// A key could not be made, opened or stored.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file could not be read or written.
    #[error("cannot {what} {path}: {why}")]
    Io {
        /// "read" or "write".
        what: &'static str,
        /// The file.
        path: String,
        /// The operating system's reason.
        why: String,
    },
    /// A file is not what it should be.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The file, or what was pasted.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// What is asked for cannot be, or would lock everybody out.
    #[error("{0}")]
    Refused(String),
    /// The key cannot sign anything here.
    #[error("key {id} counts for nothing in this ceremony; those that do: {others}")]
    Stranger {
        /// The key.
        id: String,
        /// Whose keys count.
        others: String,
    },
    /// The key may not sign what is said.
    #[error("key {id} may not speak here; these may: {others}")]
    Mute {
        /// The key.
        id: String,
        /// Whose keys may.
        others: String,
    },
    /// A signature over something else than what waits.
    #[error(
        "the signature is not over the word that waits now: something newer was authorised since, or it was changed on its \
         way. Look at what waits and sign that"
    )]
    Stale,
    /// Not enough signatures.
    #[error("{0}")]
    Missing(String),
    /// The repository could not be laid out or read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
