//! The one connection that writes.

use std::sync::Arc;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use stentor_store::StoreError;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::bulk::Query;
use crate::doubt::Doubt;
use crate::error::{committing, uncommitted};
use crate::open::BUSY_TIMEOUT;

/// `None` after a failure: the next user opens a fresh connection, whose transaction state is certain.
type Slot = Option<SqliteConnection>;

/// Hands the writing connection to one user at a time, in the order of asking.
pub(crate) struct Writer {
    options: SqliteConnectOptions,
    slot: Arc<Mutex<Slot>>,
    read_only: bool,
    /// A commit ended without a certain outcome. Its frames may lie in the log, unseen by everybody until a crash
    /// makes recovery find them; see [`Writer::settle`].
    doubt: Doubt,
}

impl Writer {
    pub(crate) fn new(options: SqliteConnectOptions, conn: SqliteConnection) -> Self {
        Self {
            options,
            slot: Arc::new(Mutex::new(Some(conn))),
            read_only: false,
            doubt: Doubt::default(),
        }
    }

    pub(crate) fn read_only(options: SqliteConnectOptions) -> Self {
        Self {
            options,
            slot: Arc::default(),
            read_only: true,
            doubt: Doubt::default(),
        }
    }

    /// Runs a statement that commits by itself. All its rows are read: a statement that is reset before it is done
    /// commits too, but nobody would hear of an error.
    pub(crate) async fn run(&self, query: Query<'_>) -> Result<Vec<SqliteRow>, StoreError> {
        let (mut slot, mut conn) = self.connection().await?;
        match query.fetch_all(&mut conn).await {
            Ok(rows) => {
                *slot = Some(conn);
                Ok(rows)
            }
            Err(error) => Err(self.note(committing(error))),
        }
    }

    /// Opens a transaction that holds the write lock, and returns the rows of `first`, which must begin it.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        first: &'static str,
    ) -> Result<(Transaction, Vec<SqliteRow>), StoreError> {
        let (slot, mut conn) = self.connection().await?;
        let rows = sqlx::query(first)
            .fetch_all(&mut conn)
            .await
            .map_err(uncommitted)?;
        let transaction = Transaction {
            writer: Arc::clone(self),
            open: Some((slot, conn)),
            committing: false,
        };
        Ok((transaction, rows))
    }

    /// Makes certain what a failed commit left open, by a commit of its own: it overwrites what lies behind the last
    /// good commit in the log.
    pub(crate) async fn settle(&self) -> Result<(), StoreError> {
        let Some(doubt) = self.doubt.open() else {
            return Ok(());
        };
        // There and back: SQLite writes no page for an update that changes nothing.
        let overwrite = "BEGIN IMMEDIATE; UPDATE head SET seq = seq + 1; \
                         UPDATE head SET seq = seq - 1; COMMIT";
        self.run(sqlx::query(overwrite)).await.map_err(|error| {
            StoreError::Unavailable(format!("cannot settle a failed commit: {error}"))
        })?;
        self.doubt.settle(doubt);
        Ok(())
    }

    fn note(&self, error: StoreError) -> StoreError {
        if matches!(error, StoreError::OutcomeUnknown(_)) {
            self.doubt.arise();
        }
        error
    }

    /// Refuses to change anything when the file was opened for reading only.
    pub(crate) fn require_writable(&self) -> Result<(), StoreError> {
        if self.read_only {
            return Err(StoreError::Unsuitable(
                "the database was opened for reading only".to_owned(),
            ));
        }
        Ok(())
    }

    async fn connection(&self) -> Result<(OwnedMutexGuard<Slot>, SqliteConnection), StoreError> {
        self.require_writable()?;
        let mut slot = tokio::time::timeout(BUSY_TIMEOUT, Arc::clone(&self.slot).lock_owned())
            .await
            .map_err(|_| StoreError::Unavailable("another writer holds the head".to_owned()))?;
        let conn = match slot.take() {
            Some(conn) => conn,
            None => self.options.connect().await.map_err(uncommitted)?,
        };
        Ok((slot, conn))
    }
}

/// An open transaction; dropping it rolls back.
pub(crate) struct Transaction {
    writer: Arc<Writer>,
    open: Option<(OwnedMutexGuard<Slot>, SqliteConnection)>,
    committing: bool,
}

impl Transaction {
    /// Runs a statement inside the transaction.
    pub(crate) async fn run(&mut self, query: Query<'_>) -> Result<Vec<SqliteRow>, StoreError> {
        let Some((_, conn)) = &mut self.open else {
            return Err(StoreError::Unavailable(
                "the transaction has ended".to_owned(),
            ));
        };
        query.fetch_all(conn).await.map_err(uncommitted)
    }

    /// Runs `last`, which must end in COMMIT, and gives the connection back. After a failure the connection is closed.
    pub(crate) async fn commit(mut self, last: Query<'_>) -> Result<(), StoreError> {
        let Some((_, conn)) = &mut self.open else {
            return Err(StoreError::Unavailable(
                "the transaction has ended".to_owned(),
            ));
        };
        self.committing = true;
        let result = last.execute(conn).await;
        self.committing = false;
        let opened = self.open.take();
        match result {
            Ok(_) => {
                if let Some((mut slot, conn)) = opened {
                    *slot = Some(conn);
                }
                Ok(())
            }
            Err(error) => Err(self.writer.note(committing(error))),
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some((mut slot, mut conn)) = self.open.take() else {
            return;
        };
        if self.committing {
            // Abandoned in the middle of COMMIT: closing the connection ends it one way or the other.
            self.writer.doubt.arise();
            return;
        }
        // Closing would undo it as well, but a refused command should not cost a new connection.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // SQLite has rolled back by itself after some errors; then ROLLBACK fails and the connection goes.
                if sqlx::query("ROLLBACK").execute(&mut conn).await.is_ok() {
                    *slot = Some(conn);
                }
            });
        }
    }
}
