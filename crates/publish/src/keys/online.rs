//! The keys of a running server.

use std::path::{Path, PathBuf};

use super::{KeyError, KeyId, PublicKey, SecretKey};

/// The roles whose keys a server has.
pub(crate) const ROLES: [&str; 3] = ["timestamp", "snapshot", "status"];

/// The name of the key for signatures of single files, which no role names.
const MINISIGN: &str = "minisign";

/// The keys of a running server: enough to say something and to keep it fresh, not enough to change who may.
#[derive(Debug)]
pub struct OnlineKeys {
    pub(crate) timestamp: SecretKey,
    pub(crate) snapshot: SecretKey,
    pub(crate) status: SecretKey,
    minisign: Option<SecretKey>,
    /// Keys that wait for a ceremony to name them, and those that one has just replaced.
    others: Vec<(usize, PathBuf, SecretKey)>,
}

/// Files of the folder looked at.
const MOST_FILES: usize = 1_000;

impl OnlineKeys {
    /// Loads the keys from the online folder. Opens nothing else. `minisign.key` may be missing: folders made by
    /// earlier versions have none.
    ///
    /// # Errors
    /// [`KeyError`] if one is missing, damaged or readable by others.
    pub fn load(dir: &Path) -> Result<Self, KeyError> {
        let [timestamp, snapshot, status] = ROLES.map(|role| SecretKey::load(&file(dir, role)));
        let minisign = file(dir, MINISIGN);
        Ok(Self {
            timestamp: timestamp?,
            snapshot: snapshot?,
            status: status?,
            minisign: if minisign.exists() {
                Some(SecretKey::load(&minisign)?)
            } else {
                None
            },
            others: others(dir)?,
        })
    }

    /// Takes into use the keys that are named, wherever the one in use is not: a rotation was decided by a ceremony, and
    /// files are put in order only after it counts.
    pub(crate) fn settle(&mut self, named: impl Fn(&str, &KeyId) -> bool) {
        let in_use = [&mut self.timestamp, &mut self.snapshot, &mut self.status];
        for (at, (role, key)) in ROLES.iter().zip(in_use).enumerate() {
            if named(role, &key.id()) {
                continue;
            }
            let mut others = self.others.iter_mut();
            if let Some((.., other)) =
                others.find(|(of, _, other)| *of == at && named(role, &other.id()))
            {
                std::mem::swap(key, other);
            }
        }
    }

    /// Puts the files in order: each role's key in use lies where it is looked for first, and what it replaced is gone, as
    /// are keys that waited for other ceremonies, which can no longer end.
    /// Cut short at any moment, [`Self::load`] and [`Self::settle`] find the same keys.
    pub(crate) fn tidy(&self, dir: &Path) -> Result<(), KeyError> {
        for (role, key) in ROLES
            .iter()
            .zip([&self.timestamp, &self.snapshot, &self.status])
        {
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
            status: SecretKey::generate()?,
            minisign: Some(SecretKey::generate()?),
            others: Vec::new(),
        })
    }

    pub(crate) fn store(&self, dir: &Path) -> Result<(), KeyError> {
        let roles = ROLES
            .iter()
            .zip([&self.timestamp, &self.snapshot, &self.status]);
        for (role, key) in roles.chain(self.minisign.iter().map(|key| (&MINISIGN, key))) {
            key.store(&file(dir, role))?;
        }
        Ok(())
    }

    /// The public key for signatures of single files, if there is one.
    #[must_use]
    pub fn minisign_public(&self) -> Option<PublicKey> {
        self.minisign.as_ref().map(SecretKey::public)
    }

    /// The Ed25519 signature over exactly these bytes with the key for single files, if there is one. What minisign's
    /// format puts around it, and what it hashes first, is the caller's.
    #[must_use]
    pub fn minisign_sign(&self, bytes: &[u8]) -> Option<[u8; 64]> {
        self.minisign.as_ref().map(|key| key.sign_raw(bytes))
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
        assert_eq!(keys.minisign_public(), made.minisign_public());
        let (public, signature) = (
            keys.minisign_public().unwrap(),
            keys.minisign_sign(b"a").unwrap(),
        );
        assert!(public.verifies(b"a", &hex::encode(signature)));

        std::fs::remove_file(dir.path().join("minisign.key")).unwrap();
        let old = OnlineKeys::load(dir.path()).unwrap();
        assert_eq!(
            (old.minisign_public(), old.minisign_sign(b"a")),
            (None, None)
        );
    }
}
