//! Why a measurement stopped.

use std::io;

/// What happened, for a person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line was wrong.
    #[error("{0}; see `cargo xtask bench --help`")]
    Usage(String),
    /// The machine refused something.
    #[error("{what}: {error}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        error: io::Error,
    },
    /// A server did otherwise than it must.
    #[error("{0}")]
    Unexpected(String),
    /// The journal could not be filled.
    #[error(transparent)]
    Store(#[from] stentor_store::StoreError),
}

/// Says what was tried when it fails.
pub(crate) fn trying(what: impl Into<String>) -> impl FnOnce(io::Error) -> Failure {
    let what = what.into();
    move |error| Failure::Io { what, error }
}
