//! What another Alertmanager posts to a webhook receiver: version 4 of its payload.

use crate::batch::{Batch, Clock, FixedLabels, Unreadable};
use crate::v4;

/// The version of the payload that every Alertmanager since 0.12 sends.
const VERSION: &str = "4";

/// Reads a notification. Its status and group are of the group as a whole and change with each member, so only what is
/// said of each alert counts. One bad alert does not lose the others.
///
/// # Errors
/// The body is not JSON, is beyond a limit, has another version or no list of alerts.
pub fn read(body: &[u8], clock: Clock, fixed: &FixedLabels) -> Result<Batch, Unreadable> {
    v4::read(body, VERSION, clock, fixed, |_, _, _| {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::MAX_TEXT;

    /// 2026-01-01T00:00:00Z.
    const NOW: i64 = 1_767_225_600_000;
    const HOUR: i64 = 3_600_000;

    fn read_now(body: &[u8]) -> Result<Batch, Unreadable> {
        let clock = Clock {
            now_ms: NOW,
            resolve_timeout_ms: 24 * HOUR,
        };
        read(
            body,
            clock,
            &FixedLabels::from([("site".into(), "two".into())]),
        )
    }

    #[test]
    fn a_notification_is_a_batch() {
        let body = br#"{"version":"4","groupKey":"{}:{alertname=\"Full\"}","truncatedAlerts":3,"status":"firing",
            "receiver":"stentor","groupLabels":{"alertname":"Full"},"commonLabels":{"alertname":"Full"},
            "commonAnnotations":{},"externalURL":"http://am.example.org","routeLabels":{},"notification_reason":"new",
            "alerts":[
              {"status":"firing","labels":{"alertname":"Full","disk":"a"},"annotations":{"summary":"nearly full"},
               "startsAt":"2025-12-31T22:00:00Z","endsAt":"0001-01-01T00:00:00Z",
               "generatorURL":"http://p.example.org/graph","fingerprint":"00"},
              {"status":"resolved","labels":{"alertname":"Full","disk":"b"},"annotations":{},
               "startsAt":"2025-12-31T22:00:00Z","endsAt":"2025-12-31T23:00:00Z","generatorURL":"","fingerprint":"01"}]}"#;
        let batch = read_now(body).unwrap();
        assert_eq!(batch.bad, []);
        assert_eq!(batch.left_out, 3);
        let [full, over] = &batch.alerts[..] else {
            panic!("{batch:?}");
        };
        let labels: Vec<_> = full.labels.iter().collect();
        assert_eq!(
            labels,
            [("alertname", "Full"), ("disk", "a"), ("site", "two")]
        );
        assert_eq!(full.annotations.get("summary"), Some("nearly full"));
        assert_eq!(&*full.generator_url, "http://p.example.org/graph");
        assert_eq!(
            (full.starts_ms, full.ends_ms),
            (NOW - 2 * HOUR, NOW + 24 * HOUR)
        );
        assert_eq!((over.starts_ms, over.ends_ms), (NOW - 2 * HOUR, NOW - HOUR));
    }

    #[test]
    fn one_bad_alert_does_not_lose_the_others() {
        let long = format!(
            r#"{{"labels":{{"a":"b"}},"annotations":{{"x":"{}"}}}}"#,
            "x".repeat(MAX_TEXT + 1)
        );
        let check = |item: &str, expect: &str| {
            let good = r#"{"labels":{"alertname":"Good"}}"#;
            let body = format!("{{\"alerts\":[{good},{item},{good}]}}");
            let batch = read_now(body.as_bytes()).unwrap();
            assert_eq!((batch.alerts.len(), batch.bad.len()), (1, 1), "{item}");
            let reason = &batch.bad[0].reason;
            assert!(reason.contains(expect), "{item}: {reason}");
        };
        check("null", "not an alert");
        check("7", "expected an object");
        check("{}", "at least one label");
        check(
            r#"{"labels":["a"]}"#,
            "labels is a list, where an object of texts",
        );
        check(
            r#"{"labels":{"a":{}}}"#,
            r#"labels: "a" is an object, where a text"#,
        );
        check(
            r#"{"labels":{"a":"\ud800"}}"#,
            r#"labels: "a" is half a surrogate pair"#,
        );
        check(
            r#"{"status":"pending","labels":{"a":"b"}}"#,
            r#"status is "pending""#,
        );
        check(
            r#"{"labels":{"a":"b"},"startsAt":"soon"}"#,
            "startsAt is not a time",
        );
        check(&long, "more than 32768 bytes");
    }

    #[test]
    fn the_last_of_a_repeated_name_counts() {
        let body = br#"{"alerts":7,"alerts":[{"labels":{"a":"1","a":"2"},"status":"firing","status":"resolved"}]}"#;
        let batch = read_now(body).unwrap();
        assert_eq!(batch.alerts[0].labels.get("a"), Some("2"));
        assert_eq!(batch.alerts[0].ends_ms, NOW);
    }

    #[test]
    fn what_is_no_notification_says_why() {
        let check = |body: &str, expect: &str| {
            let error = read_now(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expect), "{body}: {error}");
        };
        check("", "line 1 column 0");
        check("[]", "expected an object");
        check("{}", "no list \"alerts\"");
        check("{\"alerts\":null}", "no list \"alerts\"");
        check("{\"alerts\":{}}", "not a JSON array of alerts");
        check("{\"alerts\":[}", "expected value at line 1 column 12");
        check(
            "{\"version\":\"3\",\"alerts\":[]}",
            "version is \"3\", and a source of this kind sends \"4\"",
        );
        check("{\"version\":[],\"alerts\":[]}", "version is a list");
        let many = format!("{{\"alerts\":[{}{{}}]}}", "{},".repeat(20_000));
        check(&many, "more than 20000 alerts");
    }
}
