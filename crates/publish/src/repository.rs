//! The writer's own copy of what was signed last: the authority, of which mirrors are copies.
//!
//! Files are written before the head names them, the head is replaced at once, and mirrors see only what the head
//! names. So a version number is never used for two different contents, whenever we are killed.

use std::collections::BTreeMap;
use std::fs::File as OpenFile;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use stentor_domain::world::World;
use stentor_verify::{limits, safe_path};

use crate::adopt::Copy;
use crate::files;
use crate::head::{Head, target_path};
use crate::keys::OnlineKeys;
use crate::lives::{self, ClockBehind, later};
use crate::metadata::{self, STATUS_PATHS, Target};
use crate::plan::{File, Plan, TIMESTAMP};

const HEAD: &str = "head.json";
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
    /// The runtime stopped before the work was done.
    #[error("stopped before the repository was written")]
    Stopped,
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
        let mut head = Head::founded(BTreeMap::new(), now);
        head.metadata.insert(head.root_path(), Target::of(root));
        head.metadata
            .insert(head.targets_path(), Target::of(targets));
        let mut new = Self {
            dir: dir.to_owned(),
            keys,
            root: root.to_vec(),
            head,
            _lock: lock(dir)?,
        };
        new.write(&new.head.root_path(), root)?;
        new.write(&new.head.targets_path(), targets)?;
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
        let head = read(&dir.join(HEAD), HEAD_BYTES)?;
        let head: Head = serde_json::from_slice(&head).map_err(|_| damaged(HEAD))?;
        let this = Self {
            dir: dir.to_owned(),
            keys,
            root,
            head,
            _lock: lock,
        };
        this.of_world(world)?;
        this.of_these_keys()?;
        Ok(this)
    }

    fn of_world(&self, asked: World) -> Result<(), RepositoryError> {
        let first = parse(&self.root).ok_or_else(|| damaged("root.json"))?;
        let founded = first["x-stentor"]["world"].as_str().unwrap_or("no world");
        if founded == asked.to_string() {
            Ok(())
        } else {
            Err(RepositoryError::WrongWorld {
                founded: founded.to_owned(),
                asked,
            })
        }
    }

    fn of_these_keys(&self) -> Result<(), RepositoryError> {
        let signed = |path: String| parse(&self.current(&path)?).ok_or_else(|| damaged(&path));
        let root = signed(self.head.root_path())?;
        let targets = signed(self.head.targets_path())?;
        for (role, key, named) in [
            (
                "timestamp",
                &self.keys.timestamp,
                &root["roles"]["timestamp"],
            ),
            ("snapshot", &self.keys.snapshot, &root["roles"]["snapshot"]),
            (
                "status",
                &self.keys.status,
                &targets["delegations"]["roles"][0],
            ),
        ] {
            let id = key.id().to_string();
            if !named["keyids"]
                .as_array()
                .is_some_and(|ids| ids.iter().any(|i| *i == id))
            {
                return Err(RepositoryError::WrongKey { role });
            }
        }
        Ok(())
    }

    /// The first trusted root, which readers pin.
    pub(crate) fn root(&self) -> &[u8] {
        &self.root
    }

    /// Versions and lives of what is current.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Signs `pages` as all that is current. `seen` is the highest timestamp version found on any mirror.
    pub(crate) fn extend(
        &mut self,
        pages: &Pages,
        seen: u64,
        now: Timestamp,
    ) -> Result<(), RepositoryError> {
        let listed = list(pages)?;
        let renew = later(now, lives::RENEW) >= self.head.status_expires;
        if listed == self.head.listed && !renew {
            return self.confirm(seen, now);
        }
        let mut head = self.head.clone();
        head.metadata.remove(&head.status_path());
        head.metadata.remove(&head.snapshot_path());
        head.status += 1;
        head.snapshot += 1;
        head.status_expires = later(now, lives::SNAPSHOT);
        head.listed = listed;
        let targets = self.current(&head.targets_path())?;
        let status = metadata::status(
            head.status,
            head.status_expires,
            &head.listed,
            &self.keys.status,
        );
        let snapshot = metadata::snapshot(
            head.snapshot,
            head.status_expires,
            metadata::pin(head.targets, &targets),
            metadata::pin(head.status, &status),
            &self.keys.snapshot,
        );
        head.metadata
            .insert(head.status_path(), Target::of(&status));
        head.metadata
            .insert(head.snapshot_path(), Target::of(&snapshot));
        head.supersede(&self.head, now);
        for (path, bytes) in pages {
            self.write(&target_path(path, &head.listed[path]), bytes)?;
        }
        self.write(&head.status_path(), &status)?;
        self.write(&head.snapshot_path(), &snapshot)?;
        self.stamp(head, &snapshot, seen, now)
    }

    /// Signs the timestamp again: what was said still stands.
    pub(crate) fn confirm(&mut self, seen: u64, now: Timestamp) -> Result<(), RepositoryError> {
        let snapshot = self.current(&self.head.snapshot_path())?;
        let mut head = self.head.clone();
        head.forget(now);
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
        self.replace_head(head)?;
        for path in self.head.deletable(now) {
            // A leftover costs room, nothing else; it is tried again with the next word.
            let _ = std::fs::remove_file(self.dir.join(path));
        }
        Ok(())
    }

    /// The moment from which `head` is what we said.
    fn replace_head(&mut self, head: Head) -> Result<(), RepositoryError> {
        let bytes = serde_json::to_vec(&head)
            .map_err(|e| failed("write", &self.dir.join(HEAD), &e.into()))?;
        self.write(HEAD, &bytes)?;
        self.head = head;
        Ok(())
    }

    /// Goes on from a verified copy of a mirror, if it is newer than ours.
    pub(crate) fn adopt(&mut self, copy: Copy, now: Timestamp) -> Result<bool, RepositoryError> {
        let Copy { mut head, files } = copy;
        if head.timestamp <= self.head.timestamp {
            return Ok(false);
        }
        for File { path, bytes } in files {
            self.write(&path, &bytes)?;
        }
        head.supersede(&self.head, now);
        self.replace_head(head)?;
        Ok(true)
    }

    /// Everything a mirror should hold.
    pub(crate) fn plan(&self, now: Timestamp) -> Result<Plan, RepositoryError> {
        let head = &self.head;
        let (mut targets, mut pages) = (Vec::new(), Vec::new());
        for (path, target) in &head.listed {
            let place = target_path(path, target);
            let bytes = self.checked(&place, target)?;
            pages.push(File {
                path: path.clone(),
                bytes: bytes.clone(),
            });
            targets.push(File { path: place, bytes });
        }
        let mut roles = Vec::new();
        for path in head
            .metadata
            .keys()
            .filter(|path| **path != head.snapshot_path())
        {
            roles.push(File {
                path: path.clone(),
                bytes: self.current(path)?,
            });
        }
        let snapshot = File {
            bytes: self.current(&head.snapshot_path())?,
            path: head.snapshot_path(),
        };
        let timestamp = File {
            path: TIMESTAMP.into(),
            bytes: head.timestamp_json.clone().into_bytes(),
        };
        Ok(Plan {
            steps: [targets, roles, vec![snapshot], vec![timestamp], pages],
            delete: head.deletable(now).map(str::to_owned).collect(),
            timestamp: head.timestamp,
        })
    }

    /// A metadata file that the head names, unchanged.
    fn current(&self, path: &str) -> Result<Vec<u8>, RepositoryError> {
        let expected = self.head.metadata.get(path).ok_or_else(|| damaged(HEAD))?;
        self.checked(path, expected)
    }

    /// What we would sign for or push must be what we signed: damage on our disk must not become the word.
    fn checked(&self, path: &str, expected: &Target) -> Result<Vec<u8>, RepositoryError> {
        let bytes = read(&self.dir.join(path), limits::METADATA_BYTES)?;
        if Target::of(&bytes) == *expected {
            Ok(bytes)
        } else {
            Err(damaged(path))
        }
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

/// A program that this process is just starting holds our lock for the moment between fork and exec, also after we let
/// it go: so a lock that is held is looked at again.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

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
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(std::fs::TryLockError::Error(e)) => return Err(failed("write", &path, &e)),
        }
    }
    Err(RepositoryError::InUse {
        path: dir.display().to_string(),
    })
}

fn list(pages: &Pages) -> Result<BTreeMap<String, Target>, RepositoryError> {
    let allowed = |path: &str| {
        // A root beside the pages would be taken for the one to pin.
        safe_path(path)
            && path != "root.json"
            && STATUS_PATHS.iter().any(|pattern| {
                // A star stands for one part of a path.
                let (parts, ours) = (pattern.split('/'), path.split('/'));
                parts.clone().count() == ours.clone().count()
                    && parts
                        .zip(ours)
                        .all(|(part, our)| part == "*" || part == our)
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

fn damaged(path: &str) -> RepositoryError {
    RepositoryError::Damaged {
        path: path.to_owned(),
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
