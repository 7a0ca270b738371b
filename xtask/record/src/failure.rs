//! Why a recording stopped.

use std::io;

/// What happened, for a person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line was wrong.
    #[error("{0}; see `cargo xtask record --help`")]
    Usage(String),
    /// The machine refused something.
    #[error("{0}: {1}")]
    Io(String, io::Error),
    /// Alertmanager or the machine did otherwise than it must; another try may help.
    #[error("{0}")]
    Unexpected(String),
}

/// Says what was tried when it fails.
pub(crate) fn trying(what: impl Into<String>) -> impl FnOnce(io::Error) -> Failure {
    let what = what.into();
    move |error| Failure::Io(what, error)
}
