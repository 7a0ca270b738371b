//! What templates are given: Alertmanager's data about a notification.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Object;

pub(super) use super::moment::{Moment, Span};

use crate::alert::{Alert, Fingerprint};
use crate::labels::Labels;
use crate::notification::{Notification, NotifiedAlert, Reason, receiver_quoted};

/// Go's zero time, which an alert that fires has for its end: 0001-01-01T00:00:00Z.
pub(super) const ZERO_TIME_MS: i64 = -62_135_596_800_000;

/// A notification as templates see it. Made once a message, and used for each of its fields.
#[derive(Clone, Debug)]
pub struct Data {
    pub(super) value: Value,
    /// What time it is.
    pub(super) now_ms: i64,
}

/// A structure with named fields; asking for another is an error.
#[derive(Debug)]
pub(super) struct Record(pub(super) BTreeMap<&'static str, Value>);

/// Names and values; asking for a name that is missing gives an empty text.
#[derive(Debug)]
pub(super) struct Pairs(pub(super) BTreeMap<String, String>);

/// A list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) of: Of,
    pub(super) items: Vec<Value>,
}

/// What a list consists of, which says what methods it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Alerts,
    Pairs,
    Other,
}

impl Object for Record {}
impl Object for Pairs {}
impl Object for List {}

impl List {
    pub(super) fn value(of: Of, items: Vec<Value>) -> Value {
        Value::from_object(Self { of, items })
    }

    pub(super) fn texts<'a>(items: impl Iterator<Item = &'a String>) -> Value {
        Self::value(Of::Other, items.map(Value::from).collect())
    }
}

impl Pairs {
    fn of(labels: &Labels) -> Value {
        let pairs = labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned()));
        Value::from_object(Self(pairs.collect()))
    }

    /// In Alertmanager's order: the name of the alert first, then by name.
    pub(super) fn sorted(&self) -> Vec<(&String, &String)> {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(name, _)| name.as_str() != "alertname");
        sorted
    }
}

impl Data {
    /// Two alerts of which one ended, with the labels that nearly every alert has.
    pub(crate) fn sample() -> Self {
        let labels = |instance| {
            Labels::from_pairs(&mut vec![
                ("alertname", "Sample"),
                ("instance", instance),
                ("severity", "page"),
            ])
        };
        let alert = |instance, ended_ms| NotifiedAlert {
            alert: Arc::new(Alert {
                fingerprint: Fingerprint::of(&labels(instance)),
                labels: labels(instance),
                annotations: Labels::from_pairs(&mut vec![("summary", "a sample")]),
                starts_ms: 0,
                ends_ms: 0,
                generator_url: "https://example.org/graph".into(),
                ends_by_timeout: false,
            }),
            ended_ms,
        };
        Self::of(&Notification {
            receiver: "sample".to_owned(),
            group_key: "{}:{alertname=\"Sample\"}".to_owned(),
            group_labels: Labels::from_pairs(&mut vec![("alertname", "Sample")]),
            alerts: vec![alert("a:1", None), alert("b:1", Some(1000))],
            external_url: "https://example.org".to_owned(),
            reason: Reason::First,
        })
    }

    /// A notification's data.
    #[must_use]
    pub fn of(notification: &Notification) -> Self {
        let alerts = notification.alerts.iter().map(alert).collect();
        let value = Value::from_object(Record(BTreeMap::from([
            ("Receiver", receiver_quoted(&notification.receiver).into()),
            ("Status", notification.status().into()),
            ("Alerts", List::value(Of::Alerts, alerts)),
            ("GroupLabels", Pairs::of(&notification.group_labels)),
            ("CommonLabels", Pairs::of(&notification.common_labels())),
            (
                "CommonAnnotations",
                Pairs::of(&notification.common_annotations()),
            ),
            ("RouteLabels", Pairs::of(&Labels::default())),
            ("ExternalURL", (&*notification.external_url).into()),
            ("NotificationReason", notification.reason.words().into()),
        ])));
        let times = notification.alerts.iter();
        let times = times.map(|a| a.ended_ms.unwrap_or(a.alert.starts_ms));
        Self {
            value,
            now_ms: times.max().unwrap_or_default(),
        }
    }

    /// The same, told at this time: what `since` counts from. Without it the last thing that happened to an alert is
    /// taken for now.
    #[must_use]
    pub fn at(mut self, now: jiff::Timestamp) -> Self {
        self.now_ms = now.as_millisecond();
        self
    }
}

fn alert(notified: &NotifiedAlert) -> Value {
    let alert = &notified.alert;
    Value::from_object(Record(BTreeMap::from([
        ("Status", notified.status().into()),
        ("Labels", Pairs::of(&alert.labels)),
        ("Annotations", Pairs::of(&alert.annotations)),
        ("StartsAt", Moment::at_ms(alert.starts_ms).value()),
        (
            "EndsAt",
            Moment::at_ms(notified.ended_ms.unwrap_or(ZERO_TIME_MS)).value(),
        ),
        ("GeneratorURL", (&*alert.generator_url).into()),
        ("Fingerprint", alert.fingerprint.to_string().into()),
    ])))
}
