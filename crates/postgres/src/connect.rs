//! Connecting: settings of every session, and the refusal of servers that cannot keep our promises.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool};
use stentor_store::StoreError;
use tokio::sync::Notify;

use crate::doubt::Doubt;
use crate::error::uncommitted;
use crate::{PostgresStore, Shared, rows, schema};

/// Connections of one node: its writer, its lanes, its readers and its listener.
const CONNECTIONS: u32 = 10;

/// A connection unused for longer than this is tried before it is used: the server may have been restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// The channel on which a commit is announced.
pub(crate) const CHANNEL: &str = "stentor_head";

/// How long the server lets a node keep others waiting.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For one statement.
    pub statement: Duration,
    /// For the head lock, or a connection.
    pub lock: Duration,
    /// For a node that holds the head and does nothing.
    pub idle_in_transaction: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            statement: Duration::from_secs(10),
            lock: Duration::from_secs(5),
            idle_in_transaction: Duration::from_secs(10),
        }
    }
}

impl PostgresStore {
    /// Connects to the database at `url` (`postgres://user:password@host/database`) and migrates it as needed.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`] when the server is set up to lose what it acknowledged, or the schema is newer
    /// than this program; [`StoreError::Unavailable`] when it cannot be reached. No error repeats the URL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, Timeouts::default()).await
    }

    /// As [`PostgresStore::connect`] with other timeouts.
    ///
    /// # Errors
    /// As [`PostgresStore::connect`].
    pub async fn connect_with(url: &str, timeouts: Timeouts) -> Result<Self, StoreError> {
        // The parser's own error may quote the URL.
        let options = PgConnectOptions::from_str(url).map_err(|_| {
            StoreError::Unsuitable(
                "the database URL cannot be read; write postgres://user:password@host/database"
                    .to_owned(),
            )
        })?;
        let millis = |limit: Duration| limit.as_millis().to_string();
        let options = options
            .application_name("stentor")
            .options([
                ("statement_timeout", millis(timeouts.statement)),
                ("lock_timeout", millis(timeouts.lock)),
                (
                    "idle_in_transaction_session_timeout",
                    millis(timeouts.idle_in_transaction),
                ),
                ("default_transaction_isolation", "read committed".to_owned()),
            ])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(timeouts.lock)
            .test_before_acquire(false)
            .before_acquire(|conn, meta| {
                Box::pin(async move {
                    if meta.idle_for > TRUSTED_IDLE {
                        conn.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
            .map_err(uncommitted)?;
        require_durable(&pool).await?;
        schema::migrate(&pool).await?;
        let appended = Arc::new(Notify::new());
        let listener = listen(pool.clone(), Arc::clone(&appended)).await?;
        let shared = Shared {
            doubt: Doubt::default(),
            appended,
            listener,
        };
        Ok(Self {
            pool,
            shared: Arc::new(shared),
        })
    }
}

/// Every setting that decides whether an acknowledged commit survives, with the value that loses it.
const LOSING: [(&str, &str); 3] = [
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("synchronous_commit", "off"),
];

async fn require_durable(pool: &PgPool) -> Result<(), StoreError> {
    let setting = async |name: &'static str| {
        let query = sqlx::query("SELECT current_setting($1)").bind(name);
        let found = query.fetch_all(pool).await.map_err(uncommitted)?;
        rows::first(&found, rows::text).map(Option::unwrap_or_default)
    };
    for (name, losing) in LOSING {
        if setting(name).await? == losing {
            return Err(StoreError::Unsuitable(format!(
                "PostgreSQL runs with {name}={losing} and may lose what it acknowledged; set {name}=on \
                 in postgresql.conf (or for the role) and reload it"
            )));
        }
    }
    let encoding = setting("server_encoding").await?;
    if encoding != "UTF8" {
        return Err(StoreError::Unsuitable(format!(
            "the database is encoded in {encoding}; create it with ENCODING 'UTF8'"
        )));
    }
    if setting("transaction_read_only").await? == "on" {
        return Err(StoreError::Unavailable(
            "the server is read-only, perhaps a standby; connect to the primary".to_owned(),
        ));
    }
    Ok(())
}

/// Passes notifications on until the store is dropped. A lost one costs time only: followers poll as well.
async fn listen(
    pool: PgPool,
    appended: Arc<Notify>,
) -> Result<tokio::task::AbortHandle, StoreError> {
    let mut listener = PgListener::connect_with(&pool).await.map_err(uncommitted)?;
    listener.listen(CHANNEL).await.map_err(uncommitted)?;
    let task = tokio::spawn(async move {
        loop {
            match listener.recv().await {
                Ok(_) => appended.notify_one(),
                Err(sqlx::Error::PoolClosed) => return,
                Err(error) => {
                    tracing::warn!(%error, "cannot listen for commits of other nodes; polling");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    Ok(task.abort_handle())
}
