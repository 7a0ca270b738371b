//! What can go wrong with storage, by what the caller may conclude.

/// A storage failure. The variants differ in what is known about the data afterwards.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk or quota is full: nothing was written; answer 503 and go on when there is room again.
    #[error("the database has no room left: {0}")]
    Full(String),
    /// The database cannot be reached or refused the operation: nothing was written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A commit was sent and its answer is not known. Re-read the head before answering anybody.
    #[error("the outcome of a commit is unknown: {0}")]
    OutcomeUnknown(String),
    /// The stored data contradicts itself. Stop deciding and alarm.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The database is set up in a way that cannot keep our promises (for instance PostgreSQL with `fsync=off`).
    #[error("the database cannot be used: {0}")]
    Unsuitable(String),
}
