//! A connection that is never given back in doubt.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{PgConnection, Postgres};
use stentor_store::StoreError;

use crate::error::{committing, uncommitted};
use crate::{PostgresStore, Shared};

/// A statement with its arguments.
pub(crate) type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// How long the server's answer is waited for. Longer than the server's own timeouts: it matters when the network
/// swallows the answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);

/// A connection of the pool. If a call was abandoned, timed out or broke off, it is closed instead of given back.
pub(crate) struct Session {
    conn: Option<PoolConnection<Postgres>>,
    in_doubt: bool,
}

impl Session {
    /// Runs one prepared statement.
    pub(crate) async fn run(&mut self, query: Query<'_>) -> Result<Vec<PgRow>, sqlx::Error> {
        let conn = self.enter()?;
        let result = limited(query.fetch_all(conn)).await;
        self.leave(result)
    }

    /// Runs constant statements without arguments in one round trip.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<Vec<PgRow>, sqlx::Error> {
        let conn = self.enter()?;
        let result = limited(sqlx::raw_sql(sql).fetch_all(conn)).await;
        self.leave(result)
    }

    fn enter(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        if self.in_doubt {
            return Err(sqlx::Error::PoolClosed);
        }
        self.in_doubt = true;
        match &mut self.conn {
            Some(conn) => Ok(&mut **conn),
            None => Err(sqlx::Error::PoolClosed),
        }
    }

    fn leave<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        // A refusal by the server leaves the connection in a known state.
        self.in_doubt = !matches!(result, Ok(_) | Err(sqlx::Error::Database(_)));
        result
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.in_doubt
            && let Some(conn) = self.conn.take()
        {
            drop(conn.detach());
        }
    }
}

async fn limited<T>(call: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(ANSWER_LIMIT, call)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

impl PostgresStore {
    pub(crate) async fn session(&self) -> Result<Session, StoreError> {
        let conn = self.pool.acquire().await.map_err(uncommitted)?;
        Ok(Session {
            conn: Some(conn),
            in_doubt: false,
        })
    }

    /// Runs one statement, which commits by itself.
    pub(crate) async fn run(&self, query: Query<'_>) -> Result<Vec<PgRow>, StoreError> {
        let mut session = self.session().await?;
        session.run(query).await.map_err(committing)
    }

    /// Runs one statement that changes nothing.
    pub(crate) async fn read(&self, query: Query<'_>) -> Result<Vec<PgRow>, StoreError> {
        let mut session = self.session().await?;
        session.run(query).await.map_err(uncommitted)
    }

    /// Opens a transaction and returns the rows of `first`, which must begin it.
    pub(crate) async fn transaction(
        &self,
        first: &'static str,
    ) -> Result<(Transaction, Vec<PgRow>), StoreError> {
        let mut transaction = Transaction {
            session: Some(self.session().await?),
            shared: Arc::clone(&self.shared),
            committing: false,
        };
        let rows = transaction.open()?.script(first).await;
        Ok((transaction, rows.map_err(uncommitted)?))
    }
}

/// An open transaction; dropping it rolls back.
pub(crate) struct Transaction {
    session: Option<Session>,
    shared: Arc<Shared>,
    committing: bool,
}

impl Transaction {
    /// Runs a statement inside the transaction.
    pub(crate) async fn run(&mut self, query: Query<'_>) -> Result<Vec<PgRow>, StoreError> {
        self.open()?.run(query).await.map_err(uncommitted)
    }

    /// Commits. The caller must not have gone on after a failed statement: PostgreSQL would answer `COMMIT` with a
    /// silent rollback.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.committing = true;
        let result = self.open()?.script("COMMIT").await.map_err(committing);
        self.committing = false;
        match result {
            Ok(_) => {
                self.session = None;
                Ok(())
            }
            Err(error) => {
                if matches!(error, StoreError::OutcomeUnknown(_)) {
                    self.shared.doubt.arise();
                }
                Err(error)
            }
        }
    }

    fn open(&mut self) -> Result<&mut Session, StoreError> {
        self.session
            .as_mut()
            .ok_or_else(|| StoreError::Unavailable("the transaction has ended".to_owned()))
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.committing {
            self.shared.doubt.arise();
        }
        let Some(mut session) = self.session.take() else {
            return;
        };
        if session.in_doubt {
            return;
        }
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    // If it fails the session is in doubt, or the server has ended the transaction.
                    session.script("ROLLBACK").await.ok();
                });
            }
            // Closing the connection rolls back.
            Err(_) => session.in_doubt = true,
        }
    }
}
