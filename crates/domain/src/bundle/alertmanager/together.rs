//! Several files: each is a routing of its own, and every alert goes through all of them.
//!
//! The routes of each file hang below one root that takes nothing itself; each file's first route continues, so that
//! the next file sees the alert too. Keys of groups begin with the file's name, because routes of two files may be
//! written alike. Where two files give a receiver or a time interval the same name, both get the file's name before it
//! (`team-a/ops`); receivers of Stentor itself are shared. Rules that inhibit hold for the alerts of all files: they
//! know labels only. An alert is over after the longest time that a file says.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::problem::{Problem, Problems};
use crate::routing::{GroupBy, Route, Routing};

use super::{Answering, Defaults, read_into, templates};

/// Where one file lies.
const ONE: [&str; 2] = ["alertmanager.yml", "alertmanager.yaml"];
/// Where several lie.
const FOLDER: &str = "alertmanager/";

/// Whether the file of this path in a configuration directory holds a routing: [`super::cut`] comes before it may be
/// part of a bundle.
#[must_use]
pub fn is_routing(path: &str) -> bool {
    ONE.contains(&path)
        || path
            .strip_prefix(FOLDER)
            .is_some_and(|file| stem(file).is_some())
}

/// The name without its ending, of a file in the folder.
fn stem(file: &str) -> Option<&str> {
    let stem = file.strip_suffix(".yml").or(file.strip_suffix(".yaml"))?;
    (!stem.contains('/') && !stem.starts_with('.')).then_some(stem)
}

/// Reads all files of a bundle that hold routings; `None` when there is none.
pub(in crate::bundle) fn together(
    files: &BTreeMap<String, String>,
    defaults: Defaults,
    answering: Answering<'_>,
    problems: &Problems,
) -> Option<Routing> {
    let ours: Vec<(&str, &str)> = files
        .iter()
        .filter(|(path, _)| is_routing(path))
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let mut stems = BTreeSet::new();
    for (path, _) in &ours {
        let alone = ONE.contains(path);
        let stem = path.strip_prefix(FOLDER).and_then(stem).unwrap_or_default();
        if alone && ours.len() > 1 || !alone && !stems.insert(stem) {
            let what = "another file holds a routing, too";
            let todo = "keep one alertmanager.yml, or give each in alertmanager/ a name of its own";
            problems.push(Problem::of_file(path, what, todo));
        }
    }
    let read: Vec<(&str, Option<Routing>)> = ours
        .iter()
        .enumerate()
        .map(|(rank, (path, text))| {
            let mut routing = read_into(path, text, defaults, answering, problems);
            let library = templates::of_routing(files, rank, problems);
            if let Some((routing, library)) = routing.as_mut().zip(library) {
                let names = routing.receivers.iter().map(|r| r.name.clone());
                routing.templates = names.map(|name| (name, library.clone())).collect();
            }
            (*path, routing)
        })
        .collect();
    let mut read: Vec<(&str, Routing)> = read
        .into_iter()
        .filter_map(|(path, routing)| Some((path, routing?)))
        .filter(|(_, routing)| !routing.routes.is_empty())
        .collect();
    if ours.len() == 1 && ours.first().is_some_and(|(path, _)| ONE.contains(path)) {
        return read.pop().map(|(_, routing)| routing);
    }
    if read.is_empty() {
        return None;
    }
    Some(join(read))
}

fn join(parts: Vec<(&str, Routing)>) -> Routing {
    let receivers = repeated(
        parts
            .iter()
            .flat_map(|(_, r)| r.receivers.iter().map(|r| &*r.name)),
    );
    let intervals = repeated(
        parts
            .iter()
            .flat_map(|(_, r)| r.intervals.keys().map(|k| &**k)),
    );
    let mut all = Routing::default();
    all.routes.push(Route {
        matchers: Vec::new(),
        receiver: 0,
        group_by: GroupBy::Names(Vec::new()),
        group_wait_ms: 30_000,
        group_interval_ms: 5 * 60_000,
        repeat_interval_ms: 4 * 3_600_000,
        mute: Vec::new(),
        active: Vec::new(),
        continues: false,
        children: Vec::new(),
        key: "{}".into(),
    });
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (path, part) in parts {
        let name = path.strip_prefix(FOLDER).and_then(stem).unwrap_or(path);
        let mut renamed = BTreeMap::new();
        for (old, times) in part.intervals {
            let mut new = named(name, &old, &intervals);
            while all.intervals.contains_key(&new) {
                new = format!("{name}/{new}");
            }
            all.intervals.insert(new.clone(), times);
            renamed.insert(old, new);
        }
        let interval = |old: &String| renamed.get(old).unwrap_or(old).clone();
        let mut places = Vec::new();
        for mut receiver in part.receivers {
            let shared = receiver.name.starts_with("stentor:");
            let library = part.templates.get(&receiver.name).cloned();
            if !shared {
                receiver.name = named(name, &receiver.name, &receivers);
                // Somebody may have called a receiver as another one is called only now.
                while taken.contains_key(&receiver.name) {
                    receiver.name = format!("{name}/{}", receiver.name);
                }
            }
            let next = all.receivers.len();
            let place = *taken.entry(receiver.name.clone()).or_insert(next);
            places.push(place);
            if place == next {
                if let Some(library) = library {
                    all.templates.insert(receiver.name.clone(), library);
                }
                all.receivers.push(receiver);
            }
        }
        let first = all.routes.len();
        all.routes[0].children.push(first);
        for (i, mut route) in part.routes.into_iter().enumerate() {
            route.receiver = places.get(route.receiver).copied().unwrap_or(0);
            route.mute = route.mute.iter().map(interval).collect();
            route.active = route.active.iter().map(interval).collect();
            route.continues |= i == 0;
            route.key = format!("{name}:{}", route.key);
            route.children.iter_mut().for_each(|child| *child += first);
            all.routes.push(route);
        }
        all.inhibit_rules.extend(part.inhibit_rules);
        all.resolve_timeout_ms = all.resolve_timeout_ms.max(part.resolve_timeout_ms);
    }
    all.original = skeleton(&all);
    all.indexed()
}

/// Names that come more than once.
fn repeated<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let repeated = names.filter(|name| !seen.insert(*name)).map(str::to_owned);
    repeated
        .filter(|name| !name.starts_with("stentor:"))
        .collect()
}

/// A name with its file's before it, where another file has the same one.
fn named(file: &str, name: &str, repeated: &BTreeSet<String>) -> String {
    if repeated.contains(name) {
        format!("{file}/{name}")
    } else {
        name.to_owned()
    }
}

/// Routes and names of receivers alone, as one file that Alertmanager's tools can show and test.
fn skeleton(all: &Routing) -> String {
    use super::tree::{Entry, Node, Value};
    let node = |value| Node { at: 0, value };
    let text = |text: &str| {
        node(Value::Scalar {
            text: text.to_owned(),
            plain: false,
        })
    };
    let entry = |key: &str, value| Entry {
        key: key.to_owned(),
        at: 0,
        value,
    };
    fn route(all: &Routing, at: usize, make: &impl Fn(&Route, Vec<Node>) -> Node) -> Node {
        let one = &all.routes[at];
        let children = one.children.iter().map(|child| route(all, *child, make));
        make(one, children.collect())
    }
    let make = |one: &Route, children: Vec<Node>| {
        let receiver = all.receivers.get(one.receiver);
        let matchers = one.matchers.iter().map(|m| text(&m.to_string())).collect();
        let labels = match &one.group_by {
            GroupBy::All => vec![text("...")],
            GroupBy::Names(names) => names.iter().map(|name| text(name)).collect(),
        };
        node(Value::Map(vec![
            entry("receiver", text(receiver.map_or("", |r| &r.name))),
            entry("group_by", node(Value::List(labels))),
            entry("matchers", node(Value::List(matchers))),
            entry(
                "continue",
                node(Value::Scalar {
                    text: one.continues.to_string(),
                    plain: true,
                }),
            ),
            entry("routes", node(Value::List(children))),
        ]))
    };
    let names = all.receivers.iter();
    let names = names.map(|r| node(Value::Map(vec![entry("name", text(&r.name))])));
    let file = node(Value::Map(vec![
        entry("route", route(all, 0, &make)),
        entry("receivers", node(Value::List(names.collect()))),
    ]));
    super::emit::emit(&file, &BTreeMap::new())
}
