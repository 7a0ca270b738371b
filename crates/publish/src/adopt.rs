//! Taking over what a mirror holds: for a node that follows another, and for a repository restored from a backup.
//!
//! A mirror is untrusted here as everywhere: its metadata is taken into memory first and verified there, then each
//! target is compared with its signed length and hash.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use stentor_verify::{FetchError, Report, Scope, Verification, limits, safe_path};

use crate::head::{Head, target_path};
use crate::metadata::Target;
use crate::mirror::Mirror;
use crate::plan::{File, Plan, TIMESTAMP};

/// Why nothing was taken over.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AdoptError {
    /// A file is missing or too long.
    #[error("cannot read {path}: {why}")]
    Read {
        /// The file.
        path: String,
        /// What the mirror said.
        why: FetchError,
    },
    /// The mirror's metadata is not what our keys signed.
    #[error("the mirror's metadata is refused: {0}")]
    Refused(Box<Report>),
    /// A signed file is not what was signed.
    #[error("{path} is not what was signed")]
    Forged {
        /// The file.
        path: String,
    },
}

/// A verified copy of a mirror: its files, and the head that names them.
#[derive(Debug)]
pub(crate) struct Copy {
    pub(crate) head: Head,
    pub(crate) files: Vec<File>,
}

/// Reads and verifies all that `mirror` holds now.
pub(crate) async fn copy(
    mirror: &dyn Mirror,
    trusted_root: &[u8],
    now: Timestamp,
) -> Result<Copy, AdoptError> {
    let timestamp = read(mirror, TIMESTAMP, limits::TIMESTAMP_BYTES).await?;
    let snapshot_version = version(&parse(&timestamp.bytes)["meta"]["snapshot.json"]);
    let snapshot = metadata(mirror, snapshot_version, "snapshot").await?;
    let meta = parse(&snapshot.bytes)["meta"].take();
    let (targets_version, status_version) = (
        version(&meta["targets.json"]),
        version(&meta["status.json"]),
    );
    let targets = metadata(mirror, targets_version, "targets").await?;
    let status = metadata(mirror, status_version, "status").await?;
    let listed = listed(&parse(&status.bytes)["targets"]);
    let mut others = Vec::new();
    for (name, pin) in meta
        .as_object()
        .into_iter()
        .flatten()
        .take(limits::DELEGATIONS)
    {
        let role = name.strip_suffix(".json").unwrap_or_default();
        if safe_path(role) && !role.contains('/') && !["targets", "status"].contains(&role) {
            others.push(metadata(mirror, version(pin), role).await?);
        }
    }
    let roots = roots(mirror).await?;

    let (root, timestamp_json) = (
        roots.len() as u64,
        String::from_utf8_lossy(&timestamp.bytes).into_owned(),
    );
    let roles = roots
        .into_iter()
        .chain([targets, status, snapshot])
        .chain(others)
        .collect::<Vec<_>>();
    let by_path = roles
        .iter()
        .map(|f| (f.path.clone(), Target::of(&f.bytes)))
        .collect();
    let plan = Plan {
        steps: [Vec::new(), roles, Vec::new(), vec![timestamp], Vec::new()],
        ..Plan::default()
    };
    let check = Verification {
        scope: Scope::Metadata,
        ..Verification::new(&plan, trusted_root, now)
    };
    let report = check.run().await.report;
    let verified = |role: &str| report.roles.iter().find(|r| r.name == role);
    let (true, Some(stamp), Some(word)) = (
        report.verdict.is_authentic(),
        verified("timestamp"),
        verified("status"),
    ) else {
        return Err(AdoptError::Refused(Box::new(report)));
    };
    let mut head = Head::founded(by_path, now);
    head.root = root;
    head.targets = targets_version;
    head.status = status_version;
    head.snapshot = snapshot_version;
    head.timestamp = stamp.version;
    head.timestamp_expires = stamp.expires;
    head.timestamp_json = timestamp_json;
    head.status_expires = word.expires;

    let [_, mut files, ..] = plan.steps;
    for (path, target) in &listed {
        if !safe_path(path) || target.length > limits::TARGET_BYTES {
            return Err(AdoptError::Forged { path: path.clone() });
        }
        let file = read(mirror, &target_path(path, target), target.length).await?;
        if Target::of(&file.bytes) != *target {
            return Err(AdoptError::Forged { path: file.path });
        }
        files.push(file);
    }
    head.listed = listed;
    Ok(Copy { head, files })
}

async fn roots(mirror: &dyn Mirror) -> Result<Vec<File>, AdoptError> {
    let mut roots = Vec::new();
    for version in 1..=limits::ROOT_ROTATIONS {
        match read(
            mirror,
            &format!("metadata/{version}.root.json"),
            limits::ROOT_BYTES,
        )
        .await
        {
            Err(AdoptError::Read {
                why: FetchError::NotFound,
                ..
            }) => break,
            other => roots.push(other?),
        }
    }
    Ok(roots)
}

async fn metadata(mirror: &dyn Mirror, version: u64, role: &str) -> Result<File, AdoptError> {
    read(
        mirror,
        &format!("metadata/{version}.{role}.json"),
        limits::METADATA_BYTES,
    )
    .await
}

async fn read(mirror: &dyn Mirror, path: &str, limit: u64) -> Result<File, AdoptError> {
    let path = path.to_owned();
    match mirror.read(&path, limit).await {
        Ok(bytes) => Ok(File { path, bytes }),
        Err(why) => Err(AdoptError::Read { path, why }),
    }
}

/// What cannot be parsed leads nowhere here, and is refused by the verification that follows.
fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice::<Value>(bytes)
        .map(|mut file| file["signed"].take())
        .unwrap_or_default()
}

fn version(pin: &Value) -> u64 {
    pin["version"].as_u64().unwrap_or(0)
}

fn listed(targets: &Value) -> BTreeMap<String, Target> {
    let entry = |(path, target): (&String, &Value)| {
        let sha256 = target["hashes"]["sha256"].as_str()?.to_owned();
        Some((
            path.clone(),
            Target {
                length: target["length"].as_u64()?,
                sha256,
            },
        ))
    };
    targets
        .as_object()
        .into_iter()
        .flatten()
        .take(limits::TARGETS)
        .filter_map(entry)
        .collect()
}
