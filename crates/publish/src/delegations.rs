//! Which role speaks for which file, as the top-level targets delegate it.

use std::collections::BTreeMap;

use serde_json::Value;
use stentor_verify::{limits, safe_path};

use crate::head::Listed;
use crate::keys::KeyId;
use crate::repository::RepositoryError;

/// The role that lists what is current.
pub(crate) const STATUS: &str = "status";

/// Everything below this belongs to the role of a year.
const YEARS: &str = "incidents/";

/// The roles that are spoken with here.
#[derive(Debug)]
pub(crate) struct Delegations(Vec<Delegation>);

#[derive(Debug)]
struct Delegation {
    name: String,
    paths: Vec<String>,
}

/// Pages by the role that speaks for them.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) roles: BTreeMap<String, Listed>,
    /// Pages of years to which nothing was delegated.
    pub(crate) left_out: Vec<String>,
}

impl Delegations {
    /// What `targets`, the parsed metadata, delegates to `key`; without one, all that it delegates to anybody.
    pub(crate) fn of(targets: &Value, key: Option<&KeyId>) -> Self {
        let key = key.map(KeyId::to_string);
        let ours = |role: &&Value| {
            let ids = role["keyids"].as_array();
            key.as_ref()
                .is_none_or(|key| ids.is_some_and(|ids| ids.iter().any(|id| id == key)))
        };
        let delegation = |role: &Value| {
            let paths = role["paths"].as_array()?.iter();
            Some(Delegation {
                name: role["name"].as_str()?.to_owned(),
                paths: paths.filter_map(|p| Some(p.as_str()?.to_owned())).collect(),
            })
        };
        let roles = targets["delegations"]["roles"].as_array();
        Self(
            roles
                .into_iter()
                .flatten()
                .filter(ours)
                .filter_map(delegation)
                .collect(),
        )
    }

    /// The roles, in the order of their delegation.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|d| d.name.as_str())
    }

    /// Finds the role of each page. A page that no role may ever speak for is an error; one of a year to which nothing
    /// was delegated must not hold up the present.
    pub(crate) fn sort(&self, pages: &Listed) -> Result<Sorted, RepositoryError> {
        let mut sorted = Sorted::default();
        for (path, target) in pages {
            let refused = || RepositoryError::Page { path: path.clone() };
            // A root beside the pages would be taken for the one to pin.
            if !safe_path(path) || path == "root.json" || target.length > limits::TARGET_BYTES {
                return Err(refused());
            }
            match self.role_of(path) {
                Some(role) => {
                    let listed = sorted.roles.entry(role.to_owned()).or_default();
                    listed.insert(path.clone(), target.clone());
                }
                None if year_of(path).is_some() => sorted.left_out.push(path.clone()),
                None => return Err(refused()),
            }
        }
        Ok(sorted)
    }

    fn role_of(&self, path: &str) -> Option<&str> {
        let role = self
            .0
            .iter()
            .find(|d| d.paths.iter().any(|p| matches(p, path)))?;
        Some(&role.name)
    }
}

/// A star stands for one part of a path (TUF 1.0.34, 4.5); we write it only at the end.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(dir) => path
            .strip_prefix(dir)
            .is_some_and(|name| !name.contains('/')),
        None => pattern == path,
    }
}

/// The year of an incident's page.
fn year_of(path: &str) -> Option<u16> {
    let (year, page) = path.strip_prefix(YEARS)?.split_once('/')?;
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    (is_year && !page.contains('/'))
        .then(|| year.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_part() {
        #[track_caller]
        fn check(pattern: &str, path: &str, expect: bool) {
            assert_eq!(matches(pattern, path), expect, "{pattern} {path}");
        }
        check("*", "index.html", true);
        check("*", "a/b", false);
        check("incidents/2026/*", "incidents/2026/INC-1.html", true);
        check("incidents/2026/*", "incidents/2027/INC-1.html", false);
        check("incidents/2026/*", "incidents/2026/a/b", false);
        check("status.json", "status.json", true);
        check("status.json", "status.jsonx", false);
    }

    #[test]
    fn only_pages_of_years_can_wait_for_a_delegation() {
        #[track_caller]
        fn check(path: &str, expect: Option<u16>) {
            assert_eq!(year_of(path), expect, "{path}");
        }
        check("incidents/2031/INC-1.html", Some(2031));
        check("incidents/INC-1.html", None);
        check("incidents/20311/INC-1.html", None);
        check("incidents/+031/INC-1.html", None);
        check("incidents/2031/a/INC-1.html", None);
        check("index.html", None);
    }
}
