//! Tests start from the example organisation, spoil it, and read what is said about it.

mod example;
mod limits;
mod mirrors;
mod public;
mod references;
mod refusals;
mod sources;
mod syntax;

use std::collections::BTreeMap;

use super::{Bundle, Problem};
use crate::organisation::Organisation;

const FILES: &[(&str, &str)] = &[
    (
        "stentor.toml",
        include_str!("../../../../stentor/example/stentor.toml"),
    ),
    (
        "people.toml",
        include_str!("../../../../stentor/example/people.toml"),
    ),
    (
        "oncall.toml",
        include_str!("../../../../stentor/example/oncall.toml"),
    ),
    (
        "calendars.toml",
        include_str!("../../../../stentor/example/calendars.toml"),
    ),
    (
        "services/login.toml",
        include_str!("../../../../stentor/example/services/login.toml"),
    ),
    (
        "services/package-mirror.toml",
        include_str!("../../../../stentor/example/services/package-mirror.toml"),
    ),
    (
        "services/website.toml",
        include_str!("../../../../stentor/example/services/website.toml"),
    ),
    (
        "templates/first.toml",
        include_str!("../../../../stentor/example/templates/first.toml"),
    ),
    (
        "templates/denial-over.toml",
        include_str!("../../../../stentor/example/templates/denial-over.toml"),
    ),
    (
        "templates/denial.toml",
        include_str!("../../../../stentor/example/templates/denial.toml"),
    ),
    (
        "templates/maintenance-now.toml",
        include_str!("../../../../stentor/example/templates/maintenance-now.toml"),
    ),
    (
        "templates/maintenance-over.toml",
        include_str!("../../../../stentor/example/templates/maintenance-over.toml"),
    ),
    (
        "templates/maintenance.toml",
        include_str!("../../../../stentor/example/templates/maintenance.toml"),
    ),
    (
        "templates/resolved.toml",
        include_str!("../../../../stentor/example/templates/resolved.toml"),
    ),
    (
        "templates/update.toml",
        include_str!("../../../../stentor/example/templates/update.toml"),
    ),
];

const CONTACTS: &str = include_str!("../../../../stentor/example/contacts.toml");

/// A change to the example.
#[derive(Clone, Copy)]
enum Edit {
    /// The file becomes this text.
    Put(&'static str, &'static str),
    /// In the file, the first text (which must be there) becomes the second.
    Swap(&'static str, &'static str, &'static str),
    /// The file goes.
    Drop(&'static str),
}
use Edit::{Drop, Put, Swap};

pub(super) fn example() -> BTreeMap<String, String> {
    FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

fn edited(edits: &[Edit]) -> Result<Organisation, Vec<Problem>> {
    let mut files = example();
    for edit in edits {
        match *edit {
            Put(file, text) => {
                files.insert(file.to_owned(), text.to_owned());
            }
            Swap(file, from, to) => {
                let text = files.get_mut(file).unwrap();
                assert!(text.contains(from), "{file} does not hold {from:?}");
                *text = text.replacen(from, to, 1);
            }
            Drop(file) => {
                files.remove(file).unwrap();
            }
        }
    }
    Bundle::new(files)?.organisation()
}

/// The problems of the edited example are exactly these.
#[track_caller]
fn check(edits: &[Edit], expected: &[&str]) {
    let found: Vec<String> = match edited(edits) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(found, expected);
}
