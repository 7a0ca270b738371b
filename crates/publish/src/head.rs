//! What is current: the one file that makes all the others count.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::lives::{self, later};
use crate::metadata::Target;

/// Everything else in the folder is unfinished or superseded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) root: u64,
    pub(crate) targets: u64,
    pub(crate) status: u64,
    pub(crate) snapshot: u64,
    pub(crate) timestamp: u64,
    /// The timestamp itself: the one metadata file that has no version in its name.
    pub(crate) timestamp_json: String,
    pub(crate) timestamp_expires: Timestamp,
    /// When status and snapshot expire.
    pub(crate) status_expires: Timestamp,
    /// Roots, targets, status and snapshot by path. What is signed again is compared with this first.
    pub(crate) metadata: BTreeMap<String, Target>,
    /// What `status` lists: pages by their path.
    pub(crate) listed: BTreeMap<String, Target>,
    pub(crate) superseded: Vec<Superseded>,
}

/// A file that is no longer named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Superseded {
    pub(crate) path: String,
    /// When it may be deleted.
    pub(crate) after: Timestamp,
}

impl Head {
    /// The head of a repository that has only its offline roles.
    pub(crate) fn founded(metadata: BTreeMap<String, Target>, now: Timestamp) -> Self {
        Self {
            root: 1,
            targets: 1,
            status: 0,
            snapshot: 0,
            timestamp: 0,
            timestamp_json: String::new(),
            timestamp_expires: now,
            status_expires: now,
            metadata,
            listed: BTreeMap::new(),
            superseded: Vec::new(),
        }
    }

    /// Remembers what `old` named and this does not, with the time from which it may go; forgets what was long gone.
    pub(crate) fn supersede(&mut self, old: &Self, now: Timestamp) {
        let files: BTreeSet<String> = self.files().collect();
        let expect = |path: String, after| Superseded { path, after };
        // A page without a signature must not stand beside signed ones; the rest waits for readers on their way.
        let pages = old.listed.keys().map(|page| expect(page.clone(), now));
        let rest = old
            .files()
            .map(|path| expect(path, later(now, lives::SUPERSEDED)));
        let mut gone: Vec<_> = old
            .superseded
            .iter()
            .cloned()
            .chain(pages)
            .chain(rest)
            .collect();
        gone.retain(|s| !files.contains(&s.path) && !self.listed.contains_key(&s.path));
        self.superseded = gone;
        self.forget(now);
    }

    /// Forgets what every mirror had the time to delete.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        self.superseded
            .retain(|s| later(s.after, lives::DELETING) > now);
    }

    /// What may be deleted now.
    pub(crate) fn deletable(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.superseded
            .iter()
            .filter(move |s| s.after <= now)
            .map(|s| s.path.as_str())
    }

    /// Files that never change: metadata by version, targets by hash.
    fn files(&self) -> impl Iterator<Item = String> {
        self.metadata.keys().cloned().chain(
            self.listed
                .iter()
                .map(|(path, target)| target_path(path, target)),
        )
    }

    pub(crate) fn root_path(&self) -> String {
        format!("metadata/{}.root.json", self.root)
    }

    pub(crate) fn targets_path(&self) -> String {
        format!("metadata/{}.targets.json", self.targets)
    }

    /// Where a role that `targets` delegates to lies. They are signed together, so they share a version.
    pub(crate) fn role_path(&self, role: &str) -> String {
        format!("metadata/{}.{role}.json", self.status)
    }

    pub(crate) fn snapshot_path(&self) -> String {
        format!("metadata/{}.snapshot.json", self.snapshot)
    }
}

/// Where a target lies with consistent snapshots: its hash before its name.
pub(crate) fn target_path(path: &str, target: &Target) -> String {
    match path.rsplit_once('/') {
        Some((dir, name)) => format!("targets/{dir}/{}.{name}", target.sha256),
        None => format!("targets/{}.{path}", target.sha256),
    }
}
