//! When what is signed stops to hold, and when somebody should look at it.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use stentor_verify::limits;

use crate::ceremony::Authority;
use crate::folder::damaged;
use crate::keys::KeyId;
use crate::lives::{self, later};
use crate::repository::{RepositoryError, parse, read, read_head};

/// How long a role and its keys still count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// The role.
    pub role: String,
    /// The version that is in force.
    pub version: u64,
    /// When it stops to hold.
    pub expires: Timestamp,
    /// When half of its life is over: the time to sign it anew.
    pub half_life: Timestamp,
    /// When nobody did although they should have. People are reminded at half-life; a machine, which signs anew at
    /// half-life by itself, gets a little longer before it is suspected.
    pub alarm: Timestamp,
    /// Whether people sign it, or a machine does.
    pub offline: bool,
    /// How many of the keys must sign.
    pub threshold: u64,
    /// The keys.
    pub keys: Vec<KeyId>,
}

/// Every role of the repository in `dir`, whoever has it open, in the order root, targets, then what machines sign.
/// Reads a handful of files.
///
/// # Errors
/// [`RepositoryError`] if it cannot be read.
pub fn expiries(dir: &Path) -> Result<Vec<Expiry>, RepositoryError> {
    let head = read_head(dir)?;
    let load = |path: &str| {
        let bytes = read(&dir.join(path), limits::METADATA_BYTES)?;
        parse(&bytes).ok_or_else(|| damaged(path))
    };
    let root = load(&head.root_path())?;
    let targets = load(&head.targets_path())?;
    let snapshot = load(&head.snapshot_path())?;
    let timestamp =
        parse(head.timestamp_json.as_bytes()).ok_or_else(|| damaged("timestamp.json"))?;
    let mut out = Vec::new();
    let mut add = |role: &str, signed: &Value, life: SignedDuration, authority| {
        out.push(expiry(role, signed, life, authority).ok_or_else(|| damaged(role))?);
        Ok::<_, RepositoryError>(())
    };
    let top = |role: &str| Authority::of_role(&root, role);
    add("root", &root, lives::OFFLINE, top("root"))?;
    add("targets", &targets, lives::OFFLINE, top("targets"))?;
    add("timestamp", &timestamp, lives::TIMESTAMP, top("timestamp"))?;
    add("snapshot", &snapshot, lives::SNAPSHOT, top("snapshot"))?;
    for (file, pin) in snapshot["meta"].as_object().into_iter().flatten() {
        let role = file.strip_suffix(".json").unwrap_or(file);
        if role == "targets" {
            continue;
        }
        let version = pin["version"].as_u64().unwrap_or(0);
        let signed = load(&format!("metadata/{version}.{role}.json"))?;
        let authority = Authority::of_delegation(&targets, role);
        add(role, &signed, lives::of_role(role).0, authority)?;
    }
    Ok(out)
}

fn expiry(
    role: &str,
    signed: &Value,
    life: SignedDuration,
    authority: Option<Authority>,
) -> Option<Expiry> {
    let authority = authority?;
    let expires: Timestamp = signed["expires"].as_str()?.parse().ok()?;
    let offline = matches!(role, "root" | "targets");
    let half_life = later(expires, -(life / 2));
    Some(Expiry {
        role: role.to_owned(),
        version: signed["version"].as_u64()?,
        expires,
        half_life,
        alarm: if offline {
            half_life
        } else {
            later(half_life, life / 8)
        },
        offline,
        threshold: authority.threshold,
        keys: authority.ids().cloned().collect(),
    })
}
