//! Alerts, posted as Prometheus would.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::http::{Answer, send};

/// The time by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "tests are an outermost place")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// An alert of a service that fires, and will for an hour unless it is sent again.
pub(crate) fn firing(name: &str, service: &str) -> Value {
    let (start, end) = (now(), now() + SignedDuration::from_hours(1));
    json!({
        "labels": { "alertname": name, "service": service, "severity": "critical" },
        "annotations": { "summary": format!("{name} fires") },
        "startsAt": start.to_string(),
        "endsAt": end.to_string(),
    })
}

/// Posts a batch; `Err` when no answer came.
pub(crate) async fn try_post(to: SocketAddr, alerts: &[Value]) -> Result<Answer, String> {
    let body = Value::from(alerts.to_vec()).to_string();
    let headers = [("content-type", "application/json")];
    send(to, "POST", "/api/v2/alerts", &headers, &body).await
}

/// Posts a batch that must be taken.
pub(crate) async fn post(to: SocketAddr, alerts: &[Value]) {
    let answer = try_post(to, alerts).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// The names of the alerts that fire.
pub(crate) async fn firing_names(to: SocketAddr) -> Vec<String> {
    let answer = super::http::get(to, "/api/v2/alerts").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let alerts = answer.json();
    let names = alerts.as_array().unwrap().iter();
    let mut names: Vec<String> = names
        .map(|a| a["labels"]["alertname"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}
