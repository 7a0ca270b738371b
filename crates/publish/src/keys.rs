//! Signing keys: small files that only their owner may read.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::canonical::canonical;
use crate::files;

const KEY_FILE_BYTES: u64 = 4_096;

/// Why a key cannot be made or used. Says where, never what the key is.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("key {path}: {why}")]
    Io {
        /// The file.
        path: String,
        /// The operating system's reason.
        why: String,
    },
    /// Others than the owner may read the file.
    #[error(
        "key {path} can be read by others (mode {mode:o}); chmod 600 it, and think of replacing it"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a key of ours.
    #[error("key {path} is damaged or not an Ed25519 key file")]
    Damaged {
        /// The file.
        path: String,
    },
    /// The operating system gave no randomness.
    #[error("no randomness for a new key")]
    Randomness,
}

/// A key's name: SHA-256 of its canonical JSON, in hex (TUF 1.0.34, 4.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads a key that only its owner can read.
    pub(crate) fn load(path: &Path) -> Result<Self, KeyError> {
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
        let bytes = Zeroizing::new(files::read(path, KEY_FILE_BYTES).map_err(io)?);
        Self::parse(&bytes).ok_or_else(|| KeyError::Damaged { path: shown() })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let file: KeyFile = serde_json::from_slice(bytes).ok()?;
        let mut seed = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(&file.seed, seed.as_mut()).ok()?;
        let key = Self(SigningKey::from_bytes(&seed));
        (file.scheme == "ed25519" && file.public == key.public_hex()).then_some(key)
    }

    /// Writes the key to a new file. An existing file is never replaced: keys are not ours to lose.
    pub(crate) fn store(&self, path: &Path) -> Result<(), KeyError> {
        let seed = Zeroizing::new(self.0.to_bytes());
        let file = KeyFile {
            scheme: "ed25519".into(),
            public: self.public_hex(),
            seed: hex::encode(seed.as_ref()),
        };
        let io = |why: String| KeyError::Io {
            path: path.display().to_string(),
            why,
        };
        let text = Zeroizing::new(serde_json::to_vec_pretty(&file).map_err(|e| io(e.to_string()))?);
        files::create(path, &text, files::PRIVATE).map_err(|e| io(e.to_string()))
    }

    fn public_hex(&self) -> String {
        hex::encode(self.0.verifying_key().to_bytes())
    }

    /// The key as metadata declares it.
    pub(crate) fn public(&self) -> Value {
        json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": self.public_hex()}})
    }

    /// The key's name.
    pub(crate) fn id(&self) -> KeyId {
        // Only strings in there: it has a canonical form.
        let bytes = canonical(&self.public()).unwrap_or_default();
        KeyId(hex::encode(Sha256::digest(bytes)))
    }

    /// The signature over `message`, in hex.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        hex::encode(self.0.sign(message).to_bytes())
    }
}

/// The keys of a running server: enough to say something and to keep it fresh, not enough to change who may.
#[derive(Debug)]
pub struct OnlineKeys {
    pub(crate) timestamp: SecretKey,
    pub(crate) snapshot: SecretKey,
    pub(crate) status: SecretKey,
}

impl OnlineKeys {
    const NAMES: [&str; 3] = ["timestamp.key", "snapshot.key", "status.key"];

    /// Loads the three keys from the online folder. Opens nothing else.
    ///
    /// # Errors
    /// [`KeyError`] if one is missing, damaged or readable by others.
    pub fn load(dir: &Path) -> Result<Self, KeyError> {
        let [timestamp, snapshot, status] =
            Self::NAMES.map(|name| SecretKey::load(&dir.join(name)));
        Ok(Self {
            timestamp: timestamp?,
            snapshot: snapshot?,
            status: status?,
        })
    }

    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            timestamp: SecretKey::generate()?,
            snapshot: SecretKey::generate()?,
            status: SecretKey::generate()?,
        })
    }

    pub(crate) fn store(&self, dir: &Path) -> Result<(), KeyError> {
        for (name, key) in Self::NAMES
            .iter()
            .zip([&self.timestamp, &self.snapshot, &self.status])
        {
            key.store(&dir.join(name))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
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
