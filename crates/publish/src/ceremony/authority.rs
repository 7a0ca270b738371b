//! Who may sign a file, and whether enough of them did.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Document;
use crate::keys::{KeyId, PublicKey};

/// Keys and threshold of one role, as metadata declares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    /// Keys of a scheme that we do not know have a name and nothing else: they count as no signature.
    keys: BTreeMap<KeyId, Option<PublicKey>>,
    pub(crate) threshold: u64,
}

impl Authority {
    /// A top-level role of a root.
    pub(crate) fn of_role(root: &Value, role: &str) -> Option<Self> {
        Self::read(&root["keys"], &root["roles"][role])
    }

    /// A role that targets delegate to.
    pub(crate) fn of_delegation(targets: &Value, role: &str) -> Option<Self> {
        let delegations = &targets["delegations"];
        let mut roles = delegations["roles"].as_array()?.iter();
        Self::read(&delegations["keys"], roles.find(|r| r["name"] == *role)?)
    }

    /// These keys, so many of which must sign.
    pub(crate) fn of(keys: &[PublicKey], threshold: u64) -> Self {
        let named = |key: &PublicKey| (key.id(), Some(*key));
        Self {
            keys: keys.iter().map(named).collect(),
            threshold,
        }
    }

    fn read(keys: &Value, role: &Value) -> Option<Self> {
        let mut named = BTreeMap::new();
        for id in role["keyids"].as_array()? {
            let id = id.as_str()?;
            let key = PublicKey::from_metadata(&keys[id]).filter(|key| key.id().to_string() == id);
            named.insert(KeyId::named(id), key);
        }
        let threshold = role["threshold"].as_u64().filter(|t| *t > 0)?;
        Some(Self {
            keys: named,
            threshold,
        })
    }

    pub(crate) fn names(&self, id: &KeyId) -> bool {
        self.keys.contains_key(id)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.keys.keys()
    }

    /// The keys, if we know the scheme of all of them.
    pub(crate) fn keys(&self) -> Option<Vec<PublicKey>> {
        self.keys.values().copied().collect()
    }

    /// Whose signatures on `document` are good.
    pub(crate) fn signers(&self, document: &Document) -> BTreeSet<KeyId> {
        let message = document.message();
        let good = |(id, key): (&KeyId, &Option<PublicKey>)| {
            let signature = document.signature(id)?;
            (*key)?.verifies(&message, signature).then(|| id.clone())
        };
        self.keys.iter().filter_map(good).collect()
    }

    pub(crate) fn is_met(&self, document: &Document) -> bool {
        self.signers(document).len() as u64 >= self.threshold
    }
}
