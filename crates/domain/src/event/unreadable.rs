//! Entries that cannot be read.

/// An entry that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Written by a newer release.
    #[error(
        "this release does not know entries of kind {kind:?} version {version}; run the release that wrote them"
    )]
    UnknownKind {
        /// The kind.
        kind: String,
        /// The version.
        version: u16,
    },
    /// The payload does not have the form of its kind.
    #[error("an entry of kind {kind:?} cannot be read: {reason}")]
    Malformed {
        /// The kind.
        kind: String,
        /// Why.
        reason: String,
    },
}
