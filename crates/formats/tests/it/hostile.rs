//! No input makes a reader panic, and what a reader takes is within the limits.

use proptest::prelude::*;
use stentor_formats::batch::{Batch, Clock, FixedLabels, MAX_LABELS, MAX_TEXT};
use stentor_formats::healthchecks::Ping;
use stentor_formats::uptime_kuma::Push;
use stentor_formats::{alertmanager, alertmanager_webhook, cloudevents, generic, grafana};

use crate::generic::mapping;

const CLOCK: Clock = Clock {
    now_ms: 1_767_225_600_000,
    resolve_timeout_ms: 60_000,
};

/// Pieces of the formats in any order reach deeper than random bytes.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "{",
        "}",
        "\"",
        "\\",
        "\\ud800",
        "null",
        "true",
        "1e999",
        "-1",
        "0",
        "\"version\":\"4\",",
        "\"alerts\":[",
        "\"labels\":{\"a\":\"b\"}",
        "\"labels\":",
        "\"annotations\":{",
        "\"status\":\"resolved\"",
        "\"startsAt\":",
        "\"endsAt\":",
        "\"2026-01-01T00:00:00Z\"",
        "\"9999-12-31T23:59:59Z\"",
        "\"-9999-01-01T00:00:00Z\"",
        "\"values\":{\"A\":1}",
        "\"id\":\"1\",",
        "\"source\":\"/\",",
        "\"type\":\"t\",",
        "\"specversion\":\"1.0\",",
        "\"data\":",
        "\"data_base64\":\"e30=\"",
        "\"report\":",
        "\"runs\":",
        "\"job\":{\"name\":\"x\"}",
        "\"begun\":",
        "\"é\"",
        "\u{0}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    prop_oneof![
        bytes,
        pieces(),
        any::<String>().prop_map(String::into_bytes)
    ]
}

/// Whole notifications whose parts are anything.
fn notification() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(pieces(), 0..4).prop_map(|items| {
        let mut body = b"{\"report\":{\"runs\":[".to_vec();
        body.extend(items.join(&b","[..]));
        body.extend(b"]},\"alerts\":[");
        body.extend(items.join(&b","[..]));
        body.extend(b"]}");
        body
    })
}

fn within_limits<E>(batch: Result<Batch, E>) {
    for alert in batch.into_iter().flat_map(|batch| batch.alerts) {
        assert!(alert.starts_ms <= alert.ends_ms);
        assert!(!alert.labels.is_empty());
        for set in [&alert.labels, &alert.annotations] {
            assert!(set.iter().count() <= MAX_LABELS + 1);
            assert!(set.iter().all(|(_, value)| value.len() <= MAX_TEXT));
        }
    }
}

proptest! {
    #[test]
    fn bodies(body in prop_oneof![body(), notification()]) {
        let fixed = FixedLabels::from([("site".into(), "two".into())]);
        within_limits(alertmanager::read(&body, CLOCK));
        within_limits(alertmanager_webhook::read(&body, CLOCK, &fixed));
        within_limits(grafana::read(&body, CLOCK, &fixed));
        within_limits(generic::read(&body, &mapping(), CLOCK, &fixed));
        for form in ["application/cloudevents+json", "application/cloudevents-batch+json"] {
            let headers = [("content-type", form.as_bytes())];
            within_limits(cloudevents::read(headers, &body, CLOCK, &fixed));
        }
        let headers = [("ce-id", &b"1"[..]), ("ce-type", b"t"), ("ce-source", b"/"), ("ce-specversion", b"1.0")];
        within_limits(cloudevents::read(headers, &body, CLOCK, &fixed));
    }

    #[test]
    fn headers(headers in prop::collection::vec((any::<String>(), prop::collection::vec(any::<u8>(), 0..40)), 0..8)) {
        let known = ["ce-id", "ce-type", "ce-source", "ce-specversion", "content-type", "ce-é", "ce-"];
        let mut all: Vec<(String, Vec<u8>)> = headers;
        for (n, name) in known.into_iter().enumerate() {
            if let Some((_, value)) = all.get(n).cloned() {
                all.push((name.to_owned(), value));
            }
        }
        let headers = all.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        within_limits(cloudevents::read(headers, b"{}", CLOCK, &FixedLabels::new()));
    }

    #[test]
    fn addresses(tail in any::<String>(), query in prop_oneof![any::<String>(), "(rid|create|ping|msg|status|=|&|%[0-9a-f]{0,2}|[0-9.eE+-]){0,20}"], body in body()) {
        let _ = Ping::read(&tail, &query, &body);
        if let Ok(push) = Push::read(&query) {
            prop_assert!(push.ping_ms.is_none_or(|ping| ping.is_finite() && ping >= 0.0));
        }
    }
}
