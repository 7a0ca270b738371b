//! Keys that people hold: whatever they lie in, they sign exactly the bytes they are given.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Agent, KeyError, KeyId, PublicKey, SecretKey, sealed, secret, ssh};
use crate::files;

/// Something that can sign with one key.
#[derive(Debug)]
pub struct Signer(Held);

#[derive(Debug)]
enum Held {
    Here(SecretKey),
    Agent(Agent, PublicKey),
}

/// What opens a key file.
pub struct Unlock<'a> {
    /// Asks for the passphrase of the file that is named; called only for files that have one.
    pub ask: &'a mut dyn FnMut(&Path) -> Result<Zeroizing<String>, String>,
    /// A file of age identities, for keys that are sealed for a recipient.
    pub identity: Option<&'a Path>,
}

impl Unlock<'_> {
    pub(crate) fn passphrase(&mut self, path: &Path) -> Result<Zeroizing<String>, KeyError> {
        (self.ask)(path).map_err(|why| KeyError::NoPassphrase {
            path: path.display().to_string(),
            why,
        })
    }
}

/// What protects a new key file, besides that only its owner may read it.
pub enum Protection<'a> {
    /// Nothing: for keys of a machine, and for drills.
    None,
    /// A passphrase.
    Passphrase(&'a str),
    /// The age identities of these recipients, any of them.
    Recipients(&'a [String]),
}

impl Signer {
    /// Opens a key file of any kind: plain, sealed with age, or OpenSSH's.
    ///
    /// # Errors
    /// [`KeyError`] if others may read it, if it is damaged, or if it does not open.
    pub fn open(path: &Path, unlock: &mut Unlock<'_>) -> Result<Self, KeyError> {
        let bytes = secret::read_private(path)?;
        let key = if bytes.starts_with(sealed::ARMOUR) || bytes.starts_with(sealed::BINARY) {
            sealed::open(&bytes, path, unlock)?
        } else if bytes.starts_with(ssh::BEGIN) {
            ssh::open(&bytes, path, unlock)?
        } else {
            SecretKey::parse(&bytes).ok_or_else(|| KeyError::Damaged {
                path: path.display().to_string(),
            })?
        };
        Ok(Self(Held::Here(key)))
    }

    /// A key that an agent holds.
    #[must_use]
    pub fn with_agent(agent: &Agent, key: PublicKey) -> Self {
        Self(Held::Agent(agent.clone(), key))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Held::Here(key) => key.public(),
            Held::Agent(_, key) => *key,
        }
    }

    /// The key's name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.public().id()
    }

    /// The signature over `message` in hex. What an agent answers is checked before it is believed.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String, KeyError> {
        match &self.0 {
            Held::Here(key) => Ok(key.sign(message)),
            Held::Agent(agent, key) => {
                let signature = hex::encode(agent.sign(*key, message)?);
                if key.verifies(message, &signature) {
                    Ok(signature)
                } else {
                    Err(KeyError::Agent("its signature does not match".to_owned()))
                }
            }
        }
    }
}

/// Makes a new key file at `path`, and beside it a `.pub` with its public half, which may be shown to anybody. An
/// existing file is never replaced.
///
/// # Errors
/// [`KeyError`] if the passphrase is too short, a recipient is none, or the file exists or cannot be written.
pub fn create_key(path: &Path, protection: &Protection<'_>) -> Result<PublicKey, KeyError> {
    let public = public_path(path);
    if public.exists() {
        return Err(KeyError::Io {
            path: public.display().to_string(),
            why: "it exists; choose another name".to_owned(),
        });
    }
    let key = SecretKey::generate()?;
    let text = Zeroizing::new(sealed::seal(&key, protection, path)?);
    let create = |path: &Path, bytes: &[u8], mode| {
        files::create(path, bytes, mode).map_err(|e| KeyError::Io {
            path: path.display().to_string(),
            why: e.to_string(),
        })
    };
    create(path, &text, files::PRIVATE)?;
    let line = format!("{}\n", key.public());
    create(&public, line.as_bytes(), files::PUBLIC)?;
    Ok(key.public())
}

/// The text of a small file that only its owner can read, such as one with a passphrase.
///
/// # Errors
/// [`KeyError`] if others may read it, or it is no text.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let bytes = secret::read_private(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyError::Io {
        path: path.display().to_string(),
        why: "not UTF-8".to_owned(),
    })?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Where the public half of the key at `path` lies: `ada.age` and `ada.key` have `ada.pub`.
#[must_use]
pub fn public_path(path: &Path) -> PathBuf {
    path.with_extension("pub")
}
