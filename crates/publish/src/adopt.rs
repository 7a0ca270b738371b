//! Taking over what a mirror holds: for a node that follows another, and for a repository restored from a backup.
//!
//! A mirror is untrusted here as everywhere: its metadata is taken into memory first and verified there, then each
//! target is compared with its signed length and hash.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use stentor_verify::{Fetch, FetchError, Report, Scope, Verification, limits, safe_path};

use crate::head::{Head, Role, listed, role_path, target_path};
use crate::metadata::Target;
use crate::mirror::{Mirror, Reader};
use crate::plan::{File, Plan, TIMESTAMP};

/// So many targets are read at once, where a place brings several in one go.
const AT_ONCE: usize = 200;

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
    /// All metadata, and the targets that were not there already.
    pub(crate) files: Vec<File>,
}

/// Reads and verifies all that `mirror` holds now. Targets that `ours` lists just so are not read.
pub(crate) async fn copy(
    mirror: &dyn Mirror,
    trusted_root: &[u8],
    ours: Option<&Head>,
    now: Timestamp,
) -> Result<Copy, AdoptError> {
    let Copy { head, mut files } = signed(mirror, trusted_root, now).await?;
    let mut missing = Vec::new();
    for (name, role) in &head.roles {
        let there = ours.and_then(|ours| ours.roles.get(name));
        for (path, target) in role.missing_from(there) {
            if !safe_path(path) || target.length > limits::TARGET_BYTES {
                return Err(AdoptError::Forged { path: path.clone() });
            }
            missing.push((target_path(path, target), target));
        }
    }
    for some in missing.chunks(AT_ONCE) {
        let wanted: Vec<_> = some.iter().map(|(p, t)| (p.clone(), t.length)).collect();
        let reader = Reader::with(mirror, &wanted).await;
        for (path, target) in some {
            let file = read(&reader, path, target.length).await?;
            if Target::of(&file.bytes) != **target {
                return Err(AdoptError::Forged { path: file.path });
            }
            files.push(file);
        }
    }
    Ok(Copy { head, files })
}

/// Reads and verifies the metadata that `mirror` holds now.
pub(crate) async fn signed(
    mirror: &dyn Mirror,
    trusted_root: &[u8],
    now: Timestamp,
) -> Result<Copy, AdoptError> {
    // What is known to be wanted comes in one go, where each visit is dear.
    let first = [
        (TIMESTAMP.to_owned(), limits::TIMESTAMP_BYTES),
        (role_path("root", 1), limits::ROOT_BYTES),
        (role_path("root", 2), limits::ROOT_BYTES),
    ];
    let first = Reader::with(mirror, &first).await;
    let timestamp = read(&first, TIMESTAMP, limits::TIMESTAMP_BYTES).await?;
    let snapshot_version = version(&parse(&timestamp.bytes)["meta"]["snapshot.json"]);
    let snapshot = metadata(&Reader::of(mirror), snapshot_version, "snapshot").await?;
    let meta = parse(&snapshot.bytes)["meta"].take();
    let targets_version = version(&meta["targets.json"]);
    let pins = delegated(&meta).map(|(name, pin)| role_path(name, version(pin)));
    let named: Vec<_> = std::iter::once(role_path("targets", targets_version))
        .chain(pins)
        .map(|path| (path, limits::METADATA_BYTES))
        .collect();
    let named = Reader::with(mirror, &named).await;
    let targets = metadata(&named, targets_version, "targets").await?;
    let roots = roots(&first).await?;

    let mut head = Head::founded(BTreeMap::new(), now);
    head.root = roots.len() as u64;
    head.targets = targets_version;
    head.snapshot = snapshot_version;
    head.timestamp_json = String::from_utf8_lossy(&timestamp.bytes).into_owned();
    let mut roles: Vec<_> = roots.into_iter().chain([targets, snapshot]).collect();
    for (name, pin) in delegated(&meta) {
        let file = metadata(&named, version(pin), name).await?;
        // A role that nothing delegates to any more has only its pin to be judged by.
        if pin["hashes"]["sha256"] != Target::of(&file.bytes).sha256 {
            return Err(AdoptError::Forged { path: file.path });
        }
        let role = Role {
            version: version(pin),
            expires: now,
            listed: Arc::new(listed(&parse(&file.bytes)["targets"])),
        };
        head.roles.insert(name.to_owned(), role);
        roles.push(file);
    }
    head.metadata = roles
        .iter()
        .map(|f| (f.path.clone(), Target::of(&f.bytes)))
        .collect();
    let plan = Plan {
        steps: [Vec::new(), roles, Vec::new(), vec![timestamp], Vec::new()],
        ..Plan::default()
    };
    verify(&plan, &mut head, trusted_root, now).await?;
    let [_, files, ..] = plan.steps;
    Ok(Copy { head, files })
}

/// Checks what was read as a reader would, and takes versions and ends of lives from what was verified.
async fn verify(
    plan: &Plan,
    head: &mut Head,
    trusted_root: &[u8],
    now: Timestamp,
) -> Result<(), AdoptError> {
    let check = Verification {
        scope: Scope::Metadata,
        ..Verification::new(plan, trusted_root, now)
    };
    let report = check.run().await.report;
    let verified = |role: &str| report.roles.iter().find(|r| r.name == role);
    let (true, Some(timestamp), Some(snapshot)) = (
        report.verdict.is_authentic(),
        verified("timestamp"),
        verified("snapshot"),
    ) else {
        return Err(AdoptError::Refused(Box::new(report)));
    };
    head.timestamp = timestamp.version;
    head.timestamp_expires = timestamp.expires;
    head.snapshot_expires = snapshot.expires;
    for (name, role) in &mut head.roles {
        // A role that is pinned but no longer delegated is carried on as it is.
        if let Some(state) = verified(name) {
            role.expires = state.expires;
        }
    }
    Ok(())
}

/// The delegated roles that a snapshot pins. A name becomes part of a path.
fn delegated(meta: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let name = |(file, pin)| Some((str::strip_suffix(file, ".json")?, pin));
    let pins = meta.as_object().into_iter().flatten();
    pins.map(|(file, pin)| (file.as_str(), pin))
        .filter_map(name)
        .filter(|(name, _)| *name != "targets" && !name.contains('/') && safe_path(name))
        .take(limits::DELEGATIONS)
}

async fn roots(mirror: &dyn Fetch) -> Result<Vec<File>, AdoptError> {
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

async fn metadata(mirror: &dyn Fetch, version: u64, role: &str) -> Result<File, AdoptError> {
    read(mirror, &role_path(role, version), limits::METADATA_BYTES).await
}

async fn read(mirror: &dyn Fetch, path: &str, limit: u64) -> Result<File, AdoptError> {
    let path = path.to_owned();
    match mirror.fetch(&path, limit).await {
        Ok(bytes) => Ok(File::new(path, bytes)),
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
