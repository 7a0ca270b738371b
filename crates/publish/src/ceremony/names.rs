//! Who holds which key: for the people of the ceremony, never for readers.
//!
//! Names are not part of what is signed, and do not go to mirrors: whoever wants to press a holder should have to find
//! them first. Fingerprints on paper are what a name is checked by.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use stentor_domain::text::one_line;

use super::CeremonyError;
use crate::files;
use crate::keys::KeyId;

const FILE: &str = "holders.json";
const BYTES: u64 = 256_000;
/// Characters of a name or a place.
pub(crate) const NAME: usize = 100;

/// A holder, and where the key lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// A person, an office, a machine.
    pub name: String,
    /// Where the key is kept; empty if nobody said.
    #[serde(default)]
    pub kept: String,
}

/// Whether a text from elsewhere can be shown in a line as it is: nothing in it draws over what else is there.
pub(crate) fn is_plain(text: &str) -> bool {
    one_line(text, 10 * NAME) == text
}

/// Names by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(pub BTreeMap<KeyId, Name>);

impl Names {
    /// The names that a repository keeps; none if it was founded without.
    ///
    /// # Errors
    /// [`CeremonyError`] if the file is there and cannot be read.
    pub fn load(repository: &Path) -> Result<Self, CeremonyError> {
        let path = repository.join(FILE);
        let bytes = match files::read(&path, BYTES) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => {
                return Err(CeremonyError::Io {
                    what: "read",
                    path: path.display().to_string(),
                    why: e.to_string(),
                });
            }
        };
        serde_json::from_slice(&bytes).map_err(|e| CeremonyError::Damaged {
            path: path.display().to_string(),
            why: e.to_string(),
        })
    }

    pub(crate) fn save(&self, repository: &Path) -> std::io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        files::replace(&repository.join(FILE), &text, files::PRIVATE)
    }

    /// Notes whose a key is.
    pub fn set(&mut self, id: KeyId, name: &str, kept: &str) {
        let clean = |text: &str| one_line(text, NAME).trim().to_owned();
        let (name, kept) = (clean(name), clean(kept));
        self.0.insert(id, Name { name, kept });
    }

    /// Whether all of them can be shown as they are.
    pub(crate) fn are_plain(&self) -> bool {
        self.0
            .values()
            .all(|n| is_plain(&n.name) && is_plain(&n.kept))
    }

    /// The holder of a key, or "unnamed".
    #[must_use]
    pub fn of(&self, id: &KeyId) -> &str {
        self.0.get(id).map_or("unnamed", |n| &n.name)
    }

    /// The holder, and enough of the key's name to tell it by eye.
    #[must_use]
    pub fn shown(&self, id: &KeyId) -> String {
        format!("{} ({})", self.of(id), id.short())
    }

    /// The one key among `ids` that `text` means: a holder's name, or a key's name or its beginning.
    ///
    /// # Errors
    /// [`CeremonyError::Refused`] if it means none or several.
    pub fn find<'a>(
        &self,
        ids: impl Iterator<Item = &'a KeyId> + Clone,
        text: &str,
    ) -> Result<KeyId, CeremonyError> {
        let meant = |id: &&KeyId| self.of(id).eq_ignore_ascii_case(text) || id.is_meant_by(text);
        let found: std::collections::BTreeSet<_> = ids.clone().filter(meant).collect();
        match (found.first(), found.len()) {
            (Some(id), 1) => Ok((*id).clone()),
            (Some(_), _) => Err(CeremonyError::Refused(format!(
                "{text} holds several keys; name one by the beginning of its fingerprint: {}",
                self.list(found.into_iter())
            ))),
            (None, _) => Err(CeremonyError::Refused(format!(
                "nobody here is called {text}, and no key begins so; there are: {}",
                self.list(ids)
            ))),
        }
    }

    /// Several keys in one line.
    pub(crate) fn list<'a>(&self, ids: impl Iterator<Item = &'a KeyId>) -> String {
        let shown: std::collections::BTreeSet<_> = ids.map(|id| self.shown(id)).collect();
        shown.into_iter().collect::<Vec<_>>().join(", ")
    }
}
