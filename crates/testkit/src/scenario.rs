//! Recorded behaviour of Alertmanager: what it was told in a small scenario, and what it told its receivers.
//!
//! `cargo xtask record` writes the files in `crates/domain/tests/scenarios`. All times are in units of the scenario
//! and count from its start, so that they can be replayed in virtual time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where the recording lies, from the root of the workspace.
pub const FOLDER: &str = "crates/domain/tests/scenarios";

/// The folder in [`FOLDER`] with scenarios in which another Alertmanager must do the same.
pub const SAME: &str = "same";

/// The folder in [`FOLDER`] with scenarios in which Stentor means to do otherwise.
pub const DIFFERS: &str = "differs";

/// Labels or annotations.
pub type Pairs = BTreeMap<String, String>;

/// What the recording is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The version of Alertmanager, as it says itself.
    pub alertmanager: String,
    /// The day of the recording.
    pub recorded_on: String,
    /// Names of the scenarios to be replayed exactly.
    pub same: Vec<String>,
    /// Names of the scenarios in which Stentor differs on purpose.
    pub differs: Vec<String>,
}

/// One scenario, from a fresh start to its last look at the state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, also that of its file.
    pub name: String,
    /// What it is about.
    pub note: String,
    /// When it started; time intervals are judged by it.
    pub recorded_at: Timestamp,
    /// The length of a unit, in milliseconds.
    pub unit_ms: i64,
    /// When the state at the end was read, in units; nothing is known of what came later.
    pub ends_at: f64,
    /// The configuration at the start (alertmanager.yml), as lines in the file.
    #[serde(with = "lines")]
    pub config: String,
    /// What happened to Alertmanager, in order.
    pub steps: Vec<Step>,
    /// What it told its receivers: by time, and by path and group where that is the same.
    pub notifications: Vec<Notification>,
    /// The alerts that had not ended, by fingerprint.
    pub alerts_at_end: Vec<AlertAtEnd>,
    /// The groups that held such alerts, by labels and receiver.
    pub groups_at_end: Vec<GroupAtEnd>,
}

impl Scenario {
    /// Ends that an integration was told of an alert that it did not believe to be firing: it was never told in that
    /// group that the alert fires, or not since it was told of an earlier end.
    #[must_use]
    pub fn untold_resolves(&self) -> Vec<String> {
        let mut last = BTreeMap::new();
        let mut found = Vec::new();
        for message in &self.notifications {
            for alert in &message.alerts {
                let whom = (&message.path, &message.group_key, &alert.fingerprint);
                // An end may be told twice; then it is of the same start.
                let known = last.get(&whom).is_some_and(|(status, start)| {
                    *status == "firing" || *start == alert.starts_at
                });
                if alert.status == "resolved" && !known {
                    found.push(format!(
                        "{} was told at {} that {:?} ended, not that it fired",
                        message.path, message.at, alert.labels
                    ));
                }
                last.insert(whom, (alert.status.as_str(), alert.starts_at));
            }
        }
        found
    }
}

/// Something that happened to Alertmanager.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When, in units.
    pub at: f64,
    /// What.
    #[serde(rename = "do")]
    pub action: Action,
}

/// What can happen to Alertmanager.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Alerts were posted in one request.
    Post(Vec<PostedAlert>),
    /// A silence was created, or updated if there was one of this key.
    Silence(PostedSilence),
    /// The silence of this key was expired.
    Expire(String),
    /// The configuration was replaced by this one and reloaded.
    #[serde(with = "lines")]
    Reload(String),
}

/// An alert as it was posted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostedAlert {
    /// Its labels; some may be empty.
    pub labels: Pairs,
    /// Its annotations.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub annotations: Pairs,
    /// When it started, in units; absent means that the request did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<f64>,
    /// When it ends or ended, in units; absent means that the request did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<f64>,
}

/// A silence as it was posted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostedSilence {
    /// What the scenario calls it; Alertmanager's own id is random.
    pub key: String,
    /// What an alert must satisfy.
    pub matchers: Vec<SilenceMatcher>,
    /// From when on, in units.
    pub starts_at: f64,
    /// Until when, in units.
    pub ends_at: f64,
}

/// A matcher of a silence, as the interface takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceMatcher {
    /// The label.
    pub name: String,
    /// What it is compared with.
    pub value: String,
    /// Whether the value is a regular expression.
    pub is_regex: bool,
    /// Whether it must fit, or must not.
    pub is_equal: bool,
}

/// A message to one integration of a receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// When it arrived, in units.
    pub at: f64,
    /// The path of the integration's URL: the receiver's name and the integration's place in it, as `/team/0`.
    pub path: String,
    /// The receiver's name.
    pub receiver: String,
    /// `firing` or `resolved`.
    pub status: String,
    /// The key of the group.
    pub group_key: String,
    /// The labels of the group.
    pub group_labels: Pairs,
    /// What all alerts of the message have in common.
    pub common_labels: Pairs,
    /// The alerts, in the order of the message.
    pub alerts: Vec<ToldAlert>,
    /// How many alerts the message left out.
    pub truncated: u64,
}

/// An alert in a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldAlert {
    /// `firing` or `resolved`.
    pub status: String,
    /// Its labels.
    pub labels: Pairs,
    /// Its annotations.
    pub annotations: Pairs,
    /// Its fingerprint, in hexadecimal.
    pub fingerprint: String,
    /// When it started, in units.
    pub starts_at: f64,
    /// When it ended, in units; a firing alert has no end.
    pub ends_at: Option<f64>,
}

/// An alert that had not ended when the scenario did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertAtEnd {
    /// Its fingerprint, in hexadecimal.
    pub fingerprint: String,
    /// Its labels.
    pub labels: Pairs,
    /// Its annotations.
    pub annotations: Pairs,
    /// When it started, in units.
    pub starts_at: f64,
    /// When it will end unless it is sent again, in units.
    pub ends_at: f64,
    /// The receivers of the routes that it takes.
    pub receivers: Vec<String>,
    /// `unprocessed`, `active` or `suppressed`.
    pub state: String,
    /// How many silences silence it.
    pub silenced_by: usize,
    /// The fingerprint of an alert that inhibits it. Alertmanager names one where several do.
    pub inhibited_by: Vec<String>,
}

/// A group that held alerts when the scenario ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupAtEnd {
    /// Its labels.
    pub labels: Pairs,
    /// Its receiver.
    pub receiver: String,
    /// The fingerprints of the alerts in it that have not ended, in Alertmanager's order.
    pub fingerprints: Vec<String>,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// A file is not as it must be.
    #[error("{0}: {1}; record anew with `cargo xtask record`")]
    Json(String, serde_json::Error),
}

/// A whole recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What it is of.
    pub index: Index,
    /// Scenarios to be replayed exactly.
    pub same: Vec<Scenario>,
    /// Scenarios in which Stentor differs on purpose.
    pub differs: Vec<Scenario>,
}

impl Recording {
    /// Reads the recording in [`FOLDER`] below the root of the workspace.
    ///
    /// # Errors
    /// [`ScenarioError`], naming the file.
    pub fn read(root: &Path) -> Result<Self, ScenarioError> {
        let folder = root.join(FOLDER);
        let index: Index = read(&folder.join("index.json"))?;
        let all = |kind: &str, names: &[String]| {
            let file = |name: &String| folder.join(kind).join(format!("{name}.json"));
            names
                .iter()
                .map(|name| read::<Scenario>(&file(name)))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            same: all(SAME, &index.same)?,
            differs: all(DIFFERS, &index.differs)?,
            index,
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ScenarioError> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| ScenarioError::Io(name.clone(), error))?;
    serde_json::from_str(&text).map_err(|error| ScenarioError::Json(name, error))
}

/// A text as an array of lines, which people can read in JSON.
mod lines {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(text.lines())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        let lines = Vec::<String>::deserialize(from)?;
        Ok(lines
            .into_iter()
            .flat_map(|line| [line, "\n".into()])
            .collect())
    }
}
