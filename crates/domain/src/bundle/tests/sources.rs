//! `sources.toml`: what it means, and what is said of what cannot be meant.

use proptest::prelude::*;

use super::super::Bundle;
use super::{Put, check, edited, example};
use crate::organisation::SecretRef;
use crate::severity::Severity;
use crate::source::{MAX_ALERTS, RESOLVE_TIMEOUT_MS, SourceKind};

const MINUTE: i64 = 60_000;

#[test]
fn each_kind_of_source_is_read() {
    let text = r#"
[sources.second-site]
kind = "alertmanager-webhook"
token = { file = "secrets/second-site" }
labels = { site = "two" }
service = "website"
max_alerts = 500
resolve_timeout = "8h"

[sources.panels]
kind = "grafana"
token = { credential = "panels" }

[sources.events]
kind = "cloudevents"
token = { file = "secrets/events" }

[sources.builds]
kind = "generic"
token = { file = "secrets/builds" }
[sources.builds.mapping]
items = "$.runs"
alertname = "job.name"
labels = { branch = "git['head ref']" }
annotations = { summary = "texts[0]" }
status = "state"
resolved = ["passed"]
starts_at = "begun"
ends_at = "done"

[sources.plain]
kind = "generic"
token = { file = "secrets/plain" }
labels = { alertname = "Plain" }
mapping = { status = "state" }

[sources.backup]
kind = "healthchecks"
token = { file = "secrets/backup" }
every = "1 day"
grace = "1 hour"
severity = "sev2"
expect_duration = ["1 minute", "2 hours"]
expect_size = ["1 GB", "5 TB"]
summary = "The nightly backup is missing"

[sources.cron]
kind = "heartbeat"
token = { file = "secrets/cron" }
every = "5m"
grace = "30s"
severity = "sev3"

[sources.kuma]
kind = "uptime-kuma"
token = { file = "secrets/kuma" }
every = "1m"
grace = "1m"
severity = "sev4"
"#;
    let text: &'static str = text;
    let org = edited(&[Put("sources.toml", text)]).unwrap();
    let kinds: Vec<_> = org
        .sources
        .iter()
        .map(|(id, s)| (id.as_str(), s.kind.name()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("backup", "healthchecks"),
            ("builds", "generic"),
            ("cron", "heartbeat"),
            ("events", "cloudevents"),
            ("kuma", "uptime-kuma"),
            ("panels", "grafana"),
            ("plain", "generic"),
            ("second-site", "alertmanager-webhook"),
        ]
    );
    let site = &org.sources["second-site"];
    assert_eq!(site.token, SecretRef::File("secrets/second-site".into()));
    assert_eq!(site.labels["site"], "two");
    assert_eq!(site.service, Some("website".into()));
    assert_eq!(
        (site.max_alerts, site.resolve_timeout_ms),
        (500, 480 * MINUTE)
    );
    assert_eq!(site.kind.heartbeat(), None);
    let panels = &org.sources["panels"];
    assert_eq!(panels.token, SecretRef::Credential("panels".into()));
    assert_eq!(
        (panels.max_alerts, panels.resolve_timeout_ms),
        (MAX_ALERTS, RESOLVE_TIMEOUT_MS)
    );
    let SourceKind::Generic(mapping) = &org.sources["builds"].kind else {
        panic!("{:?}", org.sources["builds"]);
    };
    assert_eq!(mapping.items.as_ref().unwrap().to_string(), "runs");
    assert_eq!(mapping.labels["branch"].to_string(), "git['head ref']");
    assert_eq!(mapping.status.as_ref().unwrap().resolved, ["passed"]);
    let SourceKind::Generic(plain) = &org.sources["plain"].kind else {
        panic!("{:?}", org.sources["plain"]);
    };
    assert_eq!(plain.alertname, None);
    assert_eq!(plain.status.as_ref().unwrap().resolved, ["resolved", "ok"]);
    let backup = org.sources["backup"].kind.heartbeat().unwrap();
    assert_eq!(
        (backup.every_ms, backup.grace_ms),
        (1440 * MINUTE, 60 * MINUTE)
    );
    assert_eq!(backup.severity, Severity::Sev2);
    assert_eq!(backup.expect_duration_ms, Some((MINUTE, 120 * MINUTE)));
    assert_eq!(backup.expect_size, Some((1_000_000_000, 5_000_000_000_000)));
    assert_eq!(
        backup.summary.as_deref(),
        Some("The nightly backup is missing")
    );
}

#[test]
fn a_file_without_sources_is_no_mistake() {
    check(&[Put("sources.toml", "")], &[]);
    check(&[Put("sources.toml", "[sources]")], &[]);
}

#[test]
fn wrong_sources_are_all_named() {
    let text = concat!(
        "[sources.One]\nkind = \"grafanna\"\ntoken = \"hunter2\"\n",
        "[sources.two]\nkind = \"grafana\"\nevery = \"1d\"\nmapping = {}\nservice = \"webstie\"\n",
        "[sources.three]\ntoken = { file = \"../x\" }\nkidn = 1\nmax_alerts = 0\n",
        "[sources.four]\nkind = \"heartbeat\"\ntoken = { file = \"x\" }\nevery = \"1s\"\ngrace = \"2 working hours\"\nmax_alerts = 5\n",
        "expect_size = [\"5 TB\", \"1 GB\"]\nexpect_duration = [\"1m\"]\n",
        "[sources.five]\nkind = \"generic\"\ntoken = { file = \"x\" }\n",
        "[sources.six]\nkind = \"generic\"\ntoken = { file = \"x\" }\nlabels = { \"\" = \"x\" }\n",
        "[sources.six.mapping]\nitems = \"a[*]\"\nlabels = { alertname = \"a\", b = 1 }\nresolved = []\n",
        "[sources.seven]\nkind = \"generic\"\ntoken = { file = \"x\" }\nlabels = { alertname = \"X\" }\n",
        "mapping = { status = \"s\", resolved = [], starts_at = \"\" }\n",
        "[sources.eight]\nkind = \"uptime-kuma\"\ntoken = { file = \"x\" }\nevery = \"1m\"\ngrace = \"1m\"\nseverity = \"bad\"\n",
        "expect_size = [\"1\", \"2 GB\"]\nexpect_duration = \"1m\"\n",
    );
    check(
        &[Put("sources.toml", text)],
        &[
            "sources.toml:1:10: \"One\" cannot be a name; use 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -",
            "sources.toml:2:8: \"grafanna\" is not a kind of source; did you mean \"grafana\"?",
            "sources.toml:3:9: the secret \"token\" stands here itself; put it into a file and write token = { file = \"secrets/token\" }, or token = { credential = \"token\" } for a systemd credential; then change the secret, because others may have read it",
            "sources.toml:4:10: \"token\" is missing, so that anybody could send; add token = { file = \"secrets/two-token\" }",
            "sources.toml:6:9: \"every\" means nothing to a source of the kind \"grafana\"; remove it, or correct the kind",
            "sources.toml:7:11: \"mapping\" means nothing to a source of the kind \"grafana\"; remove it, or correct the kind",
            "sources.toml:8:11: there is no service \"webstie\"; did you mean \"website\"? If not, declare it as services/webstie.toml",
            "sources.toml:9:10: \"kind\" is missing; add kind = \"grafana\"",
            "sources.toml:10:18: the path leaves its directory; write a path below it, or one that begins with /",
            "sources.toml:11:1: there is no key \"kidn\" here; did you mean \"kind\"?",
            "sources.toml:12:14: \"max_alerts\" is out of range; write 1 to 200000",
            "sources.toml:13:10: \"severity\" is missing; add severity = \"sev2\"",
            "sources.toml:16:9: this is too often or too seldom for a heartbeat; write 10 seconds to 400 days",
            "sources.toml:17:9: working time does not fit here; write a period on the clock, for instance \"10m\"",
            "sources.toml:18:14: \"max_alerts\" means nothing to a source of the kind \"heartbeat\"; remove it, or correct the kind",
            "sources.toml:19:16: the least is more than the most; write the smaller one first",
            "sources.toml:20:19: \"expect_duration\" is not a least and a most; write expect_duration = [\"1 minute\", \"2 hours\"]",
            "sources.toml:21:10: it is not said where an alert's parts are; add mapping = { alertname = \"path.of.the.name\" }",
            "sources.toml:27:12: \"\" cannot be the name of a label; write 1 to 128 characters on one line",
            "sources.toml:28:1: its alerts have no name; add alertname = \"path.of.the.name\", or to the source labels = { alertname = \"Name\" }",
            "sources.toml:29:9: \"a[*]\" is not a path: a number or a name in quotes is expected at character 3; write for instance \"alert.name\", \"results[0].id\" or \"$['display name']\"",
            "sources.toml:30:12: the label alertname has a key of its own; write it beside labels: alertname = \"path.of.the.name\"",
            "sources.toml:30:33: a whole number stands where a text in quotes is expected; write a text in quotes",
            "sources.toml:31:12: these values mean \"over\", but it is not said of what; add status = \"path.of.the.status\"",
            "sources.toml:36:38: no value means \"over\", so that nothing would ever end; write for instance resolved = [\"resolved\", \"ok\"]",
            "sources.toml:36:54: the text is empty; write something, or remove the key",
            "sources.toml:42:12: \"bad\" is not a severity; write one of \"sev1\", \"sev2\", \"sev3\", \"sev4\"",
            "sources.toml:43:16: \"1\" is not a size; write a whole number and a unit, for instance \"500 MB\", \"20 GiB\" or \"5 TB\"",
            "sources.toml:44:19: a text stands where a list in [ ] is expected; write a list in [ ]",
        ],
    );
}

/// Words of the format in any order reach deeper than random characters.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "[sources.a]",
        "[sources.a.mapping]",
        "[sources.b]",
        "kind",
        "token",
        "labels",
        "service",
        "mapping",
        "every",
        "grace",
        "expect_size",
        "expect_duration",
        "resolved",
        "status",
        "items",
        "alertname",
        " = ",
        "\n",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"generic\"",
        "\"grafana\"",
        "\"heartbeat\"",
        "\"a.b[0]\"",
        "\"$['\"",
        "\"5m\"",
        "\"1 GB\"",
        "1",
        "true",
        "\"é\"",
    ]);
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in prop_oneof![any::<String>(), words()]) {
        let mut files = example();
        files.insert("sources.toml".into(), text);
        let _ = Bundle::new(files).unwrap().organisation();
    }
}
