//! The walk through the metadata: roots, timestamp, snapshot (TUF 1.0.34, 5.3 to 5.5); what follows is in `roles`.

use jiff::Timestamp;
use sigstore_tuf::metadata::{Metadata, Root};
use sigstore_tuf::{Error as TufError, TrustedMetadataSet};

use crate::fetch::{Fetch, FetchError};
use crate::limits::{METADATA_BYTES, ROOT_BYTES, ROOT_ROTATIONS, TIMESTAMP_BYTES};
use crate::memory::Remembered;
use crate::received::{chain_of, damaged, forged, parsable, positive, received, text};
use crate::roles::declares_twice;
use crate::verdict::Verdict;
use crate::verification::Scope;

/// The reference time given to `sigstore-tuf`: nothing is expired then, so expiry cannot cut a check short. We judge
/// expiry ourselves when everything else is known.
pub(crate) const BEFORE_ANY_EXPIRY: Timestamp = Timestamp::MIN;

/// A walk in progress: what is verified so far, and what is worth remembering of it.
pub(crate) struct Chain {
    pub(crate) trusted: TrustedMetadataSet,
    /// The delegated roles that were looked at, in the order of their delegation.
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
        if let Some(why) = ambiguous(trusted.root()) {
            return Err(unusable(why));
        }
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

    /// Fetches and verifies what `scope` needs, from the root on.
    pub(crate) async fn walk(
        &mut self,
        mirror: &dyn Fetch,
        scope: Scope<'_>,
    ) -> Result<(), Verdict> {
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
        self.targets(mirror, scope).await?;
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
            if let Some(why) = ambiguous(self.trusted.root()) {
                return Err(Verdict::forged(format!("{path}: {why}")));
            }
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
            Ok(()) => {
                positive(path, self.trusted.timestamp().map_or(0, |t| t.version))?;
                text(path, bytes).map(Some)
            }
            Err(TufError::EqualVersion { .. }) => Ok(None),
            Err(e) => Err(forged(path, &e)),
        }
    }

    async fn snapshot(&mut self, mirror: &dyn Fetch) -> Result<String, Verdict> {
        let Some(pin) = self.trusted.timestamp().and_then(|t| t.snapshot_meta()) else {
            return Err(Verdict::forged("metadata/timestamp.json names no snapshot"));
        };
        let path = self.path("snapshot", pin.version);
        let limit = pin.length.map_or(METADATA_BYTES, |l| l.min(METADATA_BYTES));
        let bytes = received(&path, mirror.fetch(&path, limit).await, limit)?;
        self.trusted
            .update_snapshot(&bytes, BEFORE_ANY_EXPIRY)
            .map_err(|e| forged(&path, &e))?;
        positive(&path, self.trusted.snapshot().map_or(0, |s| s.version))?;
        text(&path, bytes)
    }

    pub(crate) fn path(&self, role: &str, version: u64) -> String {
        if self.trusted.root().consistent_snapshot {
            format!("metadata/{version}.{role}.json")
        } else {
            format!("metadata/{role}.json")
        }
    }
}

/// What in a root could be counted in two ways.
fn ambiguous(root: &Root) -> Option<String> {
    root.roles
        .iter()
        .find_map(|(role, duty)| declares_twice(role, &duty.keyids, &root.keys))
}

fn version_of_root(bytes: &[u8]) -> Option<u64> {
    Metadata::<Root>::from_slice(bytes)
        .ok()
        .map(|m| m.signed().version)
}
