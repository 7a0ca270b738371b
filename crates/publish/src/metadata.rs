//! The five shapes of metadata we write (TUF 1.0.34, 4).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stentor_domain::world::World;

use crate::canonical::canonical;
use crate::keys::{OnlineKeys, SecretKey};

const SPEC: &str = "1.0.34";

/// What the role `status` may speak for; no other role may. A star stands for one part of a path (TUF 1.0.34, 4.5).
pub(crate) const STATUS_PATHS: [&str; 7] = [
    "*",
    "api/v2/*",
    "api/v2/incidents/*",
    "api/v2/scheduled-maintenances/*",
    ".well-known/*",
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

/// The top-level targets: nothing of its own; the delegation to `status`, and to one role for the incidents of each
/// year. They are terminating and their paths are disjoint, so each file has one role to ask.
pub(crate) fn targets(
    version: u64,
    expires: Timestamp,
    targets: &SecretKey,
    status: &SecretKey,
    years: RangeInclusive<i16>,
) -> Vec<u8> {
    let mut signed = head("targets", version, expires);
    signed["targets"] = json!({});
    let delegation = |name: String, paths: Value| {
        json!({
            "name": name, "keyids": [status.id()], "threshold": 1, "terminating": true, "paths": paths,
        })
    };
    let mut roles = vec![delegation("status".into(), json!(STATUS_PATHS))];
    roles.extend(years.map(|year| delegation(year_role(year), json!([year_paths(year)]))));
    signed["delegations"] =
        json!({"keys": {status.id().to_string(): status.public()}, "roles": roles});
    sign(&signed, targets)
}

/// The role that lists the incidents of which the public first heard in `year` (UTC).
pub(crate) fn year_role(year: i16) -> String {
    format!("incidents-{year}")
}

/// What the role of a year may speak for.
pub(crate) fn year_paths(year: i16) -> String {
    format!("incidents/{year}/*")
}

/// The years that a delegation signed at `now` names: this one and the next two, because the offline keys that could
/// add one may not be at hand on New Year's Eve.
pub(crate) fn delegated_years(now: Timestamp) -> RangeInclusive<i16> {
    let year = now.to_zoned(jiff::tz::TimeZone::UTC).year();
    year..=year.saturating_add(2)
}

/// A delegated role: every file it speaks for.
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
    pin_of(version, &Target::of(bytes))
}

/// A file of this length and hash as its parent pins it.
pub(crate) fn pin_of(version: u64, target: &Target) -> Value {
    json!({"version": version, "length": target.length, "hashes": {"sha256": target.sha256}})
}

/// The snapshot: which versions belong together. `pins` by the name of the role.
pub(crate) fn snapshot(
    version: u64,
    expires: Timestamp,
    pins: &BTreeMap<String, Value>,
    key: &SecretKey,
) -> Vec<u8> {
    let mut signed = head("snapshot", version, expires);
    signed["meta"] = pins
        .iter()
        .map(|(role, pin)| (format!("{role}.json"), pin.clone()))
        .collect();
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
