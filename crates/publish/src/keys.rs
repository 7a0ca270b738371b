//! Signing keys: who they are, where they lie, and how something is signed with them.
//!
//! Online keys are small files that only the server's user may read. Offline keys are files that a passphrase or an
//! age identity opens, SSH keys, or keys that never leave an agent.

mod online;
mod public;
mod secret;

pub use online::OnlineKeys;
pub use public::{KeyId, PublicKey};
pub(crate) use secret::SecretKey;

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
    /// The operating system gave no randomness.
    #[error("no randomness for a new key")]
    Randomness,
}
