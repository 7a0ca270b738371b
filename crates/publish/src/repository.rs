//! The writer's own copy of what was signed last: the authority, of which mirrors are copies.
//!
//! Files are written before the head names them, the head is replaced at once, and mirrors see only what the head
//! names. So a version number is never used for two different contents, whenever we are killed.

mod error;
mod install;
mod speak;

pub use error::RepositoryError;
pub(crate) use install::{leave, online_authority};
pub(crate) use speak::listed_now;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use stentor_domain::world::World;
use stentor_verify::limits;

use crate::adopt::Copy;
use crate::delegations::{Delegations, STATUS, Sorted};
use crate::files;
use crate::folder::{Folder, damaged, failed};
use crate::head::{Head, Listed, listed, role_path, target_path};
use crate::keys::{OnlineKeys, SecretKey, SingleKey};
use crate::lives::{self, later};
use crate::metadata::{self, Target};
use crate::plan::{File, Known, Plan, TIMESTAMP};
use crate::spool;
use crate::waiting::Waiting;
use speak::Spoken;

const HEAD: &str = "head.json";
const HEAD_BYTES: u64 = 64_000_000;

/// Files by path.
pub(crate) type Pages = BTreeMap<String, Vec<u8>>;

/// Pages and what stands for each where it is signed. Hashed once: there may be thousands.
#[derive(Default)]
pub(crate) struct Hashed {
    pub(crate) pages: Pages,
    pub(crate) listed: Listed,
}

impl From<Pages> for Hashed {
    fn from(pages: Pages) -> Self {
        let target = |(path, bytes): (&String, &Vec<u8>)| (path.clone(), Target::of(bytes));
        let listed = pages.iter().map(target).collect();
        Self { pages, listed }
    }
}

/// The root and the targets that are in force in the folder of a repository, whoever has it open.
pub(crate) fn in_force(dir: &Path) -> Result<(Vec<u8>, Vec<u8>), RepositoryError> {
    let head = read_head(dir)?;
    let read = |path: String| read(&dir.join(path), limits::METADATA_BYTES);
    Ok((read(head.root_path())?, read(head.targets_path())?))
}

/// The root that readers pin.
pub(crate) fn first_root(dir: &Path) -> Result<Vec<u8>, RepositoryError> {
    read(&dir.join("root.json"), limits::ROOT_BYTES)
}

pub(crate) fn read_head(dir: &Path) -> Result<Head, RepositoryError> {
    let head = read(&dir.join(HEAD), HEAD_BYTES)?;
    Head::read(&head).ok_or_else(|| damaged(HEAD))
}

/// What was seen on mirrors before something is signed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// The highest timestamp version.
    pub(crate) timestamp: u64,
    /// Up to this snapshot others may have signed too: what is signed next gets a number of its own.
    pub(crate) settled: u64,
}

/// The repository and the keys to extend it.
#[derive(Debug)]
pub(crate) struct Repository {
    folder: Folder,
    keys: OnlineKeys,
    root: Vec<u8>,
    head: Arc<Head>,
    /// What nobody signed yet who may speak.
    waiting: Option<Waiting>,
    /// Why the signature that came last was not taken.
    refused: Option<String>,
    /// A change of keys waits for such a signature.
    held: bool,
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
            folder: Folder::take(dir)?,
            keys,
            root: root.to_vec(),
            head: Arc::new(head),
            waiting: None,
            refused: None,
            held: false,
        };
        new.folder.write(&new.head.root_path(), root)?;
        new.folder.write(&new.head.targets_path(), targets)?;
        new.extend(&Hashed::default(), Seen::default(), now)?;
        Ok(())
    }

    /// Opens the repository of one world, and checks that the keys belong to it.
    pub(crate) fn open(
        dir: &Path,
        keys: OnlineKeys,
        world: World,
    ) -> Result<Self, RepositoryError> {
        let folder = Folder::take(dir)?;
        let root = first_root(dir)?;
        let head = folder.read(HEAD, HEAD_BYTES)?;
        let mut head = Head::read(&head).ok_or_else(|| damaged(HEAD))?;
        for (name, role) in &mut head.roles {
            let path = role_path(name, role.version);
            let expected = head.metadata.get(&path).ok_or_else(|| damaged(HEAD))?;
            let signed = parse(&folder.checked(&path, expected)?).ok_or_else(|| damaged(&path))?;
            role.listed = Arc::new(listed(&signed["targets"]));
        }
        let mut this = Self {
            folder,
            keys,
            root,
            head: Arc::new(head),
            // What cannot be read is prepared anew.
            waiting: Waiting::load(dir).unwrap_or_default(),
            refused: None,
            held: false,
        };
        this.of_world(world)?;
        this.settle_keys()?;
        // On a new machine the keys are those that the waiting change names; nothing is signed before it is in force.
        if !this.has_change() {
            this.of_these_keys()?;
        }
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
        let root = self.signed(&self.head.root_path())?;
        let named = |role: &str, id: String| {
            let ids = root["roles"][role]["keyids"].as_array();
            ids.is_some_and(|ids| ids.iter().any(|i| *i == id))
        };
        let status = self.delegations()?.names().any(|name| name == STATUS);
        for (role, ours) in [
            (
                "timestamp",
                named("timestamp", self.keys.timestamp.id().to_string()),
            ),
            (
                "snapshot",
                named("snapshot", self.keys.snapshot.id().to_string()),
            ),
            (STATUS, status),
        ] {
            if !ours {
                return Err(RepositoryError::WrongKey { role });
            }
        }
        Ok(())
    }

    fn delegations(&self) -> Result<Delegations, RepositoryError> {
        let targets = self.signed(&self.head.targets_path())?;
        Ok(Delegations::of(
            &targets,
            self.keys.status.as_ref().map(SecretKey::id).as_ref(),
        ))
    }

    /// The first trusted root, which readers pin.
    pub(crate) fn root(&self) -> &[u8] {
        &self.root
    }

    /// The key for signatures of single files, if there is one.
    pub(crate) fn single_key(&self) -> Option<&SingleKey> {
        self.keys.minisign.as_ref()
    }

    /// Reads that key anew from the online folder; one that cannot be read is left as it was.
    pub(crate) fn take_single_key(&mut self, online: &Path) {
        if let Ok(key) = SingleKey::load(online) {
            self.keys.minisign = key;
        }
    }

    /// Versions and lives of what is current.
    pub(crate) fn head(&self) -> &Arc<Head> {
        &self.head
    }

    /// Keeps authorised pages before anybody is asked anything.
    pub(crate) fn spool(&self, hashed: &Hashed) -> Result<(), RepositoryError> {
        // What can never be signed must not come back after each start.
        self.delegations()?.sort(&hashed.listed)?;
        spool::keep(&self.folder, &self.head, hashed)
    }

    /// The pages that were authorised last.
    pub(crate) fn spooled(&self) -> Option<Pages> {
        spool::kept(&self.folder)
    }

    /// Signs `pages` as all that is current; pages of a year join those that were said in it. Answers with the pages of
    /// years to which nothing was delegated.
    pub(crate) fn extend(
        &mut self,
        hashed: &Hashed,
        seen: Seen,
        now: Timestamp,
    ) -> Result<Vec<String>, RepositoryError> {
        let delegations = self.delegations()?;
        let Sorted { roles, left_out } = delegations.sort(&hashed.listed)?;
        self.sign(&delegations, Some(roles), &hashed.pages, seen, now)?;
        Ok(left_out)
    }

    /// Signs the timestamp again: what was said still stands. What else grows old is signed again too, or readers would
    /// call the word stale in the end, however often its time is signed.
    pub(crate) fn confirm(&mut self, seen: Seen, now: Timestamp) -> Result<(), RepositoryError> {
        if self.head.snapshot <= seen.settled || self.grows_old(now) {
            let delegations = self.delegations()?;
            return self.sign(&delegations, None, &Pages::new(), seen, now);
        }
        self.stand(seen, now)
    }

    fn grows_old(&self, now: Timestamp) -> bool {
        let near = |end: Timestamp, renew| later(now, renew) >= end;
        let mut roles = self.head.roles.iter();
        near(self.head.snapshot_expires, lives::RENEW)
            || roles.any(|(name, role)| near(role.expires, lives::of_role(name).1))
    }

    /// Signs the timestamp again, and nothing else.
    fn stand(&mut self, seen: Seen, now: Timestamp) -> Result<(), RepositoryError> {
        let snapshot = self.current(&self.head.snapshot_path())?;
        let mut head = Head::clone(&self.head);
        head.forget(now);
        self.stamp(head, &snapshot, seen, now)
    }

    /// Signs what was `said`, or else what stands, as far as it is new or grows old.
    fn sign(
        &mut self,
        delegations: &Delegations,
        mut said: Option<BTreeMap<String, Listed>>,
        pages: &Pages,
        seen: Seen,
        now: Timestamp,
    ) -> Result<(), RepositoryError> {
        let mut due = Vec::new();
        for name in delegations.names() {
            let said = said
                .as_mut()
                .map(|said| said.remove(name).unwrap_or_default());
            if let Some(role) = self.role(name, said, now) {
                due.push((name.to_owned(), role));
            }
        }
        let targets = self.signed(&self.head.targets_path())?;
        let mut head = Head::clone(&self.head);
        let mut signed = Vec::new();
        for Spoken { name, role, bytes } in self.speak(due, &targets, now)? {
            let path = role_path(&name, role.version);
            if let Some(old) = self.head.roles.get(&name) {
                head.metadata.remove(&role_path(&name, old.version));
            }
            head.metadata.insert(path.clone(), Target::of(&bytes));
            head.roles.insert(name, role);
            signed.push((path, bytes));
        }
        let renew = later(now, lives::RENEW) >= self.head.snapshot_expires;
        // Where a wrong clock has gone too far ahead for a confirmation, a new snapshot outranks it.
        let highest = seen.timestamp.max(head.timestamp);
        let confirmable = head.snapshot > seen.settled
            && lives::next_version(head.snapshot, highest, now).is_ok();
        if signed.is_empty() && !renew && confirmable {
            return self.stand(seen, now);
        }
        head.metadata.remove(&head.snapshot_path());
        head.snapshot += 1;
        head.snapshot_expires = later(now, lives::SNAPSHOT);
        let snapshot = metadata::snapshot(
            head.snapshot,
            head.snapshot_expires,
            &head.pins(),
            &self.keys.snapshot,
        );
        head.metadata
            .insert(head.snapshot_path(), Target::of(&snapshot));
        head.supersede(&self.head, now);
        self.write_pages(pages, &head)?;
        for (path, bytes) in &signed {
            self.folder.write(path, bytes)?;
        }
        self.folder.write(&head.snapshot_path(), &snapshot)?;
        self.stamp(head, &snapshot, seen, now)?;
        if !signed.is_empty() && !self.held {
            self.nothing_waits();
        }
        Ok(())
    }

    /// Writes the pages that `head` lists and the one before did not.
    fn write_pages(&self, pages: &Pages, head: &Head) -> Result<(), RepositoryError> {
        for (name, role) in &head.roles {
            for (path, target) in role.missing_from(self.head.roles.get(name)) {
                if let Some(bytes) = pages.get(path) {
                    self.folder.write(&target_path(path, target), bytes)?;
                }
            }
        }
        Ok(())
    }

    fn stamp(
        &mut self,
        mut head: Head,
        snapshot: &[u8],
        seen: Seen,
        now: Timestamp,
    ) -> Result<(), RepositoryError> {
        let highest = seen.timestamp.max(self.head.timestamp);
        head.timestamp = lives::next_version(head.snapshot, highest, now)?;
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
        let wanted = self.waiting_places();
        let gone = self.head.deletable(now);
        for gone in gone.filter(|gone| !wanted.contains(&gone.path)) {
            self.folder.remove(&gone.path);
        }
        Ok(())
    }

    /// The moment from which `head` is what we said.
    fn replace_head(&mut self, head: Head) -> Result<(), RepositoryError> {
        let bytes = serde_json::to_vec(&head).map_err(|e| RepositoryError::Io {
            what: "write",
            path: HEAD.to_owned(),
            why: e.to_string(),
        })?;
        self.folder.write(HEAD, &bytes)?;
        self.head = Arc::new(head);
        Ok(())
    }

    /// Goes on from a verified copy of a mirror, if it is newer than ours.
    pub(crate) fn adopt(&mut self, copy: Copy, now: Timestamp) -> Result<bool, RepositoryError> {
        let Copy { mut head, files } = copy;
        if head.timestamp <= self.head.timestamp {
            return Ok(false);
        }
        for File { path, bytes } in files {
            self.folder.write(&path, &bytes)?;
        }
        spool::forget(&self.folder)?;
        head.supersede(&self.head, now);
        self.replace_head(head)?;
        Ok(true)
    }

    /// What is to be done so that a mirror of which this is known holds everything that is current.
    pub(crate) fn plan(
        &self,
        known: Option<&Known>,
        now: Timestamp,
    ) -> Result<Plan, RepositoryError> {
        let head = &self.head;
        let (mut targets, mut pages) = (Vec::new(), Vec::new());
        for (name, role) in &head.roles {
            let there = known.and_then(|known| known.head.roles.get(name));
            for (path, target) in role.missing_from(there) {
                let place = target_path(path, target);
                let target = File::new(&place, self.folder.checked(&place, target)?);
                pages.push(File {
                    path: path.clone(),
                    bytes: Arc::clone(&target.bytes),
                });
                targets.push(target);
            }
        }
        let mut plan = self.metadata_plan(known)?;
        plan.steps[0] = targets;
        plan.steps[4] = pages;
        plan.delete = head
            .deletable(now)
            .filter(|s| known.is_none_or(|k| s.after > k.at || !k.head.superseded.contains(s)))
            .map(|s| s.path.clone())
            .collect();
        Ok(plan)
    }

    /// All that is signed, without the pages.
    pub(crate) fn metadata_plan(&self, known: Option<&Known>) -> Result<Plan, RepositoryError> {
        let head = &self.head;
        let (mut roles, mut snapshot, mut there) = (Vec::new(), Vec::new(), Vec::new());
        for (path, target) in &head.metadata {
            let file = File::new(path, self.current(path)?);
            if known.is_some_and(|k| k.head.metadata.get(path) == Some(target)) {
                there.push(file);
            } else if *path == head.snapshot_path() {
                snapshot.push(file);
            } else {
                roles.push(file);
            }
        }
        let timestamp = File::new(TIMESTAMP, head.timestamp_json.clone().into_bytes());
        let named = head.metadata.get(&head.snapshot_path());
        Ok(Plan {
            steps: [Vec::new(), roles, snapshot, vec![timestamp], Vec::new()],
            timestamp: head.timestamp,
            snapshot: named.map(|t| t.sha256.clone()).unwrap_or_default(),
            known: there,
            whole: known.is_none(),
            ..Plan::default()
        })
    }

    /// A metadata file that the head names, unchanged.
    fn current(&self, path: &str) -> Result<Vec<u8>, RepositoryError> {
        let expected = self.head.metadata.get(path).ok_or_else(|| damaged(HEAD))?;
        self.folder.checked(path, expected)
    }

    /// The signed part of a metadata file that the head names.
    fn signed(&self, path: &str) -> Result<Value, RepositoryError> {
        parse(&self.current(path)?).ok_or_else(|| damaged(path))
    }
}

pub(crate) fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes)
        .ok()
        .map(|mut file| file["signed"].take())
}

/// A file of a repository that somebody else may have open.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, RepositoryError> {
    files::read(path, limit).map_err(|e| failed("read", path, &e))
}
