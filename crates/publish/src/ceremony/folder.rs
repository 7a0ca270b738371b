//! A ceremony, and the folder in which it is carried around.

use std::ops::RangeInclusive;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stentor_verify::limits;

use super::founding::Beginning;
use super::names::is_plain;
use super::{Authority, CeremonyError, Change, Document, Names, Roster};
use crate::files;
use crate::metadata::{self, delegated_years};
use crate::{lives, repository};

const PAPER: &str = "ceremony.json";
const PAPER_BYTES: u64 = 4_000_000;
const FORMAT: u32 = 1;

/// A new root, new targets or both, on their way to the holders.
#[derive(Debug, Clone)]
pub struct Ceremony {
    pub(crate) paper: Paper,
    pub(crate) root: Option<Document>,
    pub(crate) targets: Option<Document>,
}

/// What those who sign need to know besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paper {
    pub(crate) format: u32,
    pub(crate) purpose: String,
    pub(crate) names: Names,
    /// The root and targets that are in force, as text; none when a publisher is founded.
    pub(crate) base: Option<Base>,
}

/// What is in force until now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Base {
    pub(crate) root: String,
    pub(crate) targets: String,
}

impl Ceremony {
    /// Begins the founding of a publisher.
    ///
    /// # Errors
    /// [`CeremonyError::Refused`] if the keys could not sign, or would not protect.
    pub fn begin(beginning: &Beginning<'_>, now: Timestamp) -> Result<Self, CeremonyError> {
        let roster = &beginning.roster;
        roster.check(beginning.names)?;
        let paper = Paper {
            format: FORMAT,
            purpose: format!("{} is founded", roster.organisation),
            names: beginning.names.clone(),
            base: None,
        };
        Ok(Self {
            paper,
            root: Some(root_of(roster, 1, now)),
            targets: Some(targets_of(roster, 1, delegated_years(now), now)),
        })
    }

    /// Begins a change of what a repository holds. `names` are those that the repository keeps and those of new keys.
    ///
    /// # Errors
    /// [`CeremonyError`] if the repository cannot be read, or what is asked for cannot be.
    pub fn change(
        repository: &Path,
        change: &Change,
        names: &Names,
        now: Timestamp,
    ) -> Result<Self, CeremonyError> {
        let (root, targets) = repository::in_force(repository)?;
        let damaged = |path: &str| CeremonyError::Damaged {
            path: path.to_owned(),
            why: "it says more than this version understands, or is no metadata".to_owned(),
        };
        let base_root = Document::parse(&root).ok_or_else(|| damaged("the root"))?;
        let base_targets = Document::parse(&targets).ok_or_else(|| damaged("the targets"))?;
        let before = Roster::read(&base_root.signed, &base_targets.signed)
            .ok_or_else(|| damaged("the root"))?;
        let after = change.apply(&before, names)?;
        after.check(names)?;
        let renew = matches!(change, Change::Renew);
        let new_root = renew || before.top() != after.top();
        let new_targets = renew
            || before.status != after.status
            || !Authority::of_role(&root_of(&after, 1, now).signed, "targets")
                .is_some_and(|authority| authority.is_met(&base_targets));
        if !new_root && !new_targets {
            return Err(CeremonyError::Refused("nothing would change".to_owned()));
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (root_version, targets_version) = (base_root.version(), base_targets.version());
        Ok(Self {
            paper: Paper {
                format: FORMAT,
                purpose: change.purpose(names),
                names: names.clone(),
                base: Some(Base {
                    root: text(root),
                    targets: text(targets),
                }),
            },
            root: new_root.then(|| root_of(&after, root_version + 1, now)),
            targets: new_targets.then(|| {
                // A year that was delegated stays: its incidents are read for ever.
                let years = delegated_years(now);
                let first = metadata::years_of(&base_targets.signed)
                    .map_or(*years.start(), |old| *old.start().min(years.start()));
                targets_of(&after, targets_version + 1, first..=*years.end(), now)
            }),
        })
    }

    /// Reads the folder of a ceremony.
    ///
    /// # Errors
    /// [`CeremonyError`] if it cannot be read, or its files do not belong together.
    pub fn load(folder: &Path) -> Result<Self, CeremonyError> {
        let read = |name: &str, limit| {
            let path = folder.join(name);
            files::read(&path, limit).map_err(|e| (e.kind(), failed("read", &path, &e)))
        };
        let paper = read(PAPER, PAPER_BYTES).map_err(|(_, e)| e)?;
        let document = |name: &str| match read(name, limits::ROOT_BYTES) {
            Ok(bytes) => Document::parse(&bytes)
                .map(Some)
                .ok_or_else(|| CeremonyError::Damaged {
                    path: folder.join(name).display().to_string(),
                    why: "it is no TUF metadata".to_owned(),
                }),
            Err((std::io::ErrorKind::NotFound, _)) => Ok(None),
            Err((_, e)) => Err(e),
        };
        let paper: Paper = serde_json::from_slice(&paper).map_err(|e| CeremonyError::Damaged {
            path: folder.join(PAPER).display().to_string(),
            why: e.to_string(),
        })?;
        let this = Self {
            paper,
            root: document("root.json")?,
            targets: document("targets.json")?,
        };
        this.coherent()?;
        Ok(this)
    }

    /// Writes the ceremony into a new folder.
    ///
    /// # Errors
    /// [`CeremonyError`] if there is something in it already, or it cannot be written.
    pub fn create(&self, folder: &Path) -> Result<(), CeremonyError> {
        super::founding::refuse_filled(folder)?;
        self.save(folder)?;
        // Last: where it is, the rest is whole.
        let path = folder.join(PAPER);
        let paper = serde_json::to_vec_pretty(&self.paper)
            .map_err(|e| failed("write", &path, &e.into()))?;
        files::create(&path, &paper, files::PRIVATE).map_err(|e| failed("write", &path, &e))
    }

    /// Writes the signatures that were added. Each file is replaced at once, so a signature is there or not.
    ///
    /// # Errors
    /// [`CeremonyError::Io`] if that fails.
    pub fn save(&self, folder: &Path) -> Result<(), CeremonyError> {
        for (name, document) in [("root.json", &self.root), ("targets.json", &self.targets)] {
            if let Some(document) = document {
                let path = folder.join(name);
                files::replace(&path, &document.to_bytes(), files::PUBLIC)
                    .map_err(|e| failed("write", &path, &e))?;
            }
        }
        Ok(())
    }

    /// The names of those who take part.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.paper.names
    }

    /// The roster that would be in force.
    ///
    /// # Errors
    /// [`CeremonyError::Damaged`] if the files do not belong together.
    pub fn roster(&self) -> Result<Roster, CeremonyError> {
        let (root, targets) = self.next()?;
        Roster::read(&root.signed, &targets.signed)
            .ok_or_else(|| damaged("they say more than this version understands"))
    }

    /// The root and targets in force, if there are any.
    pub(crate) fn base(&self) -> Result<Option<(Document, Document)>, CeremonyError> {
        let Some(base) = &self.paper.base else {
            return Ok(None);
        };
        let parse = |text: &str| {
            Document::parse(text.as_bytes())
                .ok_or_else(|| damaged("what was in force is no metadata"))
        };
        Ok(Some((parse(&base.root)?, parse(&base.targets)?)))
    }

    /// The root and targets that would be in force.
    pub(crate) fn next(&self) -> Result<(Document, Document), CeremonyError> {
        let (root, targets) = match self.base()? {
            Some((root, targets)) => (Some(root), Some(targets)),
            None => (None, None),
        };
        let both = (self.root.clone().or(root), self.targets.clone().or(targets));
        match both {
            (Some(root), Some(targets)) => Ok((root, targets)),
            _ => Err(damaged("a root and targets are missing")),
        }
    }

    /// Refuses files that say anything which would not be shown to those who sign.
    fn coherent(&self) -> Result<(), CeremonyError> {
        if self.paper.format != FORMAT {
            return Err(damaged("it was made by another version of Stentor"));
        }
        let roster = self.roster()?;
        let texts = [&roster.organisation, &self.paper.purpose];
        if !texts.into_iter().all(|t| is_plain(t)) || !self.paper.names.are_plain() {
            return Err(damaged(
                "a name in it could make you see something else than is there; do not sign it",
            ));
        }
        let base = self.base()?;
        let follows = |new: &Option<Document>, old: Option<u64>| {
            new.as_ref()
                .is_none_or(|new| new.version() == old.unwrap_or(0) + 1)
        };
        let (root, targets) = match &base {
            Some((root, targets)) => (Some(root.version()), Some(targets.version())),
            None => (None, None),
        };
        if !follows(&self.root, root) || !follows(&self.targets, targets) {
            return Err(damaged("a version does not follow the one in force"));
        }
        let plain = |document: &Document, rebuilt: Option<serde_json::Value>| {
            rebuilt.is_some_and(|rebuilt| rebuilt == document.signed)
        };
        let root_plain = self.root.as_ref().is_none_or(|root| {
            let whose = (roster.organisation.as_str(), roster.world);
            let rebuilt = root
                .expires()
                .map(|e| metadata::root(root.version(), e, whose, &roster.top()));
            plain(root, rebuilt)
        });
        let targets_plain = self.targets.as_ref().is_none_or(|targets| {
            let years = metadata::years_of(&targets.signed);
            let rebuilt = targets
                .expires()
                .zip(years)
                .map(|(e, years)| metadata::targets(targets.version(), e, &roster.status, years));
            plain(targets, rebuilt)
        });
        if root_plain && targets_plain {
            roster.check(&self.paper.names)
        } else {
            Err(damaged(
                "it says more than this version could show you; do not sign it",
            ))
        }
    }

    /// From what was carried here as text.
    pub(crate) fn assembled(
        paper: Paper,
        root: Option<Document>,
        targets: Option<Document>,
    ) -> Result<Self, CeremonyError> {
        let this = Self {
            paper,
            root,
            targets,
        };
        this.coherent()?;
        Ok(this)
    }

    /// The files that are to be signed, by name.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&'static str, &Document)> {
        let root = self.root.iter().map(|d| ("root", d));
        root.chain(self.targets.iter().map(|d| ("targets", d)))
    }

    pub(crate) fn documents_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Document)> {
        let root = self.root.iter_mut().map(|d| ("root", d));
        root.chain(self.targets.iter_mut().map(|d| ("targets", d)))
    }
}

fn root_of(roster: &Roster, version: u64, now: Timestamp) -> Document {
    let expires = lives::later(now, lives::OFFLINE);
    let whose = (roster.organisation.as_str(), roster.world);
    Document::new(metadata::root(version, expires, whose, &roster.top()))
}

fn targets_of(
    roster: &Roster,
    version: u64,
    years: RangeInclusive<i16>,
    now: Timestamp,
) -> Document {
    let expires = lives::later(now, lives::OFFLINE);
    Document::new(metadata::targets(version, expires, &roster.status, years))
}

fn damaged(why: &str) -> CeremonyError {
    CeremonyError::Damaged {
        path: "the ceremony".to_owned(),
        why: why.to_owned(),
    }
}

pub(crate) fn failed(what: &'static str, path: &Path, why: &std::io::Error) -> CeremonyError {
    CeremonyError::Io {
        what,
        path: path.display().to_string(),
        why: why.to_string(),
    }
}
