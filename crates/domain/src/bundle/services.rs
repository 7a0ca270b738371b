//! `services/NAME.toml`: one service of the catalogue, and which alerts belong to it.

use regex::Regex;

use super::Declared;
use super::problem::quoted;
use super::reader::{Table, Text};
use super::values::web_url;
use crate::ids::PolicyId;
use crate::organisation::{Service, UNMAPPED};
use crate::selector::Selector;

pub(super) const ROOT: &[&str] = &[
    "name",
    "description",
    "public_name",
    "group",
    "owner",
    "policy",
    "representatives",
    "runbook",
    "match",
];
const MATCH: &[&str] = &["labels", "patterns"];

/// Reads one service and its selectors.
pub(super) fn read(
    id: &str,
    file: &Table<'_>,
    names: &Declared<'_>,
    default_policy: &PolicyId,
) -> (Service, Vec<Selector>) {
    if id == UNMAPPED {
        file.here().refuse(
            format!("{UNMAPPED:?} is where alerts go that no service claims"),
            "give the file another name",
        );
    }
    let policy = file.line("policy").map(|name| names.policies.find(&name));
    let owner = file.need("owner", "owner = \"ada\"");
    let representatives = file.lines("representatives");
    for text in &representatives {
        if text.contains('@') {
            text.refuse(
                "an address stands in a part of the configuration that is kept for ever",
                "name the group that speaks for those affected, without an address",
            );
        }
    }
    let service = Service {
        id: id.into(),
        name: file.need_owned("name", "name = \"Website\""),
        description: file
            .text("description")
            .map(|text| text.trim().to_owned())
            .unwrap_or_default(),
        public_name: file.line("public_name").map(|text| text.trim().to_owned()),
        group: group(file),
        owner: owner.map_or_else(|| "".into(), |name| names.people.find(&name)),
        policy: policy.unwrap_or_else(|| default_policy.clone()),
        representatives: representatives.iter().map(|t| t.to_string()).collect(),
        runbook: web_url(file, "runbook"),
    };
    let selectors = file.list("match", MATCH);
    (service, selectors.iter().filter_map(selector).collect())
}

/// The heading on the status page; a service that is not there has none.
fn group(file: &Table<'_>) -> Option<String> {
    let text = file.line("group")?;
    if file.value("public_name").is_none() {
        text.refuse(
            "a service without public_name is not on the status page, so it stands under no heading there",
            "add public_name = \"…\", or remove this line",
        );
    }
    Some(text.trim().to_owned())
}

fn selector(table: &Table<'_>) -> Option<Selector> {
    let labels = table.pairs("labels");
    let patterns = table.pairs("patterns");
    if labels.is_empty() && patterns.is_empty() {
        table.here().refuse(
            "this [[match]] has no condition, so every alert would fit",
            "add labels = { job = \"web\" } or patterns = { instance = \"web-[0-9]+\" }",
        );
        return None;
    }
    for (name, _) in &labels {
        if patterns.iter().any(|(other, _)| **other == **name) {
            name.refuse(
                format!("the label {} has a value and a pattern", quoted(name)),
                "keep one of the two",
            );
        }
    }
    // Each pattern is tried alone, so that every bad one is reported at its place.
    let bad = patterns.iter().filter(|(_, pattern)| !is_sound(pattern));
    if bad.count() > 0 {
        return None;
    }
    Selector::new(
        labels.iter().map(|(name, value)| (**name, **value)),
        patterns.iter().map(|(name, value)| (**name, **value)),
    )
    .ok()
}

/// Compiles a pattern as it stands before it is anchored: `a)|(b` is wrong, although it would fit into a group.
fn is_sound(pattern: &Text<'_>) -> bool {
    let reason = match Regex::new(pattern) {
        Ok(_) => Selector::new([], [("", **pattern)]).err().map(|e| e.1),
        Err(error) => Some(error.to_string()),
    };
    let Some(reason) = reason else {
        return true;
    };
    // The last line of the engine's message says what is wrong; the lines before draw the pattern.
    let reason = reason.lines().last().unwrap_or_default().trim();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    pattern.refuse(
        format!("{} is not a regular expression: {reason}", quoted(pattern)),
        "correct it; it has to match the whole value of the label",
    );
    false
}
