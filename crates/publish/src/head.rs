//! What is current: the one file that makes all the others count.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lives::{self, later};
use crate::metadata::{Target, pin_of};

/// Signed targets by their path.
pub(crate) type Listed = BTreeMap<String, Target>;

/// Everything else in the folder is unfinished or superseded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) root: u64,
    pub(crate) targets: u64,
    pub(crate) snapshot: u64,
    pub(crate) timestamp: u64,
    /// The timestamp itself: the one metadata file that has no version in its name.
    pub(crate) timestamp_json: String,
    pub(crate) timestamp_expires: Timestamp,
    pub(crate) snapshot_expires: Timestamp,
    /// The delegated roles.
    pub(crate) roles: BTreeMap<String, Role>,
    /// Roots, targets, delegated roles and snapshot by path. What is signed again is compared with this first.
    pub(crate) metadata: BTreeMap<String, Target>,
    pub(crate) superseded: Vec<Superseded>,
}

/// The head before there were roles of years.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstForm {
    root: u64,
    targets: u64,
    status: u64,
    snapshot: u64,
    timestamp: u64,
    timestamp_json: String,
    timestamp_expires: Timestamp,
    status_expires: Timestamp,
    metadata: BTreeMap<String, Target>,
    #[serde(rename = "listed")]
    _listed: Listed,
    superseded: Vec<Superseded>,
}

impl From<FirstForm> for Head {
    fn from(old: FirstForm) -> Self {
        let status = Role {
            version: old.status,
            expires: old.status_expires,
            listed: Arc::default(),
        };
        Self {
            root: old.root,
            targets: old.targets,
            snapshot: old.snapshot,
            timestamp: old.timestamp,
            timestamp_json: old.timestamp_json,
            timestamp_expires: old.timestamp_expires,
            snapshot_expires: old.status_expires,
            roles: BTreeMap::from([("status".to_owned(), status)]),
            metadata: old.metadata,
            superseded: old.superseded,
        }
    }
}

/// A delegated role as it was signed last.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) version: u64,
    pub(crate) expires: Timestamp,
    /// What it lists; read from its metadata. Shared by all heads among which it did not change.
    #[serde(skip)]
    pub(crate) listed: Arc<Listed>,
}

/// A file that is no longer named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Superseded {
    pub(crate) path: String,
    /// When it may be deleted.
    pub(crate) after: Timestamp,
}

impl Head {
    /// Reads a head, also one of the first form. What its roles list is read from their metadata.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let first = || serde_json::from_slice::<FirstForm>(bytes).map(Self::from);
        serde_json::from_slice(bytes).or_else(|_| first()).ok()
    }

    /// The head of a repository that has only its offline roles.
    pub(crate) fn founded(metadata: BTreeMap<String, Target>, now: Timestamp) -> Self {
        Self {
            root: 1,
            targets: 1,
            snapshot: 0,
            timestamp: 0,
            timestamp_json: String::new(),
            timestamp_expires: now,
            snapshot_expires: now,
            roles: BTreeMap::new(),
            metadata,
            superseded: Vec::new(),
        }
    }

    /// Remembers what `old` named and this does not, with the time from which it may go; forgets what was long gone.
    pub(crate) fn supersede(&mut self, old: &Self, now: Timestamp) {
        let expect = |path: String, after| Superseded { path, after };
        let rest = later(now, lives::SUPERSEDED);
        let metadata = old.metadata.keys().cloned().map(|path| expect(path, rest));
        let mut gone: Vec<_> = old.superseded.iter().cloned().chain(metadata).collect();
        for (name, role) in &old.roles {
            let new = self.roles.get(name).map(|role| &role.listed);
            for (path, target) in role.changed_since(new) {
                // A page without a signature must not stand beside signed ones; the rest waits for readers on their way.
                gone.push(expect(path.clone(), now));
                gone.push(expect(target_path(path, target), rest));
            }
        }
        gone.retain(|s| !self.names(&s.path));
        self.superseded = gone;
        self.forget(now);
    }

    /// Forgets what every mirror had the time to delete.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        self.superseded
            .retain(|s| later(s.after, lives::DELETING) > now);
    }

    /// What may be deleted now.
    pub(crate) fn deletable(&self, now: Timestamp) -> impl Iterator<Item = &Superseded> {
        self.superseded.iter().filter(move |s| s.after <= now)
    }

    /// Whether a file of a mirror is current: metadata, a target by its hash, or a page.
    fn names(&self, file: &str) -> bool {
        if self.metadata.contains_key(file) {
            return true;
        }
        let listed = |path: &str| self.roles.values().find_map(|role| role.listed.get(path));
        match page_of(file) {
            Some((page, hash)) => listed(&page).is_some_and(|target| target.sha256 == hash),
            None => listed(file).is_some(),
        }
    }

    /// What the snapshot pins, by the name of the role.
    pub(crate) fn pins(&self) -> BTreeMap<String, Value> {
        let roles = self.roles.iter();
        let roles = roles.map(|(name, role)| (name.clone(), role.version));
        roles
            .chain([("targets".to_owned(), self.targets)])
            .filter_map(|(name, version)| {
                let target = self.metadata.get(&role_path(&name, version))?;
                Some((name, pin_of(version, target)))
            })
            .collect()
    }

    pub(crate) fn root_path(&self) -> String {
        role_path("root", self.root)
    }

    pub(crate) fn targets_path(&self) -> String {
        role_path("targets", self.targets)
    }

    pub(crate) fn snapshot_path(&self) -> String {
        role_path("snapshot", self.snapshot)
    }
}

impl Role {
    /// What it lists and `new` does not list just so.
    fn changed_since<'a>(
        &'a self,
        new: Option<&'a Arc<Listed>>,
    ) -> impl Iterator<Item = (&'a String, &'a Target)> {
        let same = new.is_some_and(|new| Arc::ptr_eq(new, &self.listed));
        let kept = move |path: &String, target: &Target| {
            new.is_some_and(|new| new.get(path) == Some(target))
        };
        let all = if same { None } else { Some(self.listed.iter()) };
        all.into_iter()
            .flatten()
            .filter(move |(path, target)| !kept(path, target))
    }

    /// What it lists that is not known to be there already.
    pub(crate) fn missing_from<'a>(
        &'a self,
        known: Option<&'a Self>,
    ) -> impl Iterator<Item = (&'a String, &'a Target)> {
        self.changed_since(known.map(|role| &role.listed))
    }
}

/// Where metadata lies: its version before its name.
pub(crate) fn role_path(role: &str, version: u64) -> String {
    format!("metadata/{version}.{role}.json")
}

/// Where a target lies with consistent snapshots: its hash before its name.
pub(crate) fn target_path(path: &str, target: &Target) -> String {
    match path.rsplit_once('/') {
        Some((dir, name)) => format!("targets/{dir}/{}.{name}", target.sha256),
        None => format!("targets/{}.{path}", target.sha256),
    }
}

/// The page and the hash that [`target_path`] made a path of.
fn page_of(file: &str) -> Option<(String, &str)> {
    let (dir, name) = file.rsplit_once('/')?;
    let dir = dir.strip_prefix("targets")?;
    let (hash, name) = name.split_once('.')?;
    let page = match dir.strip_prefix('/') {
        Some(dir) => format!("{dir}/{name}"),
        None if dir.is_empty() => name.to_owned(),
        None => return None,
    };
    Some((page, hash))
}

/// The `targets` of a role's metadata. What is no target is left out.
pub(crate) fn listed(targets: &Value) -> Listed {
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
        .filter_map(entry)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_of_the_first_form_is_read() {
        let old = r#"{"root":1,"targets":1,"status":4,"snapshot":4,"timestamp":4029000000,"timestamp_json":"{}",
            "timestamp_expires":"2026-11-20T08:00:00Z","status_expires":"2026-12-20T02:00:00Z",
            "metadata":{},"listed":{"index.html":{"length":1,"sha256":"00"}},"superseded":[]}"#;
        let head = Head::read(old.as_bytes()).unwrap();
        assert_eq!((head.snapshot, head.roles["status"].version), (4, 4));
        let new = serde_json::to_vec(&head).unwrap();
        assert_eq!(Head::read(&new).unwrap().roles["status"].version, 4);
        assert!(Head::read(b"{}").is_none());
    }

    #[test]
    fn a_page_is_found_again_from_where_its_target_lies() {
        let target = Target::of(b"x");
        for page in ["index.html", "incidents/2026/INC-1.html", "api/v2/a.b.json"] {
            let path = target_path(page, &target);
            assert_eq!(
                page_of(&path),
                Some((page.to_owned(), target.sha256.as_str()))
            );
        }
        for other in ["index.html", "incidents/2026/INC-1.html", "targetsx/a.b"] {
            assert_eq!(page_of(other), None, "{other}");
        }
    }
}
