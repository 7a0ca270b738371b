//! Webhooks of version 4.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use stentor_channels::Outcome;
use stentor_domain::routing::{
    HttpOptions, Integration, Kind, SecretAt, Settings, WebhookIntegration,
};
use stentor_testkit::webhook::{Answer, WebhookReceiver};

use crate::group::{
    SECRET, assert_delivered, assert_failed, at, integration, send, sender, try_sender,
};
use crate::notification::{alert, amtool_data, notification};

fn webhook(url: &str, change: impl FnOnce(&mut WebhookIntegration)) -> Integration {
    let mut settings = WebhookIntegration {
        url: at(url),
        http: HttpOptions::default(),
        max_alerts: 0,
        timeout_ms: 0,
    };
    change(&mut settings);
    integration(Kind::Webhook, Settings::Webhook(settings))
}

/// What Alertmanager would post.
fn expected(of: &stentor_domain::notification::Notification) -> Value {
    let mut body = amtool_data(of);
    body["version"] = "4".into();
    body["groupKey"] = of.group_key.clone().into();
    body["truncatedAlerts"] = 0.into();
    body["routeLabels"] = json!({});
    body["notification_reason"] = "first notification".into();
    body
}

#[tokio::test]
async fn a_group_arrives_as_alertmanager_sends_it() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let sender = sender(&webhook(&receiver.url(), |_| {}));
    assert_eq!(sender.problems(), [""; 0]);
    assert_eq!(sender.destination(), format!("http://{}", receiver.address));
    assert_delivered(&send(&sender, &notification(), "key-one-1").await);
    let got = &receiver.requests.wait_for(1).await[0];
    assert_eq!((got.method.as_str(), got.path.as_str()), ("POST", "/hook"));
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!(got.header("idempotency-key"), "key-one-1");
    assert!(got.header("user-agent").starts_with("Stentor/"));
    assert_eq!(got.json(), expected(&notification()));
    assert_eq!(got.json()["receiver"], r"team\.x \(shop\)");
    assert_eq!(got.json()["alerts"][0]["endsAt"], "0001-01-01T00:00:00Z");
    assert_eq!(got.json()["alerts"][2]["endsAt"], "2026-03-01T12:01:30.5Z");
}

#[tokio::test]
async fn hostile_labels_stay_in_their_json() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let sender = sender(&webhook(&receiver.url(), |_| {}));
    let mut of = notification();
    let hostile = "\"},\r\n\u{0}\u{1b}\u{2028}\u{202e}</script>\\u0022{{ .Status }}😀";
    of.alerts = vec![alert(&[("alertname", hostile)], &[("x", hostile)], None)];
    of.group_key = hostile.to_owned();
    assert_delivered(&send(&sender, &of, "key-one-1").await);
    assert_eq!(receiver.requests.wait_for(1).await[0].json(), expected(&of));
}

#[tokio::test]
async fn more_alerts_than_wanted_are_counted_and_left_out() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let sender = sender(&webhook(&receiver.url(), |settings| {
        settings.max_alerts = 1
    }));
    assert_delivered(&send(&sender, &notification(), "key-one-1").await);
    let body = receiver.requests.wait_for(1).await[0].json();
    assert_eq!(body["truncatedAlerts"], 2);
    assert_eq!(body["alerts"].as_array().unwrap().len(), 1);
    // As Alertmanager does, what is common is said of the alerts that are shown.
    assert_eq!(body["commonLabels"]["instance"], "a.example.org:9100");
}

#[tokio::test]
async fn ends_are_told_only_to_those_who_want_them() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let mut settings = webhook(&receiver.url(), |_| {});
    settings.send_resolved = false;
    let sender = sender(&settings);
    assert_delivered(&send(&sender, &notification(), "key-one-1").await);
    let mut over = notification();
    over.alerts.retain(|alert| alert.ended_ms.is_some());
    assert_delivered(&send(&sender, &over, "key-two-2").await);
    let got = receiver.requests.all();
    assert_eq!(got.len(), 1, "nothing is said of ends alone");
    assert_eq!(got[0].json()["alerts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_says_what_comes_next() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let sender = sender(&webhook(&receiver.url(), |_| {}));
    let later = |status| Answer::Status(status, vec![("retry-after", "7".to_owned())]);
    let wait = Some(Duration::from_secs(7));
    for (answer, expect) in [
        (Answer::status(204), Ok(())),
        (Answer::status(500), Err(Some(None))),
        (later(503), Err(Some(wait))),
        (later(429), Err(Some(wait))),
        (Answer::Close, Err(Some(None))),
        (Answer::Body(400, "no\r\nsuch thing"), Err(None)),
        (Answer::status(404), Err(None)),
        (Answer::status(302), Err(None)),
    ] {
        receiver.plan([answer.clone()]);
        let outcome = send(&sender, &notification(), "key-one-1").await;
        let got = match &outcome {
            Outcome::Delivered { .. } => Ok(()),
            Outcome::Retry { after, .. } => Err(Some(*after)),
            Outcome::Failed { .. } => Err(None),
        };
        assert_eq!(got, expect, "{answer:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn credentials_and_header_lines_are_sent() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let own = BTreeMap::from([("X-Team".to_owned(), "shop".to_owned())]);
    for (http, expect) in [
        (
            HttpOptions {
                basic: Some(("ada".to_owned(), at("pass word"))),
                ..HttpOptions::default()
            },
            "Basic YWRhOnBhc3Mgd29yZA==",
        ),
        (
            HttpOptions {
                authorization: Some(("Bearer".to_owned(), at("token\n"))),
                headers: own,
                ..HttpOptions::default()
            },
            "Bearer token",
        ),
    ] {
        let sender = sender(&webhook(&receiver.url(), |settings| settings.http = http));
        assert_delivered(&send(&sender, &notification(), "key-one-1").await);
        let got = receiver.requests.all();
        assert_eq!(got.last().unwrap().header("authorization"), expect);
    }
    assert_eq!(receiver.requests.all()[1].header("x-team"), "shop");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_beforehand() {
    let url = "http://127.0.0.1:1/secret-path";
    let header = |name: &str, value: &str| {
        let headers = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        webhook(url, |settings| settings.http.headers = headers)
    };
    let cases = [
        (
            webhook("ftp://x/secret-path", |_| {}),
            "only http and https",
        ),
        (
            webhook(url, |s| s.url = SecretAt::File("gone".to_owned())),
            "the file gone is missing",
        ),
        (
            webhook(url, |s| s.http.proxy_url = Some("http://proxy".to_owned())),
            "proxy_url is not supported",
        ),
        (
            webhook(url, |s| s.http.ca_file = Some("gone".to_owned())),
            "the file gone is missing",
        ),
        (header("Host", "x"), "set by Stentor itself"),
        (header("X-Y", "a\r\nb"), "no usable value"),
        (
            integration(Kind::PagerDuty, Settings::NotDelivered),
            "pagerduty is understood but not delivered to",
        ),
    ];
    for (settings, part) in cases {
        let error = try_sender(&settings, "").err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
        assert!(error.starts_with("team.x (shop)/"), "{error}");
        assert!(!error.contains("secret-path"), "{error}");
    }
}

#[tokio::test]
async fn an_address_inside_is_not_reached_unless_allowed() {
    let sender = sender(&webhook("http://10.255.255.1/hook", |_| {}));
    assert_failed(
        &send(&sender, &notification(), "key-one-1").await,
        "private network",
    );
}
