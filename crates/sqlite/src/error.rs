//! What an error of SQLite lets the caller conclude.

use stentor_store::StoreError;

// https://www.sqlite.org/rescode.html, the primary codes.
const BUSY: i32 = 5;
const NOMEM: i32 = 7;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CONSTRAINT: i32 = 19;
const NOTADB: i32 = 26;

/// An error of a statement that commits nothing itself.
pub(crate) fn uncommitted(error: sqlx::Error) -> StoreError {
    let text = error.to_string();
    match (primary_code(&error), &error) {
        (Some(FULL), _) => StoreError::Full(text),
        (Some(CORRUPT | NOTADB | CONSTRAINT), _)
        | (
            None,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound,
        ) => StoreError::Corrupt(text),
        _ => StoreError::Unavailable(text),
    }
}

/// An error of `COMMIT`, or of a statement that commits by itself. A failed write or sync may still have reached the
/// disk, and a vanished connection tells nothing.
pub(crate) fn committing(error: sqlx::Error) -> StoreError {
    match primary_code(&error) {
        Some(code) if code != IOERR && code != NOMEM => uncommitted(error),
        _ => StoreError::OutcomeUnknown(error.to_string()),
    }
}

/// Another connection holds the lock that was asked for.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(BUSY)
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(error) = error else {
        return None;
    };
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}
