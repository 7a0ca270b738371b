//! The walk through the metadata: roots, timestamp, snapshot, targets, one level of delegated roles (TUF 1.0.34, 5).

use std::error::Error as _;

use jiff::Timestamp;
use sigstore_tuf::metadata::{Metadata, Root};
use sigstore_tuf::{Error as TufError, TrustedMetadataSet};

use crate::fetch::{Fetch, FetchError};
use crate::json::depth_within;
use crate::limits::{
    DELEGATIONS, JSON_DEPTH, METADATA_BYTES, ROOT_BYTES, ROOT_ROTATIONS, TIMESTAMP_BYTES,
};
use crate::memory::Remembered;
use crate::verdict::Verdict;

/// The reference time given to `sigstore-tuf`: nothing is expired then, so expiry cannot cut a check short. We judge
/// expiry ourselves when everything else is known.
const BEFORE_ANY_EXPIRY: Timestamp = Timestamp::MIN;

/// A walk in progress: what is verified so far, and what is worth remembering of it.
pub(crate) struct Chain {
    pub(crate) trusted: TrustedMetadataSet,
    /// Delegated roles in the order of their delegation.
    pub(crate) delegated: Vec<String>,
    pub(crate) memory: Remembered,
}

impl Chain {
    /// Starts from the pinned root and the remembered ones.
    pub(crate) fn start(pinned: &[u8], remembered: Option<&Remembered>) -> Result<Self, Verdict> {
        let unusable =
            |why: String| Verdict::unreachable(format!("the trusted root cannot be used: {why}"));
        parsable(pinned, ROOT_BYTES).map_err(unusable)?;
        let trusted = TrustedMetadataSet::from_root(pinned).map_err(|e| unusable(chain_of(&e)))?;
        let mut chain = Self {
            trusted,
            delegated: Vec::new(),
            memory: remembered.cloned().unwrap_or_default(),
        };
        let pinned_version = chain.trusted.root().version;
        let newer =
            |root: &String| version_of_root(root.as_bytes()).is_none_or(|v| v > pinned_version);
        chain.memory.roots.retain(newer);
        for root in &chain.memory.roots {
            chain
                .trusted
                .update_root(root.as_bytes())
                .map_err(|e| damaged(&e))?;
        }
        Ok(chain)
    }

    /// Fetches and verifies everything, root to delegated roles.
    pub(crate) async fn walk(&mut self, mirror: &dyn Fetch) -> Result<(), Verdict> {
        let before = self.memory.clone();
        let walked = self.roots(mirror).await;
        if walked.is_err() {
            // Floors are judged against the newest root only; keep the old picture whole.
            self.memory = before;
            return walked;
        }
        self.floors(self.memory.roots.len() > before.roots.len())?;
        let timestamp = self.timestamp(mirror).await?;
        let snapshot = self.snapshot(mirror).await?;
        self.targets(mirror).await?;
        if let Some(timestamp) = timestamp {
            self.memory.timestamp = Some(timestamp);
        }
        self.memory.snapshot = Some(snapshot);
        Ok(())
    }

    async fn roots(&mut self, mirror: &dyn Fetch) -> Result<(), Verdict> {
        for _ in 0..ROOT_ROTATIONS {
            let path = format!(
                "metadata/{}.root.json",
                self.trusted.root().version.saturating_add(1)
            );
            let bytes = match mirror.fetch(&path, ROOT_BYTES).await {
                Err(FetchError::NotFound) => return Ok(()),
                other => received(&path, other, ROOT_BYTES)?,
            };
            self.trusted
                .update_root(&bytes)
                .map_err(|e| forged(&path, &e))?;
            self.memory.roots.push(text(&path, bytes)?);
        }
        Err(Verdict::forged(format!(
            "more than {ROOT_ROTATIONS} new roots: refused to go on"
        )))
    }

    /// Loads what was seen before as floors. A rotation of the timestamp or snapshot keys resets both floors, which is
    /// how a publisher recovers from versions that were pushed too high (TUF 5.3.11).
    fn floors(&mut self, rotated: bool) -> Result<(), Verdict> {
        let (Some(timestamp), Some(snapshot)) = (&self.memory.timestamp, &self.memory.snapshot)
        else {
            return Ok(());
        };
        let at_root = self.trusted.clone();
        let loaded = self
            .trusted
            .update_timestamp(timestamp.as_bytes(), BEFORE_ANY_EXPIRY)
            .and_then(|()| {
                self.trusted
                    .update_snapshot(snapshot.as_bytes(), BEFORE_ANY_EXPIRY)
            });
        match loaded {
            Ok(()) => Ok(()),
            Err(TufError::ThresholdNotMet { .. }) if rotated => {
                self.trusted = at_root;
                self.memory.timestamp = None;
                self.memory.snapshot = None;
                Ok(())
            }
            Err(e) => Err(damaged(&e)),
        }
    }

    /// Returns the timestamp's text, or `None` if it is the remembered one.
    async fn timestamp(&mut self, mirror: &dyn Fetch) -> Result<Option<String>, Verdict> {
        let path = "metadata/timestamp.json";
        let bytes = received(
            path,
            mirror.fetch(path, TIMESTAMP_BYTES).await,
            TIMESTAMP_BYTES,
        )?;
        match self.trusted.update_timestamp(&bytes, BEFORE_ANY_EXPIRY) {
            Ok(()) => text(path, bytes).map(Some),
            Err(TufError::EqualVersion { .. }) => Ok(None),
            Err(e) => Err(forged(path, &e)),
        }
    }

    async fn snapshot(&mut self, mirror: &dyn Fetch) -> Result<String, Verdict> {
        let Some(version) = self
            .trusted
            .timestamp()
            .and_then(|t| t.snapshot_meta())
            .map(|m| m.version)
        else {
            return Err(Verdict::forged("metadata/timestamp.json names no snapshot"));
        };
        let path = self.path("snapshot", version);
        let bytes = received(
            &path,
            mirror.fetch(&path, METADATA_BYTES).await,
            METADATA_BYTES,
        )?;
        self.trusted
            .update_snapshot(&bytes, BEFORE_ANY_EXPIRY)
            .map_err(|e| forged(&path, &e))?;
        text(&path, bytes)
    }

    async fn targets(&mut self, mirror: &dyn Fetch) -> Result<(), Verdict> {
        let (path, bytes) = self.pinned(mirror, "targets").await?;
        let top = self
            .trusted
            .update_targets(&bytes, BEFORE_ANY_EXPIRY)
            .map_err(|e| forged(&path, &e))?;
        let roles: Vec<String> = top
            .delegations
            .iter()
            .flat_map(|d| &d.roles)
            .take(DELEGATIONS + 1)
            .map(|r| r.name.clone())
            .collect();
        if roles.len() > DELEGATIONS {
            return Err(Verdict::forged(format!(
                "{path} delegates to more than {DELEGATIONS} roles"
            )));
        }
        for role in roles {
            // A role's name becomes part of a path.
            if !crate::safe_path(&role) || role.contains('/') {
                return Err(Verdict::forged(format!(
                    "{path} delegates to a role with a forbidden name: {role}"
                )));
            }
            let (path, bytes) = self.pinned(mirror, &role).await?;
            let signed = self
                .trusted
                .update_delegated_targets(&bytes, &role, "targets", BEFORE_ANY_EXPIRY)
                .map_err(|e| forged(&path, &e))?;
            if signed
                .delegations
                .as_ref()
                .is_some_and(|d| !d.roles.is_empty())
            {
                return Err(Verdict::forged(format!(
                    "{path} delegates further, which its publisher never does"
                )));
            }
            self.delegated.push(role);
        }
        Ok(())
    }

    /// The file of a role at the version that the snapshot pins.
    async fn pinned(&self, mirror: &dyn Fetch, role: &str) -> Result<(String, Vec<u8>), Verdict> {
        let meta = self
            .trusted
            .snapshot()
            .and_then(|s| s.meta.get(&format!("{role}.json")));
        let Some(version) = meta.map(|m| m.version) else {
            return Err(Verdict::forged(format!(
                "the snapshot does not list {role}.json"
            )));
        };
        let path = self.path(role, version);
        let bytes = received(
            &path,
            mirror.fetch(&path, METADATA_BYTES).await,
            METADATA_BYTES,
        )?;
        Ok((path, bytes))
    }

    fn path(&self, role: &str, version: u64) -> String {
        if self.trusted.root().consistent_snapshot {
            format!("metadata/{version}.{role}.json")
        } else {
            format!("metadata/{role}.json")
        }
    }
}

fn version_of_root(bytes: &[u8]) -> Option<u64> {
    Metadata::<Root>::from_slice(bytes)
        .ok()
        .map(|m| m.signed().version)
}

/// Turns the answer to a fetch of metadata into bytes that are safe to parse.
fn received(
    path: &str,
    answer: Result<Vec<u8>, FetchError>,
    limit: u64,
) -> Result<Vec<u8>, Verdict> {
    match answer {
        Ok(bytes) => match parsable(&bytes, limit) {
            Ok(()) => Ok(bytes),
            Err(why) => Err(Verdict::forged(format!("{path}: {why}"))),
        },
        Err(e @ FetchError::TooLarge { .. }) => {
            Err(Verdict::forged(format!("{path}: {e}; refused to read on")))
        }
        Err(e) => Err(Verdict::unreachable(format!("{path}: {e}"))),
    }
}

fn parsable(bytes: &[u8], limit: u64) -> Result<(), String> {
    if bytes.len() as u64 > limit {
        Err(format!("it is longer than {limit} bytes"))
    } else if !depth_within(bytes, JSON_DEPTH) {
        Err(format!("its JSON nests deeper than {JSON_DEPTH} levels"))
    } else {
        Ok(())
    }
}

fn text(path: &str, bytes: Vec<u8>) -> Result<String, Verdict> {
    String::from_utf8(bytes).map_err(|_| Verdict::forged(format!("{path} is not UTF-8")))
}

fn damaged(error: &TufError) -> Verdict {
    Verdict::unreachable(format!(
        "what was remembered from earlier visits is damaged or belongs to another publisher ({}); \
         remove it to start over as on a first visit",
        chain_of(error)
    ))
}

fn forged(path: &str, error: &TufError) -> Verdict {
    Verdict::forged(match error {
        TufError::Rollback { role, trusted, new } => format!(
            "{path}: an older state was put back: {role} is at version {new}, but version {trusted} was seen before"
        ),
        TufError::ThresholdNotMet {
            role,
            found,
            threshold,
        } => {
            format!("{path}: {found} of the {threshold} valid signatures that {role} needs")
        }
        TufError::IntegrityMismatch(why) => {
            format!(
                "{path}: not the file its signed parent names (changed, or mixed from two versions): {why}"
            )
        }
        other => format!("{path}: {}", chain_of(other)),
    })
}

fn chain_of(error: &TufError) -> String {
    let mut out = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        out = format!("{out}: {cause}");
        source = cause.source();
    }
    out
}
