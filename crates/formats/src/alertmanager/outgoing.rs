//! What `GET /api/v2/alerts`, `/status` and `/receivers` answer. Newer clients require every field named here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use stentor_domain::alert::Alert;
use stentor_domain::labels::Labels;

/// An alert as it is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GettableAlert<'a> {
    /// What it says.
    #[serde(serialize_with = "pairs")]
    pub annotations: &'a Labels,
    /// When it ends unless it is sent again.
    #[serde(serialize_with = "time")]
    pub ends_at: i64,
    /// Its identity.
    pub fingerprint: String,
    /// Whom it is told to.
    pub receivers: [Receiver<'a>; 1],
    /// When it began.
    #[serde(serialize_with = "time")]
    pub starts_at: i64,
    /// Whether it reaches anybody.
    pub status: AlertStatus,
    /// When it last changed.
    #[serde(serialize_with = "time")]
    pub updated_at: i64,
    /// Where it comes from.
    #[serde(rename = "generatorURL")]
    pub generator_url: &'a str,
    /// What it is about.
    #[serde(serialize_with = "pairs")]
    pub labels: &'a Labels,
}

/// Whether an alert reaches anybody. Nothing of ours is suppressed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertStatus {
    inhibited_by: [&'static str; 0],
    muted_by: [&'static str; 0],
    silenced_by: [&'static str; 0],
    state: &'static str,
}

/// Whom alerts are told to: an escalation policy.
#[derive(Clone, Debug, Serialize)]
pub struct Receiver<'a> {
    /// Its name.
    pub name: &'a str,
}

impl<'a> GettableAlert<'a> {
    /// An alert that fires until `ends_ms` and is told by `receiver`.
    #[must_use]
    pub fn firing(alert: &'a Alert, ends_ms: i64, receiver: &'a str) -> Self {
        Self {
            annotations: &alert.annotations,
            ends_at: ends_ms,
            fingerprint: alert.fingerprint.to_string(),
            receivers: [Receiver { name: receiver }],
            starts_at: alert.starts_ms,
            status: AlertStatus {
                inhibited_by: [],
                muted_by: [],
                silenced_by: [],
                state: "active",
            },
            updated_at: alert.starts_ms,
            generator_url: &alert.generator_url,
            labels: &alert.labels,
        }
    }
}

/// What `GET /api/v2/status` answers; clients ask for it first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Gossip between Alertmanagers, which we have none of.
    pub cluster: ClusterStatus,
    /// Who answers.
    pub version_info: VersionInfo,
    /// The routing as Alertmanager would be told it.
    pub config: StatusConfig,
    /// Since when this node runs, as RFC 3339.
    pub uptime: String,
}

/// Gossip between Alertmanagers.
#[derive(Debug, Serialize)]
pub struct ClusterStatus {
    status: &'static str,
    peers: [BTreeMap<String, String>; 0],
}

/// Who answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionInfo {
    version: String,
    revision: &'static str,
    branch: &'static str,
    build_user: &'static str,
    build_date: &'static str,
    go_version: &'static str,
}

/// The routing.
#[derive(Debug, Serialize)]
pub struct StatusConfig {
    original: String,
}

impl Status {
    /// A node of `version` that runs since `since_ms` and tells alerts to `receivers`, the first by default.
    #[must_use]
    pub fn new<'a>(
        version: &str,
        since_ms: i64,
        receivers: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        // The names are slugs of our configuration, so they need no quotes in YAML.
        let mut names = receivers.into_iter().peekable();
        let first = names.peek().copied().unwrap_or("none");
        let mut original = format!("route:\n  receiver: {first}\nreceivers:\n");
        let mut any = false;
        for name in names {
            any = true;
            original.push_str(&format!("- name: {name}\n"));
        }
        if !any {
            original.push_str("- name: none\n");
        }
        Self {
            cluster: ClusterStatus {
                status: "disabled",
                peers: [],
            },
            version_info: VersionInfo {
                version: version.to_owned(),
                revision: "",
                branch: "",
                build_user: "",
                build_date: "",
                go_version: "",
            },
            config: StatusConfig { original },
            uptime: rfc3339(since_ms),
        }
    }
}

fn rfc3339(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{time:.3}")
}

fn time<S: Serializer>(ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*ms))
}

fn pairs<S: Serializer>(labels: &&Labels, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(labels.iter())
}
