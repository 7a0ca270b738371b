//! The same group, told by Alertmanager and by us.

use std::fs;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use stentor_channels::group::GroupSender;
use stentor_domain::routing::{HttpOptions, Kind, Settings, SlackIntegration, WebhookIntegration};
use stentor_egress::{Client, Guard, Limits, Request};
use stentor_testkit::process::{Process, free_address, installed};
use stentor_testkit::webhook::{Answer, WebhookReceiver};

use crate::group::{SECRET, assert_delivered, at, integration, send, sender};
use crate::notification::{amtool_data, notification};

/// A text with ranges, which both render.
const TEXT: &str = "{{ range .Alerts }}{{ .Labels.instance }} {{ .Status }}\n{{ end }}{{ .GroupLabels.alertname }}";

/// What the receiver got, webhook first.
async fn got(receiver: &WebhookReceiver, from: usize) -> (Value, Value) {
    let all = receiver.requests.wait_for(from + 2).await;
    let of = |path: &str| {
        let found = all[from..].iter().find(|request| request.path == path);
        found.unwrap().json()
    };
    (of("/webhook"), of("/slack"))
}

fn senders(receiver: &WebhookReceiver) -> [GroupSender; 2] {
    let url = |path: &str| at(&format!("http://{}/{path}", receiver.address));
    let webhook = Settings::Webhook(WebhookIntegration {
        url: url("webhook"),
        http: HttpOptions::default(),
        max_alerts: 0,
        timeout_ms: 0,
    });
    let slack = Settings::Slack(SlackIntegration {
        url: url("slack"),
        http: HttpOptions::default(),
        channel: "#shop".to_owned(),
        texts: [("text".to_owned(), TEXT.to_owned())].into(),
        flags: [("short_fields".to_owned(), true)].into(),
        fields: vec![("Status".to_owned(), "{{ .Status }}".to_owned(), None)],
        actions: Vec::new(),
        mrkdwn_in: Vec::new(),
    });
    [
        sender(&integration(Kind::Webhook, webhook)),
        sender(&integration(Kind::Slack, slack)),
    ]
}

#[tokio::test]
async fn alertmanager_and_we_send_the_same() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{}", receiver.address);
    let config = json!({
        "route": {
            "receiver": "team.x (shop)",
            "group_by": ["alertname", "cluster"],
            "group_wait": "1s",
        },
        "receivers": [{
            "name": "team.x (shop)",
            "webhook_configs": [{ "url": format!("{url}/webhook") }],
            "slack_configs": [{
                "api_url": format!("{url}/slack"),
                "channel": "#shop",
                "send_resolved": true,
                "text": TEXT,
                "short_fields": true,
                "fields": [{ "title": "Status", "value": "{{ .Status }}" }],
            }],
        }],
    });
    fs::write(folder.path().join("config.yml"), config.to_string()).unwrap();
    let address = free_address();
    let program = installed("prometheus-alertmanager", "prometheus-alertmanager");
    let mut command = tokio::process::Command::new(program);
    command
        .args(["--config.file=config.yml", "--storage.path=data"])
        .args([
            "--cluster.listen-address=",
            "--web.external-url=https://alerts.example.org",
        ])
        .args([
            "--web.route-prefix=/",
            &format!("--web.listen-address={address}"),
        ])
        .current_dir(folder.path());
    let alertmanager = Process::spawn(command);
    alertmanager.wait_for_stderr("Listening on").await;

    let mut of = notification();
    of.group_key = "{}:{alertname=\"ShopDown\", cluster=\"eu-1\"}".to_owned();
    let mut alerts = amtool_data(&of)["alerts"].take();
    for alert in alerts.as_array_mut().unwrap() {
        let alert = alert.as_object_mut().unwrap();
        alert.remove("status");
        alert.remove("fingerprint");
        // One that fires has an end far ahead.
        if alert["endsAt"] == "0001-01-01T00:00:00Z" {
            alert.insert("endsAt".to_owned(), "2200-01-01T00:00:00Z".into());
        }
    }
    let guard = Guard::allowing(["127.0.0.0/8".parse().unwrap()]);
    let client = Client::new(guard, Limits::default(), None).unwrap();
    let target = format!("http://{address}/api/v2/alerts").parse().unwrap();
    let mut request = Request::new(Method::POST, target);
    let json = http::HeaderValue::from_static("application/json");
    request.headers.insert(http::header::CONTENT_TYPE, json);
    request.body = Bytes::from(alerts.to_string());
    let answer = client.send(request).await.unwrap();
    assert!(answer.status.is_success(), "{answer:?}");
    let (their_webhook, their_slack) = got(&receiver, 0).await;

    let before = receiver.requests.all().len();
    receiver.plan([Answer::Body(200, "ok"), Answer::Body(200, "ok")]);
    for sender in senders(&receiver) {
        assert_delivered(&send(&sender, &of, "key-one-1").await);
    }
    let (mut our_webhook, our_slack) = got(&receiver, before).await;
    // Newer than the Alertmanager that judges here.
    for newer in ["routeLabels", "notification_reason"] {
        assert!(our_webhook.as_object_mut().unwrap().remove(newer).is_some());
    }
    assert_eq!(our_webhook, their_webhook);
    assert_eq!(our_slack, their_slack);
}
