//! Slack, against a fake that holds messages to Slack's published form.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stentor_channels::Outcome;
use stentor_domain::notification::Notification;
use stentor_domain::routing::{HttpOptions, Integration, Kind, Settings, SlackIntegration};
use stentor_testkit::webhook::{Answer, WebhookReceiver};

use crate::group::{SECRET, assert_delivered, assert_failed, at, integration, send, sender};
use crate::notification::{alert, notification};

fn slack(
    url: &str,
    texts: &[(&str, &str)],
    change: impl FnOnce(&mut SlackIntegration),
) -> Integration {
    let mut settings = SlackIntegration {
        url: at(url),
        http: HttpOptions::default(),
        channel: "#shop".to_owned(),
        texts: texts
            .iter()
            .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()))
            .collect(),
        flags: BTreeMap::new(),
        fields: Vec::new(),
        actions: Vec::new(),
        mrkdwn_in: Vec::new(),
    };
    change(&mut settings);
    integration(Kind::Slack, Settings::Slack(settings))
}

/// What Slack's reference of secondary attachments allows.
fn assert_slack_takes(message: &Value) {
    let known = |object: &Value, names: &[&str]| {
        for name in object.as_object().unwrap().keys() {
            assert!(names.contains(&name.as_str()), "{name} is unknown");
        }
    };
    known(
        message,
        &[
            "channel",
            "username",
            "icon_emoji",
            "icon_url",
            "link_names",
            "attachments",
        ],
    );
    let attachments = message["attachments"].as_array().unwrap();
    assert!((1..=100).contains(&attachments.len()));
    for attachment in attachments {
        known(
            attachment,
            &[
                "title",
                "title_link",
                "pretext",
                "text",
                "fallback",
                "callback_id",
                "fields",
                "actions",
                "image_url",
                "thumb_url",
                "footer",
                "color",
                "mrkdwn_in",
            ],
        );
        assert!(attachment["fallback"].is_string(), "required");
        let color = attachment["color"].as_str().unwrap_or("good");
        assert!(["good", "warning", "danger"].contains(&color) || color.starts_with('#'));
        for link in ["title_link", "image_url", "thumb_url"] {
            if let Some(link) = attachment[link].as_str() {
                assert!(link.starts_with("http"), "{link}");
            }
        }
        for marked in attachment["mrkdwn_in"].as_array().unwrap() {
            assert!(["pretext", "text", "fields", "fallback"].contains(&marked.as_str().unwrap()));
        }
        for field in attachment["fields"].as_array().unwrap_or(&Vec::new()) {
            known(field, &["title", "value", "short"]);
            assert!(field["short"].is_boolean());
        }
        for action in attachment["actions"].as_array().unwrap_or(&Vec::new()) {
            known(action, &["type", "text", "url", "style", "name", "value"]);
        }
    }
    assert!(message.to_string().len() < 100_000);
}

async fn sent(settings: &Integration, receiver: &WebhookReceiver, of: &Notification) -> Value {
    receiver.plan([Answer::Body(200, "ok")]);
    let before = receiver.requests.all().len();
    assert_delivered(&send(&sender(settings), of, "key-one-1").await);
    let got = receiver.requests.all();
    assert_eq!(got.len(), before + 1);
    assert_eq!(got[before].header("content-type"), "application/json");
    let message = got[before].json();
    assert_slack_takes(&message);
    message
}

#[tokio::test]
async fn a_message_is_alertmanagers_unless_told_otherwise() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let settings = slack(&receiver.url(), &[], |_| {});
    let title = "[FIRING:2] ShopDown eu-1 (page)";
    let link = r"https://alerts.example.org/#/alerts?receiver=team%5C.x+%5C%28shop%5C%29";
    assert_eq!(
        sent(&settings, &receiver, &notification()).await,
        json!({
            "channel": "#shop",
            "username": "Alertmanager",
            "attachments": [{
                "title": title,
                "title_link": link,
                "text": "",
                "fallback": format!("{title} | {link}"),
                "callback_id": "",
                "footer": "",
                "color": "danger",
                "mrkdwn_in": ["fallback", "pretext", "text"],
            }],
        })
    );
    let mut over = notification();
    over.alerts.retain(|alert| alert.ended_ms.is_some());
    let message = sent(&settings, &receiver, &over).await;
    assert_eq!(message["attachments"][0]["color"], "good");
}

#[tokio::test]
async fn what_the_configuration_says_is_sent() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let settings = slack(
        &receiver.url(),
        &[
            (
                "text",
                "{{ range .Alerts.Firing }}*<{{ .GeneratorURL }}|{{ .Labels.instance }}>* {{ printf \"<%s>\" \"!here\" }}\n{{ end }}",
            ),
            ("icon_url", "https://example.org/i.png"),
            ("title_link", "javascript:alert(1)"),
        ],
        |settings| {
            settings.channel = "#{{ .CommonLabels.severity }}".to_owned();
            settings.flags = BTreeMap::from([
                ("short_fields".to_owned(), true),
                ("link_names".to_owned(), true),
            ]);
            settings.fields = vec![
                (
                    "Cluster".to_owned(),
                    "{{ .CommonLabels.cluster }}".to_owned(),
                    None,
                ),
                ("Status".to_owned(), "{{ .Status }}".to_owned(), Some(false)),
            ];
            let action = [
                ("type", "button"),
                ("text", "Look"),
                ("url", "{{ .ExternalURL }}"),
            ];
            settings.actions = vec![action.map(|(n, t)| (n.to_owned(), t.to_owned())).into()];
            settings.mrkdwn_in = vec!["text".to_owned()];
        },
    );
    let message = sent(&settings, &receiver, &notification()).await;
    assert_eq!(message["channel"], "#page");
    assert_eq!(message["link_names"], true);
    assert_eq!(message["icon_url"], "https://example.org/i.png");
    let attachment = &message["attachments"][0];
    assert_eq!(attachment["title_link"], Value::Null);
    assert_eq!(
        attachment["text"].as_str().unwrap().lines().next(),
        Some(
            "*<http://prom.example.org/graph?g0.expr=up%3D%3D0&amp;g0.tab=1|a.example.org:9100>* <!here>"
        )
    );
    assert_eq!(
        attachment["fields"],
        json!([
            { "title": "Cluster", "value": "eu-1", "short": true },
            { "title": "Status", "value": "firing", "short": false },
        ])
    );
    assert_eq!(
        attachment["actions"],
        json!([{ "type": "button", "text": "Look", "url": "https://alerts.example.org" }])
    );
    assert_eq!(attachment["mrkdwn_in"], json!(["text"]));
}

#[tokio::test]
async fn hostile_labels_call_nobody_and_link_nowhere() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let settings = slack(
        &receiver.url(),
        &[
            (
                "text",
                "{{ .CommonAnnotations.summary }} {{ .CommonAnnotations.summary | safeHtml }}",
            ),
            ("title_link", "{{ .CommonAnnotations.link }}"),
        ],
        |_| {},
    );
    let hostile = "<!channel> <https://evil.example.net|ok> &amp;\u{202e}\u{0}\u{7}";
    let mut of = notification();
    of.alerts = vec![alert(
        &[("alertname", hostile)],
        &[("summary", hostile), ("link", "javascript:alert(1)")],
        None,
    )];
    of.group_labels = crate::notification::labels(&[("alertname", &"<!here>".repeat(1000))]);
    let message = sent(&settings, &receiver, &of).await;
    let attachment = &message["attachments"][0];
    for name in ["title", "text", "fallback"] {
        let text = attachment[name].as_str().unwrap();
        assert!(
            !text.contains(['<', '>', '\u{0}', '\u{7}', '\u{202e}']),
            "{text}"
        );
    }
    assert!(
        attachment["text"]
            .as_str()
            .unwrap()
            .starts_with("&lt;!channel&gt; ")
    );
    assert!(attachment["title"].as_str().unwrap().chars().count() <= 1024);
    assert_eq!(attachment["title_link"], Value::Null);
}

#[tokio::test]
async fn a_field_that_is_not_translated_has_our_text() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let settings = slack(
        &receiver.url(),
        &[("title", "a\n{{ humanize 3 }}"), ("text", "{{ .Nothing }}")],
        |_| {},
    );
    let sender = sender(&settings);
    let [text, title] = sender.problems() else {
        panic!("{:?}", sender.problems());
    };
    assert!(
        text.starts_with("text: the template gives no text: "),
        "{text}"
    );
    assert_eq!(
        title,
        "title: line 2, column 4: the function \"humanize\" is not known; our own text is sent instead"
    );
    let message = sent(&settings, &receiver, &notification()).await;
    assert_eq!(
        message["attachments"][0]["title"],
        "[FIRING:2] ShopDown eu-1 (page)"
    );
    assert_eq!(message["attachments"][0]["text"], "");
}

#[tokio::test]
async fn slacks_answer_is_read() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let sender = sender(&slack(&receiver.url(), &[], |_| {}));
    for body in ["ok", "ok\n", "{\"ok\":true,\"ts\":\"1\"}"] {
        receiver.plan([Answer::Body(200, body)]);
        assert_delivered(&send(&sender, &notification(), "key-one-1").await);
    }
    for (status, body, part) in [
        (200, "no_such_channel", "no_such_channel"),
        (
            200,
            "{\"ok\":false,\"error\":\"invalid_auth\"}",
            "invalid_auth",
        ),
        (400, "invalid_payload", "answered 400: invalid_payload"),
        (404, "channel_not_found", "channel_not_found"),
    ] {
        receiver.plan([Answer::Body(status, body)]);
        assert_failed(&send(&sender, &notification(), "key-one-1").await, part);
    }
    for (status, body) in [
        (429, ""),
        (500, "x"),
        (200, "{\"ok\":false,\"error\":\"ratelimited\"}"),
    ] {
        receiver.plan([Answer::Body(status, body)]);
        let outcome = send(&sender, &notification(), "key-one-1").await;
        assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    }
}
