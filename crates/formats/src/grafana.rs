//! What Grafana posts to a webhook contact point: Alertmanager's payload with further fields of its own.

use serde_json::value::RawValue;

use crate::batch::{Batch, Clock, FixedLabels, MAX_TEXT, Pairs, Unreadable};
use crate::json::{Object, scalar};
use crate::v4;

/// The version that Grafana gives to its payload.
const VERSION: &str = "1";

/// Fields of an alert that become annotations of the same name.
const FURTHER: [&str; 5] = [
    "silenceURL",
    "dashboardURL",
    "panelURL",
    "imageURL",
    "valueString",
];

/// Reads a notification. Its title, message and state are of the group as a whole and change with each member, so only
/// what is said of each alert counts. One bad alert does not lose the others.
///
/// # Errors
/// The body is not JSON, is beyond a limit, has another version or no list of alerts.
pub fn read(body: &[u8], clock: Clock, fixed: &FixedLabels) -> Result<Batch, Unreadable> {
    v4::read(
        body,
        VERSION,
        clock,
        fixed,
        |envelope, alert, annotations| {
            for name in FURTHER {
                add(annotations, name, alert.get(name));
            }
            add(annotations, "orgId", envelope.get("orgId"));
            if let Some(values) = alert.get("values").and_then(values) {
                annotations.push("values", values);
            }
        },
    )
}

/// Adds what fits: an alert is not lost for the sake of its ornaments.
fn add<'a>(annotations: &mut Pairs<'a>, name: &'static str, value: Option<&'a RawValue>) {
    let text = value.and_then(scalar).filter(|text| text.len() <= MAX_TEXT);
    if let Some(text) = text {
        annotations.push(name, text);
    }
}

/// The values of the rule's expressions on one line: `A=1, B=2.5`.
fn values(value: &RawValue) -> Option<String> {
    let object = Object::of(value)?;
    let mut line = String::new();
    for (name, value) in object.iter() {
        let comma = if line.is_empty() { "" } else { ", " };
        let value = scalar(value)?;
        if line.len() + name.len() + value.len() > MAX_TEXT / 2 {
            return None;
        }
        for part in [comma, name, "=", &value] {
            line.push_str(part);
        }
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01T00:00:00Z.
    const NOW: i64 = 1_767_225_600_000;

    fn read_now(body: &[u8]) -> Result<Batch, Unreadable> {
        let clock = Clock {
            now_ms: NOW,
            resolve_timeout_ms: 1_000,
        };
        read(body, clock, &FixedLabels::new())
    }

    #[test]
    fn what_grafana_adds_becomes_annotations() {
        let body = br#"{"version":"1","orgId":7,"title":"[FIRING:1] Queue","state":"alerting","message":"long",
            "status":"firing","receiver":"stentor","groupKey":"{}","truncatedAlerts":0,"alerts":[
              {"status":"firing","labels":{"alertname":"Queue"},"annotations":{"summary":"too long"},
               "startsAt":"2025-12-31T23:59:59.5+00:00","endsAt":"0001-01-01T00:00:00Z",
               "generatorURL":"http://g.example.org/rule","silenceURL":"http://g.example.org/silence",
               "dashboardURL":"","panelURL":"http://g.example.org/panel","imageURL":null,
               "valueString":"[ var='A' value=12 ]","values":{"A":12,"B":0.50}},
              {"status":"resolved","labels":{"alertname":"Gone"},"values":null}]}"#;
        let batch = read_now(body).unwrap();
        assert_eq!(batch.bad, []);
        let [queue, gone] = &batch.alerts[..] else {
            panic!("{batch:?}");
        };
        let annotations: Vec<_> = queue.annotations.iter().collect();
        assert_eq!(
            annotations,
            [
                ("orgId", "7"),
                ("panelURL", "http://g.example.org/panel"),
                ("silenceURL", "http://g.example.org/silence"),
                ("summary", "too long"),
                ("valueString", "[ var='A' value=12 ]"),
                ("values", "A=12, B=0.50"),
            ]
        );
        assert_eq!((queue.starts_ms, queue.ends_ms), (NOW - 500, NOW + 1_000));
        assert_eq!(gone.ends_ms, NOW);
    }

    #[test]
    fn ornaments_that_do_not_fit_are_left_out() {
        let check = |further: &str| {
            let body = format!(r#"{{"alerts":[{{"labels":{{"a":"b"}},{further}}}]}}"#);
            let batch = read_now(body.as_bytes()).unwrap();
            assert_eq!(batch.bad, [], "{further:.60}");
            assert!(batch.alerts[0].annotations.is_empty(), "{further:.60}");
        };
        let long = "x".repeat(MAX_TEXT + 1);
        check(&format!(r#""imageURL":"{long}""#));
        check(&format!(r#""values":{{"{long}":1}}"#));
        check(r#""values":{"A":[1]}"#);
        check(r#""values":[1]"#);
        check(r#""panelURL":{}"#);
        check(r#""valueString":"\ud800""#);
    }

    #[test]
    fn what_the_rule_says_counts_above_what_grafana_adds() {
        let body = br#"{"alerts":[{"labels":{"a":"b"},"annotations":{"panelURL":"mine"},"panelURL":"theirs"}]}"#;
        let batch = read_now(body).unwrap();
        assert_eq!(batch.alerts[0].annotations.get("panelURL"), Some("mine"));
    }

    #[test]
    fn another_payload_is_refused() {
        let error = read_now(br#"{"version":"4","alerts":[]}"#).unwrap_err();
        assert!(error.to_string().contains("version is \"4\""), "{error}");
    }
}
