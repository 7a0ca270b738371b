//! A notification to send, and the same as Alertmanager would give it to its templates.

use std::sync::Arc;

use serde_json::{Value, json};
use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::labels::Labels;
use stentor_domain::notification::{Notification, NotifiedAlert, Reason, receiver_quoted};

pub(crate) const START: i64 = 1_772_366_400_000; // 2026-03-01T12:00:00Z

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(&mut pairs.to_vec())
}

pub(crate) fn alert(
    own: &[(&str, &str)],
    annotations: &[(&str, &str)],
    ended_ms: Option<i64>,
) -> NotifiedAlert {
    let labels = labels(own);
    NotifiedAlert {
        alert: Arc::new(Alert {
            fingerprint: Fingerprint::of(&labels),
            labels,
            annotations: self::labels(annotations),
            starts_ms: START,
            ends_ms: ended_ms.unwrap_or(START + 300_000),
            generator_url: "http://prom.example.org/graph?g0.expr=up%3D%3D0&g0.tab=1".into(),
            ends_by_timeout: false,
        }),
        ended_ms,
    }
}

/// Two alerts that fire and one that ended.
pub(crate) fn notification() -> Notification {
    let with = |instance: &str, ended| {
        alert(
            &[
                ("alertname", "ShopDown"),
                ("instance", instance),
                ("severity", "page"),
                ("cluster", "eu-1"),
            ],
            &[
                ("summary", "the shop does not answer"),
                ("description", &format!("{instance} <is> down & \"out\"")),
            ],
            ended,
        )
    };
    Notification {
        receiver: "team.x (shop)".to_owned(),
        group_key: "{}/{team=\"x\"}:{alertname=\"ShopDown\"}".to_owned(),
        group_labels: labels(&[("alertname", "ShopDown"), ("cluster", "eu-1")]),
        alerts: vec![
            with("a.example.org:9100", None),
            with("b.example.org:9100", None),
            with("c.example.org:9100", Some(START + 90_500)),
        ],
        external_url: "https://alerts.example.org".to_owned(),
        reason: Reason::First,
    }
}

fn map(labels: &Labels) -> Value {
    labels
        .iter()
        .map(|(n, v)| (n.to_owned(), Value::from(v)))
        .collect()
}

/// The data as amtool takes it.
pub(crate) fn amtool_data(of: &Notification) -> Value {
    let time = |ms| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let alerts: Vec<Value> = of
        .alerts
        .iter()
        .map(|a| {
            json!({
                "status": a.status(),
                "labels": map(&a.alert.labels),
                "annotations": map(&a.alert.annotations),
                "startsAt": time(a.alert.starts_ms),
                "endsAt": a.ended_ms.map_or("0001-01-01T00:00:00Z".to_owned(), time),
                "generatorURL": a.alert.generator_url,
                "fingerprint": a.alert.fingerprint.to_string(),
            })
        })
        .collect();
    json!({
        "receiver": receiver_quoted(&of.receiver),
        "status": of.status(),
        "alerts": alerts,
        "groupLabels": map(&of.group_labels),
        "commonLabels": map(&of.common_labels()),
        "commonAnnotations": map(&of.common_annotations()),
        "externalURL": of.external_url,
    })
}
