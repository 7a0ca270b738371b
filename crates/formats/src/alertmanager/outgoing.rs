//! What `GET /api/v2/alerts`, `/alerts/groups`, `/status` and `/receivers` answer. Newer clients require every field named here.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use stentor_domain::alert::Fingerprint;
use stentor_domain::labels::Labels;
use stentor_domain::routing::Quiet;
use stentor_domain::silence::SilenceId;

/// An alert as it is told. It borrows everything, so that a list of many is written without copies.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GettableAlert<'a> {
    /// What it says.
    #[serde(serialize_with = "pairs")]
    pub annotations: &'a Labels,
    /// When it ends unless it is sent again, in milliseconds since the epoch.
    #[serde(serialize_with = "time")]
    pub ends_at: i64,
    /// Its identity.
    #[serde(serialize_with = "shown")]
    pub fingerprint: Fingerprint,
    /// Whom it is told to.
    #[serde(serialize_with = "named")]
    pub receivers: &'a [Arc<str>],
    /// When it began, in milliseconds since the epoch.
    #[serde(serialize_with = "time")]
    pub starts_at: i64,
    /// Whether it reaches anybody.
    pub status: AlertStatus<'a>,
    /// When it last changed, in milliseconds since the epoch.
    #[serde(serialize_with = "time")]
    pub updated_at: i64,
    /// Where it comes from.
    #[serde(rename = "generatorURL")]
    pub generator_url: &'a str,
    /// What it is about.
    #[serde(serialize_with = "pairs")]
    pub labels: &'a Labels,
}

/// Whether an alert reaches anybody, and if not, why.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertStatus<'a> {
    inhibited_by: Shown<&'a [Fingerprint]>,
    muted_by: &'a [String],
    silenced_by: Shown<&'a [SilenceId]>,
    state: &'static str,
}

impl<'a> AlertStatus<'a> {
    /// The status of an alert that these keep quiet, and the named times that mute its group.
    #[must_use]
    pub fn new(quiet: &'a Quiet, muted_by: &'a [String]) -> Self {
        let suppressed = quiet.is_quiet() || !muted_by.is_empty();
        Self {
            inhibited_by: Shown(quiet.inhibited_by.as_slice()),
            muted_by,
            silenced_by: Shown(&quiet.silenced_by),
            state: if suppressed { "suppressed" } else { "active" },
        }
    }
}

/// Things that are written as text.
#[derive(Debug)]
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<&[T]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|one| One(one)))
    }
}

struct One<'a, T>(&'a T);

impl<T: Display> Serialize for One<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

/// Whom alerts are told to: a receiver of the routing, or an escalation policy.
#[derive(Clone, Debug, Serialize)]
pub struct Receiver<'a> {
    /// Its name.
    pub name: &'a str,
}

/// Alerts of one route that agree in the labels by which it groups.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertGroup<'a> {
    /// Those labels.
    #[serde(serialize_with = "pairs")]
    pub labels: &'a Labels,
    /// Labels of the route itself; ours have none.
    pub route_labels: BTreeMap<String, String>,
    /// Whom they are told to.
    pub receiver: Receiver<'a>,
    /// The alerts.
    pub alerts: Vec<GettableAlert<'a>>,
}

/// What `GET /api/v2/status` answers; clients ask for it first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The nodes that share their state.
    pub cluster: ClusterStatus,
    /// Who answers.
    pub version_info: VersionInfo,
    /// The routing as Alertmanager would be told it.
    pub config: StatusConfig,
    /// Since when this node runs, as RFC 3339.
    pub uptime: String,
}

/// The nodes that share their state.
#[derive(Clone, Debug, Serialize)]
pub struct ClusterStatus {
    /// This node's name; empty for one that is alone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `ready`, `settling`, or `disabled` for a node that is alone.
    pub status: &'static str,
    /// All nodes, this one among them.
    pub peers: Vec<PeerStatus>,
}

/// A node.
#[derive(Clone, Debug, Serialize)]
pub struct PeerStatus {
    /// Its name.
    pub name: String,
    /// Where the others reach it.
    pub address: String,
}

impl Default for ClusterStatus {
    /// A node that is alone.
    fn default() -> Self {
        Self {
            name: String::new(),
            status: "disabled",
            peers: Vec::new(),
        }
    }
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
    /// A node of `version` that runs since `since_ms` (milliseconds since the epoch) with the routing `original`.
    #[must_use]
    pub fn new(version: &str, since_ms: i64, original: String) -> Self {
        Self {
            cluster: ClusterStatus::default(),
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

/// The routing of an organisation without one, as Alertmanager would be told it: everything goes to the first of
/// these, which are names of our configuration and need no quotes in YAML.
#[must_use]
pub fn routing_to<'a>(receivers: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = receivers.into_iter().peekable();
    let first = names.peek().copied().unwrap_or("none");
    let mut original = format!("route:\n  receiver: {first}\nreceivers:\n");
    if names.peek().is_none() {
        original.push_str("- name: none\n");
    }
    for name in names {
        original.push_str(&format!("- name: {name}\n"));
    }
    original
}

/// A time (milliseconds since the epoch) as RFC 3339 writes it.
pub(super) fn rfc3339(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{time:.3}")
}

fn time<S: Serializer>(ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*ms))
}

fn pairs<S: Serializer>(labels: &&Labels, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(labels.iter())
}

fn shown<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn named<S: Serializer>(names: &&[Arc<str>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(names.iter().map(|name| Receiver { name }))
}
