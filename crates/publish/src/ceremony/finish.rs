//! The end of a ceremony: checked once more, and put into the repository.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::folder::Ceremony;
use super::founding::trust;
use super::{CeremonyError, Document};
use crate::keys::{OnlineKeys, ROLES, SecretKey};
use crate::repository::{self, Repository, RepositoryError, online_authority};
use crate::waiting::Waits;

/// What a finished ceremony led to.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The version of the root in force.
    pub root: u64,
    /// The version of the targets in force.
    pub targets: u64,
    /// SHA-256 of the first trusted root in hex: what readers pin. It never changes.
    pub fingerprint: String,
    /// A running server has the repository open, and puts it in force with its next publication.
    pub waiting: bool,
    /// It is not in force before somebody has signed what stands: nobody here may speak afterwards.
    pub held: Option<Waits>,
}

impl Ceremony {
    /// Checks every threshold, and puts the result into the repository; with a running server, leaves it there for the
    /// next publication. Cut short at any moment, it can be repeated.
    ///
    /// # Errors
    /// [`CeremonyError::Missing`] if signatures are missing, another if it cannot be put in force here.
    pub fn finish(
        &self,
        repository: &Path,
        online: &Path,
        now: Timestamp,
    ) -> Result<Finished, CeremonyError> {
        let (root, targets) = self.versions();
        let mut finished = Finished {
            root,
            targets,
            fingerprint: String::new(),
            waiting: false,
            held: None,
        };
        if self.base()?.is_none() {
            finished.fingerprint = self.found_with(repository, online, now)?;
            return Ok(finished);
        }
        let (root, targets) = repository::in_force(repository)?;
        self.allowed(&(root, targets), now)?;
        let mut keys = OnlineKeys::load(online)?;
        self.settle(&mut keys)?;
        repository::leave(repository, &self.request()?)?;
        let world = self.roster()?.world;
        match Repository::open(repository, OnlineKeys::load(online)?, world) {
            Ok(mut open) => {
                open.put_in_force(online, now)?;
                finished.held = open.waits().filter(|_| open.is_held());
            }
            Err(RepositoryError::InUse { .. }) => finished.waiting = true,
            Err(other) => return Err(other.into()),
        }
        finished.fingerprint = stentor_verify::fingerprint(&repository::first_root(repository)?);
        Ok(finished)
    }

    fn found_with(
        &self,
        repository: &Path,
        online: &Path,
        now: Timestamp,
    ) -> Result<String, CeremonyError> {
        self.complete(now)?;
        if repository.join("root.json").exists() {
            return Err(CeremonyError::NotEmpty(repository.display().to_string()));
        }
        let mut keys = OnlineKeys::load(online)?;
        self.settle(&mut keys)?;
        let (root, targets) = self.next()?;
        let (root, targets) = (root.to_bytes(), targets.to_bytes());
        Repository::create(repository, keys, &root, &targets, now)?;
        self.names()
            .save(repository)
            .map_err(|e| super::folder::failed("write", repository, &e))?;
        trust(repository, &root)?;
        Ok(stentor_verify::fingerprint(&root))
    }

    /// Whether enough of the right people signed something that holds for a while.
    fn complete(&self, now: Timestamp) -> Result<(), CeremonyError> {
        let missing = self.missing()?;
        if !missing.is_empty() {
            return Err(CeremonyError::Missing(missing));
        }
        let over = |document: &Document| document.expires().is_none_or(|expires| expires <= now);
        match self.documents().find(|(_, document)| over(document)) {
            Some((name, _)) => Err(CeremonyError::Refused(format!(
                "{name} is signed but has expired; begin the ceremony again"
            ))),
            None => Ok(()),
        }
    }

    /// Whether this may follow what is in force, or is it already.
    pub(crate) fn allowed(
        &self,
        in_force: &(Vec<u8>, Vec<u8>),
        now: Timestamp,
    ) -> Result<(), CeremonyError> {
        self.complete(now)?;
        let is = |bytes: &[u8], wanted: &Document| {
            Document::parse(bytes).is_some_and(|there| there.signed == wanted.signed)
        };
        let (next_root, next_targets) = self.next()?;
        if is(&in_force.0, &next_root) && is(&in_force.1, &next_targets) {
            return Ok(());
        }
        let base = self.base()?;
        let follows =
            base.is_some_and(|(root, targets)| is(&in_force.0, &root) && is(&in_force.1, &targets));
        if follows {
            Ok(())
        } else {
            Err(CeremonyError::Refused(
                "keys were changed since this ceremony was begun; begin it again".to_owned(),
            ))
        }
    }

    /// Finds the keys that will count among those of the server.
    pub(crate) fn settle(&self, keys: &mut OnlineKeys) -> Result<(), CeremonyError> {
        let (root, targets) = self.next()?;
        let named = |role: &str, id: &crate::KeyId| {
            online_authority(&root.signed, &targets.signed, role).is_some_and(|a| a.names(id))
        };
        keys.settle(named);
        let [timestamp, snapshot, status] = ROLES;
        for (role, key) in [(timestamp, &keys.timestamp), (snapshot, &keys.snapshot)] {
            if !named(role, &key.id()) {
                return Err(RepositoryError::WrongKey { role }.into());
            }
        }
        let counts = |key: &SecretKey| named(status, &key.id());
        if !keys.status.as_ref().is_some_and(counts) {
            if self.replaces(keys.status.as_ref(), &targets)? {
                return Err(RepositoryError::WrongKey { role: status }.into());
            }
            keys.status = None;
        }
        Ok(())
    }

    /// Whether this gives a server a key for status in the place of `ours`, or the first one: then it has to lie here. What
    /// only takes ours away leaves the word to people who have keys of their own.
    fn replaces(
        &self,
        ours: Option<&SecretKey>,
        targets: &Document,
    ) -> Result<bool, CeremonyError> {
        let of = |targets: &Document| online_authority(&Value::Null, &targets.signed, "status");
        let Some((_, before)) = self.base()? else {
            return Ok(true);
        };
        let (Some(before), Some(after)) = (of(&before), of(targets)) else {
            return Ok(true);
        };
        let counted = ours.is_some_and(|key| before.names(&key.id()));
        Ok(counted && after.ids().any(|id| !before.names(id)))
    }

    /// The versions of root and targets that would be in force.
    pub(crate) fn versions(&self) -> (u64, u64) {
        self.next().map_or((0, 0), |(root, targets)| {
            (root.version(), targets.version())
        })
    }

    /// A new file, as it goes to mirrors.
    pub(crate) fn file(&self, name: &str) -> Option<Vec<u8>> {
        let mut documents = self.documents();
        let found = documents.find(|(file, _)| *file == name);
        found.map(|(_, document)| document.to_bytes())
    }
}
