//! The public half of a key, and its name.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::canonical::canonical;

/// The name of an SSH Ed25519 key, as in `authorized_keys` and in its binary form.
pub(crate) const SSH_ED25519: &str = "ssh-ed25519";

/// A key's name: SHA-256 of its canonical JSON, in hex (TUF 1.0.34, 4.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl KeyId {
    /// A name as metadata writes it. Whether a key has it shows when the key is found.
    pub(crate) fn named(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether `text` is this name or at least its first eight digits, in any grouping.
    #[must_use]
    pub fn is_meant_by(&self, text: &str) -> bool {
        let wanted: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        wanted.len() >= 8 && self.0.starts_with(&wanted.to_ascii_lowercase())
    }

    /// The first 16 digits in groups of four: enough to compare by eye, not to prove anything.
    #[must_use]
    pub fn short(&self) -> String {
        grouped(self.0.get(..16).unwrap_or(&self.0))
    }

    /// All digits in groups of four, to be read out.
    #[must_use]
    pub fn grouped(&self) -> String {
        grouped(&self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Groups of four characters, so that people can compare.
pub(crate) fn grouped(text: &str) -> String {
    let groups: Vec<&str> = text
        .as_bytes()
        .chunks(4)
        .filter_map(|c| std::str::from_utf8(c).ok())
        .collect();
    groups.join(" ")
}

/// An Ed25519 public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads what people hand over: one line `ssh-ed25519 …`, the JSON of TUF metadata, or 64 hexadecimal digits.
    /// `None` if it is none of these or no point of the curve.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let key = if let Some(rest) = text.strip_prefix(SSH_ED25519) {
            Self::from_ssh_blob(&STANDARD.decode(rest.split_whitespace().next()?).ok()?)?
        } else if text.starts_with('{') {
            Self::from_metadata(&serde_json::from_str(text).ok()?)?
        } else {
            Self::from_hex(text)?
        };
        VerifyingKey::from_bytes(&key.0).is_ok().then_some(key)
    }

    /// The key as metadata declares it; of another scheme, none that we could check.
    pub(crate) fn from_metadata(key: &Value) -> Option<Self> {
        let ours = key["keytype"] == "ed25519" && key["scheme"] == "ed25519";
        ours.then(|| Self::from_hex(key["keyval"]["public"].as_str()?))?
    }

    /// The key in the binary form of SSH (RFC 8709): its kind and its bytes, each after its length.
    pub(crate) fn from_ssh_blob(blob: &[u8]) -> Option<Self> {
        let rest = blob.strip_prefix(&(SSH_ED25519.len() as u32).to_be_bytes())?;
        let rest = rest.strip_prefix(SSH_ED25519.as_bytes())?;
        let rest = rest.strip_prefix(&32u32.to_be_bytes())?;
        Some(Self(rest.try_into().ok()?))
    }

    pub(crate) fn to_ssh_blob(self) -> Vec<u8> {
        let mut blob = Vec::new();
        for part in [SSH_ED25519.as_bytes(), &self.0] {
            blob.extend((part.len() as u32).to_be_bytes());
            blob.extend(part);
        }
        blob
    }

    fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The key as metadata declares it, with standard fields only.
    #[must_use]
    pub fn to_metadata(&self) -> Value {
        let public = hex::encode(self.0);
        json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public}})
    }

    /// The key's name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        // Only strings in there: it has a canonical form.
        let bytes = canonical(&self.to_metadata()).unwrap_or_default();
        KeyId(hex::encode(Sha256::digest(bytes)))
    }

    /// Whether `signature` (in hex) is this key's over `message`, checked strictly.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let mut bytes = [0; 64];
        hex::decode_to_slice(signature, &mut bytes).is_ok()
            && VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
                key.verify_strict(message, &Signature::from_bytes(&bytes))
                    .is_ok()
            })
    }
}

/// One line of JSON, as it stands in metadata; what [`PublicKey::parse`] reads.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_metadata())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8032, 7.1, test 1.
    const HEX: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    #[test]
    fn a_public_key_is_read_in_each_form_people_have() {
        let key = PublicKey::parse(HEX).unwrap();
        assert_eq!(PublicKey::parse(&key.to_string()), Some(key));
        let ssh = format!(
            "ssh-ed25519 {} ada@vault\n",
            STANDARD.encode(key.to_ssh_blob())
        );
        assert_eq!(PublicKey::parse(&ssh), Some(key));
        let rsa = key.to_string().replace("ed25519", "rsa");
        for bad in [
            "",
            "ssh-rsa AAAA",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            &HEX[1..],
            &rsa,
        ] {
            assert_eq!(PublicKey::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_name_is_compared_in_groups_and_never_by_a_few_digits() {
        let id = PublicKey::parse(HEX).unwrap().id();
        assert!(id.is_meant_by(&id.to_string()) && id.is_meant_by(&id.grouped()));
        assert!(id.is_meant_by(&id.short().to_uppercase()));
        assert!(!id.is_meant_by(&id.to_string()[..7]) && !id.is_meant_by(""));
    }
}
