//! Debian's Alertmanager in a fresh folder, and what it is told and asked by its interface.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use stentor_testkit::scenario::{AlertAtEnd, GroupAtEnd, Pairs, PostedAlert, PostedSilence};
use tempfile::TempDir;

use crate::clock::Clock;
use crate::failure::{Failure, trying};
use crate::http;

const PROGRAM: &str = "prometheus-alertmanager";

/// Where receivers are in the recorded configurations; nobody can have this name.
const NOWHERE: &str = "http://receiver.invalid";

/// How often readiness is asked for: this much a scenario may start later than Alertmanager.
const GLANCE: Duration = Duration::from_millis(5);

/// A running one. It is killed when this is dropped.
pub(crate) struct Alertmanager {
    child: Child,
    address: SocketAddr,
    sink: SocketAddr,
    folder: TempDir,
}

impl Alertmanager {
    /// Starts one that tells `sink`, and waits until it is ready.
    pub(crate) fn start(config: &str, sink: SocketAddr) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(trying("a folder"))?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .map_err(trying("a free port"))?;
        let file = folder.path().join("alertmanager.yml");
        write_config(&file, config, sink)?;
        let log = folder.path().join("log");
        let errors = fs::File::create(&log).map_err(trying("a log"))?;
        let child = Command::new(PROGRAM)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .args(["--cluster.listen-address=", "--log.level=error"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .map_err(trying(format!(
                "{PROGRAM}, which the Debian package of this name brings"
            )))?;
        let mut this = Self {
            child,
            address,
            sink,
            folder,
        };
        for _ in 0..4000 {
            if matches!(http::ask(address, "GET", "/-/ready", ""), Ok((200, _))) {
                return Ok(this);
            }
            if matches!(this.child.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            thread::sleep(GLANCE);
        }
        let wrote = fs::read_to_string(&log).unwrap_or_default();
        let text = format!("{PROGRAM} does not start:\n{wrote}");
        Err(Failure::Unexpected(text))
    }

    pub(crate) fn post(&self, alerts: &[PostedAlert], clock: &Clock) -> Result<(), Failure> {
        let alerts: Vec<Value> = alerts.iter().map(|alert| wire(alert, clock)).collect();
        self.ask("POST", "/api/v2/alerts", &json!(alerts).to_string())
            .map(drop)
    }

    /// Creates a silence, or updates that of this id; gives the id that it has now.
    pub(crate) fn silence(
        &self,
        silence: &PostedSilence,
        id: Option<&String>,
        clock: &Clock,
    ) -> Result<String, Failure> {
        let matchers: Vec<Value> = silence
            .matchers
            .iter()
            .map(|m| json!({"name": m.name, "value": m.value, "isRegex": m.is_regex, "isEqual": m.is_equal}))
            .collect();
        let mut body = json!({
            "matchers": matchers,
            "startsAt": clock.moment(silence.starts_at).to_string(),
            "endsAt": clock.moment(silence.ends_at).to_string(),
            "createdBy": "recorder",
            "comment": silence.key,
        });
        if let Some(id) = id {
            body["id"] = json!(id);
        }
        let answer = self.ask("POST", "/api/v2/silences", &body.to_string())?;
        let answer: Value = read(&answer)?;
        let id = answer["silenceID"].as_str();
        id.map(str::to_owned)
            .ok_or_else(|| Failure::Unexpected("a silence without an id".into()))
    }

    pub(crate) fn expire(&self, id: &str) -> Result<(), Failure> {
        self.ask("DELETE", &format!("/api/v2/silence/{id}"), "")
            .map(drop)
    }

    /// Replaces the configuration.
    pub(crate) fn reload(&self, config: &str) -> Result<(), Failure> {
        let file = self.folder.path().join("alertmanager.yml");
        write_config(&file, config, self.sink)?;
        self.ask("POST", "/-/reload", "").map(drop)
    }

    /// The alerts that have not ended.
    pub(crate) fn alerts(&self, clock: &Clock) -> Result<Vec<AlertAtEnd>, Failure> {
        let alerts: Vec<ApiAlert> = read(&self.ask("GET", "/api/v2/alerts", "")?)?;
        let mut alerts: Vec<AlertAtEnd> = alerts
            .into_iter()
            .map(|alert| AlertAtEnd {
                starts_at: clock.units(alert.starts_at),
                ends_at: clock.units(alert.ends_at),
                fingerprint: alert.fingerprint,
                labels: alert.labels,
                annotations: alert.annotations,
                receivers: alert.receivers.into_iter().map(|r| r.name).collect(),
                state: alert.status.state,
                silenced_by: alert.status.silenced_by.len(),
                inhibited_by: alert.status.inhibited_by,
            })
            .collect();
        alerts.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        Ok(alerts)
    }

    /// The groups with alerts that have not ended.
    pub(crate) fn groups(&self) -> Result<Vec<GroupAtEnd>, Failure> {
        let groups: Vec<ApiGroup> = read(&self.ask("GET", "/api/v2/alerts/groups", "")?)?;
        let mut groups: Vec<GroupAtEnd> = groups
            .into_iter()
            .map(|group| GroupAtEnd {
                labels: group.labels,
                receiver: group.receiver.name,
                fingerprints: group.alerts.into_iter().map(|a| a.fingerprint).collect(),
            })
            .collect();
        groups.sort_by(|a, b| (&a.labels, &a.receiver).cmp(&(&b.labels, &b.receiver)));
        Ok(groups)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, Failure> {
        let (status, answer) =
            http::ask(self.address, method, path, body).map_err(trying(path.to_owned()))?;
        if status == 200 {
            return Ok(answer);
        }
        let text = format!("{method} {path} was answered with {status}: {answer}");
        Err(Failure::Unexpected(text))
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_config(file: &PathBuf, config: &str, sink: SocketAddr) -> Result<(), Failure> {
    let text = config.replace(NOWHERE, &format!("http://{sink}"));
    fs::write(file, text).map_err(trying("the configuration"))
}

fn wire(alert: &PostedAlert, clock: &Clock) -> Value {
    let mut body = json!({"labels": alert.labels, "annotations": alert.annotations});
    if let Some(at) = alert.starts_at {
        body["startsAt"] = json!(clock.moment(at).to_string());
    }
    if let Some(at) = alert.ends_at {
        body["endsAt"] = json!(clock.moment(at).to_string());
    }
    body
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, Failure> {
    serde_json::from_str(answer).map_err(|error| Failure::Unexpected(format!("{error}: {answer}")))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiAlert {
    fingerprint: String,
    labels: Pairs,
    annotations: Pairs,
    starts_at: jiff::Timestamp,
    ends_at: jiff::Timestamp,
    receivers: Vec<ApiName>,
    status: ApiStatus,
}

#[derive(Deserialize)]
struct ApiName {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiStatus {
    state: String,
    silenced_by: Vec<String>,
    inhibited_by: Vec<String>,
}

#[derive(Deserialize)]
struct ApiGroup {
    labels: Pairs,
    receiver: ApiName,
    alerts: Vec<ApiAlert>,
}

/// Its version, as it says itself.
pub(crate) fn version() -> Result<String, Failure> {
    let said = Command::new(PROGRAM)
        .arg("--version")
        .output()
        .map_err(trying(PROGRAM))?;
    let text = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
    let version = text
        .split("version ")
        .nth(1)
        .and_then(|v| v.split(' ').next());
    version
        .map(str::to_owned)
        .ok_or_else(|| Failure::Unexpected(format!("{PROGRAM} does not say its version: {text}")))
}
