//! How a command fails: a sentence on stderr that says what and what to do, and an exit code by kind.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

/// A command did not do what was asked.
#[derive(Debug)]
pub struct Failure {
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
        Self::with_code(message, 1)
    }

    /// The command was used wrongly: exit code 2, as for unknown options.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::with_code(message, 2)
    }

    pub(crate) fn with_code(message: impl fmt::Display, code: u8) -> Self {
        Self {
            message: message.to_string(),
            code,
        }
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        self.code
    }

    /// Says it on stderr, in the name of `program`.
    #[must_use]
    pub fn report(self, program: &str) -> ExitCode {
        say(&format!("{program}: {}", self.message));
        ExitCode::from(self.code)
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

/// Runs asynchronous work of a command on one thread.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)?
        .block_on(work)
}
