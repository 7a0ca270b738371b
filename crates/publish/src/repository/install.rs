//! Putting a change of keys in force.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::speak::Spoken;
use super::{Repository, RepositoryError, Seen, parse, read};
use crate::ceremony::{Authority, Ceremony, Document};
use crate::delegations::{Delegations, STATUS};
use crate::files;
use crate::folder::{damaged, failed};
use crate::head::{Head, Role, role_path};
use crate::keys::{OnlineKeys, SecretKey};
use crate::lives::{self, later};
use crate::metadata::{self, Target};

/// A finished change that waits for whoever has the repository open.
const NEXT: &str = "next.json";
const REFUSED: &str = "next.refused.json";
const NEXT_BYTES: u64 = 8_000_000;

/// Leaves a finished change for whoever has the repository open, or will.
pub(crate) fn leave(dir: &Path, ceremony: &str) -> Result<(), RepositoryError> {
    let path = dir.join(NEXT);
    files::replace(&path, ceremony.as_bytes(), files::PRIVATE)
        .map_err(|e| failed("write", &path, &e))
}

impl Repository {
    /// Whether there is a change to put in force. One that is held until somebody signs is none until they did.
    pub(crate) fn has_change(&self) -> bool {
        self.folder.path(NEXT).exists() && (!self.held || self.has_signature())
    }

    /// Whether a change of keys waits for a signature.
    pub(crate) fn is_held(&self) -> bool {
        self.held
    }

    /// Goes on from a much higher snapshot version, as a thief would.
    #[cfg(test)]
    pub(crate) fn fast_forward(&mut self, by: u64) {
        let head = Arc::make_mut(&mut self.head);
        head.metadata.remove(&head.snapshot_path());
        head.snapshot += by;
    }

    /// The root in force.
    pub(crate) fn current_root(&self) -> Result<Vec<u8>, RepositoryError> {
        self.current(&self.head.root_path())
    }

    /// Puts the change that waits in force, if there is one. It counts from the moment at which the head names it; what
    /// comes before can be repeated, and what comes after is repeated until it is done.
    ///
    /// # Errors
    /// [`RepositoryError::Change`] if the change is not what our root allows; then it is set aside.
    pub(crate) fn put_in_force(
        &mut self,
        online: &Path,
        now: Timestamp,
    ) -> Result<bool, RepositoryError> {
        let path = self.folder.path(NEXT);
        if !path.exists() {
            return Ok(false);
        }
        let text = read(&path, NEXT_BYTES)?;
        let prepared = self.prepare(&String::from_utf8_lossy(&text), online, now);
        let (ceremony, keys) = match prepared {
            Ok(prepared) => prepared,
            Err(why) => {
                std::fs::rename(&path, self.folder.path(REFUSED))
                    .map_err(|e| failed("write", &path, &e))?;
                self.held = false;
                self.settle_keys()?;
                self.of_these_keys()?;
                return Err(RepositoryError::Change {
                    path: REFUSED.to_owned(),
                    why,
                });
            }
        };
        let (root, targets) = ceremony.versions();
        if root > self.head.root || targets > self.head.targets {
            let Some(spoken) = self.spoken_anew(&ceremony, &keys, now)? else {
                // Until somebody who may still speak has signed what stands, nobody could read it.
                self.held = true;
                return Ok(false);
            };
            self.install(&ceremony, keys, spoken, now)?;
        }
        self.held = false;
        ceremony
            .names()
            .save(self.folder.dir())
            .map_err(|e| failed("write", self.folder.dir(), &e))?;
        self.keys.tidy(online)?;
        std::fs::remove_file(&path).map_err(|e| failed("remove", &path, &e))?;
        Ok(true)
    }

    /// Checks a change against what is in force, and finds the keys that it names.
    fn prepare(
        &self,
        text: &str,
        online: &Path,
        now: Timestamp,
    ) -> Result<(Ceremony, OnlineKeys), String> {
        let ceremony = Ceremony::from_request(text).map_err(|e| e.to_string())?;
        let targets = self.current(&self.head.targets_path());
        let in_force = (
            self.current_root().map_err(|e| e.to_string())?,
            targets.map_err(|e| e.to_string())?,
        );
        ceremony
            .allowed(&in_force, now)
            .map_err(|e| e.to_string())?;
        let mut keys = OnlineKeys::load(online).map_err(|e| e.to_string())?;
        ceremony.settle(&mut keys).map_err(|e| e.to_string())?;
        Ok((ceremony, keys))
    }

    /// What stands, signed by those who may speak from now on. `None` while their signature is waited for.
    fn spoken_anew(
        &mut self,
        ceremony: &Ceremony,
        keys: &OnlineKeys,
        now: Timestamp,
    ) -> Result<Option<Vec<Spoken>>, RepositoryError> {
        let targets = match ceremony.file("targets") {
            Some(targets) => targets,
            None => self.current(&self.head.targets_path())?,
        };
        let targets = parse(&targets).ok_or_else(|| damaged(&self.head.targets_path()))?;
        let id = keys.status.as_ref().map(SecretKey::id);
        let mut roles = Vec::new();
        for name in Delegations::of(&targets, id.as_ref()).names() {
            // Who speaks here signs all anew: what an old key signed counts no longer.
            if keys.status.is_none() && self.still_counts(name, &targets) {
                continue;
            }
            let old = self.head.roles.get(name);
            let role = Role {
                version: old.map_or(0, |old| old.version) + 1,
                expires: later(now, lives::of_role(name).0),
                listed: old.map(|old| Arc::clone(&old.listed)).unwrap_or_default(),
            };
            roles.push((name.to_owned(), role));
        }
        if let Some(key) = &keys.status {
            let signed = roles.into_iter().map(|role| Spoken::with(key, role));
            return Ok(Some(signed.collect()));
        }
        if roles.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let spoken = self.spoken_by_others(roles, &targets, now)?;
        Ok((!spoken.is_empty()).then_some(spoken))
    }

    /// Whether a role as it was signed last is good under other targets too.
    fn still_counts(&self, name: &str, targets: &Value) -> bool {
        let document = || {
            let role = self.head.roles.get(name)?;
            Document::parse(&self.current(&role_path(name, role.version)).ok()?)
        };
        let authority = Authority::of_delegation(targets, name);
        authority.is_some_and(|who| document().is_some_and(|signed| who.is_met(&signed)))
    }

    fn install(
        &mut self,
        ceremony: &Ceremony,
        keys: OnlineKeys,
        spoken: Vec<Spoken>,
        now: Timestamp,
    ) -> Result<(), RepositoryError> {
        let mut head = Head::clone(&self.head);
        let mut files = Vec::new();
        if let Some(root) = ceremony.file("root") {
            head.root += 1;
            files.push((head.root_path(), root));
        }
        if let Some(targets) = ceremony.file("targets") {
            head.metadata.remove(&head.targets_path());
            head.targets += 1;
            files.push((head.targets_path(), targets));
        }
        let asked = !spoken.is_empty();
        for Spoken { name, role, bytes } in spoken {
            if let Some(old) = self.head.roles.get(&name) {
                head.metadata.remove(&role_path(&name, old.version));
            }
            files.push((role_path(&name, role.version), bytes));
            head.roles.insert(name, role);
        }
        for (path, bytes) in &files {
            head.metadata.insert(path.clone(), Target::of(bytes));
        }
        head.metadata.remove(&head.snapshot_path());
        head.snapshot += 1;
        head.snapshot_expires = later(now, lives::SNAPSHOT);
        let snapshot = metadata::snapshot(
            head.snapshot,
            head.snapshot_expires,
            &head.pins(),
            &keys.snapshot,
        );
        head.metadata
            .insert(head.snapshot_path(), Target::of(&snapshot));
        files.push((head.snapshot_path(), snapshot.clone()));
        for (path, bytes) in &files {
            self.folder.write(path, bytes)?;
        }
        head.supersede(&self.head, now);
        let before = std::mem::replace(&mut self.keys, keys);
        let stamped = self.stamp(head, &snapshot, Seen::default(), now);
        if stamped.is_err() {
            self.keys = before;
        } else if asked {
            self.nothing_waits();
        }
        stamped
    }

    /// Takes into use the keys that are named, of all that lie in the folder.
    pub(super) fn settle_keys(&mut self) -> Result<(), RepositoryError> {
        let signed = |path: String| parse(&self.current(&path)?).ok_or_else(|| damaged(&path));
        let root = signed(self.head.root_path())?;
        let targets = signed(self.head.targets_path())?;
        self.keys.settle(|role, id| {
            online_authority(&root, &targets, role).is_some_and(|a| a.names(id))
        });
        let who = online_authority(&root, &targets, STATUS);
        let counts = |key: &SecretKey| who.as_ref().is_some_and(|who| who.names(&key.id()));
        // A key that counts no longer says nothing; one that is about to count waits for the change that names it.
        if !self.has_change() && !self.keys.status.as_ref().is_some_and(counts) {
            self.keys.status = None;
        }
        Ok(())
    }
}

/// Who may sign for a role whose key a server has.
pub(crate) fn online_authority(root: &Value, targets: &Value, role: &str) -> Option<Authority> {
    match role {
        "status" => Authority::of_delegation(targets, role),
        _ => Authority::of_role(root, role),
    }
}
