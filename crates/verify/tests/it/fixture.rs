//! A publisher and a mirror in memory, small enough to be bent in every direction.

use std::collections::BTreeMap;

use async_trait::async_trait;
use ed25519_dalek::{Signer, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sigstore_tuf::canonical_json::to_canonical_bytes;
use stentor_verify::{Fetch, FetchError, Outcome, Remembered, Verdict, Verification};

/// The time of day in these tests.
pub(crate) fn now() -> Timestamp {
    "2026-11-20T02:10:00Z".parse().unwrap()
}

pub(crate) fn hours(n: i64) -> Timestamp {
    now() + SignedDuration::from_hours(n)
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A mirror: path to bytes. `endless` paths never stop; `down` answers nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mirror {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) endless: Vec<String>,
    pub(crate) down: bool,
}

#[async_trait]
impl Fetch for Mirror {
    fn name(&self) -> String {
        "memory".into()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        if self.down {
            return Err(FetchError::Unreachable("connection refused".into()));
        }
        if self.endless.iter().any(|p| p == path) {
            return Err(FetchError::TooLarge { limit });
        }
        let bytes = self.files.get(path).ok_or(FetchError::NotFound)?;
        if bytes.len() as u64 > limit {
            Err(FetchError::TooLarge { limit })
        } else {
            Ok(bytes.clone())
        }
    }
}

impl Mirror {
    pub(crate) fn flip(&mut self, path: &str) {
        let bytes = self
            .files
            .get_mut(path)
            .unwrap_or_else(|| panic!("no {path}"));
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }

    pub(crate) fn find(&self, part: &str) -> String {
        self.files
            .keys()
            .find(|p| p.contains(part))
            .unwrap_or_else(|| panic!("no {part}"))
            .clone()
    }
}

/// Keys and lives of a publisher.
#[derive(Clone)]
pub(crate) struct Publisher {
    pub(crate) keys: BTreeMap<&'static str, SigningKey>,
    pub(crate) expires: BTreeMap<&'static str, Timestamp>,
    pub(crate) root_version: u64,
    pub(crate) scheme: &'static str,
    pub(crate) paths: Vec<&'static str>,
}

const ROLES: [&str; 5] = ["root", "timestamp", "snapshot", "targets", "status"];

impl Publisher {
    pub(crate) fn new() -> Self {
        let keys = ROLES
            .iter()
            .zip(1u8..)
            .map(|(role, seed)| (*role, SigningKey::from_bytes(&[seed; 32])))
            .collect();
        let lives = [8_760, 6, 720, 8_760, 720];
        let expires = ROLES
            .iter()
            .zip(lives)
            .map(|(role, life)| (*role, hours(life)))
            .collect();
        Self {
            keys,
            expires,
            root_version: 1,
            scheme: "ed25519",
            paths: vec!["index.html", "incidents/*"],
        }
    }

    pub(crate) fn key(&self, role: &str) -> (String, Value) {
        let public = hex::encode(self.keys[role].verifying_key().to_bytes());
        let key =
            json!({"keytype": "ed25519", "scheme": self.scheme, "keyval": {"public": public}});
        (hash(&to_canonical_bytes(&key).unwrap()), key)
    }

    pub(crate) fn sign(&self, signed: &Value, roles: &[&str]) -> Vec<u8> {
        let bytes = to_canonical_bytes(signed).unwrap();
        let signatures: Vec<Value> = roles
            .iter()
            .map(|role| json!({"keyid": self.key(role).0, "sig": hex::encode(self.keys[role].sign(&bytes).to_bytes())}))
            .collect();
        serde_json::to_vec(&json!({"signed": signed, "signatures": signatures})).unwrap()
    }

    fn head(&self, role: &str, kind: &str, version: u64) -> Value {
        let expires = self.expires[role]
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        json!({"_type": kind, "spec_version": "1.0.34", "version": version, "expires": expires})
    }

    pub(crate) fn root_value(&self) -> Value {
        let mut root = self.head("root", "root", self.root_version);
        root["consistent_snapshot"] = json!(true);
        for role in &ROLES[..4] {
            let (id, key) = self.key(role);
            root["keys"][&id] = key;
            root["roles"][*role] = json!({"keyids": [id], "threshold": 1});
        }
        root
    }

    pub(crate) fn root(&self) -> Vec<u8> {
        self.sign(&self.root_value(), &["root"])
    }

    /// A mirror that holds `pages` at `version`.
    pub(crate) fn mirror(&self, version: u64, pages: &[(&str, &str)]) -> Mirror {
        let mut files = BTreeMap::new();
        files.insert(
            format!("metadata/{}.root.json", self.root_version),
            self.root(),
        );
        let mut status = self.head("status", "targets", version);
        status["targets"] = json!({});
        for (path, text) in pages {
            let sum = hash(text.as_bytes());
            status["targets"][*path] = json!({"length": text.len(), "hashes": {"sha256": sum}});
            let (dir, name) = path
                .rsplit_once('/')
                .map_or((String::new(), *path), |(d, n)| (format!("{d}/"), n));
            files.insert(
                format!("targets/{dir}{sum}.{name}"),
                text.as_bytes().to_vec(),
            );
            files.insert((*path).to_owned(), text.as_bytes().to_vec());
        }
        let status = self.sign(&status, &["status"]);

        let (id, key) = self.key("status");
        let mut targets = self.head("targets", "targets", 1);
        targets["targets"] = json!({});
        targets["delegations"] = json!({
            "keys": {id.clone(): key},
            "roles": [{"name": "status", "keyids": [id], "threshold": 1, "terminating": true, "paths": self.paths}],
        });
        let targets = self.sign(&targets, &["targets"]);

        let pin = |version: u64, bytes: &[u8]| json!({"version": version, "length": bytes.len(), "hashes": {"sha256": hash(bytes)}});
        let mut snapshot = self.head("snapshot", "snapshot", version);
        snapshot["meta"] =
            json!({"targets.json": pin(1, &targets), "status.json": pin(version, &status)});
        let snapshot = self.sign(&snapshot, &["snapshot"]);

        let mut timestamp = self.head("timestamp", "timestamp", version * 10);
        timestamp["meta"] = json!({"snapshot.json": pin(version, &snapshot)});
        files.insert(
            "metadata/timestamp.json".into(),
            self.sign(&timestamp, &["timestamp"]),
        );
        files.insert(format!("metadata/{version}.snapshot.json"), snapshot);
        files.insert("metadata/1.targets.json".into(), targets);
        files.insert(format!("metadata/{version}.status.json"), status);
        Mirror {
            files,
            ..Mirror::default()
        }
    }

    pub(crate) fn usual(&self, version: u64) -> Mirror {
        let page = format!("<p>word {version}</p>");
        self.mirror(
            version,
            &[("index.html", &page), ("incidents/INC-1.html", &page)],
        )
    }
}

pub(crate) async fn check_at(
    mirror: &Mirror,
    root: &[u8],
    seen: Option<&Remembered>,
    now: Timestamp,
) -> Outcome {
    Verification {
        remembered: seen,
        ..Verification::new(mirror, root, now)
    }
    .run()
    .await
}

pub(crate) async fn check(mirror: &Mirror, root: &[u8]) -> Verdict {
    check_at(mirror, root, None, now()).await.report.verdict
}

/// Asserts a refusal whose words contain `part`.
#[track_caller]
pub(crate) fn assert_forged(verdict: &Verdict, part: &str) {
    let Verdict::NotAuthentic { what } = verdict else {
        panic!("{verdict:?}, expected a refusal about {part:?}")
    };
    assert!(
        what.iter().any(|w| w.contains(part)),
        "{what:?} does not speak of {part:?}"
    );
}

/// Asserts "could not check" with words that contain `part`.
#[track_caller]
pub(crate) fn assert_unreachable(verdict: &Verdict, part: &str) {
    let Verdict::Unreachable { reason } = verdict else {
        panic!("{verdict:?}, expected a failure about {part:?}")
    };
    assert!(
        reason.contains(part),
        "{reason:?} does not speak of {part:?}"
    );
}
