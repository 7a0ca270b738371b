//! The five shapes of metadata we write (TUF 1.0.34, 4).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stentor_domain::world::World;

use crate::canonical::canonical;
use crate::keys::{PublicKey, SecretKey};

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

/// `signed` in its envelope. What this module builds has a canonical form: there are no fractions in it.
pub(crate) fn sign(signed: &Value, key: &SecretKey) -> Vec<u8> {
    let message = canonical(signed).unwrap_or_default();
    let file =
        json!({"signatures": [{"keyid": key.id(), "sig": key.sign(&message)}], "signed": signed});
    file.to_string().into_bytes()
}

/// Who may sign for a role, and how many of them it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holders {
    /// The keys, each of another holder.
    pub keys: Vec<PublicKey>,
    /// How many of them must sign.
    pub threshold: u32,
}

impl Holders {
    /// One key that suffices.
    pub(crate) fn one(key: PublicKey) -> Self {
        Self {
            keys: vec![key],
            threshold: 1,
        }
    }

    /// Sorted, so that the same holders are always written in the same way.
    fn ids(&self) -> BTreeSet<String> {
        self.keys.iter().map(|key| key.id().to_string()).collect()
    }

    fn declared(&self) -> impl Iterator<Item = (String, Value)> {
        self.keys
            .iter()
            .map(|key| (key.id().to_string(), key.to_metadata()))
    }
}

/// Who may sign for each of the four top-level roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopRoles {
    pub(crate) root: Holders,
    pub(crate) targets: Holders,
    pub(crate) snapshot: Holders,
    pub(crate) timestamp: Holders,
}

/// The root, unsigned: who may sign what, for whom, in which world.
pub(crate) fn root(
    version: u64,
    expires: Timestamp,
    (organisation, world): (&str, World),
    roles: &TopRoles,
) -> Value {
    let mut signed = head("root", version, expires);
    signed["consistent_snapshot"] = json!(true);
    signed["x-stentor"] = json!({"organisation": organisation, "world": world.to_string()});
    let roles = [
        ("root", &roles.root),
        ("targets", &roles.targets),
        ("snapshot", &roles.snapshot),
        ("timestamp", &roles.timestamp),
    ];
    for (role, holders) in roles {
        for (id, key) in holders.declared() {
            signed["keys"][id] = key;
        }
        signed["roles"][role] = json!({"keyids": holders.ids(), "threshold": holders.threshold});
    }
    signed
}

/// The top-level targets, unsigned: nothing of its own; the delegation to `status`, and to one role for the incidents of
/// each year. They are terminating and their paths are disjoint, so each file has one role to ask.
pub(crate) fn targets(
    version: u64,
    expires: Timestamp,
    status: &Holders,
    years: RangeInclusive<i16>,
) -> Value {
    let mut signed = head("targets", version, expires);
    signed["targets"] = json!({});
    let delegation = |name: String, paths: Value| {
        json!({
            "name": name, "keyids": status.ids(), "threshold": status.threshold, "terminating": true, "paths": paths,
        })
    };
    let mut roles = vec![delegation("status".into(), json!(STATUS_PATHS))];
    roles.extend(years.map(|year| delegation(year_role(year), json!([year_paths(year)]))));
    let keys: serde_json::Map<_, _> = status.declared().collect();
    signed["delegations"] = json!({"keys": keys, "roles": roles});
    signed
}

/// The role that lists the incidents of which the public first heard in `year` (UTC).
pub(crate) fn year_role(year: i16) -> String {
    format!("incidents-{year}")
}

/// What the role of a year may speak for.
pub(crate) fn year_paths(year: i16) -> String {
    format!("incidents/{year}/*")
}

/// The years that signed targets delegate.
pub(crate) fn years_of(targets: &Value) -> Option<RangeInclusive<i16>> {
    let roles = targets["delegations"]["roles"].as_array()?;
    let year = |role: &Value| {
        role["name"]
            .as_str()?
            .strip_prefix("incidents-")?
            .parse()
            .ok()
    };
    let years: BTreeSet<i16> = roles.iter().filter_map(year).collect();
    Some(*years.first()?..=*years.last()?)
}

/// The years that a delegation signed at `now` names: this one and the next two, because the offline keys that could
/// add one may not be at hand on New Year's Eve.
pub(crate) fn delegated_years(now: Timestamp) -> RangeInclusive<i16> {
    let year = now.to_zoned(jiff::tz::TimeZone::UTC).year();
    year..=year.saturating_add(2)
}

/// A delegated role, unsigned: every file it speaks for.
pub(crate) fn delegated(
    version: u64,
    expires: Timestamp,
    listed: &BTreeMap<String, Target>,
) -> Value {
    let mut signed = head("targets", version, expires);
    let entry = |t: &Target| json!({"length": t.length, "hashes": {"sha256": t.sha256}});
    signed["targets"] = listed
        .iter()
        .map(|(path, t)| (path.clone(), entry(t)))
        .collect();
    signed
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
