//! Routes: what is inherited, keys, conditions; rules that inhibit; named times.

use super::{LEAST, routing};
use crate::labels::Labels;
use crate::routing::GroupBy;

#[test]
fn children_inherit_what_they_do_not_say() {
    let routing = routing(
        "route:\n  receiver: ops\n  routes:\n  - matchers: [a=b]\n    group_by: [x, y]\n    group_wait: 1s\n    continue: yes\n    \
         active_time_intervals: [day]\n    routes:\n    - matchers: [c=d]\n      receiver: web\n      group_by: ['...']\n      \
         repeat_interval: 1d\n      routes: [{group_interval: 1m}, {group_by: []}]\n  - mute_time_intervals: [day]\n    \
         group_interval: 1h30m\nreceivers: [{name: ops}, {name: web}]\ntime_intervals: [{name: day}]\n",
    );
    let names = |names: &[&str]| GroupBy::Names(names.iter().map(|n| (*n).to_owned()).collect());
    let found: Vec<_> = routing
        .routes
        .iter()
        .map(|r| {
            let periods = (r.group_wait_ms, r.group_interval_ms, r.repeat_interval_ms);
            (
                r.receiver,
                r.group_by.clone(),
                periods,
                r.children.clone(),
                r.continues,
            )
        })
        .collect();
    let hours = 3_600_000;
    assert_eq!(
        found,
        [
            (
                0,
                names(&[]),
                (30_000, 300_000, 4 * hours),
                vec![1, 5],
                false
            ),
            (
                0,
                names(&["x", "y"]),
                (1_000, 300_000, 4 * hours),
                vec![2],
                true
            ),
            (
                1,
                GroupBy::All,
                (1_000, 300_000, 24 * hours),
                vec![3, 4],
                false
            ),
            (1, GroupBy::All, (1_000, 60_000, 24 * hours), vec![], false),
            (1, names(&[]), (1_000, 300_000, 24 * hours), vec![], false),
            (0, names(&[]), (30_000, 5_400_000, 4 * hours), vec![], false),
        ]
    );
    // Times are not inherited.
    let times: Vec<_> = routing
        .routes
        .iter()
        .map(|r| (r.active.len(), r.mute.len()))
        .collect();
    assert_eq!(times, [(0, 0), (1, 0), (0, 0), (0, 0), (0, 0), (0, 1)]);
    assert_eq!(routing.resolve_timeout_ms, 300_000);
}

#[test]
fn keys_are_written_as_alertmanager_writes_them() {
    let check = |inner: &str, expected: &str| {
        let text = format!(
            "route: {{receiver: ops, routes: [{{{inner}}}]}}\nreceivers: [{{name: ops}}]\n"
        );
        assert_eq!(routing(&text).routes[1].key, expected, "{inner}");
    };
    check("receiver: ops", "{}/{}");
    check("matchers: [team=x]", "{}/{team=\"x\"}");
    check(
        "matchers: ['b=~\"x|y\"', 'a!=z, c!~\"\"']",
        "{}/{a!=\"z\",b=~\"x|y\",c!~\"\"}",
    );
    check(
        "match: {b: x, a: 'y\"z'}, match_re: {c: x|y}",
        "{}/{a=\"y\\\"z\",b=\"x\",c=~\"^(?:x|y)$\"}",
    );
    check("matchers: ['\"a b\"=\"c\\nd\"']", "{}/{\"a b\"=\"c\\nd\"}");
    check("match: {a: 1, b: true}", "{}/{a=\"1\",b=\"true\"}");
}

#[test]
fn alerts_take_the_deepest_routes_that_fit() {
    let routing = routing(
        "route:\n  receiver: ops\n  routes:\n  - {match_re: {job: 'web|db'}, continue: true, routes: [{match: {job: db}}]}\n  \
         - matchers: ['job=~\"d.*\"']\nreceivers: [{name: ops}]\n",
    );
    let taken = |job: &str| routing.routes_of(&Labels::from_pairs(&mut vec![("job", job)]));
    assert_eq!(taken("web"), [1]);
    assert_eq!(taken("db"), [2, 3]);
    assert_eq!(taken("disk"), [3]);
    assert_eq!(taken("x"), [0]);
}

#[test]
fn rules_that_inhibit_are_written_in_two_ways() {
    let routing = routing(&format!(
        "{LEAST}inhibit_rules:\n- name: worse\n  source_matchers: [severity=\"critical\"]\n  target_matchers: ['severity=~\"warning|info\"']\n  \
         equal: [alertname, 'the cluster']\n- {{source_match: {{a: b}}, source_match_re: {{c: d}}, target_match: {{e: f}}, target_match_re: {{g: h}}}}\n"
    ));
    let [new, old] = routing.inhibit_rules.as_slice() else {
        panic!("two rules are expected");
    };
    assert_eq!(new.name, "worse");
    assert_eq!(new.equal, ["alertname", "the cluster"]);
    let print = crate::matcher::print_matchers;
    assert_eq!(print(&new.source), "{severity=\"critical\"}");
    assert_eq!(print(&new.target), "{severity=~\"warning|info\"}");
    assert_eq!(print(&old.source), "{a=\"b\",c=~\"^(?:d)$\"}");
    assert_eq!(print(&old.target), "{e=\"f\",g=~\"^(?:h)$\"}");
}

#[test]
fn times_are_read_under_both_names() {
    let routing = routing(&format!(
        "{LEAST}mute_time_intervals:\n- name: old\n  time_intervals: [{{days_of_month: ['1:5', '-3:-1']}}]\ntime_intervals:\n- name: new\n  time_intervals:\n  \
         - times: [{{start_time: 09:00, end_time: '24:00'}}]\n    weekdays: ['Monday:friday', sunday]\n    months: [1, 'may:6']\n    \
         years: [2030, '2031:2033']\n    location: Europe/Berlin\n  - {{}}\n"
    ));
    let old = &routing.intervals["old"][0];
    assert_eq!(old.days_of_month, [(1, 5), (-3, -1)]);
    assert!(old.zone.is_none());
    let new = &routing.intervals["new"];
    assert_eq!(new.len(), 2);
    assert_eq!(new[0].times, [(540, 1440)]);
    assert_eq!(new[0].weekdays, [(1, 5), (0, 0)]);
    assert_eq!(new[0].months, [(1, 1), (5, 6)]);
    assert_eq!(new[0].years, [(2030, 2030), (2031, 2033)]);
    let zone = new[0].zone.as_ref().and_then(|zone| zone.iana_name());
    assert_eq!(zone, Some("Europe/Berlin"));
}
