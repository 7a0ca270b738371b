//! The body of a webhook, version 4: `notify/webhook` and `template/template.go` of Alertmanager.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use stentor_domain::labels::Labels;
use stentor_domain::notification::{Notification, NotifiedAlert, common};

/// What an alert takes about, so that the buffer seldom grows.
const ALERT_BYTES: usize = 768;
/// The end of an alert that fires.
const NO_END: &str = "0001-01-01T00:00:00Z";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    receiver: &'a str,
    status: &'a str,
    alerts: Alerts<'a>,
    group_labels: Map<'a>,
    common_labels: Map<'a>,
    common_annotations: Map<'a>,
    #[serde(rename = "externalURL")]
    external_url: &'a str,
    version: &'a str,
    group_key: &'a str,
    truncated_alerts: usize,
    route_labels: Map<'a>,
    #[serde(rename = "notification_reason")]
    notification_reason: &'a str,
}

struct Alerts<'a>(&'a [NotifiedAlert]);

impl Serialize for Alerts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for notified in self.0 {
            let alert = &notified.alert;
            seq.serialize_element(&OneAlert {
                status: notified.status(),
                labels: Map(&alert.labels),
                annotations: Map(&alert.annotations),
                starts_at: Time(Some(alert.starts_ms)),
                ends_at: Time(notified.ended_ms),
                generator_url: &alert.generator_url,
                fingerprint: Shown(alert.fingerprint),
            })?;
        }
        seq.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OneAlert<'a> {
    status: &'a str,
    labels: Map<'a>,
    annotations: Map<'a>,
    starts_at: Time,
    ends_at: Time,
    #[serde(rename = "generatorURL")]
    generator_url: &'a str,
    fingerprint: Shown<stentor_domain::alert::Fingerprint>,
}

struct Map<'a>(&'a Labels);

impl Serialize for Map<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

struct Time(Option<i64>);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.and_then(|ms| Timestamp::from_millisecond(ms).ok()) {
            Some(time) => serializer.collect_str(&time),
            None => serializer.serialize_str(NO_END),
        }
    }
}

struct Shown<T>(T);

impl<T: std::fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The body with the first `max_alerts` alerts (0 for all). What alerts have in common is said of those that are in it.
pub(super) fn json(
    receiver: &str,
    of: &Notification,
    max_alerts: usize,
) -> Result<Vec<u8>, serde_json::Error> {
    let shown = match max_alerts {
        0 => of.alerts.as_slice(),
        max => &of.alerts[..of.alerts.len().min(max)],
    };
    let (labels, annotations) = match shown {
        [one] => (
            Cow::Borrowed(&one.alert.labels),
            Cow::Borrowed(&one.alert.annotations),
        ),
        _ => (
            Cow::Owned(common(shown.iter().map(|a| &a.alert.labels))),
            Cow::Owned(common(shown.iter().map(|a| &a.alert.annotations))),
        ),
    };
    let firing = shown.iter().any(|a| a.ended_ms.is_none());
    let none = Labels::default();
    let payload = Payload {
        receiver,
        status: if firing { "firing" } else { "resolved" },
        alerts: Alerts(shown),
        group_labels: Map(&of.group_labels),
        common_labels: Map(&labels),
        common_annotations: Map(&annotations),
        external_url: &of.external_url,
        version: "4",
        group_key: &of.group_key,
        truncated_alerts: of.alerts.len() - shown.len(),
        route_labels: Map(&none),
        notification_reason: of.reason.words(),
    };
    let mut body = Vec::with_capacity(512 + ALERT_BYTES * (shown.len() + 1));
    serde_json::to_writer(&mut body, &payload)?;
    Ok(body)
}
