//! Signing what is said: with the key of this machine, or with a signature that somebody gave for exactly that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{Repository, RepositoryError, parse};
use crate::ceremony::{Authority, Names};
use crate::delegations::STATUS;
use crate::files;
use crate::folder::damaged;
use crate::head::{Listed, Role, listed};
use crate::keys::SecretKey;
use crate::lives::{self, later};
use crate::metadata::{self, Target};
use crate::waiting::{self, Prepared, Waiting, Waits, Whose, signature_file};

/// A signature that was left here is far smaller, in bytes.
const SIGNATURE_BYTES: u64 = 64_000;
/// The page that says when it was written.
const DATED: &str = "status.json";

/// A delegated role, signed.
pub(super) struct Spoken {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) bytes: Vec<u8>,
}

impl Spoken {
    pub(super) fn with(key: &SecretKey, (name, role): (String, Role)) -> Self {
        let signed = metadata::delegated(role.version, role.expires, &role.listed);
        let bytes = metadata::sign(&signed, key);
        Self { name, role, bytes }
    }
}

impl Repository {
    /// A role that says what was `said`, if it says something new or grows old.
    pub(super) fn role(&self, name: &str, said: Option<Listed>, now: Timestamp) -> Option<Role> {
        let (life, renew) = lives::of_role(name);
        let old = self.head.roles.get(name);
        let known = |(path, target): (&String, &Target)| {
            old.is_some_and(|old| old.listed.get(path) == Some(target))
        };
        // The present is all that is said now. Nothing vanishes from a year.
        let listed = match (old, said) {
            (Some(old), None) => Arc::clone(&old.listed),
            (Some(old), Some(said)) if name == STATUS && *old.listed == said => {
                Arc::clone(&old.listed)
            }
            (Some(old), Some(said)) if name != STATUS && said.iter().all(known) => {
                Arc::clone(&old.listed)
            }
            (Some(old), Some(said)) if name != STATUS => {
                let mut all = Listed::clone(&old.listed);
                all.extend(said);
                Arc::new(all)
            }
            (_, said) => Arc::new(said.unwrap_or_default()),
        };
        let same = old.is_some_and(|old| {
            Arc::ptr_eq(&old.listed, &listed) && later(now, renew) < old.expires
        });
        if same {
            return None;
        }
        Some(Role {
            version: old.map_or(0, |old| old.version) + 1,
            expires: later(now, life),
            listed,
        })
    }

    /// Signs roles with the key of this machine; without one, with the signatures that somebody gave. What none was given
    /// for waits, and nothing of it is signed: [`Self::waits`] says so.
    pub(super) fn speak(
        &mut self,
        roles: Vec<(String, Role)>,
        targets: &Value,
        now: Timestamp,
    ) -> Result<Vec<Spoken>, RepositoryError> {
        match &self.keys.status {
            // A change of keys comes first: what is said afterwards is signed by those who may speak then.
            None if self.held => Ok(Vec::new()),
            Some(key) => Ok(roles.into_iter().map(|r| Spoken::with(key, r)).collect()),
            None => self.spoken_by_others(roles, targets, now),
        }
    }

    /// The roles, if enough of those who may speak signed them.
    pub(super) fn spoken_by_others(
        &mut self,
        roles: Vec<(String, Role)>,
        targets: &Value,
        now: Timestamp,
    ) -> Result<Vec<Spoken>, RepositoryError> {
        if roles.is_empty() {
            self.nothing_waits();
            return Ok(Vec::new());
        }
        let mut waiting = self.asked_for(&roles, targets, now)?;
        if let Some(old) = self.waiting.take() {
            if old.stands_for(&waiting, now) {
                waiting = old;
            } else {
                waiting.since = old.since;
            }
        }
        self.keep_waiting(&waiting)?;
        for id in waiting.ids() {
            let file = signature_file(&id);
            let path = self.folder.path(&file);
            if !path.exists() {
                continue;
            }
            let text = files::read(&path, SIGNATURE_BYTES)
                .map(|b| String::from_utf8_lossy(&b).into_owned());
            let taken = match text {
                Ok(text) => waiting.accept(&text).map_err(|e| e.to_string()),
                Err(error) => Err(error.to_string()),
            };
            self.refused = taken.err();
            self.keep_waiting(&waiting)?;
            let _ = std::fs::remove_file(&path);
        }
        let spoken = if waiting.is_met() {
            let spoken = |(name, prepared): (&String, &Prepared)| Spoken {
                name: name.clone(),
                role: prepared.role(),
                bytes: prepared.document().to_bytes(),
            };
            waiting.roles.iter().map(spoken).collect()
        } else {
            Vec::new()
        };
        self.waiting = Some(waiting);
        Ok(spoken)
    }

    fn asked_for(
        &self,
        roles: &[(String, Role)],
        targets: &Value,
        now: Timestamp,
    ) -> Result<Waiting, RepositoryError> {
        let holders = Authority::of_delegation(targets, STATUS);
        let holders = holders.ok_or_else(|| damaged(&self.head.targets_path()))?;
        let root = parse(&self.root).ok_or_else(|| damaged("root.json"))?;
        let of = |field: &str| root["x-stentor"][field].as_str().unwrap_or_default();
        let prepared = |(name, role): &(String, Role)| {
            let before = self.head.roles.get(name);
            (name.clone(), Prepared::new(role, before))
        };
        let whose = Whose {
            organisation: of("organisation"),
            world: of("world"),
            holders: &holders,
            // Without their names, people are called by their keys.
            names: Names::load(self.folder.dir()).unwrap_or_default(),
        };
        let roles: BTreeMap<_, _> = roles.iter().map(prepared).collect();
        Waiting::new(whose, roles, now).ok_or_else(|| damaged(&self.head.targets_path()))
    }

    fn keep_waiting(&self, waiting: &Waiting) -> Result<(), RepositoryError> {
        let bytes = waiting.to_bytes().map_err(|e| RepositoryError::Io {
            what: "write",
            path: waiting::FILE.to_owned(),
            why: e.to_string(),
        })?;
        self.folder.write(waiting::FILE, &bytes)
    }

    /// What waited is said, or is not to be said any more.
    pub(super) fn nothing_waits(&mut self) {
        self.refused = None;
        if let Some(waiting) = self.waiting.take() {
            let signatures = waiting.ids().into_iter().map(|id| signature_file(&id));
            // The file that makes the others count goes first. What stays behind does no harm: it fits nothing.
            for file in std::iter::once(waiting::FILE.to_owned()).chain(signatures) {
                let _ = std::fs::remove_file(self.folder.path(&file));
            }
        }
    }

    /// Whether this machine has a key that may speak.
    pub(crate) fn speaks(&self) -> bool {
        self.keys.status.is_some()
    }

    /// Whether somebody left a signature for what waits.
    pub(crate) fn has_signature(&self) -> bool {
        let left = |waiting: &Waiting| {
            let mut ids = waiting.ids().into_iter();
            ids.any(|id| self.folder.path(&signature_file(&id)).exists())
        };
        self.waiting.as_ref().is_some_and(left)
    }

    /// What waits for a signature.
    pub(crate) fn waits(&self) -> Option<Waits> {
        let waiting = self.waiting.as_ref()?;
        if self.speaks() && !self.held {
            return None;
        }
        Some(Waits {
            since: waiting.since,
            of: waiting.whom(),
            changed: waiting.changed().cloned().collect(),
            refused: self.refused.clone(),
        })
    }

    /// Files that are to be said, which nobody may remove although older words named them too.
    pub(super) fn waiting_places(&self) -> BTreeSet<String> {
        let waiting = self.waiting.iter();
        waiting.flat_map(Waiting::places).collect()
    }

    /// When what waits was written, and what is said: a page that is the same but for its time says nothing new, and nobody
    /// is asked to sign it. None when it is time to sign what stands anew.
    pub(crate) fn written_at(&self, now: Timestamp) -> Vec<Timestamp> {
        let old =
            |(name, role): (&String, &Role)| later(now, lives::of_role(name).1) >= role.expires;
        if self.waiting.is_none() && self.head.roles.iter().any(old) {
            return Vec::new();
        }
        let waiting = self.waiting.as_ref();
        let waiting = waiting.and_then(|w| w.roles.get(STATUS)?.listed.get(DATED));
        let said = self.head.roles.get(STATUS);
        let said = said.and_then(|role| role.listed.get(DATED));
        let written = |target| {
            let path = crate::head::target_path(DATED, target);
            let page: Value =
                serde_json::from_slice(&self.folder.checked(&path, target).ok()?).ok()?;
            page["as_of"].as_str()?.parse().ok()
        };
        [waiting, said]
            .into_iter()
            .flatten()
            .filter_map(written)
            .collect()
    }

    /// Whether these pages are what waits to be said, or else what is said.
    pub(crate) fn says(&self, pages: &super::Hashed) -> Result<bool, RepositoryError> {
        let sorted = self.delegations()?.sort(&pages.listed)?;
        let waiting = |name: &str| Some(&self.waiting.as_ref()?.roles.get(name)?.listed);
        let said = |name: &str| self.head.roles.get(name).map(|role| &*role.listed);
        let same = |name: &str, pages: &Listed, known: Option<&Listed>| {
            known.is_some_and(|known| match name {
                STATUS => known == pages,
                // Nothing vanishes from a year.
                _ => pages
                    .iter()
                    .all(|(path, target)| known.get(path) == Some(target)),
            })
        };
        let roles = &sorted.roles;
        let waits =
            |(name, pages): (&String, &Listed)| same(name, pages, waiting(name).or(said(name)));
        let stands = |(name, pages): (&String, &Listed)| same(name, pages, said(name));
        Ok(roles.iter().all(waits) || roles.iter().all(stands))
    }
}

/// What a role in the folder of a repository lists now, whoever has it open.
pub(crate) fn listed_now(dir: &std::path::Path, name: &str) -> Result<Listed, RepositoryError> {
    let head = super::read_head(dir)?;
    let Some(role) = head.roles.get(name) else {
        return Ok(Listed::new());
    };
    let path = crate::head::role_path(name, role.version);
    let bytes = super::read(&dir.join(&path), stentor_verify::limits::METADATA_BYTES)?;
    let signed = parse(&bytes).ok_or_else(|| damaged(&path))?;
    Ok(listed(&signed["targets"]))
}
