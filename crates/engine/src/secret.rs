//! A random value that opens something, and that must not be printed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use stentor_store::TokenHash;

/// A token as its holder carries it: 192 random bits behind a prefix. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Draws a new one.
    pub(crate) fn draw(prefix: &str) -> Self {
        let mut bytes = [0u8; 24];
        if let Err(error) = getrandom::fill(&mut bytes) {
            unreachable!("the operating system gives random bytes: {error}");
        }
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Derives one from bytes that nobody can guess.
    pub(crate) fn derived(prefix: &str, bytes: &[u8; 32]) -> Self {
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(&bytes[..24])))
    }

    /// The value itself, for the one place where it is handed out.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it. A plain hash is enough for such entropy (OWASP ASVS 5.0, 6.5.2).
    pub(crate) fn hash(text: &str) -> TokenHash {
        Sha256::digest(text.as_bytes()).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}
