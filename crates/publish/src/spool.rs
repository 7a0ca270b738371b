//! What was authorised and is not signed yet, on this disk: from then on it can be published whatever else fails.
//!
//! The files lie where they will lie once they are signed; nothing names them until then but the spool.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stentor_verify::limits;

use crate::folder::Folder;
use crate::head::{Head, Listed, target_path};
use crate::metadata::Target;
use crate::repository::{Pages, RepositoryError};

const SPOOL: &str = "spool.json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spool {
    /// All pages that were authorised last.
    pages: Listed,
}

/// Keeps `pages`; those that `head` lists just so are there already.
pub(crate) fn keep(folder: &Folder, head: &Head, pages: &Pages) -> Result<(), RepositoryError> {
    let mut spool = Spool {
        pages: BTreeMap::new(),
    };
    for (path, bytes) in pages {
        let target = Target::of(bytes);
        let listed = |role: &crate::head::Role| role.listed.get(path) == Some(&target);
        if !head.roles.values().any(listed) {
            folder.write(&target_path(path, &target), bytes)?;
        }
        spool.pages.insert(path.clone(), target);
    }
    let bytes = serde_json::to_vec(&spool).map_err(|e| RepositoryError::Io {
        what: "write",
        path: SPOOL.to_owned(),
        why: e.to_string(),
    })?;
    folder.write(SPOOL, &bytes)
}

/// The pages that were kept last; `None` if there are none, or if they are gone since because they were superseded.
pub(crate) fn kept(folder: &Folder) -> Option<Pages> {
    let bytes = folder.read(SPOOL, limits::STATE_BYTES).ok()?;
    let spool: Spool = serde_json::from_slice(&bytes).ok()?;
    let page = |(path, target): (&String, &Target)| {
        let bytes = folder.checked(&target_path(path, target), target).ok()?;
        Some((path.clone(), bytes))
    };
    spool.pages.iter().map(page).collect()
}

/// Forgets what was kept: something newer was taken over.
pub(crate) fn forget(folder: &Folder) -> Result<(), RepositoryError> {
    folder.write(SPOOL, b"{}")
}
