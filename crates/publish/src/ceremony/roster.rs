//! Who may sign what: everything that a root and its targets say about keys.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use stentor_domain::world::World;

use super::{Authority, CeremonyError, Document, Names};
use crate::keys::{KeyId, PublicKey};
use crate::metadata::TopRoles;
use crate::repository::in_force;

pub use crate::metadata::Holders;

/// Keys of one role; more would not fit what small readers take.
const MOST_KEYS: usize = 32;

/// Who may sign in a repository, whoever has it open.
///
/// # Errors
/// [`CeremonyError`] if it cannot be read.
pub fn found_keys(repository: &Path) -> Result<Roster, CeremonyError> {
    let (root, targets) = in_force(repository)?;
    let read = || {
        let (root, targets) = (Document::parse(&root)?, Document::parse(&targets)?);
        Roster::read(&root.signed, &targets.signed)
    };
    read().ok_or_else(|| CeremonyError::Damaged {
        path: repository.display().to_string(),
        why: "its root says more than this version understands".to_owned(),
    })
}

/// Everybody who may sign, by role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Whose word it is.
    pub organisation: String,
    /// The world it is about.
    pub world: World,
    /// Who may change everything here.
    pub root: Holders,
    /// Who may say who speaks.
    pub targets: Holders,
    /// Who says which versions belong together.
    pub snapshot: Holders,
    /// Who says that this is the newest; a server and its beacons.
    pub timestamp: Holders,
    /// Who speaks: machines, and people who were given the right.
    pub status: Holders,
}

impl Roster {
    /// What a root and targets say. `None` if they say more than this version understands.
    pub(crate) fn read(root: &Value, targets: &Value) -> Option<Self> {
        let holders = |authority: Option<Authority>| {
            let authority = authority?;
            Some(Holders {
                keys: authority.keys()?,
                threshold: u32::try_from(authority.threshold).ok()?,
            })
        };
        let top = |role: &str| holders(Authority::of_role(root, role));
        let whose = &root["x-stentor"];
        Some(Self {
            organisation: whose["organisation"].as_str()?.to_owned(),
            world: whose["world"].as_str()?.parse().ok()?,
            root: top("root")?,
            targets: top("targets")?,
            snapshot: top("snapshot")?,
            timestamp: top("timestamp")?,
            status: holders(Authority::of_delegation(targets, "status"))?,
        })
    }

    pub(crate) fn top(&self) -> TopRoles {
        TopRoles {
            root: self.root.clone(),
            targets: self.targets.clone(),
            snapshot: self.snapshot.clone(),
            timestamp: self.timestamp.clone(),
        }
    }

    /// Every role by its name.
    pub fn roles(&self) -> [(&'static str, &Holders); 5] {
        [
            ("root", &self.root),
            ("targets", &self.targets),
            ("snapshot", &self.snapshot),
            ("timestamp", &self.timestamp),
            ("status", &self.status),
        ]
    }

    /// The names of all keys.
    #[must_use]
    pub fn ids(&self) -> Vec<KeyId> {
        let keys = self.roles().into_iter().flat_map(|(_, h)| &h.keys);
        keys.map(PublicKey::id).collect()
    }

    /// Refuses what could not be signed by, or would not protect from, those it names.
    pub(crate) fn check(&self, names: &Names) -> Result<(), CeremonyError> {
        let refuse = |why: String| Err(CeremonyError::Refused(why));
        for (role, holders) in self.roles() {
            let (keys, threshold) = (holders.keys.len(), holders.threshold as usize);
            if threshold == 0 || threshold > keys {
                return refuse(format!(
                    "{role} needs {threshold} signatures of {keys} keys; choose 1 to {keys}"
                ));
            }
            if keys > MOST_KEYS {
                return refuse(format!("{role} has {keys} keys; {MOST_KEYS} are the most"));
            }
            let mut ids = BTreeSet::new();
            let mut people = BTreeSet::new();
            for id in holders.keys.iter().map(PublicKey::id) {
                if !ids.insert(id.clone()) {
                    return refuse(format!(
                        "{role} names the key of {} twice; a threshold counts keys, so each holder needs a key of their own",
                        names.shown(&id)
                    ));
                }
                let person = names.of(&id).to_lowercase();
                let offline = matches!(role, "root" | "targets");
                if offline && names.0.contains_key(&id) && !people.insert(person) {
                    return refuse(format!(
                        "{role} names {} twice; one holder with two keys would count as two",
                        names.of(&id)
                    ));
                }
            }
        }
        let offline: BTreeSet<KeyId> = [&self.root, &self.targets]
            .into_iter()
            .flat_map(|h| h.keys.iter().map(PublicKey::id))
            .collect();
        let online = [&self.snapshot, &self.timestamp, &self.status];
        match online
            .into_iter()
            .flat_map(|h| &h.keys)
            .find(|k| offline.contains(&k.id()))
        {
            Some(key) => refuse(format!(
                "the key {} would be offline and online at once; whoever took the server over would have it",
                names.shown(&key.id())
            )),
            None => Ok(()),
        }
    }
}
