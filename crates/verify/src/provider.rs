//! The cryptography behind `sigstore-tuf`: SHA-2, and Ed25519 checked strictly.
//!
//! Any other scheme is refused, which TUF counts as "no signature".

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256, Sha384, Sha512};
use sigstore_crypto::{CryptoProvider, Error, HashContext, Result, SigningScheme};
use sigstore_types::HashAlgorithm;

/// A provider that hashes and verifies, and cannot sign.
#[derive(Debug, Clone, Copy)]
pub struct Ed25519Provider;

/// Makes [`Ed25519Provider`] the one `sigstore-tuf` uses in this process. Later calls change nothing.
pub(crate) fn install() {
    // An error means that a provider is installed already: ours, from an earlier call.
    let _ = sigstore_crypto::install_default_provider(&Ed25519Provider);
}

struct Hash<D>(D);

impl<D: Digest + Send> HashContext for Hash<D> {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }

    fn finalize(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

impl CryptoProvider for Ed25519Provider {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>> {
        match algorithm {
            HashAlgorithm::Sha2256 => Ok(Box::new(Hash(Sha256::new()))),
            HashAlgorithm::Sha2384 => Ok(Box::new(Hash(Sha384::new()))),
            HashAlgorithm::Sha2512 => Ok(Box::new(Hash(Sha512::new()))),
            #[allow(unreachable_patterns, reason = "a later version may add one")]
            other => Err(Error::UnsupportedAlgorithm(format!("{other:?}"))),
        }
    }

    fn verify_raw(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        data: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        if scheme != SigningScheme::Ed25519 {
            return Err(Error::UnsupportedAlgorithm(scheme.name().to_owned()));
        }
        let key: [u8; 32] = key
            .try_into()
            .map_err(|_| Error::InvalidKey("an Ed25519 key has 32 bytes".into()))?;
        let key = VerifyingKey::from_bytes(&key)
            .map_err(|_| Error::InvalidKey("not a point of the curve".into()))?;
        let signature = Signature::from_slice(signature)
            .map_err(|_| Error::Verification("an Ed25519 signature has 64 bytes".into()))?;
        key.verify_strict(data, &signature)
            .map_err(|_| Error::Verification("the signature does not match".into()))
    }

    fn verify_prehashed(
        &self,
        scheme: SigningScheme,
        _key: &[u8],
        _digest: &[u8],
        _signature: &[u8],
    ) -> Result<()> {
        Err(Error::UnsupportedAlgorithm(format!(
            "{} over a digest",
            scheme.name()
        )))
    }
}
