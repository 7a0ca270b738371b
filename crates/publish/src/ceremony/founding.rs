//! The founding of a publisher: the one time when all keys are in one place.

use std::path::Path;

use jiff::Timestamp;
use stentor_domain::world::World;

use super::folder::failed;
use super::{CeremonyError, Holders, Names, Roster};
use crate::files;
use crate::keys::{KeyError, OnlineKeys, PublicKey, ROLES, SecretKey};
use crate::metadata::{TopRoles, delegated_years};
use crate::repository::{Repository, RepositoryError};
use crate::{lives, metadata};

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
    root_key.store(&founding.offline.join("root.key"))?;
    targets_key.store(&founding.offline.join("targets.key"))?;
    restrict(founding.offline)?;
    let ours = online_keys(founding.online)?;
    let [timestamp, snapshot, status] = ours.map(Holders::one);

    let expires = lives::later(now, lives::OFFLINE);
    let whose = (founding.organisation, founding.world);
    let roles = TopRoles {
        root: Holders::one(root_key.public()),
        targets: Holders::one(targets_key.public()),
        snapshot,
        timestamp,
    };
    let root = metadata::root(1, expires, whose, &roles);
    let root = metadata::sign(&root, &root_key);
    let targets = metadata::targets(1, expires, &status, delegated_years(now));
    let targets = metadata::sign(&targets, &targets_key);
    let online = OnlineKeys::load(founding.online)?;
    Repository::create(founding.repository, online, &root, &targets, now)?;
    let mut names = Names::default();
    for (name, key) in [("root", &root_key), ("targets", &targets_key)] {
        names.set(key.id(), &format!("{name}.key"), "the folder offline");
    }
    for (role, key) in ROLES.into_iter().zip(ours) {
        names.set(key.id(), &format!("{role}.key"), "the server");
    }
    names
        .save(founding.repository)
        .map_err(|e| failed("write", founding.repository, &e))?;
    trust(founding.repository, &root)?;
    Ok(Founded {
        fingerprint: stentor_verify::fingerprint(&root),
        root,
    })
}

/// What a publisher with several holders begins with.
#[derive(Debug, Clone)]
pub struct Beginning<'a> {
    /// Who may sign what.
    pub roster: Roster,
    /// Whose the keys are.
    pub names: &'a Names,
}

/// The keys that a server has: timestamp, snapshot, and status unless people speak with keys of their own.
///
/// # Errors
/// [`KeyError`] if one cannot be read.
pub fn server_keys(dir: &Path) -> Result<[Option<PublicKey>; 3], KeyError> {
    let keys = OnlineKeys::load(dir)?;
    let keys = [
        Some(&keys.timestamp),
        Some(&keys.snapshot),
        keys.status.as_ref(),
    ];
    Ok(keys.map(|key| key.map(SecretKey::public)))
}

/// The keys of a server that is about to be founded: timestamp, snapshot, status. Made when missing, so that a
/// ceremony which was cut short can be begun again.
///
/// # Errors
/// [`CeremonyError`] if they cannot be made or read, or if there are some but not all.
pub fn online_keys(dir: &Path) -> Result<[PublicKey; 3], CeremonyError> {
    let filled = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if !filled {
        OnlineKeys::generate()?.store(dir)?;
        restrict(dir)?;
    }
    let [Some(timestamp), Some(snapshot), Some(status)] = server_keys(dir)? else {
        return Err(RepositoryError::WrongKey { role: "status" }.into());
    };
    Ok([timestamp, snapshot, status])
}

/// Makes one more key for a role of a server; it counts for nothing until a ceremony says so, and then takes the place
/// of the one before.
///
/// # Errors
/// [`KeyError`] if it cannot be made or stored.
pub fn next_online_key(dir: &Path, role: &str) -> Result<PublicKey, KeyError> {
    let key = SecretKey::generate()?;
    let id = key.id().to_string();
    key.store(&dir.join(format!("{role}.{}.key", id.get(..16).unwrap_or(&id))))?;
    Ok(key.public())
}

/// Lays down the first trusted root. Last: where there is one, the rest is whole.
pub(crate) fn trust(repository: &Path, root: &[u8]) -> Result<(), CeremonyError> {
    let path = repository.join("root.json");
    files::create(&path, root, files::PUBLIC).map_err(|e| failed("write", &path, &e))
}

pub(crate) fn refuse_filled(dir: &Path) -> Result<(), CeremonyError> {
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
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
        .map_err(|e| failed("write", dir, &e))
}
