//! The key for signatures of single files, and how it is replaced: no role names it, so no ceremony does.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{KeyError, PublicKey, SecretKey};
use crate::files;
use crate::render::Signer;

const KEY: &str = "minisign.key";
/// What the key before says about the one in use.
const HANDOVER: &str = "minisign.handover.json";
/// Far more than a signature, in bytes.
const HANDOVER_BYTES: u64 = 16_384;

/// The key for single files, and how the one before vouched for it.
#[derive(Debug)]
pub(crate) struct SingleKey {
    key: SecretKey,
    handover: Option<Handover>,
}

/// The signature of the key before over the public key in use, as minisign reads it. No secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Handover {
    /// The public key that it is about, as 64 hexadecimal digits: left over from a rotation that was cut short, it counts
    /// for nothing.
    of: String,
    signature: String,
}

impl SingleKey {
    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            key: SecretKey::generate()?,
            handover: None,
        })
    }

    /// Loads the key from the online folder; `None` if there is none.
    ///
    /// # Errors
    /// [`KeyError`] if it is damaged or readable by others.
    pub(crate) fn load(dir: &Path) -> Result<Option<Self>, KeyError> {
        let path = dir.join(KEY);
        if !path.exists() {
            return Ok(None);
        }
        let key = SecretKey::load(&path)?;
        let handover = files::read(&dir.join(HANDOVER), HANDOVER_BYTES).ok();
        let handover: Option<Handover> = handover.and_then(|b| serde_json::from_slice(&b).ok());
        let of = hex::encode(key.public().as_bytes());
        Ok(Some(Self {
            handover: handover.filter(|handover| handover.of == of),
            key,
        }))
    }

    pub(crate) fn store(&self, dir: &Path) -> Result<(), KeyError> {
        self.key.store(&dir.join(KEY))
    }

    pub(crate) fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// The signature of the key before over the file with the public key in use.
    pub(crate) fn handover(&self) -> Option<&str> {
        self.handover.as_ref().map(|h| h.signature.as_str())
    }

    /// The Ed25519 signature over exactly these bytes. What minisign's format puts around it, and what it hashes first, is
    /// the caller's.
    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.key.sign_raw(bytes)
    }

    /// Works with what signs in minisign's format.
    pub(crate) fn signing<T>(&self, work: impl FnOnce(&Signer<'_>) -> T) -> T {
        let sign = |bytes: &[u8]| self.sign(bytes);
        work(&Signer {
            public: *self.public().as_bytes(),
            handover: self.handover(),
            sign: &sign,
        })
    }
}

/// Replaces the key for single files; a running server takes the new one into use with its next word. Answers with the new
/// public key as `minisign -P` takes it, and whether the key before vouches for it: not where it was `stolen`, or is gone.
/// Cut short at any moment, the old key or the new one is there whole.
///
/// # Errors
/// [`KeyError`] if a key cannot be made, read or stored.
pub fn rotate_single_key(dir: &Path, stolen: bool) -> Result<(String, bool), KeyError> {
    let failed = |path: PathBuf| {
        move |why: String| KeyError::Io {
            path: path.display().to_string(),
            why,
        }
    };
    let before = if stolen { None } else { SingleKey::load(dir)? };
    let next = SingleKey::generate()?;
    let (line, file) = next.signing(|signer| (signer.public_text(), signer.public_file()));
    if let Some(before) = &before {
        let signature =
            before.signing(|signer| signer.signature(&file, "the next key of this status page"));
        let handover = Handover {
            of: hex::encode(next.public().as_bytes()),
            signature: String::from_utf8_lossy(&signature).into_owned(),
        };
        let path = dir.join(HANDOVER);
        let bytes =
            serde_json::to_vec(&handover).map_err(|e| failed(path.clone())(e.to_string()))?;
        files::replace(&path, &bytes, files::PRIVATE).map_err(|e| failed(path)(e.to_string()))?;
    }
    // The handover fits this key only, so what is there in between is the old key alone.
    let path = dir.join(KEY);
    files::replace(&path, &next.key.to_text(), files::PRIVATE)
        .map_err(|e| failed(path)(e.to_string()))?;
    Ok((line, before.is_some()))
}
