//! Signing keys: who they are, where they lie, and how something is signed with them.
//!
//! Online keys are small files that only the server's user may read. Offline keys are files that a passphrase or an
//! age identity opens, SSH keys, or keys that never leave an agent.

mod agent;
mod offline;
mod online;
mod public;
mod sealed;
mod secret;
mod single;
mod ssh;

pub use agent::Agent;
pub use offline::{Protection, Signer, Unlock, create_key, public_path, read_secret};
pub use online::OnlineKeys;
pub(crate) use online::ROLES;
pub(crate) use public::grouped;
pub use public::{KeyId, PublicKey};
pub(crate) use secret::SecretKey;
pub(crate) use single::SingleKey;
pub use single::rotate_single_key;

/// Why a key cannot be made or used. Says where, never what the key is.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("key {path}: {why}")]
    Io {
        /// The file.
        path: String,
        /// The operating system's reason.
        why: String,
    },
    /// Others than the owner may read the file.
    #[error(
        "key {path} can be read by others (mode {mode:o}); chmod 600 it, and think of replacing it"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a key of ours.
    #[error("key {path} is damaged or not an Ed25519 key file")]
    Damaged {
        /// The file.
        path: String,
    },
    /// The passphrase or the age identity does not open the file.
    #[error(
        "key {path} does not open: the passphrase or the identity is not the one it was sealed with"
    )]
    Locked {
        /// The file.
        path: String,
    },
    /// The passphrase was not given.
    #[error("no passphrase for key {path}: {why}")]
    NoPassphrase {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// The passphrase for a new key is too short to protect it.
    #[error(
        "the passphrase for key {path} has fewer than {least} characters; five random words are good"
    )]
    WeakPassphrase {
        /// The file.
        path: String,
        /// The least number of characters.
        least: usize,
    },
    /// A recipient is not one that age knows.
    #[error("{0:?} is not an age recipient; one begins with age1")]
    Recipient(String),
    /// The agent cannot be asked, or refuses.
    #[error("the SSH agent: {0}")]
    Agent(String),
    /// The operating system gave no randomness.
    #[error("no randomness for a new key")]
    Randomness,
}
