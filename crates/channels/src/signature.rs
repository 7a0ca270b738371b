//! Signatures by Standard Webhooks 1.0.0, symmetric (`v1`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// A signing key of 24 to 64 bytes, given as `whsec_` and base64.
pub struct Signer(Zeroizing<Vec<u8>>);

/// The secret is not one for webhooks. The text does not repeat it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// The prefix is missing.
    #[error("a webhook secret starts with \"whsec_\"")]
    Prefix,
    /// The rest is not base64.
    #[error("what follows \"whsec_\" in a webhook secret is base64 with padding")]
    Base64,
    /// Too short to be safe, or longer than the standard allows.
    #[error(
        "a webhook secret has 24 to 64 bytes, this one has {0}; make one with: echo whsec_$(head -c 32 /dev/urandom | base64)"
    )]
    Length(usize),
}

impl Signer {
    /// Reads a secret.
    ///
    /// # Errors
    /// [`BadSecret`].
    pub fn new(secret: &Secret) -> Result<Self, BadSecret> {
        let text = secret
            .expose()
            .strip_prefix("whsec_")
            .ok_or(BadSecret::Prefix)?;
        let key = STANDARD.decode(text).map_err(|_| BadSecret::Base64)?;
        let key = Zeroizing::new(key);
        if (24..=64).contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(BadSecret::Length(key.len()))
        }
    }

    /// The value of `webhook-signature` for a message: `v1,` and the HMAC-SHA256 over id, Unix second and body.
    #[must_use]
    pub fn sign(&self, id: &str, now: Timestamp, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of every length"));
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(now.as_second().to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}
