//! Events in each mode, and what is refused.

use super::*;

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600_000;
const MINUTE: i64 = 60_000;

fn read_now(headers: &[(&str, &str)], body: &[u8]) -> Result<Batch, Unreadable> {
    let clock = Clock {
        now_ms: NOW,
        resolve_timeout_ms: 60 * MINUTE,
    };
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()));
    read(headers, body, clock, &FixedLabels::new())
}

fn structured(body: &str) -> Result<Batch, Unreadable> {
    let headers = [(
        "Content-Type",
        "application/cloudevents+json; charset=UTF-8",
    )];
    read_now(&headers, body.as_bytes())
}

/// An event with the attributes that each must have, and further members.
fn event(further: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"7","source":"/pump/1","type":"org.example.stuck"{further}}}"#
    )
}

/// The labels of the one alert of a good batch.
fn labels(batch: &Batch) -> Vec<(&str, &str)> {
    assert_eq!(batch.bad, []);
    assert_eq!(batch.alerts.len(), 1);
    batch.alerts[0].labels.iter().collect()
}

#[test]
fn a_structured_event_is_an_alert() {
    let batch = structured(&event(
        r#","subject":"valve","time":"2025-12-31T23:50:00Z","severity":"page","priority":3,"big":true,
        "sequence":"12","traceparent":"00-a-b-01","dataschema":"https://example.org/s","gone":null,
        "data":{"status":"firing","labels":{"room":"cellar","floor":-1},"annotations":{"summary":"stuck"}}"#,
    ))
    .unwrap();
    assert_eq!(
        labels(&batch),
        [
            ("alertname", "org.example.stuck"),
            ("big", "true"),
            ("floor", "-1"),
            ("priority", "3"),
            ("room", "cellar"),
            ("severity", "page"),
            ("source", "/pump/1"),
            ("subject", "valve"),
        ]
    );
    let alert = &batch.alerts[0];
    let annotations: Vec<_> = alert.annotations.iter().collect();
    assert_eq!(
        annotations,
        [
            ("id", "7"),
            ("sequence", "12"),
            ("summary", "stuck"),
            ("traceparent", "00-a-b-01")
        ]
    );
    assert_eq!(
        (alert.starts_ms, alert.ends_ms),
        (NOW - 10 * MINUTE, NOW + 60 * MINUTE)
    );
    assert_eq!(&*alert.generator_url, "");
}

#[test]
fn times_and_status_say_whether_it_fires() {
    let (over, firing) = (NOW, NOW + 60 * MINUTE);
    let check = |further: &str, expect: (i64, i64)| {
        let batch = structured(&event(further)).unwrap();
        assert_eq!(batch.bad, [], "{further}");
        let alert = &batch.alerts[0];
        assert_eq!((alert.starts_ms, alert.ends_ms), expect, "{further}");
    };
    let ago = NOW - 10 * MINUTE;
    check("", (NOW, firing));
    check(r#","status":"ok""#, (over, over));
    check(r#","data":{"status":"Resolved"}"#, (over, over));
    check(
        r#","status":"ok","data":{"status":"failed"}"#,
        (NOW, firing),
    );
    check(r#","status":"ok","data":{"status":404}"#, (over, over));
    check(
        r#","data":{"status":{"ok":1},"labels":["a"],"annotations":"b"}"#,
        (NOW, firing),
    );
    check(
        r#","status":"ok","time":"2025-12-31T23:50:00Z""#,
        (ago, ago),
    );
    check(
        r#","status":"ok","time":"2026-01-01T23:50:00Z""#,
        (over, over),
    );
    check(
        r#","data":{"startsAt":"2025-12-31T23:50:00Z","endsAt":"2026-01-01T00:00:00Z"}"#,
        (ago, over),
    );
    check(r#","data":"status: ok""#, (NOW, firing));
}

#[test]
fn an_event_in_headers_is_an_alert() {
    let headers = [
        ("content-type", "application/json"),
        ("CE-SpecVersion", "1.0"),
        ("ce-type", "org.example.stuck"),
        ("ce-source", "https://example.org/pump%20one"),
        ("ce-id", "7"),
        ("ce-room", "\"cold cellar\""),
        ("x-other", "1"),
    ];
    let batch = read_now(&headers, br#"{"status":"ok"}"#).unwrap();
    assert_eq!(
        labels(&batch),
        [
            ("alertname", "org.example.stuck"),
            ("room", "cold cellar"),
            ("source", "https://example.org/pump one"),
        ]
    );
    assert_eq!(batch.alerts[0].ends_ms, NOW);
    assert_eq!(
        &*batch.alerts[0].generator_url,
        "https://example.org/pump one"
    );
    let error = read_now(&headers, b"{\"status\":").unwrap_err();
    assert!(error.to_string().contains("line 1 column 10"), "{error}");
    let mut text = headers;
    text[0].1 = "text/plain";
    for body in [&b"not JSON: {"[..], b""] {
        assert_eq!(read_now(&text, body).unwrap().alerts.len(), 1);
    }
    let mut bad = headers;
    bad[3].1 = "%C0%A0";
    let batch = read_now(&bad, b"").unwrap();
    assert_eq!(batch.bad[0].reason, "the attribute \"source\" is not UTF-8");
}

#[test]
fn one_bad_event_of_a_batch_does_not_lose_the_others() {
    let headers = [("content-type", "application/cloudevents-batch+json")];
    let check = |bad: &str, expect: &str| {
        let good = event("");
        let body = format!("[{good},{bad},{good}]");
        let batch = read_now(&headers, body.as_bytes()).unwrap();
        assert_eq!((batch.alerts.len(), batch.bad.len()), (1, 1), "{bad}");
        assert_eq!(batch.bad[0].index, 1, "{bad}");
        let reason = &batch.bad[0].reason;
        assert!(reason.contains(expect), "{bad}: {reason}");
    };
    check("{}", "the attribute id is missing");
    check("[]", "not an event");
    check("{\"id\":tru}", "column 10");
    check(r#"{"id":"1"}"#, "the attribute source is missing");
    check(
        r#"{"id":"1","source":"/"}"#,
        "the attribute specversion is missing",
    );
    check(
        r#"{"id":"1","source":"/","specversion":"1.0"}"#,
        "the attribute type is missing",
    );
    check(&event(r#","type":"""#), "the attribute type is missing");
    check(&event(r#","specversion":"0.3""#), "specversion is \"0.3\"");
    check(
        &event(r#","subject":{}"#),
        "the attribute \"subject\" is an object",
    );
    check(
        &event(r#","time":"noon""#),
        "the attribute time is not a time",
    );
    check(
        &event(r#","data":{"startsAt":"noon"}"#),
        "startsAt is not a time",
    );
    check(
        &event(r#","data":{"labels":{"a":[]}}"#),
        "labels: \"a\" is a list",
    );
    check(&event(r#","data_base64":"e","data":1"#), "both there");
    check(&event(r#","data_base64":"?""#), "data_base64 is not base64");
    check(
        &event(&format!(r#","data_base64":"{}""#, "W1tb".repeat(100))),
        "deeper than",
    );
    let many: String = (0..=MAX_LABELS).map(|n| format!(",\"x{n}\":1")).collect();
    check(&event(&many), "more than 128 labels");
    assert!(read_now(&headers, b"[]").unwrap().alerts.is_empty());
}

#[test]
fn data_in_base64_is_data() {
    // {"status":"ok"}
    let encoded = r#","data_base64":"eyJzdGF0dXMiOiJvayJ9""#;
    let check = |further: &str, ends_ms: i64| {
        let batch = structured(&event(&format!("{encoded}{further}"))).unwrap();
        assert_eq!(batch.alerts[0].ends_ms, ends_ms, "{further}");
    };
    check("", NOW);
    check(
        r#","datacontenttype":"application/json; charset=utf-8""#,
        NOW,
    );
    check(r#","datacontenttype":"image/png""#, NOW + 60 * MINUTE);
}

#[test]
fn what_is_no_event_says_why() {
    let check = |content_type: &str, body: &str, expect: &str| {
        let error = read_now(&[("content-type", content_type)], body.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(expect), "{body}: {error}");
    };
    check("application/cloudevents+json", "", "line 1 column 0");
    check("application/cloudevents+json", "[]", "expected an object");
    check(
        "application/cloudevents-batch+json",
        "{}",
        "not a JSON array",
    );
    check(
        "application/cloudevents+avro",
        "",
        "\"application/cloudevents+avro\" are not read",
    );
    check("application/json", "{}", "this is no event");
    check("application/json", &"[".repeat(99), "deeper than");
    let names: Vec<String> = (0..=MAX_LABELS).map(|n| format!("ce-x{n}")).collect();
    let headers: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let error = read_now(&headers, b"").unwrap_err();
    assert!(
        error.to_string().contains("more than 128 attributes"),
        "{error}"
    );
}
