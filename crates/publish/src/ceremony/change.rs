//! What can happen to keys, each as a change of the roster.

use super::{CeremonyError, Holders, Names, Roster};
use crate::keys::{KeyId, PublicKey};

/// A role whose keys people hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineRole {
    /// Which keys count.
    Root,
    /// Who speaks.
    Targets,
}

/// One thing that happens to keys.
#[derive(Debug, Clone)]
pub enum Change {
    /// New holders for an offline role, all of them.
    Hand {
        /// The role.
        role: OfflineRole,
        /// The holders from now on.
        to: Holders,
    },
    /// A holder's key is lost, or in wrong hands: it counts no longer, wherever it counted.
    Lost {
        /// The key.
        key: KeyId,
        /// Who holds a key in its place, if somebody does.
        instead: Option<PublicKey>,
        /// Another threshold, for the roles that lose a key.
        threshold: Option<u32>,
    },
    /// Online keys count no longer, and a server's new ones do.
    Replace {
        /// Old and new.
        keys: Vec<(KeyId, PublicKey)>,
    },
    /// A further key may speak.
    Delegate(PublicKey),
    /// A key may speak no longer.
    Undelegate(KeyId),
    /// A beacon may confirm that the newest word is the newest.
    AddBeacon(PublicKey),
    /// It may no longer.
    RemoveBeacon(KeyId),
    /// Nothing changes but the time until which it all holds, and the years that may be spoken of.
    Renew,
}

impl Change {
    /// In a few words, as it is shown to those who sign.
    pub(crate) fn purpose(&self, names: &Names) -> String {
        match self {
            Self::Hand { role, .. } => format!(
                "new holders for {}",
                match role {
                    OfflineRole::Root => "root",
                    OfflineRole::Targets => "targets",
                }
            ),
            Self::Lost { key, .. } => format!("the key of {} is lost", names.shown(key)),
            Self::Replace { keys } => format!(
                "online keys count no longer: {}",
                names.list(keys.iter().map(|(old, _)| old))
            ),
            Self::Delegate(key) => format!("{} may speak", names.shown(&key.id())),
            Self::Undelegate(key) => format!("{} may speak no longer", names.shown(key)),
            Self::AddBeacon(key) => format!("beacon {} joins", names.shown(&key.id())),
            Self::RemoveBeacon(key) => format!("beacon {} leaves", names.shown(key)),
            Self::Renew => "the same holders for another year".to_owned(),
        }
    }

    /// The roster after the change.
    pub(crate) fn apply(&self, before: &Roster, names: &Names) -> Result<Roster, CeremonyError> {
        let mut after = before.clone();
        match self {
            Self::Hand { role, to } => match role {
                OfflineRole::Root => after.root = to.clone(),
                OfflineRole::Targets => after.targets = to.clone(),
            },
            Self::Lost {
                key,
                instead,
                threshold,
            } => lose(&mut after, key, *instead, *threshold, names)?,
            Self::Replace { keys } => {
                for (old, new) in keys {
                    // A key may count in several roles: it leaves all of them.
                    let mut replaced = false;
                    for holders in [&mut after.snapshot, &mut after.timestamp, &mut after.status] {
                        replaced |= replace(holders, old, *new);
                    }
                    if !replaced {
                        return Err(CeremonyError::Refused(format!(
                            "{} is no online key",
                            names.shown(old)
                        )));
                    }
                }
            }
            Self::Delegate(key) => add(&mut after.status, *key, "speak", names)?,
            Self::AddBeacon(key) => add(&mut after.timestamp, *key, "sign timestamps", names)?,
            Self::Undelegate(key) => remove(&mut after.status, key, "status", names)?,
            Self::RemoveBeacon(key) => remove(&mut after.timestamp, key, "timestamp", names)?,
            Self::Renew => {}
        }
        Ok(after)
    }
}

fn lose(
    roster: &mut Roster,
    key: &KeyId,
    instead: Option<PublicKey>,
    threshold: Option<u32>,
    names: &Names,
) -> Result<(), CeremonyError> {
    let mut found = false;
    for (role, holders) in [("root", &mut roster.root), ("targets", &mut roster.targets)] {
        let Some(at) = holders.keys.iter().position(|k| k.id() == *key) else {
            continue;
        };
        found = true;
        holders.keys.remove(at);
        holders.keys.extend(instead);
        holders.threshold = threshold.unwrap_or(holders.threshold);
        let left = holders.keys.len();
        if holders.threshold as usize > left {
            return Err(CeremonyError::Refused(format!(
                "without {} there are {left} keys for {role}, which needs {}; name a new holder with --replacement, or \
                 fewer signatures with --threshold",
                names.shown(key),
                holders.threshold
            )));
        }
    }
    if found {
        Ok(())
    } else {
        Err(CeremonyError::Refused(format!(
            "{} holds no offline key; for a key of a machine there is `stentor key revoke`",
            names.shown(key)
        )))
    }
}

fn replace(holders: &mut Holders, old: &KeyId, new: PublicKey) -> bool {
    let Some(at) = holders.keys.iter().position(|k| k.id() == *old) else {
        return false;
    };
    holders.keys[at] = new;
    true
}

fn add(
    holders: &mut Holders,
    key: PublicKey,
    what: &str,
    names: &Names,
) -> Result<(), CeremonyError> {
    if holders.keys.contains(&key) {
        return Err(CeremonyError::Refused(format!(
            "{} may {what} already",
            names.shown(&key.id())
        )));
    }
    holders.keys.push(key);
    Ok(())
}

fn remove(
    holders: &mut Holders,
    key: &KeyId,
    role: &str,
    names: &Names,
) -> Result<(), CeremonyError> {
    if holders.keys.len() == 1 {
        return Err(CeremonyError::Refused(format!(
            "{} is the only key of {role}; replace it with `stentor key revoke`",
            names.shown(key)
        )));
    }
    let before = holders.keys.len();
    holders.keys.retain(|k| k.id() != *key);
    if holders.keys.len() == before {
        return Err(CeremonyError::Refused(format!(
            "{} is no key of {role}",
            names.shown(key)
        )));
    }
    Ok(())
}
