//! Mirrors on loopback, good and bad, fresh at the clock of this machine; see `tests/node/fixture.mjs`.

use std::path::Path;

use serde_json::Value;
use stentor_testkit::process::{Process, installed};
use tokio::process::Command;

/// The mirrors, until this is dropped.
pub(crate) struct Fixture {
    port: u64,
    /// The first trusted root.
    pub(crate) root: String,
    /// Its SHA-256.
    pub(crate) sha256: String,
    _process: Process,
}

/// The finished page.
pub(crate) fn page() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("verify.html")
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/fixture.mjs");
        let mut command = Command::new(installed("node", "nodejs"));
        command.arg(script).arg(page());
        let process = Process::spawn(command);
        let line = process.wait_for_stdout("\"port\"").await;
        let said: Value = serde_json::from_str(&line).unwrap();
        Self {
            port: said["port"].as_u64().unwrap(),
            root: said["root"].as_str().unwrap().to_owned(),
            sha256: said["sha256"].as_str().unwrap().to_owned(),
            _process: process,
        }
    }

    /// The mirror of that name, at a host that is not the page's.
    pub(crate) fn mirror(&self, name: &str) -> String {
        format!("http://mirror.test:{}/{name}", self.port)
    }

    /// The page over plain http from a host that no browser calls secure.
    pub(crate) fn page_elsewhere(&self) -> String {
        format!("http://elsewhere.test:{}/page/verify.html", self.port)
    }
}
