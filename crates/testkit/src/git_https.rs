//! A git server over HTTPS on loopback: git's own backend, with TLS and a token before it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::authority::Authority;
use crate::process::{Process, installed};

/// The server. It ends when this is dropped.
#[derive(Debug)]
pub struct GitHttps {
    /// Where it listens.
    pub address: SocketAddr,
    _process: Process,
}

impl GitHttps {
    /// Serves the bare repositories in a folder, to whoever signs in as `user` with `token`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn start(
        authority: &Authority,
        repositories: &Path,
        user: &str,
        token: &str,
    ) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("py/git_https.py");
        let settings = json!({
            "cert": authority.certificate(),
            "key": authority.key(),
            "repositories": repositories,
            "backend": backend(),
            "user": user,
            "token": token,
        });
        let mut command = Command::new(installed("python3", "python3"));
        command.arg(script).arg(settings.to_string());
        let process = Process::spawn(command);
        let line = process.wait_for_stdout("\"port\"").await;
        let said: Value = serde_json::from_str(&line).expect("one line of JSON");
        let port = said["port"].as_u64().and_then(|n| u16::try_from(n).ok());
        Self {
            address: ([127, 0, 0, 1], port.expect("a port")).into(),
            _process: process,
        }
    }
}

/// Where git keeps its backend for HTTP.
fn backend() -> PathBuf {
    let asked = std::process::Command::new(installed("git", "git"))
        .arg("--exec-path")
        .output()
        .expect("git runs");
    let folder = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    let program = Path::new(&folder).join("git-http-backend");
    assert!(
        program.is_file(),
        "{} is missing; run: apt-get install git",
        program.display()
    );
    program
}
