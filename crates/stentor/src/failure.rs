//! How a command fails: a sentence on stderr that says what and what to do, and an exit code by kind.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

/// A command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Failure {
    /// Something went wrong: exit code 1.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code: 1,
        }
    }

    /// The command was used wrongly: exit code 2, as for unknown options.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code: 2,
        }
    }

    /// Says it on stderr.
    pub(crate) fn report(self) -> ExitCode {
        say(&format!("stentor: {}", self.message));
        ExitCode::from(self.code)
    }
}

impl From<stentor_checker::Failure> for Failure {
    fn from(failure: stentor_checker::Failure) -> Self {
        Self {
            code: failure.code(),
            message: failure.to_string(),
        }
    }
}

/// Everything that is not data goes to stderr.
pub(crate) fn say(text: &str) {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Data goes to stdout.
pub(crate) fn print(text: &str) {
    // A closed pipe means that the reader has seen enough.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Runs asynchronous work of a short command on one thread.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)?
        .block_on(work)
}
