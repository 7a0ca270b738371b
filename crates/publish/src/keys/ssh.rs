//! OpenSSH private key files with an Ed25519 key, encrypted or not.

use std::path::Path;

use ssh_key::{Kdf, PrivateKey};
use zeroize::Zeroizing;

use super::{KeyError, SecretKey, Unlock};

/// How such a file begins.
pub(crate) const BEGIN: &[u8] = b"-----BEGIN OPENSSH PRIVATE KEY-----";

/// Rounds of the key derivation; OpenSSH writes 16 to 24. More is refused: a file could ask for hours.
const MOST_ROUNDS: u32 = 1_000;

/// Opens an OpenSSH private key file.
pub(crate) fn open(
    bytes: &[u8],
    path: &Path,
    unlock: &mut Unlock<'_>,
) -> Result<SecretKey, KeyError> {
    let shown = || path.display().to_string();
    let damaged = |_| KeyError::Damaged { path: shown() };
    let mut key = PrivateKey::from_openssh(bytes).map_err(damaged)?;
    if key.is_encrypted() {
        if matches!(key.kdf(), Kdf::Bcrypt { rounds, .. } if *rounds > MOST_ROUNDS) {
            return Err(damaged(ssh_key::Error::Crypto));
        }
        let passphrase = unlock.passphrase(path)?;
        key = key
            .decrypt(passphrase.as_bytes())
            .map_err(|_| KeyError::Locked { path: shown() })?;
    }
    let pair = key.key_data().ed25519().ok_or_else(|| KeyError::Io {
        path: shown(),
        why: "only ssh-ed25519 keys can sign; keys on FIDO tokens (sk-) sign more than what they are given".to_owned(),
    })?;
    let seed = Zeroizing::new(pair.private.to_bytes());
    Ok(SecretKey::from_seed(&seed))
}
