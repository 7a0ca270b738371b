//! The keys of a running server.

use std::path::{Path, PathBuf};

use super::{KeyError, KeyId, SecretKey, SingleKey};

/// The roles whose keys a server has.
pub(crate) const ROLES: [&str; 3] = ["timestamp", "snapshot", "status"];

/// The keys of a running server: enough to say something and to keep it fresh, not enough to change who may.
#[derive(Debug)]
pub struct OnlineKeys {
    pub(crate) timestamp: SecretKey,
    pub(crate) snapshot: SecretKey,
    /// None where people speak with keys of their own, or where the key counts no longer.
    pub(crate) status: Option<SecretKey>,
    /// For signatures of single files; no role names it.
    pub(crate) minisign: Option<SingleKey>,
    /// Keys that wait for a ceremony to name them, and those that one has just replaced.
    others: Vec<(usize, PathBuf, SecretKey)>,
}

/// Files of the folder looked at.
const MOST_FILES: usize = 1_000;

impl OnlineKeys {
    /// Loads the keys from the online folder. Opens nothing else. `minisign.key` may be missing: folders made by
    /// earlier versions have none. `status.key` may be missing: then what is said waits for somebody's signature.
    ///
    /// # Errors
    /// [`KeyError`] if another is missing, or one is damaged or readable by others.
    pub fn load(dir: &Path) -> Result<Self, KeyError> {
        let load = |name: &str| SecretKey::load(&file(dir, name));
        let [timestamp, snapshot, status] = ROLES;
        Ok(Self {
            timestamp: load(timestamp)?,
            snapshot: load(snapshot)?,
            status: file(dir, status)
                .exists()
                .then(|| load(status))
                .transpose()?,
            minisign: SingleKey::load(dir)?,
            others: others(dir)?,
        })
    }

    /// Takes into use the keys that are named, wherever the one in use is not: a rotation was decided by a ceremony, and
    /// files are put in order only after it counts.
    pub(crate) fn settle(&mut self, named: impl Fn(&str, &KeyId) -> bool) {
        for (at, role) in ROLES.iter().enumerate() {
            let key = match at {
                0 => Some(&mut self.timestamp),
                1 => Some(&mut self.snapshot),
                _ => self.status.as_mut(),
            };
            if key.as_ref().is_some_and(|key| named(role, &key.id())) {
                continue;
            }
            let wanted = |(of, _, other): &(usize, PathBuf, SecretKey)| {
                *of == at && named(role, &other.id())
            };
            match (self.others.iter().position(wanted), key) {
                (Some(found), Some(key)) => std::mem::swap(key, &mut self.others[found].2),
                (Some(found), None) => self.status = Some(self.others.remove(found).2),
                (None, _) => {}
            }
        }
    }

    /// The keys in use, each with the role it is for.
    fn in_use(&self) -> impl Iterator<Item = (&'static str, &SecretKey)> {
        let keys = [
            Some(&self.timestamp),
            Some(&self.snapshot),
            self.status.as_ref(),
        ];
        let roles = ROLES.into_iter().zip(keys);
        roles.filter_map(|(role, key)| Some((role, key?)))
    }

    /// Puts the files in order: each role's key in use lies where it is looked for first, and what it replaced is gone, as
    /// are keys that waited for other ceremonies, which can no longer end.
    /// Cut short at any moment, [`Self::load`] and [`Self::settle`] find the same keys.
    pub(crate) fn tidy(&self, dir: &Path) -> Result<(), KeyError> {
        for (role, key) in self.in_use() {
            let id = key.id().to_string();
            let waiting = dir.join(format!("{role}.{}.key", id.get(..16).unwrap_or(&id)));
            if waiting.exists() {
                std::fs::rename(&waiting, file(dir, role)).map_err(|e| KeyError::Io {
                    path: waiting.display().to_string(),
                    why: e.to_string(),
                })?;
            }
        }
        for (_, path, _) in others(dir)? {
            std::fs::remove_file(&path).map_err(|e| KeyError::Io {
                path: path.display().to_string(),
                why: e.to_string(),
            })?;
        }
        Ok(())
    }

    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            timestamp: SecretKey::generate()?,
            snapshot: SecretKey::generate()?,
            status: Some(SecretKey::generate()?),
            minisign: Some(SingleKey::generate()?),
            others: Vec::new(),
        })
    }

    pub(crate) fn store(&self, dir: &Path) -> Result<(), KeyError> {
        for (role, key) in self.in_use() {
            key.store(&file(dir, role))?;
        }
        self.minisign.as_ref().map_or(Ok(()), |key| key.store(dir))
    }
}

/// Keys beside those in use, by the place of their role in [`ROLES`].
fn others(dir: &Path) -> Result<Vec<(usize, PathBuf, SecretKey)>, KeyError> {
    let io = |e: std::io::Error| KeyError::Io {
        path: dir.display().to_string(),
        why: e.to_string(),
    };
    let mut others = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io)?.take(MOST_FILES) {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let parts: Vec<&str> = name.to_str().unwrap_or_default().split('.').collect();
        if let [role, _, "key"] = parts[..]
            && let Some(at) = ROLES.iter().position(|r| *r == role)
        {
            let path = entry.path();
            let key = SecretKey::load(&path)?;
            others.push((at, path, key));
        }
    }
    Ok(others)
}

fn file(dir: &Path, role: &str) -> PathBuf {
    dir.join(format!("{role}.key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_an_earlier_version_has_no_minisign_key_and_still_opens() {
        let dir = tempfile::tempdir().unwrap();
        let made = OnlineKeys::generate().unwrap();
        made.store(dir.path()).unwrap();
        let keys = OnlineKeys::load(dir.path()).unwrap();
        let (made, keys) = (made.minisign.unwrap(), keys.minisign.unwrap());
        assert_eq!(keys.public(), made.public());
        let signature = keys.sign(b"a");
        assert!(keys.public().verifies(b"a", &hex::encode(signature)));

        std::fs::remove_file(dir.path().join("minisign.key")).unwrap();
        let old = OnlineKeys::load(dir.path()).unwrap();
        assert!(old.minisign.is_none());
    }
}
