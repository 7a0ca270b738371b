//! Opening a node: database, keys, configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use stentor_channels::secret::Secrets;
use stentor_domain::bundle::Bundle;
use stentor_domain::command::Command;
use stentor_domain::world::World;
use stentor_engine::{Engine, InstanceKey, Places, Settings, SystemClock};
use stentor_postgres::PostgresStore;
use stentor_sqlite::SqliteStore;
use stentor_store::Store;

use crate::failure::Failure;
use crate::files::{self, Configuration};
use crate::init;

/// Which data directory and database.
#[derive(Args, Clone)]
pub(crate) struct Location {
    /// The data directory
    #[arg(
        long,
        global = true,
        default_value = "stentor-data",
        value_name = "DIR"
    )]
    pub(crate) dir: PathBuf,
    /// A PostgreSQL database shared by several nodes, as postgres://USER@HOST/NAME; without it, SQLite in the data
    /// directory
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "STENTOR_DATABASE",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
}

/// An alert's end is journaled only when it moves by more than this, so another node may know of a later one.
const OTHER_NODES_KNOW_MS: i64 = 600_000;

impl Location {
    /// Where things lie.
    pub(crate) fn places(&self) -> Result<Places, Failure> {
        if !init::exists(&self.dir) {
            return Err(Failure::usage(format!(
                "{dir} is not a data directory of Stentor; create one with: stentor init {dir}",
                dir = self.dir.display()
            )));
        }
        let data = std::path::absolute(&self.dir).map_err(Failure::new)?;
        Ok(Places {
            data,
            credentials: credentials(),
        })
    }

    /// The database.
    pub(crate) async fn store(&self, places: &Places) -> Result<Arc<dyn Store>, Failure> {
        store(places, self.database.as_deref()).await
    }

    /// A node without workers.
    pub(crate) async fn engine(&self, places: &Places) -> Result<Engine, Failure> {
        let store = self.store(places).await?;
        let several = self.database.is_some();
        let node = if several {
            name(places)?
        } else {
            "local".to_owned()
        };
        let settings = Settings {
            store,
            clock: Arc::new(SystemClock),
            key: InstanceKey::new(key(&places.keys().join("instance.key"))?),
            node,
            alert_grace_ms: alert_grace_ms(several),
        };
        Engine::start(settings).await.map_err(Failure::new)
    }
}

/// Secrets beside a configuration, and those that systemd hands in.
pub(crate) fn secrets(base: PathBuf) -> Secrets {
    Secrets {
        base,
        credentials: credentials(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "systemd names the credentials' directory in the environment"
)]
fn credentials() -> Option<PathBuf> {
    std::env::var("CREDENTIALS_DIRECTORY")
        .ok()
        .map(PathBuf::from)
}

/// The database: SQLite in the data directory, or PostgreSQL.
pub(crate) async fn store(
    places: &Places,
    database: Option<&str>,
) -> Result<Arc<dyn Store>, Failure> {
    match database {
        None => {
            let store = SqliteStore::open(&places.database())
                .await
                .map_err(Failure::new)?;
            Ok(Arc::new(store))
        }
        Some(url) if is_postgres(url) => Ok(Arc::new(
            PostgresStore::connect(url).await.map_err(Failure::new)?,
        )),
        Some(_) => Err(Failure::usage("--database takes postgres://USER@HOST/NAME")),
    }
}

/// The name of this node among others.
pub(crate) fn name(places: &Places) -> Result<String, Failure> {
    read(&places.keys().join("node"))
}

/// How much later than the known end of an alert another node may have been told, in milliseconds.
pub(crate) fn alert_grace_ms(several: bool) -> i64 {
    if several { OTHER_NODES_KNOW_MS } else { 0 }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn read(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path);
    Ok(text
        .map_err(|e| Failure::new(format!("{}: {e}", path.display())))?
        .trim()
        .to_owned())
}

/// A key of 32 bytes in hex.
pub(crate) fn key(path: &Path) -> Result<[u8; 32], Failure> {
    let bytes = hex::decode(read(path)?)
        .ok()
        .and_then(|b| <[u8; 32]>::try_from(b).ok());
    bytes.ok_or_else(|| {
        Failure::new(format!(
            "{} is not a key of 32 bytes in hex",
            path.display()
        ))
    })
}

/// Keeps how people are reached as contacts.toml says.
pub(crate) async fn keep_contacts(
    engine: &Engine,
    configuration: &Configuration,
) -> Result<(), Failure> {
    let contacts: Vec<_> = configuration.contacts.iter().map(files::contact).collect();
    engine
        .replace_contacts(&contacts)
        .await
        .map_err(Failure::new)
}

/// Keeps other servers away from a data directory while it is held: two would send every message twice.
pub(crate) fn lock(places: &Places) -> Result<std::fs::File, Failure> {
    let path = places.data.join("lock");
    let at = |e: std::io::Error| Failure::new(format!("{}: {e}", path.display()));
    let file = std::fs::File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(at)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Failure::new(format!(
            "another Stentor serves {}; stop it first, or give this one a directory of its own",
            places.data.display()
        ))),
        Err(std::fs::TryLockError::Error(e)) => Err(at(e)),
    }
}

/// Puts the files of the configuration directory in force; true when they were not already.
pub(crate) async fn apply(
    engine: &Engine,
    configuration: Configuration,
    by: &str,
    reason: &str,
) -> Result<bool, Failure> {
    keep_contacts(engine, &configuration).await?;
    let bundle = configuration.bundle;
    let changed = !is_in_force(engine, &bundle);
    let command = Command::Apply {
        bundle,
        by: by.to_owned(),
        reason: reason.to_owned(),
    };
    engine
        .submit(World::Live, command)
        .await
        .map_err(Failure::new)?;
    Ok(changed)
}

/// Whether a bundle is in force. The length of the journal does not tell: other things are recorded meanwhile.
pub(crate) fn is_in_force(engine: &Engine, bundle: &Bundle) -> bool {
    let hash = bundle.hash();
    engine.read(|state| state.configuration.as_ref().is_some_and(|c| c.hash == hash))
}
