//! The founding of a publisher: the one time when all keys are in one place.

use std::path::Path;

use jiff::Timestamp;
use stentor_domain::world::World;

use crate::files;
use crate::keys::{KeyError, OnlineKeys, SecretKey};
use crate::repository::{Repository, RepositoryError};
use crate::{lives, metadata};

/// Why nothing was founded.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// A folder holds something already; keys and roots are never replaced.
    #[error("{0} is not empty; a publisher is founded once")]
    NotEmpty(String),
    /// A key could not be made or stored.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file could not be written.
    #[error("cannot write {path}: {why}")]
    Io {
        /// The file.
        path: String,
        /// The operating system's reason.
        why: String,
    },
    /// The repository could not be laid out.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// What to found, and where.
#[derive(Debug, Clone, Copy)]
pub struct Founding<'a> {
    /// Whose word it will be; written into the root.
    pub organisation: &'a str,
    /// The world whose pages may be signed; written into the root.
    pub world: World,
    /// Gets root and targets keys. To be carried away: a server never opens it.
    pub offline: &'a Path,
    /// Gets timestamp, snapshot and status keys, for the server.
    pub online: &'a Path,
    /// Gets the repository, with the first trusted `root.json`.
    pub repository: &'a Path,
}

/// What was founded.
#[derive(Debug, Clone)]
pub struct Founded {
    /// The first trusted root, as `root.json` in the repository folder; what readers pin.
    pub root: Vec<u8>,
    /// Its SHA-256 in hex, to be printed and handed out.
    pub fingerprint: String,
}

/// Makes all keys, signs the first root and the first delegation, and lays out a repository that says nothing yet.
///
/// # Errors
/// [`CeremonyError`]. Keys made before a failure stay where they are; nothing uses them.
pub fn found(founding: &Founding<'_>, now: Timestamp) -> Result<Founded, CeremonyError> {
    for dir in [founding.offline, founding.online, founding.repository] {
        refuse_filled(dir)?;
    }
    let root_key = SecretKey::generate()?;
    let targets_key = SecretKey::generate()?;
    let online = OnlineKeys::generate()?;
    root_key.store(&founding.offline.join("root.key"))?;
    targets_key.store(&founding.offline.join("targets.key"))?;
    restrict(founding.offline)?;
    online.store(founding.online)?;
    restrict(founding.online)?;

    let expires = lives::later(now, lives::OFFLINE);
    let whose = (founding.organisation, founding.world);
    let root = metadata::root(1, expires, whose, (&root_key, &targets_key), &online);
    let targets = metadata::targets(
        1,
        expires,
        &targets_key,
        &online.status,
        metadata::delegated_years(now),
    );
    Repository::create(founding.repository, online, &root, &targets, now)?;
    // Last: where there is a trusted root, the rest is whole.
    let path = founding.repository.join("root.json");
    files::create(&path, &root, files::PUBLIC).map_err(|e| CeremonyError::Io {
        path: path.display().to_string(),
        why: e.to_string(),
    })?;
    Ok(Founded {
        fingerprint: stentor_verify::fingerprint(&root),
        root,
    })
}

fn refuse_filled(dir: &Path) -> Result<(), CeremonyError> {
    let filled = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if filled {
        Err(CeremonyError::NotEmpty(dir.display().to_string()))
    } else {
        Ok(())
    }
}

/// Nobody else may even list the keys.
fn restrict(dir: &Path) -> Result<(), CeremonyError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)).map_err(|e| {
        CeremonyError::Io {
            path: dir.display().to_string(),
            why: e.to_string(),
        }
    })
}
