//! `mapping` of a source of `sources.toml`: where in JSON of any shape an alert's parts are.

use std::collections::BTreeMap;

use super::problem::quoted;
use super::reader::{Table, Text};
use super::sources::judge_names;
use crate::source::{Mapping, Path, StatusPath};

const MAPPING: &[&str] = &[
    "items",
    "alertname",
    "labels",
    "annotations",
    "status",
    "resolved",
    "starts_at",
    "ends_at",
];

/// The label by which an alert is known.
const ALERTNAME: &str = "alertname";
/// What means "over" when a mapping does not say it.
const RESOLVED: [&str; 2] = ["resolved", "ok"];

/// Reads the mapping of a source that gives these labels to its alerts.
pub(super) fn read(source: &Table<'_>, fixed: &BTreeMap<String, String>) -> Mapping {
    let mut mapping = Mapping {
        items: None,
        alertname: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        status: None,
        starts_at: None,
        ends_at: None,
    };
    let Some(table) = source.table("mapping", MAPPING) else {
        if source.value("mapping").is_none() {
            source.here().refuse(
                "it is not said where an alert's parts are",
                "add mapping = { alertname = \"path.of.the.name\" }",
            );
        }
        return mapping;
    };
    mapping.items = path_at(&table, "items");
    mapping.alertname = path_at(&table, ALERTNAME);
    if table.value(ALERTNAME).is_none() && !fixed.contains_key(ALERTNAME) {
        table.here().refuse(
            "its alerts have no name",
            "add alertname = \"path.of.the.name\", or to the source labels = { alertname = \"Name\" }",
        );
    }
    mapping.labels = paths(&table, "labels");
    mapping.annotations = paths(&table, "annotations");
    for (name, _) in table
        .value("labels")
        .map(|_| table.pairs("labels"))
        .unwrap_or_default()
    {
        if *name == ALERTNAME {
            name.refuse(
                "the label alertname has a key of its own",
                "write it beside labels: alertname = \"path.of.the.name\"",
            );
        }
    }
    mapping.status = status(&table);
    mapping.starts_at = path_at(&table, "starts_at");
    mapping.ends_at = path_at(&table, "ends_at");
    mapping
}

fn status(table: &Table<'_>) -> Option<StatusPath> {
    let resolved = table
        .value("resolved")
        .map(|value| (value, table.lines("resolved")));
    let Some(text) = table.line("status") else {
        if let (Some((value, _)), None) = (resolved, table.value("status")) {
            value.refuse(
                "these values mean \"over\", but it is not said of what",
                "add status = \"path.of.the.status\"",
            );
        }
        return None;
    };
    if let Some((value, texts)) = &resolved
        && value.as_array().is_some_and(|list| list.is_empty())
        && texts.is_empty()
    {
        value.refuse(
            "no value means \"over\", so that nothing would ever end",
            "write for instance resolved = [\"resolved\", \"ok\"]",
        );
    }
    let resolved = resolved.map_or_else(
        || RESOLVED.map(str::to_owned).to_vec(),
        |(_, texts)| texts.iter().map(|text| text.trim().to_owned()).collect(),
    );
    Some(StatusPath {
        path: path(&text)?,
        resolved,
    })
}

fn paths(table: &Table<'_>, key: &str) -> BTreeMap<String, Path> {
    if table.value(key).is_none() {
        return BTreeMap::new();
    }
    let pairs = table.pairs(key);
    judge_names(table, key, pairs.iter().map(|(name, _)| name));
    let pairs = pairs.into_iter();
    pairs
        .filter_map(|(name, text)| Some((name.to_string(), path(&text)?)))
        .collect()
}

fn path_at(table: &Table<'_>, key: &str) -> Option<Path> {
    path(&table.line(key)?)
}

fn path(text: &Text<'_>) -> Option<Path> {
    match text.trim().parse::<Path>() {
        Ok(path) => Some(path),
        Err(bad) => {
            text.refuse(
                format!("{} is not a path: {bad}", quoted(text)),
                "write for instance \"alert.name\", \"results[0].id\" or \"$['display name']\"",
            );
            None
        }
    }
}
