//! What was authorised and is not signed yet, on this disk: from then on it can be published whatever else fails.
//!
//! The files lie where they will lie once they are signed; nothing names them until then but the spool.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use stentor_verify::limits;

use crate::folder::Folder;
use crate::head::{Head, Listed, target_path};
use crate::metadata::Target;
use crate::repository::{Hashed, Pages, RepositoryError};

const SPOOL: &str = "spool.json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spool<'a> {
    /// All pages that were authorised last.
    pages: Cow<'a, Listed>,
}

/// Keeps pages; those that `head` lists just so are there already.
pub(crate) fn keep(folder: &Folder, head: &Head, hashed: &Hashed) -> Result<(), RepositoryError> {
    for ((path, bytes), target) in hashed.pages.iter().zip(hashed.listed.values()) {
        let listed = |role: &crate::head::Role| role.listed.get(path) == Some(target);
        if !head.roles.values().any(listed) {
            folder.write(&target_path(path, target), bytes)?;
        }
    }
    let spool = Spool {
        pages: Cow::Borrowed(&hashed.listed),
    };
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
    let spool: Spool<'_> = serde_json::from_slice(&bytes).ok()?;
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
