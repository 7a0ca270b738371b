//! An installation of the drop-in: a configuration file, a storage path and addresses of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::{Value, json};
use stentor_testkit::process::{Process, free_address};
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::http::{Answer, get, send};
use crate::support::{alerts, listening, stentor};

/// One process and what belongs to it.
pub(super) struct DropIn {
    folder: TempDir,
    /// Where it listens, also after a restart.
    pub(super) address: SocketAddr,
    /// How its peers know it.
    pub(super) peer: SocketAddr,
    /// The URL of the database that it shares, if it does.
    database: Option<String>,
}

impl DropIn {
    /// One by itself, with this configuration file.
    pub(super) fn new(config: &str) -> Self {
        let drop_in = Self {
            folder: tempfile::tempdir().unwrap(),
            address: free_address(),
            peer: free_address(),
            database: None,
        };
        drop_in.write(config);
        drop_in
    }

    /// One of several that share a database.
    pub(super) fn sharing(database: &str, config: &str) -> Self {
        Self {
            database: Some(database.to_owned()),
            ..Self::new(config)
        }
    }

    /// Its configuration file.
    pub(super) fn config(&self) -> PathBuf {
        self.beside("alertmanager.yml")
    }

    /// Its storage path.
    pub(super) fn storage(&self) -> PathBuf {
        self.beside("data")
    }

    /// Something else in its folder.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes its configuration file.
    pub(super) fn write(&self, config: &str) {
        fs::write(self.config(), config).unwrap();
    }

    /// The command that starts it, as a unit file would have it.
    pub(super) fn command(&self) -> Command {
        let mut command = stentor();
        command
            .arg("alertmanager")
            .arg(format!("--config.file={}", self.config().display()))
            .arg(format!("--storage.path={}", self.storage().display()))
            .arg(format!("--web.listen-address={}", self.address))
            .arg(format!("--cluster.listen-address={}", self.peer))
            .current_dir(self.folder.path());
        if let Some(url) = &self.database {
            command.arg(format!("--database={url}"));
        }
        command
    }

    /// Starts it and waits until it listens.
    pub(super) async fn start(&self) -> Process {
        listening(self.command()).await
    }

    /// Asks it for JSON.
    pub(super) async fn get(&self, path: &str) -> Value {
        let answer = get(self.address, path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Sends JSON; `Err` when no answer came.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer, String> {
        let headers = [("content-type", "application/json")];
        send(self.address, "POST", path, &headers, body.to_string()).await
    }

    /// The value of a metric, by its name with its labels.
    pub(super) async fn metric(&self, name: &str) -> Option<f64> {
        let answer = send(self.address, "GET", "/metrics", &[], "").await.ok()?;
        let line = answer.body.lines().find_map(|l| l.strip_prefix(name))?;
        line.trim().parse().ok()
    }
}

/// A silence of one matcher for an hour.
pub(super) fn silence(name: &str, value: &str) -> Value {
    let now = alerts::now();
    json!({
        "matchers": [{ "name": name, "value": value, "isRegex": false, "isEqual": true }],
        "startsAt": now.to_string(),
        "endsAt": (now + jiff::SignedDuration::from_hours(1)).to_string(),
        "createdBy": "ada",
        "comment": "planned work",
    })
}
