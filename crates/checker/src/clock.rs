//! The clock of a command: read once, where it begins.

use jiff::Timestamp;

/// Now, by this machine.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost edge: a command has no other source of time"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
