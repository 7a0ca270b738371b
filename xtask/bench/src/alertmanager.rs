//! Debian's Alertmanager: one node, no gossip.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, trying};
use crate::server::{Server, free_address};

/// How it groups alerts: all by their name, or each by itself.
#[derive(Clone, Copy)]
pub(crate) enum Groups {
    /// One group.
    One,
    /// A group for each alert.
    Each,
}

const PROGRAM: &str = "prometheus-alertmanager";

/// Starts one in a fresh folder that sends to `sink`.
pub(crate) fn start(dir: &Path, groups: Groups, sink: SocketAddr) -> Result<Server, Failure> {
    let by = match groups {
        Groups::One => "alertname",
        Groups::Each => "'...'",
    };
    let config = dir.join("alertmanager.yml");
    let text = format!(
        "route: {{receiver: sink, group_by: [{by}], group_wait: 0s, group_interval: 1m, repeat_interval: 4h}}\n\
         receivers: [{{name: sink, webhook_configs: [{{url: \"http://{sink}/\", send_resolved: true}}]}}]\n"
    );
    fs::write(&config, text).map_err(trying("the configuration"))?;
    let address = free_address()?;
    let mut command = Command::new(PROGRAM);
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", dir.join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .args(["--cluster.listen-address=", "--log.level=error"]);
    Server::start(&mut command, address, &dir.join("log"))
}

/// Its version, as it says itself.
pub(crate) fn version() -> String {
    let said = Command::new(PROGRAM).arg("--version").output();
    let text = said.map_or_else(
        |_| String::new(),
        |out| String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned(),
    );
    let version = text
        .split("version ")
        .nth(1)
        .and_then(|v| v.split(' ').next());
    version.unwrap_or("unknown").to_owned()
}
