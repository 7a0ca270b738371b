//! What an error of PostgreSQL lets the caller conclude.

use stentor_store::StoreError;

/// An error of a statement that commits nothing itself.
pub(crate) fn uncommitted(error: sqlx::Error) -> StoreError {
    let text = error.to_string();
    match (code(&error).as_deref(), &error) {
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        (Some("53100"), _) => StoreError::Full(text),
        // Integrity violations, and damaged data or indexes.
        (Some(code), _) if code.starts_with("23") || code.starts_with("XX00") => {
            StoreError::Corrupt(text)
        }
        (
            None,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound,
        ) => StoreError::Corrupt(text),
        _ => StoreError::Unavailable(text),
    }
}

/// An error of `COMMIT`, or of a statement that commits by itself. A refusal by the server is certain; a broken
/// connection, or a server that shuts down meanwhile, is not.
pub(crate) fn committing(error: sqlx::Error) -> StoreError {
    match code(&error).as_deref() {
        // 57P01 to 57P03: the server ends; 08: the connection does.
        Some(code) if !code.starts_with("57P") && !code.starts_with("08") => uncommitted(error),
        None if matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => {
            uncommitted(error)
        }
        _ => StoreError::OutcomeUnknown(error.to_string()),
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(error) = error else {
        return None;
    };
    Some(error.code()?.into_owned())
}
