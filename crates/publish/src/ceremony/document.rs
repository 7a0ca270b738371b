//! A root or targets in the making: what is signed, and by whom so far.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stentor_verify::limits;

use crate::canonical::canonical;
use crate::keys::KeyId;

/// Signatures looked at in one file.
const MOST_SIGNATURES: usize = 64;

/// Metadata with any number of signatures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) signed: Value,
    signatures: BTreeMap<KeyId, String>,
}

impl Document {
    /// Unsigned. What `metadata` builds has a canonical form.
    pub(crate) fn new(signed: Value) -> Self {
        Self {
            signed,
            signatures: BTreeMap::new(),
        }
    }

    /// Reads a file; `None` if it is too long, no metadata, or has no canonical form.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() as u64 > limits::ROOT_BYTES {
            return None;
        }
        let mut file: Value = serde_json::from_slice(bytes).ok()?;
        let signed = file["signed"].take();
        canonical(&signed).ok()?;
        signed["version"].as_u64()?;
        let list = file["signatures"].as_array()?;
        let mut signatures = BTreeMap::new();
        for one in list.iter().take(MOST_SIGNATURES) {
            let (id, signature) = (one["keyid"].as_str()?, one["sig"].as_str()?);
            // The first of two under one name stays: which is as good as the other shows when it is checked.
            signatures
                .entry(KeyId::named(id))
                .or_insert_with(|| signature.to_owned());
        }
        Some(Self { signed, signatures })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let signatures: Vec<Value> = self
            .signatures
            .iter()
            .map(|(id, signature)| json!({"keyid": id, "sig": signature}))
            .collect();
        json!({"signatures": signatures, "signed": self.signed})
            .to_string()
            .into_bytes()
    }

    /// The bytes that signatures cover.
    pub(crate) fn message(&self) -> Vec<u8> {
        canonical(&self.signed).unwrap_or_default()
    }

    /// SHA-256 of what is signed, in hex: the same for whoever looks at it, however many have signed.
    pub(crate) fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.message()))
    }

    pub(crate) fn version(&self) -> u64 {
        self.signed["version"].as_u64().unwrap_or(0)
    }

    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.signed["expires"].as_str()?.parse().ok()
    }

    /// Adds a signature; a second one by the same key takes the place of the first.
    pub(crate) fn add(&mut self, id: KeyId, signature: String) {
        self.signatures.insert(id, signature);
    }

    pub(crate) fn signature(&self, id: &KeyId) -> Option<&str> {
        self.signatures.get(id).map(String::as_str)
    }
}
