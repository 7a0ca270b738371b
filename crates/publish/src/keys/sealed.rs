//! Key files that a passphrase or an age identity opens.

use std::io::{Read, Write};
use std::path::Path;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::SecretString;
use zeroize::Zeroizing;

use super::offline::Protection;
use super::secret::{KEY_FILE_BYTES, SecretKey};
use super::{KeyError, Unlock};

/// How an armoured age file begins.
pub(crate) const ARMOUR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
/// How a binary age file begins.
pub(crate) const BINARY: &[u8] = b"age-encryption.org/";

/// Two to this power is what a passphrase costs to try: about a second and 256 MB. The file says it, so it can grow.
const WORK: u8 = 18;
/// More is refused: a file from a stranger could ask for hours.
const MOST_WORK: u8 = 22;
/// Characters of a passphrase for a new key.
const LEAST_PASSPHRASE: usize = 12;

/// The text of a sealed file around `key`.
pub(crate) fn seal(
    key: &SecretKey,
    protection: &Protection<'_>,
    path: &Path,
) -> Result<Vec<u8>, KeyError> {
    seal_with(key, protection, path, WORK)
}

pub(crate) fn seal_with(
    key: &SecretKey,
    protection: &Protection<'_>,
    path: &Path,
    work: u8,
) -> Result<Vec<u8>, KeyError> {
    let shown = || path.display().to_string();
    let recipients: Vec<Box<dyn age::Recipient>> = match protection {
        Protection::None => return Ok(key.to_text().to_vec()),
        Protection::Passphrase(passphrase) => {
            if passphrase.chars().count() < LEAST_PASSPHRASE {
                return Err(KeyError::WeakPassphrase {
                    path: shown(),
                    least: LEAST_PASSPHRASE,
                });
            }
            let mut recipient = age::scrypt::Recipient::new(secret(passphrase));
            recipient.set_work_factor(work);
            vec![Box::new(recipient)]
        }
        Protection::Recipients(names) => {
            let recipient = |name: &String| match name.parse::<age::x25519::Recipient>() {
                Ok(recipient) => Ok(Box::new(recipient) as Box<dyn age::Recipient>),
                Err(_) => Err(KeyError::Recipient(name.clone())),
            };
            names.iter().map(recipient).collect::<Result<_, _>>()?
        }
    };
    let failed = |why: String| KeyError::Io { path: shown(), why };
    let write = |encryptor: age::Encryptor| -> std::io::Result<Vec<u8>> {
        let armour = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armour)?;
        writer.write_all(&key.to_text())?;
        writer.finish()?.finish()
    };
    let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|r| &**r))
        .map_err(|e| failed(e.to_string()))?;
    write(encryptor).map_err(|e| failed(e.to_string()))
}

/// Opens a sealed file.
pub(crate) fn open(
    bytes: &[u8],
    path: &Path,
    unlock: &mut Unlock<'_>,
) -> Result<SecretKey, KeyError> {
    let shown = || path.display().to_string();
    let damaged = || KeyError::Damaged { path: shown() };
    let decryptor = age::Decryptor::new(ArmoredReader::new(bytes)).map_err(|_| damaged())?;
    let identities: Vec<Box<dyn age::Identity>> = if decryptor.is_scrypt() {
        let passphrase = unlock.passphrase(path)?;
        let mut identity = age::scrypt::Identity::new(secret(&passphrase));
        identity.set_max_work_factor(MOST_WORK);
        vec![Box::new(identity)]
    } else {
        identities(path, unlock)?
    };
    let mut reader = match decryptor.decrypt(identities.iter().map(|i| &**i)) {
        Ok(reader) => reader.take(KEY_FILE_BYTES),
        Err(
            age::DecryptError::DecryptionFailed
            | age::DecryptError::NoMatchingKeys
            | age::DecryptError::KeyDecryptionFailed,
        ) => return Err(KeyError::Locked { path: shown() }),
        Err(_) => return Err(damaged()),
    };
    let mut text = Zeroizing::new(Vec::with_capacity(1_024));
    reader.read_to_end(&mut text).map_err(|_| damaged())?;
    SecretKey::parse(&text).ok_or_else(damaged)
}

/// The identities in the file that the caller named.
fn identities(path: &Path, unlock: &Unlock<'_>) -> Result<Vec<Box<dyn age::Identity>>, KeyError> {
    let Some(file) = unlock.identity else {
        return Err(KeyError::NoPassphrase {
            path: path.display().to_string(),
            why: "it is sealed for an age identity; give its file with --identity".to_owned(),
        });
    };
    let bytes = super::secret::read_private(file)?;
    let damaged = || KeyError::Io {
        path: file.display().to_string(),
        why: "not a file of age identities, as age-keygen writes them".to_owned(),
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| damaged())?;
    let lines = text.lines().map(str::trim);
    let found: Vec<Box<dyn age::Identity>> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| match line.parse::<age::x25519::Identity>() {
            Ok(identity) => Ok(Box::new(identity) as Box<dyn age::Identity>),
            Err(_) => Err(damaged()),
        })
        .collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Err(damaged());
    }
    Ok(found)
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}
