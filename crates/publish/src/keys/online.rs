//! The keys of a running server.

use std::path::Path;

use super::{KeyError, PublicKey, SecretKey};

/// The roles whose keys a server has.
const ROLES: [&str; 3] = ["timestamp", "snapshot", "status"];

/// The name of the key for signatures of single files, which no role names.
const MINISIGN: &str = "minisign";

/// The keys of a running server: enough to say something and to keep it fresh, not enough to change who may.
#[derive(Debug)]
pub struct OnlineKeys {
    pub(crate) timestamp: SecretKey,
    pub(crate) snapshot: SecretKey,
    pub(crate) status: SecretKey,
    minisign: Option<SecretKey>,
}

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
        })
    }

    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            timestamp: SecretKey::generate()?,
            snapshot: SecretKey::generate()?,
            status: SecretKey::generate()?,
            minisign: Some(SecretKey::generate()?),
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

fn file(dir: &Path, role: &str) -> std::path::PathBuf {
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
