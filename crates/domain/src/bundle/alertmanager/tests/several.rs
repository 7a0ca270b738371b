//! Routings as parts of bundles: alone, beside an organisation, several of them.

use std::collections::BTreeMap;

use super::LEAST;
use crate::bundle::alertmanager::policies;
use crate::bundle::{Bundle, Problem};
use crate::ids::PolicyId;
use crate::labels::Labels;
use crate::organisation::Organisation;
use crate::severity::Severity;

fn organisation(files: &[(&str, &str)]) -> Result<Organisation, Vec<Problem>> {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).into(), (*text).into()));
    Bundle::new(files.collect())?.organisation()
}

#[track_caller]
fn refused(files: &[(&str, &str)], expected: &[&str]) {
    let problems = organisation(files).err().unwrap_or_default();
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_routing_alone_is_an_organisation_that_opens_no_incident() {
    let text = format!("global: {{resolve_timeout: 7m}}\n{LEAST}");
    let organisation = organisation(&[("alertmanager.yml", &text)]).unwrap();
    assert_eq!(organisation.name, "Alertmanager");
    assert!(organisation.people.is_empty() && organisation.policies.is_empty());
    let rules = &organisation.rules;
    assert_eq!(rules.resolve_timeout_ms, 420_000);
    let open = |severity: &Severity| severity.at_least(rules.open_at);
    assert!(!rules.severities.values().any(open));
    assert!(rules.severities["critical"] < rules.severities["warning"]);
    assert!(!rules.unknown_severity.at_least(rules.open_at));
    assert_eq!(rules.unknown_severity, Severity::Sev4);
    let routing = organisation.routing.unwrap();
    assert_eq!(routing.original, text);
    assert_eq!(routing.routes.len(), 1);
}

#[test]
fn alone_nobody_answers_for_incidents() {
    refused(
        &[(
            "alertmanager.yml",
            "route: {receiver: 'stentor:incident'}\nreceivers: [{name: 'stentor:incident'}]\n",
        )],
        &[
            "alertmanager.yml:2:14: nobody answers for incidents here; add stentor.toml, people.toml and oncall.toml, or use another receiver",
        ],
    );
}

#[test]
fn every_file_sees_every_alert() {
    let web = "route: {receiver: ops, routes: [{matchers: [job=web], receiver: 'stentor:incident', mute_time_intervals: [night]}]}\n\
               receivers: [{name: ops}, {name: 'stentor:incident'}]\ntime_intervals: [{name: night}]\n";
    let db = "route: {receiver: ops, routes: [{matchers: [job=db], receiver: db, mute_time_intervals: [night]}]}\n\
              receivers: [{name: ops}, {name: db}, {name: 'stentor:incident'}]\ntime_intervals: [{name: night}]\n\
              inhibit_rules: [{source_matchers: [a=b], target_matchers: [c=d]}]\nglobal: {resolve_timeout: 9m}\n";
    let mut files = crate::bundle::tests::example();
    files.insert("alertmanager/web.yml".into(), web.into());
    files.insert("alertmanager/db.yaml".into(), db.into());
    let organisation = Bundle::new(files).unwrap().organisation().unwrap();
    assert_eq!(organisation.rules.resolve_timeout_ms, 540_000);
    let routing = organisation.routing.unwrap();
    let names: Vec<&str> = routing.receivers.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["db/ops", "db", "stentor:incident", "web/ops"]);
    let keys: Vec<&str> = routing.routes.iter().map(|r| r.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "{}",
            "db:{}",
            "db:{}/{job=\"db\"}",
            "web:{}",
            "web:{}/{job=\"web\"}"
        ]
    );
    let told = |job: &str| -> Vec<&str> {
        let routes = routing.routes_of(&Labels::from_pairs(&mut vec![("job", job)]));
        let receivers = routes.iter().map(|route| routing.routes[*route].receiver);
        receivers.map(|receiver| names[receiver]).collect()
    };
    assert_eq!(told("x"), ["db/ops", "web/ops"]);
    assert_eq!(told("db"), ["db", "web/ops"]);
    assert_eq!(told("web"), ["db/ops", "stentor:incident"]);
    let intervals: Vec<&str> = routing.intervals.keys().map(String::as_str).collect();
    assert_eq!(intervals, ["db/night", "web/night"]);
    assert_eq!(routing.routes[4].mute, ["web/night"]);
    assert_eq!(routing.inhibit_rules.len(), 1);
    // What is shown can be read again.
    assert_eq!(super::problems(&routing.original), [""; 0]);
}

#[test]
fn no_receiver_is_taken_for_another() {
    let file =
        |inner: &str| format!("route: {{receiver: ops}}\nreceivers: [{{name: ops}}{inner}]\n");
    let a = file("");
    let b = file(", {name: a/ops}");
    let files = [("alertmanager/a.yml", &*a), ("alertmanager/b.yml", &*b)];
    let routing = organisation(&files).unwrap().routing.unwrap();
    let names: Vec<&str> = routing.receivers.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["a/ops", "b/ops", "b/a/ops"]);
    let told: Vec<usize> = routing.routes.iter().map(|r| r.receiver).collect();
    assert_eq!(told, [0, 0, 1]);
}

#[test]
fn policies_must_exist() {
    let file = |policy: &str| {
        format!("route: {{receiver: a}}\nreceivers:\n- name: a\n- name: stentor:policy:{policy}\n")
    };
    let mut files = crate::bundle::tests::example();
    files.insert("alertmanager.yml".into(), file("default"));
    let organisation = Bundle::new(files.clone()).unwrap().organisation().unwrap();
    let routing = organisation.routing.unwrap();
    assert_eq!(policies(&routing), [PolicyId::from("default")]);
    files.insert("alertmanager.yml".into(), file("nobody"));
    let problems = Bundle::new(files).unwrap().organisation().unwrap_err();
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "alertmanager.yml:4:3: there is no policy \"nobody\"; declare it as [policies.nobody] in oncall.toml"
        ]
    );
}

#[test]
fn one_place_holds_the_routing() {
    let what = "another file holds a routing, too; keep one alertmanager.yml, or give each in alertmanager/ a name of its own";
    refused(
        &[("alertmanager.yml", LEAST), ("alertmanager/web.yml", LEAST)],
        &[&format!("alertmanager.yml:1:1: {what}")],
    );
    refused(
        &[
            ("alertmanager/web.yaml", LEAST),
            ("alertmanager/web.yml", LEAST),
        ],
        &[&format!("alertmanager/web.yml:1:1: {what}")],
    );
}

#[test]
fn a_secret_in_a_bundle_is_refused() {
    let text = format!("global: {{smtp_auth_password: hunter2}}\n{LEAST}");
    refused(
        &[("alertmanager.yml", &text)],
        &[
            "alertmanager.yml:1:30: a secret stands here, where everybody who reads the journal would see it; cut it out of the file first",
        ],
    );
}

#[test]
fn only_these_files_belong_in_a_bundle() {
    for (path, expected) in [
        ("alertmanager.yml", false),
        ("alertmanager.yaml", false),
        ("alertmanager/web.yml", false),
        ("alertmanager/web.yaml", false),
        ("alertmanager/a/web.yml", true),
        ("alertmanager/.web.yml", true),
        ("alertmanager.yml.orig", true),
        ("Alertmanager.yml", true),
        ("other.yml", true),
        ("secrets/alertmanager.yml", true),
    ] {
        assert_eq!(Bundle::leaves_out(path), expected, "{path}");
    }
    let large = format!("{LEAST}#{}", "x".repeat(crate::bundle::MAX_FILE_BYTES));
    let files = BTreeMap::from([("alertmanager.yml".to_owned(), large)]);
    assert!(Bundle::new(files).is_ok());
}
