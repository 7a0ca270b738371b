//! The body of `POST /api/v2/alerts`.

use stentor_domain::alert::Fingerprint;
use stentor_domain::routing::Quiet;
use stentor_domain::silence::SilenceId;
use stentor_formats::alertmanager::{
    AlertStatus, Batch, Clock, GettableAlert, MAX_LABEL_VALUE, MAX_LABELS, Status, Unreadable,
    read, routing_to,
};

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600_000;
const MINUTE: i64 = 60_000;

fn batch(body: impl AsRef<[u8]>) -> Batch {
    let clock = Clock {
        now_ms: NOW,
        resolve_timeout_ms: 5 * MINUTE,
    };
    read(body.as_ref(), clock).unwrap()
}

#[test]
fn what_prometheus_sends_is_taken_whole() {
    let body = br#"[{"annotations":{"summary":"it is \"down\" \u00fc"},"endsAt":"2026-01-01T00:04:00.5Z",
        "startsAt":"2025-12-31T23:59:00+00:00","generatorURL":"http://p.example.org/graph?g0.expr=up%3D%3D0",
        "labels":{"severity":"page","alertname":"Down","empty":""}}]"#;
    let batch = batch(body);
    assert_eq!(batch.bad, []);
    let alert = &batch.alerts[0];
    let labels: Vec<_> = alert.labels.iter().collect();
    assert_eq!(labels, [("alertname", "Down"), ("severity", "page")]);
    assert_eq!(alert.annotations.get("summary"), Some("it is \"down\" ü"));
    assert_eq!(alert.starts_ms, NOW - MINUTE);
    assert_eq!(alert.ends_ms, NOW + 4 * MINUTE + 500);
    assert_eq!(
        &*alert.generator_url,
        "http://p.example.org/graph?g0.expr=up%3D%3D0"
    );
}

#[test]
fn missing_times_are_resolved_as_alertmanager_does() {
    let check = |times: &str, expect: (i64, i64)| {
        let batch = batch(format!("[{{\"labels\":{{\"a\":\"b\"}}{times}}}]"));
        assert_eq!(batch.bad, [], "{times}");
        let alert = &batch.alerts[0];
        assert_eq!((alert.starts_ms, alert.ends_ms), expect, "{times}");
    };
    let timeout = NOW + 5 * MINUTE;
    let zero = "0001-01-01T00:00:00Z";
    check("", (NOW, timeout));
    check(r#","startsAt":null,"endsAt":"""#, (NOW, timeout));
    check(
        &format!(r#","startsAt":"{zero}","endsAt":"{zero}""#),
        (NOW, timeout),
    );
    check(
        r#","endsAt":"0001-01-01T00:00:00.000+00:00""#,
        (NOW, timeout),
    );
    check(
        r#","startsAt":"2025-12-31T23:59:00Z""#,
        (NOW - MINUTE, timeout),
    );
    check(
        &format!(r#","startsAt":"{zero}","endsAt":"2025-12-31T23:59:00Z""#),
        (NOW - MINUTE, NOW - MINUTE),
    );
}

#[test]
fn bad_alerts_are_named_and_good_ones_kept() {
    let long = "x".repeat(MAX_LABEL_VALUE + 1);
    let many: String = (0..=MAX_LABELS)
        .map(|n| format!("\"l{n}\":\"v\","))
        .collect();
    let many = many.trim_end_matches(',');
    let check = |item: &str, expect: &str| {
        let good = r#"{"labels":{"alertname":"Good"}}"#;
        let batch = batch(format!("[{good},{item},{good}]"));
        assert_eq!(batch.alerts.len(), 1, "{item}: the good ones are one alert");
        assert_eq!(batch.bad.len(), 1, "{item}");
        assert_eq!(batch.bad[0].index, 1, "{item}");
        let reason = &batch.bad[0].reason;
        assert!(reason.contains(expect), "{item}: {reason}");
    };
    check("{}", "at least one label");
    check(r#"{"labels":{"a":""}}"#, "at least one label");
    check(r#"{"labels":{"":"x","a":"b"}}"#, "no name");
    check(r#"{"labels":{"a":1}}"#, "expected a string");
    check(r#"{"labels":["a"]}"#, "an object of texts");
    check(
        r#"{"labels":{"a":"b"},"startsAt":"yesterday"}"#,
        "startsAt is not a time",
    );
    check(
        r#"{"labels":{"a":"b"},"startsAt":"2026-01-02T00:00:00Z","endsAt":"2026-01-01T00:00:00Z"}"#,
        "ends before it starts",
    );
    check(
        &format!(r#"{{"labels":{{"a":"{long}"}}}}"#),
        "more than 4096 bytes",
    );
    check(
        &format!(r#"{{"labels":{{{many}}}}}"#),
        "more than 128 labels",
    );
    check("", "EOF");
    check("7", "expected struct");
    check(r#"{"labels":{"a":"b"}} {}"#, "trailing");
    check(r#"{"labels":{"a":"\ud800"}}"#, "not an alert");
}

#[test]
fn invalid_utf8_spoils_only_its_own_alert() {
    let mut body = br#"[{"labels":{"a":"good"}},{"labels":{"a":""#.to_vec();
    body.extend([0xff, 0xfe]);
    body.extend(br#""}}]"#);
    let batch = batch(body);
    assert_eq!(batch.alerts.len(), 1);
    assert_eq!(batch.bad[0].index, 1);
    assert!(batch.bad[0].reason.contains("unicode"), "{:?}", batch.bad);
}

#[test]
fn an_alert_that_is_sent_twice_is_one() {
    let check = |first: &str, second: &str, expect: (i64, i64)| {
        let alert = |times: &str| format!(r#"{{"labels":{{"a":"b"}}{times}}}"#);
        let body = format!("[{},{}]", alert(first), alert(second));
        let batch = batch(body);
        assert_eq!(batch.alerts.len(), 1);
        let alert = &batch.alerts[0];
        assert_eq!((alert.starts_ms, alert.ends_ms), expect, "{first} {second}");
    };
    let (before, after) = (
        r#","startsAt":"2025-12-31T23:00:00Z""#,
        r#","startsAt":"2025-12-31T23:50:00Z""#,
    );
    let hour = NOW - 60 * MINUTE;
    check(before, after, (hour, NOW + 5 * MINUTE));
    check(after, before, (hour, NOW + 5 * MINUTE));
    let long = r#","startsAt":"2025-12-31T23:50:00Z","endsAt":"2026-01-01T00:30:00Z""#;
    let over = r#","startsAt":"2025-12-31T23:50:00Z","endsAt":"2025-12-31T23:55:00Z""#;
    check(long, before, (hour, NOW + 30 * MINUTE));
    check(long, over, (NOW - 10 * MINUTE, NOW - 5 * MINUTE));
    check(over, after, (NOW - 10 * MINUTE, NOW + 5 * MINUTE));
}

#[test]
fn a_body_that_is_no_batch_is_refused_whole() {
    let clock = Clock {
        now_ms: NOW,
        resolve_timeout_ms: 1,
    };
    for (body, expect) in [
        ("", Unreadable::NotAnArray),
        ("{}", Unreadable::NotAnArray),
        ("[{", Unreadable::CutOff),
        ("[] []", Unreadable::Trailing),
    ] {
        assert_eq!(read(body.as_bytes(), clock).unwrap_err(), expect, "{body}");
    }
}

#[test]
fn answers_have_what_clients_require() {
    let batch = batch(r#"[{"labels":{"a":"b"},"startsAt":"2026-01-01T00:00:00Z"}]"#);
    let alert = &batch.alerts[0];
    let quiet = Quiet {
        silenced_by: vec![SilenceId::from_random([1; 16])],
        inhibited_by: Some(Fingerprint(7)),
    };
    let alert = GettableAlert {
        annotations: &alert.annotations,
        ends_at: NOW + MINUTE,
        fingerprint: alert.fingerprint,
        receivers: &["default".into()],
        starts_at: alert.starts_ms,
        status: AlertStatus::new(&quiet, &[]),
        updated_at: NOW,
        generator_url: &alert.generator_url,
        labels: &alert.labels,
    };
    insta::assert_json_snapshot!("alert", alert);
    insta::assert_json_snapshot!(
        "status",
        Status::new("1.0", NOW, routing_to(["default", "night"]))
    );
}
