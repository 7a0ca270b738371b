//! Secrets: never shown, and named by reference rather than written down.

use std::fmt;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Longer files are not read.
const MAX_BYTES: u64 = 64 * 1024;

/// A secret in memory: wiped when dropped, compared in constant time, not shown by `Debug` and without `Display`.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself. The name is long on purpose: each use should be looked at.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

/// Where a secret is kept. In TOML `{ file = "path" }` or `{ credential = "name" }`; in one string, as the people
/// table stores it, `file:path` or `credential:name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretRef {
    /// A file that only its owner can read; relative to the configuration directory.
    File(PathBuf),
    /// A systemd credential (`LoadCredential=`), by name.
    Credential(String),
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Credential(name) => write!(f, "credential:{name}"),
        }
    }
}

impl FromStr for SecretRef {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("credential", name)) if !name.is_empty() => Ok(Self::Credential(name.to_owned())),
            // The text may be a secret somebody pasted: it is not repeated.
            _ => Err(SecretError::NotAReference),
        }
    }
}

/// A secret could not be had, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The text names no place.
    #[error(
        "this is not a secret reference; write file:PATH or credential:NAME and keep the secret there"
    )]
    NotAReference,
    /// A credential's name must be a plain file name.
    #[error("{0:?} cannot be a credential's name; use the name given in LoadCredential=")]
    BadName(String),
    /// Not started by systemd with credentials.
    #[error(
        "the credential {0:?} is wanted, but $CREDENTIALS_DIRECTORY is not set; add LoadCredential={0}:PATH to the unit, or use a file"
    )]
    NoCredentials(String),
    /// The file cannot be read.
    #[error("the secret in {} cannot be read ({reason})", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Others can read it.
    #[error("the secret in {0} can be read by others; run: chmod 600 {0}", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
    },
    /// Empty, not text, or too long.
    #[error("the secret in {} is {what}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
}

/// Resolves references. The outermost crate, which alone may ask for the environment, says where.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// What relative paths start from: the configuration directory.
    pub base: PathBuf,
    /// `$CREDENTIALS_DIRECTORY`, when set.
    pub credentials: Option<PathBuf>,
}

impl Secrets {
    /// Reads the secret, at each use, so that rotating it needs no restart. One line end at the end is dropped.
    ///
    /// # Errors
    /// Every [`SecretError`] but `NotAReference`.
    pub async fn resolve(&self, reference: &SecretRef) -> Result<Secret, SecretError> {
        match reference {
            SecretRef::File(path) => read(self.base.join(path), true).await,
            // systemd guards the directory, and grants the file by an access list that looks like mode 0440.
            SecretRef::Credential(_) => read(self.place(reference)?, false).await,
        }
    }
}

impl Secrets {
    /// Where the secret lies, for a program that reads it by itself. Whether it is there and guarded is for that
    /// program to say.
    ///
    /// # Errors
    /// [`SecretError::BadName`] and [`SecretError::NoCredentials`].
    pub fn place(&self, reference: &SecretRef) -> Result<PathBuf, SecretError> {
        match reference {
            SecretRef::File(path) => Ok(self.base.join(path)),
            SecretRef::Credential(name) => {
                let plain = Path::new(name)
                    .file_name()
                    .is_some_and(|f| f == name.as_str());
                if !plain {
                    return Err(SecretError::BadName(name.clone()));
                }
                let directory = self.credentials.as_ref();
                let directory = directory.ok_or(SecretError::NoCredentials(name.clone()))?;
                Ok(directory.join(name))
            }
        }
    }
}

/// Reads a file apart from the threads that others share; in one go, for each way there and back costs a page time.
async fn read(path: PathBuf, guard: bool) -> Result<Secret, SecretError> {
    let given = path.clone();
    let reading = tokio::task::spawn_blocking(move || read_now(path, guard));
    reading.await.unwrap_or_else(|error| {
        Err(SecretError::Unreadable {
            path: given,
            reason: error.to_string(),
        })
    })
}

fn read_now(path: PathBuf, guard: bool) -> Result<Secret, SecretError> {
    let unreadable = |error: std::io::Error| SecretError::Unreadable {
        path: path.clone(),
        reason: error.to_string(),
    };
    let unusable = |what| SecretError::Unusable {
        path: path.clone(),
        what,
    };
    let file = std::fs::File::open(&path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(unusable("not a file"));
    }
    if guard && about.permissions().mode() & 0o077 != 0 {
        return Err(SecretError::Exposed { path });
    }
    let mut text = Zeroizing::new(String::new());
    match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => {
            return Err(unusable("not UTF-8 text"));
        }
        Err(e) => return Err(unreadable(e)),
    }
    if text.len() as u64 > MAX_BYTES {
        return Err(unusable("longer than 64 KiB"));
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(unusable("empty"));
    }
    Ok(Secret::new(line.to_owned()))
}
