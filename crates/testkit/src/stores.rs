//! Places that keep files over HTTP, as processes on loopback: an object store, and WebDAV.

use std::net::SocketAddr;
use std::path::Path;

use tokio::process::Command;

use crate::process::{Process, installed};
use crate::python::python_venv;
use crate::ssh::answers;

/// Lets everybody read the bucket `status`.
const READABLE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::status/*"}]}"#;

/// An object store that speaks the protocol of S3, with the bucket `status`. It believes every signature, and everybody
/// may read.
///
/// # Panics
/// When it cannot be started.
pub async fn moto(address: SocketAddr) -> Process {
    let python = venv("moto", &["moto[server]==5.2.5"]).await;
    let mut command = Command::new(python);
    command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p"]);
    command.arg(address.port().to_string());
    let process = Process::spawn(command);
    answers(address, &process).await;
    let bucket = format!("http://{address}/status");
    for (at, body) in [(&bucket, ""), (&format!("{bucket}?policy"), READABLE)] {
        let made = Command::new(installed("curl", "curl"))
            .args(["-sSf", "-X", "PUT", at, "--data", body])
            // What comes as a form, it takes apart.
            .args(["-H", "content-type: application/json"])
            .output()
            .await
            .expect("curl runs");
        assert!(made.status.success(), "{made:?}");
    }
    process
}

/// WebDAV over the folder `kept`, for the user `ada` with a password; its configuration is written to `config`.
///
/// # Panics
/// When it cannot be started.
pub async fn webdav(address: SocketAddr, kept: &Path, config: &Path, password: &str) -> Process {
    let python = venv("wsgidav", &["wsgidav==4.4.0", "cheroot==11.1.2"]).await;
    let text = format!(
        "host: {}\nport: {}\nserver: cheroot\nprovider_mapping:\n  \"/\": \"{}\"\n\
         http_authenticator:\n  accept_basic: true\n  accept_digest: false\n  default_to_digest: false\n\
         simple_dc:\n  user_mapping:\n    \"*\":\n      ada:\n        password: \"{password}\"\n",
        address.ip(),
        address.port(),
        kept.display(),
    );
    std::fs::write(config, text).expect("a temporary folder can be written");
    let run = "from wsgidav.server.server_cli import run; run()";
    let mut command = Command::new(python);
    command.args(["-c", run, "--config"]).arg(config);
    let process = Process::spawn(command);
    answers(address, &process).await;
    process
}

/// Packages may have to be fetched first: not on a thread that others share.
async fn venv(name: &'static str, packages: &'static [&'static str]) -> std::path::PathBuf {
    let made = tokio::task::spawn_blocking(move || python_venv(name, packages)).await;
    made.expect("the packages are installed")
}
