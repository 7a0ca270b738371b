//! A publisher: keys from fixed seeds, lives, thresholds, and the roots published so far.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sigstore_tuf::canonical_json::to_canonical_bytes;

/// The role whose files belong to a year that is over.
pub(crate) const YEAR: &str = "incidents-2025";

/// The clock in most cases.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T02:10:00Z".parse().unwrap()
}

/// The clock so many hours later.
pub(crate) fn hours(n: i64) -> Timestamp {
    now() + SignedDuration::from_hours(n)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A key, known by its seed, and the scheme that it is declared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) seed: u8,
    pub(crate) scheme: &'static str,
}

impl Key {
    pub(crate) fn of(seed: u8) -> Self {
        Self {
            seed,
            scheme: "ed25519",
        }
    }

    fn signing(self) -> SigningKey {
        SigningKey::from_bytes(&[self.seed; 32])
    }

    /// As metadata declares it.
    pub(crate) fn public(self) -> Value {
        let public = hex::encode(self.signing().verifying_key().to_bytes());
        json!({"keytype": "ed25519", "scheme": self.scheme, "keyval": {"public": public}})
    }

    /// SHA-256 of its canonical form.
    pub(crate) fn id(self) -> String {
        sha256(&to_canonical_bytes(&self.public()).unwrap())
    }

    /// Its signature over the canonical form of `signed`, as an entry of `signatures`.
    pub(crate) fn sign(self, signed: &Value) -> Value {
        let bytes = to_canonical_bytes(signed).unwrap();
        json!({"keyid": self.id(), "sig": hex::encode(self.signing().sign(&bytes).to_bytes())})
    }
}

/// `signed` with its signatures, as a file.
pub(crate) fn envelope(signed: &Value, signatures: &[Value]) -> Vec<u8> {
    serde_json::to_vec(&json!({"signatures": signatures, "signed": signed})).unwrap()
}

/// A publisher.
#[derive(Debug, Clone)]
pub(crate) struct House {
    pub(crate) keys: BTreeMap<String, Vec<Key>>,
    pub(crate) thresholds: BTreeMap<String, u64>,
    /// Hours from [`now`] to the expiry.
    pub(crate) lives: BTreeMap<String, i64>,
    pub(crate) root_version: u64,
    pub(crate) consistent: bool,
    /// Whether parents name length and hash of their children, or the version only.
    pub(crate) pinned: bool,
    /// Every root that was published, by its file name.
    pub(crate) roots: BTreeMap<String, Vec<u8>>,
}

impl House {
    /// A publisher with one key a role and its first root.
    pub(crate) fn new() -> Self {
        Self::with_seeds(1)
    }

    /// Another one, whose keys come from `first` and the seeds after it.
    pub(crate) fn with_seeds(first: u8) -> Self {
        let lives = [
            ("root", 8_760),
            ("timestamp", 6),
            ("snapshot", 720),
            ("targets", 8_760),
            ("status", 720),
            (YEAR, 8_760),
        ];
        let names = || lives.iter().map(|(name, _)| (*name).to_owned());
        let mut house = Self {
            keys: names()
                .zip(first..)
                .map(|(n, seed)| (n, vec![Key::of(seed)]))
                .collect(),
            thresholds: names().map(|n| (n, 1)).collect(),
            lives: lives.iter().map(|(n, h)| ((*n).to_owned(), *h)).collect(),
            root_version: 1,
            consistent: true,
            pinned: true,
            roots: BTreeMap::new(),
        };
        house.publish_root();
        house
    }

    /// A publisher bent by `bend` before its first root.
    pub(crate) fn bent(bend: impl FnOnce(&mut Self)) -> Self {
        let mut house = Self::new();
        bend(&mut house);
        house.publish_root();
        house
    }

    pub(crate) fn head(&self, role: &str, kind: &str, version: u64) -> Value {
        let expires = hours(self.lives[role])
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        json!({"_type": kind, "spec_version": "1.0.34", "version": version, "expires": expires})
    }

    /// Keys and threshold of `role`, as a parent declares them.
    pub(crate) fn duty(&self, role: &str) -> Value {
        let ids: Vec<_> = self.keys[role].iter().map(|k| k.id()).collect();
        json!({"keyids": ids, "threshold": self.thresholds[role]})
    }

    /// The keys of `roles`, by their ids.
    pub(crate) fn declared(&self, roles: &[&str]) -> Value {
        let keys = roles.iter().flat_map(|role| &self.keys[*role]);
        keys.map(|k| (k.id(), k.public())).collect()
    }

    /// The root as it would be signed.
    pub(crate) fn root_value(&self) -> Value {
        let roles = ["root", "timestamp", "snapshot", "targets"];
        let mut root = self.head("root", "root", self.root_version);
        root["consistent_snapshot"] = json!(self.consistent);
        root["keys"] = self.declared(&roles);
        root["roles"] = roles
            .iter()
            .map(|r| ((*r).to_owned(), self.duty(r)))
            .collect();
        root["x-stentor"] = json!({"organisation": "Example", "world": "live"});
        root
    }

    /// Signs the current root with the keys of `signers` and keeps it as `N.root.json`.
    pub(crate) fn publish_root_by(&mut self, signers: &[Key]) {
        let root = self.root_value();
        let signatures: Vec<_> = signers.iter().map(|k| k.sign(&root)).collect();
        let name = format!("metadata/{}.root.json", self.root_version);
        self.roots.insert(name, envelope(&root, &signatures));
    }

    fn publish_root(&mut self) {
        let signers = self.keys["root"].clone();
        self.publish_root_by(&signers);
    }

    /// Publishes the next root, changed by `change` and signed by the old and the new root keys.
    pub(crate) fn rotate(&mut self, change: impl FnOnce(&mut Self)) {
        let mut signers = self.keys["root"].clone();
        change(self);
        self.root_version += 1;
        for key in self.keys["root"].clone() {
            if !signers.contains(&key) {
                signers.push(key);
            }
        }
        self.publish_root_by(&signers);
    }

    /// The next root with a new key, from `seed`, for `role`.
    pub(crate) fn rotate_key(&mut self, role: &str, seed: u8) {
        self.rotate(|house| house.set_key(role, seed));
    }

    pub(crate) fn set_key(&mut self, role: &str, seed: u8) {
        self.keys.insert(role.to_owned(), vec![Key::of(seed)]);
    }

    pub(crate) fn live(&mut self, role: &str, hours: i64) {
        self.lives.insert(role.to_owned(), hours);
    }

    /// The root of that version.
    pub(crate) fn root(&self, version: u64) -> Vec<u8> {
        self.roots[&format!("metadata/{version}.root.json")].clone()
    }
}
