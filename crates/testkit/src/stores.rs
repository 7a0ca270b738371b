//! Places that keep files over HTTP, as processes on loopback: an object store, and WebDAV.

use std::net::SocketAddr;
use std::path::Path;

use tokio::process::Command;

use crate::authority::Authority;
use crate::process::{Process, installed};
use crate::python::python_venv;
use crate::ssh::answers;

/// Lets everybody read the bucket `status`.
const READABLE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::status/*"}]}"#;

/// An object store that speaks the protocol of S3, with the bucket `status`; over TLS with an authority's certificate. It
/// believes every signature, and everybody may read.
///
/// # Panics
/// When it cannot be started.
pub async fn moto(address: SocketAddr, tls: Option<&Authority>) -> Process {
    let python = venv("moto", &["moto[server]==5.2.5"]).await;
    let mut command = Command::new(python);
    command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p"]);
    command.arg(address.port().to_string());
    if let Some(authority) = tls {
        command.arg("-c").arg(authority.certificate());
        command.arg("-k").arg(authority.key());
    }
    let process = Process::spawn(command);
    answers(address, &process).await;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let bucket = format!("{scheme}://{address}/status");
    for (at, body) in [(&bucket, ""), (&format!("{bucket}?policy"), READABLE)] {
        let mut curl = Command::new(installed("curl", "curl"));
        if let Some(authority) = tls {
            curl.arg("--cacert").arg(authority.ca());
        }
        let made = curl
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

/// WebDAV over the folder `kept`, for the user `ada` with a password, over TLS with an authority's certificate; its
/// configuration is written to `config`.
///
/// # Panics
/// When it cannot be started.
pub async fn webdav(
    address: SocketAddr,
    (kept, config): (&Path, &Path),
    password: &str,
    tls: Option<&Authority>,
) -> Process {
    let certificate = tls.map_or_else(String::new, |authority| {
        format!(
            "ssl_certificate: \"{}\"\nssl_private_key: \"{}\"\nssl_adapter: builtin\n",
            authority.certificate().display(),
            authority.key().display()
        )
    });
    let python = venv("wsgidav", &["wsgidav==4.4.0", "cheroot==11.1.2"]).await;
    let text = format!(
        "{certificate}host: {}\nport: {}\nserver: cheroot\nprovider_mapping:\n  \"/\": \"{}\"\n\
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
