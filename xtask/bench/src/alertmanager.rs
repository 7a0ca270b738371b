//! Debian's Alertmanager: one node, no gossip. The same configuration serves `stentor alertmanager`.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, trying};
use crate::server::{Server, free_address};

/// How alerts are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Groups {
    /// All by their name, which is one group.
    One,
    /// A hundred groups.
    Hundred,
    /// A group for each alert.
    Each,
}

impl Groups {
    fn by(self) -> &'static str {
        match self {
            Self::One => "alertname",
            Self::Hundred => "shard",
            Self::Each => "'...'",
        }
    }
}

const PROGRAM: &str = "prometheus-alertmanager";

/// Writes an alertmanager.yml that sends to `sink`, or to nobody, with these rules of inhibition.
pub(crate) fn configure(
    dir: &Path,
    groups: Groups,
    sink: Option<SocketAddr>,
    rules: &str,
) -> Result<PathBuf, Failure> {
    let by = groups.by();
    let webhooks = sink.map_or_else(String::new, |sink| {
        format!(", webhook_configs: [{{url: \"http://{sink}/\", send_resolved: true}}]")
    });
    let text = format!(
        "route: {{receiver: sink, group_by: [{by}], group_wait: 0s, group_interval: 1m, repeat_interval: 4h}}\n\
         receivers: [{{name: sink{webhooks}}}]\n{rules}"
    );
    let config = dir.join("alertmanager.yml");
    fs::write(&config, text).map_err(trying("the configuration"))?;
    Ok(config)
}

/// Starts one in a fresh folder that sends to `sink`.
pub(crate) fn start(dir: &Path, groups: Groups, sink: SocketAddr) -> Result<Server, Failure> {
    serve(dir, &configure(dir, groups, Some(sink), "")?)
}

/// Starts one in a fresh folder.
pub(crate) fn serve(dir: &Path, config: &Path) -> Result<Server, Failure> {
    let address = free_address()?;
    let mut command = Command::new(PROGRAM);
    command.args(flags(dir, config, address));
    Server::start(&mut command, address, &dir.join("log"))
}

/// The command line that both programs are given.
pub(crate) fn flags(dir: &Path, config: &Path, address: SocketAddr) -> [String; 5] {
    [
        format!("--config.file={}", config.display()),
        format!("--storage.path={}", dir.join("data").display()),
        format!("--web.listen-address={address}"),
        "--cluster.listen-address=".to_owned(),
        "--log.level=error".to_owned(),
    ]
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
