//! What sends alerts and heartbeats in a way of its own, as the configuration declares it.

mod path;

use std::collections::BTreeMap;

pub use path::{BadPath, Path, Step};

use crate::ids::{ServiceId, SourceId};
use crate::organisation::SecretRef;
use crate::severity::Severity;

/// Open alerts of one source at most, unless its configuration says otherwise.
pub const MAX_ALERTS: u32 = 20_000;

/// How long an alert of a source that names no end fires after it was last sent, unless its configuration says
/// otherwise, in milliseconds: a day. Such senders speak when something changes and repeat themselves every few hours
/// at best, so the few minutes that suit Prometheus would turn their silence into recoveries.
pub const RESOLVE_TIMEOUT_MS: i64 = 86_400_000;

/// A sender of alerts or heartbeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name in configuration.
    pub id: SourceId,
    /// What it sends.
    pub kind: SourceKind,
    /// Where the secret lies that its requests carry.
    pub token: SecretRef,
    /// Labels that each of its alerts gets; they count above the sender's own.
    pub labels: BTreeMap<String, String>,
    /// Open alerts at most.
    pub max_alerts: u32,
    /// The service that its alerts belong to; the catalogue decides when there is none.
    pub service: Option<ServiceId>,
    /// How long an alert that names no end fires after it was last sent, in milliseconds.
    pub resolve_timeout_ms: i64,
}

/// What a source sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// Another Alertmanager's webhook notifications.
    AlertmanagerWebhook,
    /// Grafana's webhook notifications.
    Grafana,
    /// CloudEvents over HTTP.
    CloudEvents,
    /// JSON of any shape.
    Generic(Box<Mapping>),
    /// Heartbeats of our own form.
    Heartbeat(Box<Heartbeat>),
    /// Pings as healthchecks.io takes them.
    Healthchecks(Box<Heartbeat>),
    /// Pushes as Uptime Kuma takes them.
    UptimeKuma(Box<Heartbeat>),
}

impl SourceKind {
    /// The names used in configuration.
    pub const NAMES: [&str; 7] = [
        "alertmanager-webhook",
        "grafana",
        "cloudevents",
        "generic",
        "heartbeat",
        "healthchecks",
        "uptime-kuma",
    ];

    /// The name used in configuration.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let [
            alertmanager,
            grafana,
            cloudevents,
            generic,
            heartbeat,
            healthchecks,
            kuma,
        ] = Self::NAMES;
        match self {
            Self::AlertmanagerWebhook => alertmanager,
            Self::Grafana => grafana,
            Self::CloudEvents => cloudevents,
            Self::Generic(_) => generic,
            Self::Heartbeat(_) => heartbeat,
            Self::Healthchecks(_) => healthchecks,
            Self::UptimeKuma(_) => kuma,
        }
    }

    /// What is expected of a source whose silence is the alert.
    #[must_use]
    pub fn heartbeat(&self) -> Option<&Heartbeat> {
        match self {
            Self::Heartbeat(heartbeat)
            | Self::Healthchecks(heartbeat)
            | Self::UptimeKuma(heartbeat) => Some(heartbeat),
            Self::AlertmanagerWebhook | Self::Grafana | Self::CloudEvents | Self::Generic(_) => {
                None
            }
        }
    }
}

/// Something that has to be heard of again and again, such as a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// How often it speaks, in milliseconds.
    pub every_ms: i64,
    /// How late it may be, in milliseconds.
    pub grace_ms: i64,
    /// How bad its silence, or a failure it reports, is.
    pub severity: Severity,
    /// How long a run takes at least and at most, in milliseconds.
    pub expect_duration_ms: Option<(i64, i64)>,
    /// How much a run yields at least and at most, in bytes.
    pub expect_size: Option<(u64, u64)>,
    /// What its silence means, in a sentence.
    pub summary: Option<String>,
}

/// Where in JSON of any shape an alert's parts are. All paths but `items` begin at the alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The list of alerts, from the whole body; without it the body is one alert.
    pub items: Option<Path>,
    /// The label `alertname`; without it the source's own labels name it.
    pub alertname: Option<Path>,
    /// Labels by their names.
    pub labels: BTreeMap<String, Path>,
    /// Annotations by their names.
    pub annotations: BTreeMap<String, Path>,
    /// Whether it still fires.
    pub status: Option<StatusPath>,
    /// When it began: RFC 3339, or seconds or milliseconds since the epoch.
    pub starts_at: Option<Path>,
    /// When it ended or ends, written likewise.
    pub ends_at: Option<Path>,
}

/// Where an alert says whether it still fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPath {
    /// The place.
    pub path: Path,
    /// The values that mean it is over, compared without regard to the case of ASCII letters. Any other, and none,
    /// means it fires.
    pub resolved: Vec<String>,
}
