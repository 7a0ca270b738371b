//! The five shapes of metadata we write (TUF 1.0.34, 4).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stentor_domain::world::World;

use crate::canonical::canonical;
use crate::keys::{OnlineKeys, SecretKey};

const SPEC: &str = "1.0.34";

/// What the role `status` may speak for; no other role may. A star stands for one part of a path (TUF 1.0.34, 4.5).
pub(crate) const STATUS_PATHS: [&str; 9] = [
    "*",
    "api/v2/*",
    "api/v2/incidents/*",
    "api/v2/scheduled-maintenances/*",
    ".well-known/*",
    "incidents/*",
    "incidents/*/*",
    "maintenance/*",
    "denials/*",
];

/// A signed target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) length: u64,
    pub(crate) sha256: String,
}

impl Target {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            length: bytes.len() as u64,
            sha256: hex::encode(Sha256::digest(bytes)),
        }
    }
}

fn head(kind: &str, version: u64, expires: Timestamp) -> Value {
    let expires = expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({"_type": kind, "spec_version": SPEC, "version": version, "expires": expires})
}

/// `signed` in its envelope. `None` cannot happen for what this module builds: there are no fractions in it.
fn sign(signed: &Value, key: &SecretKey) -> Vec<u8> {
    let message = canonical(signed).unwrap_or_default();
    let file =
        json!({"signatures": [{"keyid": key.id(), "sig": key.sign(&message)}], "signed": signed});
    file.to_string().into_bytes()
}

/// The root: who may sign what, for whom, in which world.
pub(crate) fn root(
    version: u64,
    expires: Timestamp,
    (organisation, world): (&str, World),
    (root, targets): (&SecretKey, &SecretKey),
    online: &OnlineKeys,
) -> Vec<u8> {
    let mut signed = head("root", version, expires);
    signed["consistent_snapshot"] = json!(true);
    signed["x-stentor"] = json!({"organisation": organisation, "world": world.to_string()});
    let roles = [
        ("root", root),
        ("targets", targets),
        ("snapshot", &online.snapshot),
        ("timestamp", &online.timestamp),
    ];
    for (role, key) in roles {
        signed["keys"][key.id().to_string()] = key.public();
        signed["roles"][role] = json!({"keyids": [key.id()], "threshold": 1});
    }
    sign(&signed, root)
}

/// The top-level targets: nothing of its own, the delegation to `status`.
pub(crate) fn targets(
    version: u64,
    expires: Timestamp,
    targets: &SecretKey,
    status: &SecretKey,
) -> Vec<u8> {
    let mut signed = head("targets", version, expires);
    signed["targets"] = json!({});
    signed["delegations"] = json!({
        "keys": {status.id().to_string(): status.public()},
        "roles": [{
            "name": "status", "keyids": [status.id()], "threshold": 1, "terminating": true, "paths": STATUS_PATHS,
        }],
    });
    sign(&signed, targets)
}

/// The delegated role `status`: every file that is current.
pub(crate) fn status(
    version: u64,
    expires: Timestamp,
    listed: &BTreeMap<String, Target>,
    key: &SecretKey,
) -> Vec<u8> {
    let mut signed = head("targets", version, expires);
    let entry = |t: &Target| json!({"length": t.length, "hashes": {"sha256": t.sha256}});
    signed["targets"] = listed
        .iter()
        .map(|(path, t)| (path.clone(), entry(t)))
        .collect();
    sign(&signed, key)
}

/// A file as its parent pins it.
pub(crate) fn pin(version: u64, bytes: &[u8]) -> Value {
    let Target { length, sha256 } = Target::of(bytes);
    json!({"version": version, "length": length, "hashes": {"sha256": sha256}})
}

/// The snapshot: which versions belong together.
pub(crate) fn snapshot(
    version: u64,
    expires: Timestamp,
    targets: Value,
    status: Value,
    key: &SecretKey,
) -> Vec<u8> {
    let mut signed = head("snapshot", version, expires);
    signed["meta"] = json!({"targets.json": targets, "status.json": status});
    sign(&signed, key)
}

/// The timestamp: which snapshot is the newest, confirmed until it expires.
pub(crate) fn timestamp(
    version: u64,
    expires: Timestamp,
    snapshot: Value,
    key: &SecretKey,
) -> Vec<u8> {
    let mut signed = head("timestamp", version, expires);
    signed["meta"] = json!({"snapshot.json": snapshot});
    sign(&signed, key)
}
