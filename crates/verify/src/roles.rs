//! The targets and the roles that they delegate to: one level, fetched only where they are needed (TUF 1.0.34, 5.6).

use std::collections::{BTreeMap, BTreeSet};

use sigstore_tuf::Key;
use sigstore_tuf::metadata::DelegatedRole;

use crate::chain::{BEFORE_ANY_EXPIRY, Chain};
use crate::fetch::{Fetch, safe_path};
use crate::limits::{DELEGATIONS, METADATA_BYTES};
use crate::received::{forged, positive, received};
use crate::verdict::Verdict;
use crate::verification::Scope;

/// The role that speaks for the present.
pub(crate) const STATUS: &str = "status";

impl Chain {
    pub(crate) async fn targets(
        &mut self,
        mirror: &dyn Fetch,
        scope: Scope<'_>,
    ) -> Result<(), Verdict> {
        let (path, bytes) = self.pinned(mirror, "targets").await?;
        let top = self
            .trusted
            .update_targets(&bytes, BEFORE_ANY_EXPIRY)
            .map_err(|e| forged(&path, &e))?;
        positive(&path, top.version)?;
        let delegations = top.delegations.as_ref();
        let roles: Vec<DelegatedRole> = delegations
            .iter()
            .flat_map(|d| &d.roles)
            .take(DELEGATIONS + 1)
            .cloned()
            .collect();
        if roles.len() > DELEGATIONS {
            return Err(Verdict::forged(format!(
                "{path} delegates to more than {DELEGATIONS} roles"
            )));
        }
        for role in &roles {
            // A role's name becomes part of a path.
            if !safe_path(&role.name) || role.name.contains('/') {
                return Err(Verdict::forged(format!(
                    "{path} delegates to a role with a forbidden name: {}",
                    role.name
                )));
            }
            let keys = delegations.map(|d| &d.keys);
            if let Some(why) = keys.and_then(|k| declares_twice(&role.name, &role.keyids, k)) {
                return Err(Verdict::forged(format!("{path}: {why}")));
            }
        }
        for role in roles {
            match scope {
                Scope::Head => return Ok(()),
                Scope::Present if role.name != STATUS => continue,
                Scope::File(file) => {
                    let asked = role
                        .matches_path(file)
                        .map_err(|e| Verdict::forged(format!("{path}: {e}")))?;
                    if self.lists("targets", file) {
                        return Ok(());
                    }
                    if !asked {
                        continue;
                    }
                    self.role(mirror, &role.name).await?;
                    if role.terminating || self.lists(&role.name, file) {
                        return Ok(());
                    }
                }
                Scope::Present | Scope::Metadata | Scope::Everything => {
                    self.role(mirror, &role.name).await?;
                }
            }
        }
        Ok(())
    }

    /// Fetches and verifies one delegated role.
    async fn role(&mut self, mirror: &dyn Fetch, name: &str) -> Result<(), Verdict> {
        let (path, bytes) = self.pinned(mirror, name).await?;
        let signed = self
            .trusted
            .update_delegated_targets(&bytes, name, "targets", BEFORE_ANY_EXPIRY)
            .map_err(|e| forged(&path, &e))?;
        positive(&path, signed.version)?;
        let further = signed.delegations.as_ref();
        if further.is_some_and(|d| !d.roles.is_empty()) {
            return Err(Verdict::forged(format!(
                "{path} delegates further, which its publisher never does"
            )));
        }
        self.delegated.push(name.to_owned());
        Ok(())
    }

    fn lists(&self, role: &str, file: &str) -> bool {
        self.trusted
            .targets_role(role)
            .is_some_and(|r| r.targets.contains_key(file))
    }

    /// The file of a role at the version that the snapshot pins.
    async fn pinned(&self, mirror: &dyn Fetch, role: &str) -> Result<(String, Vec<u8>), Verdict> {
        let pin = self
            .trusted
            .snapshot()
            .and_then(|s| s.meta.get(&format!("{role}.json")));
        let Some(pin) = pin else {
            return Err(Verdict::forged(format!(
                "the snapshot does not list {role}.json"
            )));
        };
        let path = self.path(role, pin.version);
        let limit = pin.length.map_or(METADATA_BYTES, |l| l.min(METADATA_BYTES));
        let bytes = received(&path, mirror.fetch(&path, limit).await, limit)?;
        Ok((path, bytes))
    }
}

/// Why the keys of a role are not as many as their ids: a threshold counts people, and one key is one of them.
pub(crate) fn declares_twice(
    role: &str,
    ids: &[String],
    keys: &BTreeMap<String, Key>,
) -> Option<String> {
    let distinct: BTreeSet<&String> = ids.iter().collect();
    let mut seen = BTreeSet::new();
    // A key that cannot be used counts for nothing, however often it is named.
    distinct
        .into_iter()
        .filter_map(|id| keys.get(id)?.verification_key().ok())
        .find(|key| !seen.insert((key.scheme().name(), key.as_bytes().to_vec())))
        .map(|_| format!("it declares one key for {role} under two names"))
}
