//! Opening the file: creation, connection settings, migration.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _};
use stentor_store::StoreError;

use crate::cluster::Cluster;
use crate::error::{committing, is_busy, uncommitted};
use crate::writer::Writer;
use crate::{SqliteStore, schema};

/// How long a lock held by another connection or process is waited for.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// SQLite's own limit.
const MAX_PAGES: u32 = u32::MAX - 1;

/// Readers; each is a thread and a page cache.
const READERS: u32 = 3;

impl SqliteStore {
    /// Opens the file for reading and writing; creates it (readable by its owner only) and migrates it as needed.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`] when the file belongs to another program or a newer version of this one, or lies
    /// on a file system without shared memory; otherwise as the disk fails.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_limited(path, MAX_PAGES).await
    }

    /// As [`SqliteStore::open`], but the file never grows beyond `pages` pages of 4 KiB: writing then fails with
    /// [`StoreError::Full`], as on a full disk.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_limited(path: &Path, pages: u32) -> Result<Self, StoreError> {
        let path = absolute(path)?;
        create(&path).map_err(|error| cannot_open(&path, &error))?;
        let options = options(&path).pragma("max_page_count", pages.to_string());
        let mut conn = options.connect().await.map_err(uncommitted)?;
        enter_wal_mode(&mut conn).await?;
        schema::migrate(&mut conn).await?;
        settle_log(&mut conn).await?;
        Self::with(&path, options, Some(conn))
    }

    /// Opens an existing file for reading only. Writing through it is [`StoreError::Unsuitable`].
    ///
    /// # Errors
    /// As [`SqliteStore::open`]; also when the file is missing or not migrated to this version.
    pub async fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let path = absolute(path)?;
        let options = options(&path).read_only(true);
        let mut conn = options.connect().await.map_err(uncommitted)?;
        schema::require_current(&mut conn).await?;
        Self::with(&path, options, None)
    }

    fn with(
        path: &Path,
        options: SqliteConnectOptions,
        writer: Option<SqliteConnection>,
    ) -> Result<Self, StoreError> {
        let cluster = Cluster::of(path).map_err(|error| cannot_open(path, &error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options.clone().read_only(true));
        let writer = match writer {
            Some(conn) => Writer::new(options, conn),
            None => Writer::read_only(options),
        };
        Ok(Self {
            readers,
            writer: Arc::new(writer),
            cluster,
        })
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .pragma("temp_store", "memory")
        // What was erased must not stay readable in free pages.
        .pragma("secure_delete", "on")
        // In KiB when negative: a group with a payload of some megabytes stays in memory until it commits.
        .pragma("cache_size", "-8192")
        // A longer log is checkpointed less often, and overwriting it is cheaper than growing it.
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging()
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, StoreError> {
    std::path::absolute(path).map_err(|error| cannot_open(path, &error))
}

fn cannot_open(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("cannot open {}: {error}", path.display()))
}

/// Creates the file with its final mode (SQLite gives its log and index the same) and makes its name durable.
fn create(path: &Path) -> io::Result<()> {
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match created {
        Ok(_) => match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// The change of mode needs the file alone and does not wait by itself, so two processes that create one file meet
/// here.
async fn enter_wal_mode(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let deadline = tokio::time::Instant::now() + BUSY_TIMEOUT;
    loop {
        match sqlx::raw_sql("PRAGMA journal_mode = wal")
            .fetch_one(&mut *conn)
            .await
        {
            Ok(row) => {
                let mode: String = row.try_get(0).map_err(uncommitted)?;
                if mode == "wal" {
                    return Ok(());
                }
                return Err(StoreError::Unsuitable(format!(
                    "SQLite cannot use a write-ahead log here (it stays in mode {mode}); move the file to a local disk"
                )));
            }
            Err(error) if is_busy(&error) && tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(uncommitted(error)),
        }
    }
}

/// Moves what a previous process left in the log into the file and syncs it. The log may hold a commit whose sync
/// failed before a crash; from here on it counts, so it must be durable. Another process that uses the file has
/// done this itself.
async fn settle_log(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    match sqlx::raw_sql("PRAGMA wal_checkpoint(FULL)")
        .fetch_all(conn)
        .await
    {
        Ok(_) => Ok(()),
        Err(error) if is_busy(&error) => Ok(()),
        Err(error) => Err(committing(error)),
    }
}
