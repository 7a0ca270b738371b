//! Tests write small files and read what is made of them, or said about them.

mod refusals;
mod routes;
mod secrets;
mod settings;
mod several;
mod templates;
mod yaml;

use super::{Defaults, cut, read};
use crate::routing::Routing;

const NAME: &str = "alertmanager.yml";

/// The smallest file there can be.
const LEAST: &str = "route: {receiver: ops}\nreceivers: [{name: ops}]\n";

/// What is said about a file.
fn problems(text: &str) -> Vec<String> {
    let problems = cut(NAME, text).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

/// The problems of a file are exactly these; its name is left out.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = problems(text);
    let expected: Vec<String> = expected.iter().map(|e| format!("{NAME}:{e}")).collect();
    assert_eq!(found, expected, "{text}");
}

/// The routing of a file, by the way that it takes in reality.
#[track_caller]
fn routing(text: &str) -> Routing {
    let cut = match cut(NAME, text) {
        Ok(cut) => cut,
        Err(problems) => panic!("{problems:#?}"),
    };
    read(NAME, &cut.text, Defaults::default()).unwrap()
}
