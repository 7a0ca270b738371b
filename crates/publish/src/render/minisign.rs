//! Signatures in minisign's format: prehashed Ed25519 (`ED`) with a trusted comment. For people who have nothing of ours
//! and want to check one file; protection against old states remains TUF's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest};
use sha2::Sha256;

/// The file with the public key.
pub(crate) const PUBLIC_FILE: &str = "minisign.pub";
/// What follows the name of the signed file.
pub(crate) const ENDING: &str = ".minisig";

/// What signs with a minisign key, without giving the key away.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    /// The Ed25519 public key.
    pub(crate) public: [u8; 32],
    /// What the key before says about this one: a signature over [`Self::public_file`], as a file.
    pub(crate) handover: Option<&'a str>,
    /// Signs a message with plain Ed25519 (RFC 8032).
    pub(crate) sign: &'a (dyn Fn(&[u8]) -> [u8; 64] + Sync),
}

impl Signer<'_> {
    /// minisign names keys by eight bytes of anything; ours follow from the key, so they need not be kept.
    fn key_id(&self) -> [u8; 8] {
        let hash: [u8; 32] = Sha256::digest(self.public).into();
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        id
    }

    /// The public key in one line, as `minisign -P` takes it.
    pub(crate) fn public_text(&self) -> String {
        let key = [b"Ed".as_slice(), &self.key_id(), &self.public].concat();
        STANDARD.encode(key)
    }

    /// The file with the public key. minisign prints an id as a little-endian number.
    pub(crate) fn public_file(&self) -> Vec<u8> {
        let id = u64::from_le_bytes(self.key_id());
        format!(
            "untrusted comment: minisign public key {id:016X}\n{}\n",
            self.public_text()
        )
        .into_bytes()
    }

    /// The signature of `bytes` with a comment that it covers. Ed25519 signs the same bytes the same way each time, so a
    /// signature changes only with its file or its comment.
    pub(crate) fn signature(&self, bytes: &[u8], comment: &str) -> Vec<u8> {
        let signature = (self.sign)(&Blake2b512::digest(bytes));
        let whole = [b"ED".as_slice(), &self.key_id(), &signature].concat();
        let covered = [signature.as_slice(), comment.as_bytes()].concat();
        let global = (self.sign)(&covered);
        format!(
            "untrusted comment: signed by a status page; check it with minisign\n{}\ntrusted comment: {comment}\n{}\n",
            STANDARD.encode(whole),
            STANDARD.encode(global)
        )
        .into_bytes()
    }
}
