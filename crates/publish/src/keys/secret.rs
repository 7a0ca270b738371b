//! The secret half of a key that lies in a plain file, which only its owner may read.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{KeyError, KeyId, PublicKey};
use crate::files;

/// A key file is far smaller; more is refused before it is read, in bytes.
pub(crate) const KEY_FILE_BYTES: u64 = 16_384;

/// An Ed25519 signing key. Wiped when dropped, and never shown.
pub(crate) struct SecretKey(SigningKey);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.id())
    }
}

/// The file of a key; the seed as 64 hexadecimal digits.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    scheme: String,
    public: String,
    seed: String,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl SecretKey {
    /// A new key from the operating system's randomness.
    pub(crate) fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0u8; 32]);
        getrandom::fill(seed.as_mut()).map_err(|_| KeyError::Randomness)?;
        Ok(Self::from_seed(&seed))
    }

    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a key that only its owner can read.
    pub(crate) fn load(path: &Path) -> Result<Self, KeyError> {
        let bytes = read_private(path)?;
        Self::parse(&bytes).ok_or_else(|| KeyError::Damaged {
            path: path.display().to_string(),
        })
    }

    /// Reads the text of a key file.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let file: KeyFile = serde_json::from_slice(bytes).ok()?;
        let mut seed = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(&file.seed, seed.as_mut()).ok()?;
        let key = Self::from_seed(&seed);
        (file.scheme == "ed25519" && file.public == hex::encode(key.public().as_bytes()))
            .then_some(key)
    }

    /// The text of the key's file.
    pub(crate) fn to_text(&self) -> Zeroizing<Vec<u8>> {
        let seed = Zeroizing::new(self.0.to_bytes());
        let file = KeyFile {
            scheme: "ed25519".into(),
            public: hex::encode(self.public().as_bytes()),
            seed: hex::encode(seed.as_slice()),
        };
        // Three strings: nothing in there that JSON could not say.
        Zeroizing::new(serde_json::to_vec_pretty(&file).unwrap_or_default())
    }

    /// Writes the key to a new file. An existing file is never replaced: keys are not ours to lose.
    pub(crate) fn store(&self, path: &Path) -> Result<(), KeyError> {
        files::create(path, &self.to_text(), files::PRIVATE).map_err(|e| KeyError::Io {
            path: path.display().to_string(),
            why: e.to_string(),
        })
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::new(self.0.verifying_key().to_bytes())
    }

    /// The key's name.
    pub(crate) fn id(&self) -> KeyId {
        self.public().id()
    }

    /// The signature over `message`.
    pub(crate) fn sign_raw(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// The signature over `message`, in hex.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        hex::encode(self.sign_raw(message))
    }
}

/// The bytes of a key file, if only its owner can read it.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let shown = || path.display().to_string();
    let io = |e: std::io::Error| KeyError::Io {
        path: shown(),
        why: e.to_string(),
    };
    let mode = std::fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed {
            path: shown(),
            mode,
        });
    }
    files::read(path, KEY_FILE_BYTES)
        .map(Zeroizing::new)
        .map_err(io)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn a_key_is_named_by_the_hash_of_its_canonical_form() {
        let key = SecretKey(SigningKey::from_bytes(&[1; 32]));
        let text = format!(
            r#"{{"keytype":"ed25519","keyval":{{"public":"{}"}},"scheme":"ed25519"}}"#,
            "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
        );
        assert_eq!(key.id().to_string(), hex::encode(Sha256::digest(text)));
    }

    #[test]
    fn a_key_survives_its_file_and_the_file_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/a.key");
        let key = SecretKey::generate().unwrap();
        key.store(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(SecretKey::load(&path).unwrap().id(), key.id());
        assert!(
            matches!(key.store(&path), Err(KeyError::Io { .. })),
            "never replaced"
        );

        for mode in [0o640, 0o604, 0o610, 0o666] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let refused = SecretKey::load(&path).unwrap_err();
            assert!(
                matches!(refused, KeyError::Exposed { mode: m, .. } if m == mode),
                "{refused}"
            );
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.key");
        let key = SecretKey::generate().unwrap();
        key.store(&path).unwrap();
        let good = std::fs::read_to_string(&path).unwrap();
        let seed = hex::encode(key.0.to_bytes());
        assert!(good.contains(&seed));
        assert!(!format!("{key:?}").contains(&seed));
        for bad in [
            good.replace("ed25519", "rsa"),
            good.replace(&seed, &seed.replace(&seed[..2], "zz")),
            good.replace(&seed, &"00".repeat(32)),
            String::new(),
        ] {
            std::fs::write(&path, bad).unwrap();
            let refused = SecretKey::load(&path).unwrap_err().to_string();
            assert!(
                refused.contains("damaged") && !refused.contains(&seed),
                "{refused}"
            );
        }
    }
}
