//! The tree of routes, and the rules that inhibit: made flat, with everything that is inherited.

use std::collections::{BTreeMap, BTreeSet};

use super::period;
use super::view::View;
use crate::bundle::problem::{instead, quoted};
use crate::matcher::{Matcher, Op, is_classic_name, parse_matchers, print_matchers};
use crate::routing::{GroupBy, InhibitRule, Route, TimeInterval};

/// Names that routes refer to.
pub(super) struct Known<'a> {
    pub(super) receivers: BTreeMap<&'a str, usize>,
    pub(super) intervals: &'a BTreeMap<String, Vec<TimeInterval>>,
}

/// Reads the routes, each before its children.
pub(super) fn read(file: &View<'_>, known: &Known<'_>) -> Vec<Route> {
    let mut routes = Vec::new();
    if let Some(root) = file.get("route") {
        refuse_root(&root);
        let above = Route {
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
            key: String::new(),
        };
        add(&root, &above, known, &mut routes);
    }
    routes
}

/// The root takes every alert at every time.
fn refuse_root(root: &View<'_>) {
    if !root.has("receiver") {
        let todo = "add receiver: NAME; it is told of what no other route takes";
        root.refuse("the first route names no receiver", todo);
    }
    for key in ["match", "match_re", "matchers"] {
        if root
            .get(key)
            .is_some_and(|v| !v.items().is_empty() || !v.entries().is_empty())
        {
            let todo = "move them to a route below it";
            root.key(key).refuse(
                "the first route takes every alert and has no matchers",
                todo,
            );
        }
    }
    for key in ["mute_time_intervals", "active_time_intervals"] {
        if root.has(key) {
            let todo = "move them to a route below it";
            root.key(key)
                .refuse("the first route has no time intervals", todo);
        }
    }
    if root.flag("continue") == Some(true) {
        let todo = "remove it; no route stands beside the first";
        root.key("continue")
            .refuse("the first route cannot continue", todo);
    }
}

/// Adds a route and its children; answers with its place.
fn add(view: &View<'_>, above: &Route, known: &Known<'_>, routes: &mut Vec<Route>) -> usize {
    let mut matchers = conditions(view, "match", "match_re", "matchers");
    matchers.sort_by(|a, b| (a.name(), a.value(), a.op()).cmp(&(b.name(), b.value(), b.op())));
    let own = print_matchers(&matchers);
    let key = if above.key.is_empty() {
        own
    } else {
        format!("{}/{own}", above.key)
    };
    let route = Route {
        matchers,
        receiver: receiver(view, known).unwrap_or(above.receiver),
        group_by: group_by(view).unwrap_or_else(|| above.group_by.clone()),
        group_wait_ms: duration(view, "group_wait", true).unwrap_or(above.group_wait_ms),
        group_interval_ms: duration(view, "group_interval", false)
            .unwrap_or(above.group_interval_ms),
        repeat_interval_ms: duration(view, "repeat_interval", false)
            .unwrap_or(above.repeat_interval_ms),
        mute: intervals(view, "mute_time_intervals", known),
        active: intervals(view, "active_time_intervals", known),
        continues: view.flag("continue").unwrap_or(false),
        children: Vec::new(),
        key,
    };
    for (name, key, _) in view.pairs("labels") {
        refuse_empty(&key, name);
    }
    let place = routes.len();
    routes.push(route.clone());
    for child in view.list("routes") {
        let child = add(&child, &route, known, routes);
        routes[place].children.push(child);
    }
    place
}

fn receiver(view: &View<'_>, known: &Known<'_>) -> Option<usize> {
    let name = view.text("receiver")?;
    let found = known.receivers.get(name).copied();
    if found.is_none()
        && let Some(at) = view.get("receiver")
        && !at.is_full()
    {
        let names = known.receivers.keys().copied();
        let todo = instead(name, names);
        at.refuse(format!("there is no receiver {}", quoted(name)), todo);
    }
    found
}

fn group_by(view: &View<'_>) -> Option<GroupBy> {
    let at = view.get("group_by")?;
    let mut names = Vec::new();
    let mut all = false;
    let mut seen = BTreeSet::new();
    for item in at.items() {
        let name = item.scalar()?;
        refuse_empty(&item, name);
        all |= name == "...";
        if !seen.insert(name) && name != "..." {
            let what = format!("{} stands here twice", quoted(name));
            item.refuse(what, "keep one of the two");
        }
        if name != "..." {
            names.push(name.to_owned());
        }
    }
    if all && !names.is_empty() {
        let todo = "write ['...'] alone, or only names";
        at.refuse(
            "'...' means all labels, so no other can stand beside it",
            todo,
        );
    }
    Some(if all {
        GroupBy::All
    } else {
        GroupBy::Names(names)
    })
}

/// A period; its form was looked at before.
fn duration(view: &View<'_>, key: &str, may_be_zero: bool) -> Option<i64> {
    let at = view.get(key)?;
    let duration = period::prometheus(at.scalar()?)?;
    if duration == 0 && !may_be_zero {
        at.refuse(format!("\"{key}\" cannot be zero"), "write for instance 5m");
        return None;
    }
    Some(duration)
}

fn intervals(view: &View<'_>, key: &str, known: &Known<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for item in view.list(key) {
        let Some(name) = item.scalar() else { continue };
        if !known.intervals.contains_key(name) && !item.is_full() {
            let what = format!("there is no time interval {}", quoted(name));
            let todo = if known.intervals.is_empty() {
                "declare it under time_intervals".to_owned()
            } else {
                instead(name, known.intervals.keys().map(String::as_str))
            };
            item.refuse(what, todo);
        }
        names.push(name.to_owned());
    }
    names
}

/// Conditions in their three ways of writing, in this order.
fn conditions(view: &View<'_>, equal: &str, matches: &str, list: &str) -> Vec<Matcher> {
    let mut found = Vec::new();
    let mut take =
        |at: &View<'_>, made: Result<Vec<Matcher>, crate::matcher::BadMatcher>| match made {
            Ok(matchers) => found.extend(matchers),
            Err(error) => at.refuse(error.to_string(), "write for instance team=\"web\""),
        };
    for (name, key, value) in view.pairs(equal) {
        refuse_unless_classic(&key, name);
        take(&key, Matcher::new(name, Op::Equal, value).map(|m| vec![m]));
    }
    for (name, key, value) in view.pairs(matches) {
        refuse_unless_classic(&key, name);
        // Alertmanager shows these with the anchors that it adds, and so they stand in the keys of groups.
        let alone = Matcher::new(name, Op::Matches, value);
        let anchored =
            alone.and_then(|_| Matcher::new(name, Op::Matches, format!("^(?:{value})$")));
        take(&key, anchored.map(|m| vec![m]));
    }
    for item in view.list(list) {
        if let Some(text) = item.scalar() {
            take(&item, parse_matchers(text));
        }
    }
    found
}

fn refuse_unless_classic(at: &View<'_>, name: &str) {
    if !is_classic_name(name) || name.contains(':') {
        let what = format!("{} cannot be a label's name here", quoted(name));
        at.refuse(
            what,
            "use matchers, where names of any characters can stand",
        );
    }
}

fn refuse_empty(at: &View<'_>, name: &str) {
    if name.is_empty() {
        at.refuse("a label's name is empty", "write a name");
    }
}

/// Reads the rules that inhibit.
pub(super) fn inhibit_rules(file: &View<'_>) -> Vec<InhibitRule> {
    let rule = |view: &View<'_>| {
        let equal = view.list("equal");
        for item in &equal {
            refuse_empty(item, item.scalar().unwrap_or("?"));
        }
        let equal = equal.iter().filter_map(View::scalar).map(str::to_owned);
        InhibitRule {
            name: view.text("name").unwrap_or_default().to_owned(),
            source: conditions(view, "source_match", "source_match_re", "source_matchers"),
            target: conditions(view, "target_match", "target_match_re", "target_matchers"),
            equal: equal.collect(),
        }
    };
    file.list("inhibit_rules").iter().map(rule).collect()
}
