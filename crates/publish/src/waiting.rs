//! A word that waits for somebody's signature, because this machine has no key that may speak.
//!
//! What is to be signed is fixed when the word is authorised, to the last byte. It lies here until a signature over
//! exactly that comes, or until something newer is authorised.

mod asked;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ceremony::{Answer, Authority, CeremonyError, Document, Names, unarmour};
use crate::files;
use crate::head::{Listed, Role, target_path};
use crate::keys::{KeyId, PublicKey};
use crate::lives::{self, later};
use crate::metadata;

pub use asked::{WordRequest, leave_signature};

pub(crate) const FILE: &str = "waiting.json";
/// Far more than the lists of all years; more is refused before it is parsed.
const BYTES: u64 = 64_000_000;
const FORMAT: u32 = 1;
/// What stands in the first and last line of a signature that is carried.
const SIGNATURE: &str = "WORD SIGNATURE";

/// What waits to be signed, as it lies on the disk and as it is carried to whoever signs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    format: u32,
    pub(crate) organisation: String,
    pub(crate) world: String,
    /// Since when something waits; kept when something newer takes its place.
    pub(crate) since: Timestamp,
    /// Who may sign: public keys as 64 hexadecimal digits.
    holders: Vec<String>,
    /// How many of them must.
    threshold: u64,
    pub(crate) names: Names,
    /// What each of them signs, by role.
    pub(crate) roles: BTreeMap<String, Prepared>,
}

/// A delegated role in the making.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prepared {
    pub(crate) version: u64,
    expires: Timestamp,
    pub(crate) listed: Listed,
    /// Pages that are new, or say something else than what is published.
    pub(crate) changed: Vec<String>,
    /// Pages that are no longer listed.
    pub(crate) gone: Vec<String>,
    signatures: BTreeMap<KeyId, String>,
}

/// For whom a word is, and whose it is.
pub(crate) struct Whose<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) world: &'a str,
    pub(crate) holders: &'a Authority,
    pub(crate) names: Names,
}

impl Prepared {
    /// `role`, to be signed in the place of `before`.
    pub(crate) fn new(role: &Role, before: Option<&Role>) -> Self {
        let there = before.map(|before| &*before.listed);
        let is_new = |path: &&String| {
            there.and_then(|there| there.get(*path)) != role.listed.get(path.as_str())
        };
        let old = there.into_iter().flat_map(Listed::keys);
        Self {
            version: role.version,
            expires: role.expires,
            changed: role.listed.keys().filter(is_new).cloned().collect(),
            gone: old
                .filter(|path| !role.listed.contains_key(*path))
                .cloned()
                .collect(),
            listed: Listed::clone(&role.listed),
            signatures: BTreeMap::new(),
        }
    }

    /// The metadata, with the signatures that are there.
    pub(crate) fn document(&self) -> Document {
        let signed = metadata::delegated(self.version, self.expires, &self.listed);
        let mut document = Document::new(signed);
        for (id, signature) in &self.signatures {
            document.add(id.clone(), signature.clone());
        }
        document
    }

    /// The role as it was prepared.
    pub(crate) fn role(&self) -> Role {
        Role {
            version: self.version,
            expires: self.expires,
            listed: std::sync::Arc::new(self.listed.clone()),
        }
    }
}

impl Waiting {
    /// These roles wait from now on. `None` if a holder's key is of a scheme that we do not know.
    pub(crate) fn new(
        whose: Whose<'_>,
        roles: BTreeMap<String, Prepared>,
        now: Timestamp,
    ) -> Option<Self> {
        let keys = whose.holders.keys()?;
        let mut names = whose.names;
        names.0.retain(|id, _| whose.holders.names(id));
        Some(Self {
            format: FORMAT,
            organisation: whose.organisation.to_owned(),
            world: whose.world.to_owned(),
            since: now,
            holders: keys.iter().map(|k| hex::encode(k.as_bytes())).collect(),
            threshold: whose.holders.threshold,
            names,
            roles,
        })
    }

    /// Reads what waits in a repository, whoever has it open; `None` if nothing does.
    ///
    /// # Errors
    /// [`CeremonyError`] if it cannot be read.
    pub(crate) fn load(repository: &Path) -> Result<Option<Self>, CeremonyError> {
        let path = repository.join(FILE);
        let failed = |e: std::io::Error| CeremonyError::Io {
            what: "read",
            path: path.display().to_string(),
            why: e.to_string(),
        };
        let bytes = match files::read(&path, BYTES) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        let damaged = |why: String| CeremonyError::Damaged {
            path: path.display().to_string(),
            why,
        };
        let this: Self = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        this.check().map_err(|why| damaged(why.to_owned()))?;
        Ok(Some(this))
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.format != FORMAT {
            return Err("it was made by another version of Stentor");
        }
        match (self.authority(), self.roles.is_empty()) {
            (Some(_), false) => Ok(()),
            _ => Err("it says more than this version understands"),
        }
    }

    /// Whether `fresh`, prepared at `now`, asks for the same and this may still be signed: then nobody who signs it
    /// is disturbed.
    pub(crate) fn stands_for(&self, fresh: &Self, now: Timestamp) -> bool {
        let long =
            |(name, role): (&String, &Prepared)| later(now, lives::of_role(name).1) < role.expires;
        let same = |((a, one), (b, other)): ((&String, &Prepared), (&String, &Prepared))| {
            a == b && one.version == other.version && one.listed == other.listed
        };
        self.holders == fresh.holders
            && self.threshold == fresh.threshold
            && self.roles.len() == fresh.roles.len()
            && self.roles.iter().zip(&fresh.roles).all(same)
            && self.roles.iter().all(long)
    }

    fn authority(&self) -> Option<Authority> {
        let key = |text: &String| PublicKey::parse(text);
        let keys: Option<Vec<PublicKey>> = self.holders.iter().map(key).collect();
        Some(Authority::of(&keys?, self.threshold))
    }

    /// The keys that may sign.
    pub(crate) fn ids(&self) -> Vec<KeyId> {
        let keys = self.holders.iter().filter_map(|k| PublicKey::parse(k));
        keys.map(|key| key.id()).collect()
    }

    /// Those whose signature it waits for.
    pub(crate) fn whom(&self) -> String {
        let signed = |id: &KeyId| self.roles.values().all(|r| r.signatures.contains_key(id));
        let ids: Vec<KeyId> = self.ids().into_iter().filter(|id| !signed(id)).collect();
        self.names.list(ids.iter())
    }

    /// Whether enough of them signed all of it.
    pub(crate) fn is_met(&self) -> bool {
        let roles = self.roles.values();
        self.authority()
            .is_some_and(|who| roles.clone().all(|role| who.is_met(&role.document())))
    }

    /// Where the pages lie that are to be said.
    pub(crate) fn places(&self) -> impl Iterator<Item = String> {
        let roles = self.roles.values();
        roles.flat_map(|role| role.listed.iter().map(|(path, t)| target_path(path, t)))
    }

    /// The pages that would change.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &String> {
        let roles = self.roles.values();
        roles.flat_map(|role| role.changed.iter().chain(&role.gone))
    }

    /// Refuses a key that may not sign this.
    fn holder(&self, id: &KeyId) -> Result<PublicKey, CeremonyError> {
        let mut keys = self.holders.iter().filter_map(|k| PublicKey::parse(k));
        keys.find(|key| key.id() == *id)
            .ok_or_else(|| CeremonyError::Mute {
                id: id.short(),
                others: self.names.list(self.ids().iter()),
            })
    }

    /// Takes a signature over exactly this. Another one is refused, and changes nothing.
    pub(crate) fn accept(&mut self, text: &str) -> Result<KeyId, CeremonyError> {
        let Answer { key, signatures } = unarmour(SIGNATURE, text)?;
        let holder = self.holder(&key)?;
        if signatures.len() != self.roles.len() {
            return Err(CeremonyError::Stale);
        }
        let mut roles = self.roles.clone();
        for (name, role) in &mut roles {
            let signature = signatures.iter().find(|(signed, _)| signed == name);
            let message = role.document().message();
            match signature {
                Some((_, signature)) if holder.verifies(&message, signature) => {
                    role.signatures.insert(key.clone(), signature.clone());
                }
                _ => return Err(CeremonyError::Stale),
            }
        }
        self.roles = roles;
        Ok(key)
    }
}

/// Where a signature of this key is left for whoever has the repository open.
pub(crate) fn signature_file(id: &KeyId) -> String {
    let id = id.to_string();
    format!("signature.{}.txt", id.get(..16).unwrap_or(&id))
}

/// What an authorised word waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// Since when something waits.
    pub since: Timestamp,
    /// Whose signature, by name and the beginning of the key.
    pub of: String,
    /// The pages that would change. None where the same is only to be signed for longer, or by a key that still counts.
    pub changed: Vec<String>,
    /// Why the signature that came last was not taken.
    pub refused: Option<String>,
}

impl std::fmt::Display for Waits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.changed.len() {
            0 => "what stands waits to be signed anew",
            _ => "an authorised word waits for a signature",
        };
        let since = self.since.strftime("%Y-%m-%d %H:%M UTC");
        write!(
            f,
            "{what} since {since}: no key here may speak. These may sign it: {}",
            self.of
        )?;
        match &self.refused {
            Some(why) => write!(f, ". The signature that came last was refused: {why}"),
            None => Ok(()),
        }
    }
}
