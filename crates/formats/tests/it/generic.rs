//! JSON of any shape, by a mapping.

use std::collections::BTreeMap;

use stentor_domain::source::{Mapping, Path, StatusPath};
use stentor_formats::batch::{Batch, Clock, FixedLabels, MAX_LABEL_VALUE, MAX_TEXT, Unreadable};
use stentor_formats::generic::read;

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn paths(pairs: &[(&str, &str)]) -> BTreeMap<String, Path> {
    pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), path(text)))
        .collect()
}

/// Builds that fail: a list of runs.
pub(crate) fn mapping() -> Mapping {
    Mapping {
        items: Some(path("$.report.runs")),
        alertname: Some(path("job.name")),
        labels: paths(&[
            ("branch", "git['head ref']"),
            ("try", "try"),
            ("first", "tags[0]"),
        ]),
        annotations: paths(&[("summary", "text"), ("tags", "tags")]),
        status: Some(StatusPath {
            path: path("result"),
            resolved: vec!["passed".into(), "1".into()],
        }),
        starts_at: Some(path("begun")),
        ends_at: Some(path("done")),
    }
}

fn read_now(body: &str, mapping: &Mapping) -> Result<Batch, Unreadable> {
    let clock = Clock {
        now_ms: NOW,
        resolve_timeout_ms: 24 * HOUR,
    };
    let fixed = FixedLabels::from([("team".into(), "build".into())]);
    read(body.as_bytes(), mapping, clock, &fixed)
}

/// One run, read by the mapping.
fn run(run: &str) -> Batch {
    read_now(&format!("{{\"report\":{{\"runs\":[{run}]}}}}"), &mapping()).unwrap()
}

#[test]
fn parts_are_found_where_the_mapping_says() {
    let batch = run(
        r#"{"job":{"name":"nightly"},"git":{"head ref":"main"},"try":3,"tags":["slow",2],"text":"it broke",
        "result":"failed","begun":1767222000,"done":null,"further":{"deep":[[[1]]]}}"#,
    );
    assert_eq!(batch.bad, []);
    let alert = &batch.alerts[0];
    let labels: Vec<_> = alert.labels.iter().collect();
    assert_eq!(
        labels,
        [
            ("alertname", "nightly"),
            ("branch", "main"),
            ("first", "slow"),
            ("team", "build"),
            ("try", "3"),
        ]
    );
    let annotations: Vec<_> = alert.annotations.iter().collect();
    assert_eq!(
        annotations,
        [("summary", "it broke"), ("tags", r#"["slow",2]"#)]
    );
    assert_eq!(
        (alert.starts_ms, alert.ends_ms),
        (NOW - HOUR, NOW + 24 * HOUR)
    );
}

#[test]
fn what_is_missing_and_optional_is_absent() {
    let batch = run(r#"{"job":{"name":true},"git":"none","tags":{},"text":null}"#);
    assert_eq!(batch.bad, []);
    let labels: Vec<_> = batch.alerts[0].labels.iter().collect();
    assert_eq!(labels, [("alertname", "true"), ("team", "build")]);
    assert_eq!(batch.alerts[0].ends_ms, NOW + 24 * HOUR);
}

#[test]
fn a_missing_name_says_what_was_there() {
    let check = |item: &str, expect: &str| {
        let good = r#"{"job":{"name":"good"}}"#;
        let batch = run(&format!("{good},{item},{good}"));
        assert_eq!((batch.alerts.len(), batch.bad.len()), (1, 1), "{item}");
        let reason = &batch.bad[0].reason;
        assert!(reason.contains(expect), "{item}: {reason}");
    };
    check(
        "{}",
        "after 0 of 2 steps there is an object without members",
    );
    check(
        r#"{"jab":{},"name":1}"#,
        r#"there is an object with "jab", "name""#,
    );
    check(
        r#"{"job":"nightly"}"#,
        "nothing at job.name, where its name is expected: after 1 of 2 steps there is a text",
    );
    check(r#"{"job":{"name":null}}"#, "at job.name there is null");
    check(r#"{"job":{"name":""}}"#, "an empty text");
    check(r#"{"job":{"name":["a","b"]}}"#, "a list of 2");
    check("7", "a number");
    check("[]", "a list of 0");
    check(r#"{"job":{"name":1e999}}"#, "number out of range");
    check(
        &format!(
            r#"{{"job":{{"name":"{}"}}}}"#,
            "x".repeat(MAX_LABEL_VALUE + 1)
        ),
        "more than 4096 bytes",
    );
    check(
        &format!(r#"{{"job":[{}1]}}"#, "1,".repeat(60_000)),
        "more than 50000 values",
    );
    let names: String = (0..20).map(|n| format!("\"n{n:02}\":1,")).collect();
    check(&format!("{{{names}\"z\":1}}"), "\"n07\", …");
}

#[test]
fn a_status_is_compared_with_what_means_over() {
    let check = |result: &str, over: bool| {
        let batch = run(&format!(r#"{{"job":{{"name":"x"}},"result":{result}}}"#));
        let expect = if over { NOW } else { NOW + 24 * HOUR };
        assert_eq!(batch.alerts[0].ends_ms, expect, "{result}");
    };
    check("\"passed\"", true);
    check("\" PASSED \"", true);
    check("1", true);
    check("\"failed\"", false);
    check("null", false);
    check("{}", false);
    check("[\"passed\"]", false);
}

#[test]
fn times_are_texts_or_numbers() {
    let check = |begun: &str, expect: Result<i64, &str>| {
        let batch = run(&format!(r#"{{"job":{{"name":"x"}},"begun":{begun}}}"#));
        match expect {
            Ok(starts_ms) => assert_eq!(batch.alerts[0].starts_ms, starts_ms, "{begun}"),
            Err(reason) => assert!(
                batch.bad[0].reason.contains(reason),
                "{begun}: {:?}",
                batch.bad
            ),
        }
    };
    let ago = NOW - HOUR;
    check("1767222000", Ok(ago));
    check("1767222000.25", Ok(ago + 250));
    check("1767222000000", Ok(ago));
    check("\"1767222000\"", Ok(ago));
    check("\"2026-01-01T01:00:00+02:00\"", Ok(ago));
    check("\"0001-01-01T00:00:00Z\"", Ok(NOW));
    check("\"\"", Ok(NOW));
    check("0", Ok(NOW));
    check("-1", Err("number at begun is not a time"));
    check("1e300", Err("number at begun is not a time"));
    check("\"NaN\"", Err("number at begun is not a time"));
    check("\"yesterday\"", Err("begun is not a time as RFC 3339"));
    check("true", Err("at begun there is true or false"));
}

#[test]
fn the_whole_body_may_be_one_alert_or_the_list() {
    let mut one = mapping();
    one.items = None;
    let batch = read_now(r#" {"job":{"name":"x"}} "#, &one).unwrap();
    assert_eq!(batch.alerts.len(), 1);

    let mut texts = mapping();
    (texts.items, texts.alertname) = (Some(path("$")), Some(path("$")));
    let batch = read_now(r#"["full","late","full"]"#, &texts).unwrap();
    assert_eq!(batch.alerts.len(), 2);

    let mut second = mapping();
    second.items = Some(path("[1].runs"));
    let batch = read_now(r#"[0,{"runs":[{"job":{"name":"x"}}]}]"#, &second).unwrap();
    assert_eq!(batch.alerts.len(), 1);
}

#[test]
fn a_source_may_name_its_alerts_itself() {
    let mut unnamed = mapping();
    (unnamed.items, unnamed.alertname) = (None, None);
    let fixed = FixedLabels::from([("alertname".into(), "BuildFailed".into())]);
    let clock = Clock {
        now_ms: NOW,
        resolve_timeout_ms: HOUR,
    };
    let batch = read(b"{}", &unnamed, clock, &fixed).unwrap();
    assert_eq!(batch.alerts[0].labels.get("alertname"), Some("BuildFailed"));
}

#[test]
fn a_long_annotation_is_cut_between_characters() {
    let text = "ä".repeat(MAX_TEXT);
    let batch = run(&format!(r#"{{"job":{{"name":"x"}},"text":"x{text}"}}"#));
    let summary = batch.alerts[0].annotations.get("summary").unwrap();
    assert_eq!(summary.len(), MAX_TEXT - 1);
}

#[test]
fn a_body_without_its_list_says_why() {
    let check = |body: &str, expect: &str| {
        let error = read_now(body, &mapping()).unwrap_err().to_string();
        assert!(error.contains(expect), "{body:.40}: {error}");
    };
    check("", "line 1 column 0");
    check("{\"report\":{\"runs\":[1,}}", "line 1 column 22");
    check(
        "{}",
        "nothing at report.runs, where the alerts are expected: before its end there is an object",
    );
    check("[]", "there is a list");
    check("{\"report\":{\"runs\":null}}", "nothing at report.runs");
    check(
        "{\"report\":{\"runs\":{}}}",
        "at report.runs there is an object",
    );
    check(&"[".repeat(1_000_000), "deeper than");
    check(&",".repeat(2_000_000), "more than 1000000 values");
    let many = format!("{{\"report\":{{\"runs\":[{}1]}}}}", "1,".repeat(20_000));
    check(&many, "more than 20000 alerts");
}
