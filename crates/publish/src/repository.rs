//! The writer's own copy of what was signed last: the authority, of which mirrors are copies.
//!
//! Files are written before the head names them, the head is replaced at once, and mirrors see only what the head
//! names. So a version number is never used for two different contents, whenever we are killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File as OpenFile;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stentor_domain::world::World;
use stentor_verify::{limits, safe_path};

use crate::files;
use crate::keys::OnlineKeys;
use crate::lives::{self, ClockBehind};
use crate::metadata::{self, STATUS_PATHS, Target};
use crate::plan::{File, Plan, TIMESTAMP};

const HEAD_BYTES: u64 = 64_000_000;

/// Files by path.
pub(crate) type Pages = BTreeMap<String, Vec<u8>>;

/// Why the repository cannot be used or extended.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// A file cannot be read or written.
    #[error("cannot {what} {path}: {why}")]
    Io {
        /// "read" or "write".
        what: &'static str,
        /// The file.
        path: String,
        /// The operating system's reason.
        why: String,
    },
    /// A file is not what the head says it is.
    #[error("{path} in the repository is damaged; restore it from a mirror or a backup")]
    Damaged {
        /// The file.
        path: String,
    },
    /// Another process has it open.
    #[error("another process publishes from {path}")]
    InUse {
        /// The folder.
        path: String,
    },
    /// The online keys are not the ones that the root and the delegation name.
    #[error("the online {role} key is not the one this repository names")]
    WrongKey {
        /// The role.
        role: &'static str,
    },
    /// The repository was founded for another world.
    #[error("this repository speaks for {founded}, not for {asked}")]
    WrongWorld {
        /// The world in the root.
        founded: String,
        /// The world asked for.
        asked: World,
    },
    /// A page has a path that the role `status` may not speak for, or is too long.
    #[error("the page {path:?} cannot be signed: its path or its length is not allowed")]
    Page {
        /// The path.
        path: String,
    },
    /// Another signer's clock is far ahead, or ours is far behind.
    #[error(transparent)]
    ClockBehind(#[from] ClockBehind),
}

/// What is current. Everything else in the folder is unfinished or superseded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    root: u64,
    targets: u64,
    status: u64,
    snapshot: u64,
    timestamp: u64,
    /// The timestamp itself: the one file that has no version in its name.
    timestamp_json: String,
    timestamp_expires: Timestamp,
    /// When the earlier of status and snapshot expires.
    renew_before: Timestamp,
    listed: BTreeMap<String, Target>,
    superseded: Vec<Superseded>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Superseded {
    path: String,
    /// When it may be deleted.
    after: Timestamp,
}

/// The repository and the keys to extend it.
#[derive(Debug)]
pub(crate) struct Repository {
    dir: PathBuf,
    keys: OnlineKeys,
    root: Vec<u8>,
    head: Head,
    /// Held while we may write: two writers would sign one version twice.
    _lock: OpenFile,
}

impl Repository {
    /// Lays out a repository that says nothing yet.
    pub(crate) fn create(
        dir: &Path,
        keys: OnlineKeys,
        root: &[u8],
        targets: &[u8],
        now: Timestamp,
    ) -> Result<(), RepositoryError> {
        let head = Head {
            root: 1,
            targets: 1,
            status: 0,
            snapshot: 0,
            timestamp: 0,
            timestamp_json: String::new(),
            timestamp_expires: now,
            renew_before: now,
            listed: BTreeMap::new(),
            superseded: Vec::new(),
        };
        let mut new = Self {
            dir: dir.to_owned(),
            keys,
            root: root.to_vec(),
            head,
            _lock: lock(dir)?,
        };
        new.write("metadata/1.root.json", root)?;
        new.write("metadata/1.targets.json", targets)?;
        new.extend(&Pages::new(), 0, now)
    }

    /// Opens the repository of one world, and checks that the keys belong to it.
    pub(crate) fn open(
        dir: &Path,
        keys: OnlineKeys,
        world: World,
    ) -> Result<Self, RepositoryError> {
        let root = read(&dir.join("root.json"), limits::ROOT_BYTES)?;
        let lock = lock(dir)?;
        let head = read(&dir.join("head.json"), HEAD_BYTES)?;
        let damaged = |path: &str| RepositoryError::Damaged {
            path: path.to_owned(),
        };
        let head: Head = serde_json::from_slice(&head).map_err(|_| damaged("head.json"))?;
        let this = Self {
            dir: dir.to_owned(),
            keys,
            root,
            head,
            _lock: lock,
        };

        let first = parse(&this.root).ok_or_else(|| damaged("root.json"))?;
        let founded = first["x-stentor"]["world"].as_str().unwrap_or("no world");
        if founded != world.to_string() {
            return Err(RepositoryError::WrongWorld {
                founded: founded.to_owned(),
                asked: world,
            });
        }
        let root =
            parse(&this.read(&root_path(this.head.root))?).ok_or_else(|| damaged("metadata"))?;
        let targets =
            parse(&this.read(&this.targets_path())?).ok_or_else(|| damaged("metadata"))?;
        let delegated = &targets["delegations"]["roles"][0];
        for (role, key, named) in [
            (
                "timestamp",
                &this.keys.timestamp,
                &root["roles"]["timestamp"],
            ),
            ("snapshot", &this.keys.snapshot, &root["roles"]["snapshot"]),
            ("status", &this.keys.status, delegated),
        ] {
            let id = key.id().to_string();
            let known = named["keyids"]
                .as_array()
                .is_some_and(|ids| ids.iter().any(|i| *i == id));
            if !known {
                return Err(RepositoryError::WrongKey { role });
            }
        }
        Ok(this)
    }

    /// The first trusted root, which readers pin.
    pub(crate) fn root(&self) -> &[u8] {
        &self.root
    }

    pub(crate) fn snapshot_version(&self) -> u64 {
        self.head.snapshot
    }

    pub(crate) fn timestamp_version(&self) -> u64 {
        self.head.timestamp
    }

    /// Until when a reader calls the current word fresh.
    pub(crate) fn fresh_until(&self) -> Timestamp {
        self.head.timestamp_expires
    }

    /// Signs `pages` as all that is current. `seen` is the highest timestamp version found on any mirror.
    pub(crate) fn extend(
        &mut self,
        pages: &Pages,
        seen: u64,
        now: Timestamp,
    ) -> Result<(), RepositoryError> {
        let listed = list(pages)?;
        let renew =
            now.saturating_add(lives::RENEW).unwrap_or(Timestamp::MAX) >= self.head.renew_before;
        if listed == self.head.listed && !renew {
            return self.confirm(seen, now);
        }
        for (path, bytes) in pages {
            self.write(&target_path(path, &listed[path]), bytes)?;
        }
        let mut head = self.head.clone();
        head.status += 1;
        head.snapshot += 1;
        head.renew_before = later(now, lives::SNAPSHOT);
        head.listed = listed;
        let status = metadata::status(
            head.status,
            head.renew_before,
            &head.listed,
            &self.keys.status,
        );
        let targets = self.read(&self.targets_path())?;
        let snapshot = metadata::snapshot(
            head.snapshot,
            head.renew_before,
            metadata::pin(head.targets, &targets),
            metadata::pin(head.status, &status),
            &self.keys.snapshot,
        );
        self.write(&status_path(head.status), &status)?;
        self.write(&snapshot_path(head.snapshot), &snapshot)?;
        head.superseded = self.superseded_by(&head, now);
        self.stamp(head, &snapshot, seen, now)
    }

    /// Signs the timestamp again: what was said still stands.
    pub(crate) fn confirm(&mut self, seen: u64, now: Timestamp) -> Result<(), RepositoryError> {
        let snapshot = self.read(&snapshot_path(self.head.snapshot))?;
        let mut head = self.head.clone();
        head.superseded
            .retain(|s| later(s.after, lives::DELETING) > now);
        self.stamp(head, &snapshot, seen, now)
    }

    fn stamp(
        &mut self,
        mut head: Head,
        snapshot: &[u8],
        seen: u64,
        now: Timestamp,
    ) -> Result<(), RepositoryError> {
        head.timestamp = lives::next_version(head.snapshot, seen.max(self.head.timestamp), now)?;
        head.timestamp_expires = later(now, lives::TIMESTAMP);
        let pin = metadata::pin(head.snapshot, snapshot);
        let signed = metadata::timestamp(
            head.timestamp,
            head.timestamp_expires,
            pin,
            &self.keys.timestamp,
        );
        head.timestamp_json = String::from_utf8_lossy(&signed).into_owned();
        let bytes = serde_json::to_vec(&head)
            .map_err(|e| failed("write", &self.dir.join("head.json"), &e.into()))?;
        self.write("head.json", &bytes)?;
        self.head = head;
        for Superseded { path, .. } in self.deletable(now) {
            // A leftover costs room, nothing else; it is tried again with the next word.
            let _ = std::fs::remove_file(self.dir.join(path));
        }
        Ok(())
    }

    /// What `new` no longer names, with the time from which it may go.
    fn superseded_by(&self, new: &Head, now: Timestamp) -> Vec<Superseded> {
        let old = &self.head;
        let after = later(now, lives::SUPERSEDED);
        let mut gone: Vec<Superseded> = old
            .superseded
            .iter()
            .filter(|s| later(s.after, lives::DELETING) > now)
            .cloned()
            .collect();
        if old.status > 0 {
            gone.push(Superseded {
                path: status_path(old.status),
                after,
            });
            gone.push(Superseded {
                path: snapshot_path(old.snapshot),
                after,
            });
        }
        for (path, target) in &old.listed {
            if new.listed.get(path) != Some(target) {
                gone.push(Superseded {
                    path: target_path(path, target),
                    after,
                });
            }
            if !new.listed.contains_key(path) {
                // A page without a signature must not stand beside signed ones.
                gone.push(Superseded {
                    path: path.clone(),
                    after: now,
                });
            }
        }
        // What came back is not superseded.
        let current: BTreeSet<String> = new
            .listed
            .iter()
            .flat_map(|(path, target)| [path.clone(), target_path(path, target)])
            .collect();
        gone.retain(|s| !current.contains(&s.path));
        gone
    }

    fn deletable(&self, now: Timestamp) -> impl Iterator<Item = &Superseded> {
        self.head.superseded.iter().filter(move |s| s.after <= now)
    }

    /// Everything a mirror should hold.
    pub(crate) fn plan(&self, now: Timestamp) -> Result<Plan, RepositoryError> {
        let file = |path: String| self.read(&path).map(|bytes| File { path, bytes });
        let (mut targets, mut pages) = (Vec::new(), Vec::new());
        for (path, target) in &self.head.listed {
            let stored = file(target_path(path, target))?;
            if Target::of(&stored.bytes) != *target {
                return Err(RepositoryError::Damaged { path: stored.path });
            }
            pages.push(File {
                path: path.clone(),
                bytes: stored.bytes.clone(),
            });
            targets.push(stored);
        }
        let mut roles = (1..=self.head.root)
            .map(|n| file(root_path(n)))
            .collect::<Result<Vec<_>, _>>()?;
        roles.push(file(self.targets_path())?);
        roles.push(file(status_path(self.head.status))?);
        let snapshot = file(snapshot_path(self.head.snapshot))?;
        let timestamp = File {
            path: TIMESTAMP.into(),
            bytes: self.head.timestamp_json.clone().into_bytes(),
        };
        Ok(Plan {
            steps: [targets, roles, vec![snapshot], vec![timestamp], pages],
            delete: self.deletable(now).map(|s| s.path.clone()).collect(),
            timestamp: self.head.timestamp,
        })
    }

    fn targets_path(&self) -> String {
        format!("metadata/{}.targets.json", self.head.targets)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, RepositoryError> {
        read(&self.dir.join(path), limits::METADATA_BYTES)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), RepositoryError> {
        let path = self.dir.join(path);
        // Files named by version or hash are written again only if a crash left them unfinished or different.
        if files::read(&path, bytes.len() as u64).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        files::replace(&path, bytes, files::PUBLIC).map_err(|e| failed("write", &path, &e))
    }
}

/// The lock goes with the process, however it ends.
fn lock(dir: &Path) -> Result<OpenFile, RepositoryError> {
    let path = dir.join("lock");
    let open = || {
        std::fs::create_dir_all(dir)?;
        OpenFile::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
    };
    let file = open().map_err(|e| failed("write", &path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(RepositoryError::InUse {
            path: dir.display().to_string(),
        }),
        Err(std::fs::TryLockError::Error(e)) => Err(failed("write", &path, &e)),
    }
}

fn list(pages: &Pages) -> Result<BTreeMap<String, Target>, RepositoryError> {
    let allowed = |path: &str| {
        safe_path(path)
            && STATUS_PATHS
                .iter()
                .any(|pattern| match pattern.strip_suffix('*') {
                    Some(dir) => path
                        .strip_prefix(dir)
                        .is_some_and(|name| !name.contains('/')),
                    None => *pattern == path,
                })
    };
    let entry = |(path, bytes): (&String, &Vec<u8>)| {
        if !allowed(path) || bytes.len() as u64 > limits::TARGET_BYTES {
            return Err(RepositoryError::Page { path: path.clone() });
        }
        Ok((path.clone(), Target::of(bytes)))
    };
    pages.iter().map(entry).collect()
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn root_path(version: u64) -> String {
    format!("metadata/{version}.root.json")
}

fn status_path(version: u64) -> String {
    format!("metadata/{version}.status.json")
}

fn snapshot_path(version: u64) -> String {
    format!("metadata/{version}.snapshot.json")
}

/// Where a target lies with consistent snapshots: its hash before its name.
fn target_path(path: &str, target: &Target) -> String {
    match path.rsplit_once('/') {
        Some((dir, name)) => format!("targets/{dir}/{}.{name}", target.sha256),
        None => format!("targets/{}.{path}", target.sha256),
    }
}

fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes)
        .ok()
        .map(|mut file| file["signed"].take())
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, RepositoryError> {
    files::read(path, limit).map_err(|e| failed("read", path, &e))
}

fn failed(what: &'static str, path: &Path, why: &std::io::Error) -> RepositoryError {
    RepositoryError::Io {
        what,
        path: path.display().to_string(),
        why: why.to_string(),
    }
}
