//! Where `stentor alertmanager` keeps things: like a data directory, without keys that sign for an organisation.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use stentor_engine::{Engine, InstanceKey, Places, Settings, SystemClock};

use crate::failure::Failure;
use crate::init::{at, private_dir, private_file, random};
use crate::node;

/// Creates the storage path unless it is there.
pub(super) fn prepare(dir: &Path) -> Result<Places, Failure> {
    let data = std::path::absolute(dir).map_err(Failure::new)?;
    let places = Places {
        data,
        credentials: None,
    };
    private_dir(&places.data)?;
    private_dir(&places.keys())?;
    private_dir(&places.heads())?;
    for (name, length) in [("head.key", 32), ("node", 8)] {
        let path = places.keys().join(name);
        if !path.try_exists().map_err(at(&path))? {
            let text = hex::encode(&random()?[..length]);
            // Complete or not at all, whenever the process ends.
            let partial = path.with_extension("partial");
            let _ = std::fs::remove_file(&partial);
            private_file(&partial, text.as_bytes())?;
            std::fs::rename(&partial, &path).map_err(at(&path))?;
        }
    }
    Ok(places)
}

/// The node behind it. Nobody is paged and no links are sent, so the key that message ids derive from need not be
/// secret, and all processes of a cluster know it. A database with people in it has another, and refuses this one.
pub(super) async fn engine(places: &Places, database: Option<&str>) -> Result<Engine, Failure> {
    let key = Sha256::digest(b"stentor alertmanager: message ids");
    let settings = Settings {
        store: node::store(places, database).await?,
        clock: Arc::new(SystemClock),
        key: InstanceKey::new(key.into()),
        node: node::name(places)?,
        alert_grace_ms: node::alert_grace_ms(database.is_some()),
    };
    Engine::start(settings).await.map_err(Failure::new)
}
