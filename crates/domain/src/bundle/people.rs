//! `people.toml`: who may be paged or sign in. How they are reached lies in `contacts.toml`, outside the bundle.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{instead, quoted};
use super::reader::{Table, Text};
use crate::ids::PersonId;
use crate::organisation::{Person, PersonRole};

pub(super) const ROOT: &[&str] = &["people"];
const KEYS: &[&str] = &["name", "roles"];

/// Reads all people. Without `roles` somebody is a responder.
pub(super) fn read(file: &Table<'_>) -> BTreeMap<PersonId, Person> {
    let mut people = BTreeMap::new();
    for (id, table) in file.named("people", KEYS) {
        let id = PersonId::from(id);
        let roles = if table.value("roles").is_some() {
            table.lines("roles").iter().filter_map(role).collect()
        } else {
            BTreeSet::from([PersonRole::Responder])
        };
        let person = Person {
            id: id.clone(),
            name: table.need_owned("name", "name = \"Ada\""),
            roles,
        };
        people.insert(id, person);
    }
    if people.is_empty() {
        file.here().refuse(
            "there are no people",
            "add [people.ada] with name = \"Ada\" and roles = [\"responder\", \"operator\"]",
        );
    } else if !people
        .values()
        .any(|p| p.roles.contains(&PersonRole::Operator))
    {
        file.here().refuse(
            "nobody may run Stentor itself",
            "give at least one person the role \"operator\"",
        );
    }
    people
}

fn role(name: &Text<'_>) -> Option<PersonRole> {
    let found = PersonRole::ALL
        .into_iter()
        .find(|role| role.name() == **name);
    if found.is_none() {
        name.refuse(
            format!("there is no role {}", quoted(name)),
            instead(name, PersonRole::ALL.iter().map(|role| role.name())),
        );
    }
    found
}
