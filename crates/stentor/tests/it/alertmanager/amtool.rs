//! Debian's amtool, all commands that talk to a server, against a process whose routes have a prefix.

use std::process::Output;

use stentor_testkit::process::{Process, installed};
use tokio::process::Command;

use super::drop_in::DropIn;
use super::sink::Sink;
use crate::support::{http, listening, stentor};

struct Tool {
    drop_in: DropIn,
    _server: Process,
}

impl Tool {
    /// The program with its flags in the form `--flag value`.
    async fn new() -> Self {
        let sink = Sink::start().await;
        let drop_in = DropIn::new(&sink.config(0, 300));
        let mut command = stentor();
        command.arg("alertmanager");
        command.arg("--config.file").arg(drop_in.config());
        command.arg("--storage.path").arg(drop_in.storage());
        let listen = drop_in.address.to_string();
        command.args(["--web.listen-address", &listen]);
        command.args(["--web.external-url", "http://alerts.example.org/of/shop/"]);
        command.args(["--cluster.listen-address", &drop_in.peer.to_string()]);
        command.args(["--cluster.peer", &drop_in.peer.to_string()]);
        command.args(["--log.level", "warn", "--log.format", "json"]);
        command.args(["--data.retention", "120h", "--cluster.settle-timeout", "1s"]);
        let server = listening(command).await;
        Self {
            drop_in,
            _server: server,
        }
    }

    async fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(installed("amtool", "prometheus-alertmanager"));
        command.env("HOME", self.drop_in.beside("home"));
        command.arg(format!(
            "--alertmanager.url=http://{}/of/shop",
            self.drop_in.address
        ));
        command.args(args).output().await.unwrap()
    }

    /// What it prints when it succeeds.
    async fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args).await;
        let said = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{args:?}: {said} {printed}");
        printed
    }
}

#[tokio::test]
async fn every_command_that_talks_to_a_server_works_behind_a_prefix() {
    let tool = Tool::new().await;
    for path in ["/api/v2/status", "/-/ready"] {
        assert_eq!(http::get(tool.drop_in.address, path).await.status, 404);
        let prefixed = http::get(tool.drop_in.address, &format!("/of/shop{path}")).await;
        assert_eq!(prefixed.status, 200, "{prefixed:?}");
    }

    tool.ok(&["alert", "add", "Down", "job=login"]).await;
    let all = tool.ok(&["alert", "query", "alertname=Down"]).await;
    assert!(all.contains("Down"), "{all}");

    let add = [
        "silence",
        "add",
        "-c",
        "planned",
        "-a",
        "ada",
        "-d",
        "1h",
        "job=login",
    ];
    let id = tool.ok(&add).await.trim().to_owned();
    let json = tool.ok(&["silence", "query", "-o", "json"]).await;
    assert!(json.contains(&id), "{json}");
    let quiet = tool.ok(&["alert", "query"]).await;
    assert!(!quiet.contains("Down"), "{quiet}");
    tool.ok(&["silence", "update", "-d", "2h", &id]).await;
    let file = tool.drop_in.beside("silences.json");
    std::fs::write(&file, &json).unwrap();
    tool.ok(&["silence", "expire", &id]).await;
    let left = tool.ok(&["silence", "query", "-q"]).await;
    assert!(left.trim().is_empty(), "{left}");
    let import = ["silence", "import", "--force", file.to_str().unwrap()];
    tool.ok(&import).await;
    let left = tool.ok(&["silence", "query", "-q"]).await;
    assert_eq!(left.lines().count(), 1, "{left}");

    let cluster = tool.ok(&["cluster", "show", "-o", "extended"]).await;
    let peer = tool.drop_in.peer.to_string();
    assert!(
        cluster.contains("ready") && cluster.contains(&peer),
        "{cluster}"
    );
    let routes = tool.ok(&["config", "routes", "show"]).await;
    assert!(routes.contains("receiver: sink"), "{routes}");
    let test = [
        "config",
        "routes",
        "test",
        "--verify.receivers=sink",
        "job=login",
    ];
    assert_eq!(tool.ok(&test).await.trim(), "sink");

    let shown = tool.ok(&["config", "show"]).await;
    let file = tool.drop_in.beside("shown.yml");
    std::fs::write(&file, &shown).unwrap();
    let checked = tool.ok(&["check-config", file.to_str().unwrap()]).await;
    assert!(checked.contains("SUCCESS"), "{checked}");
    assert!(checked.contains("1 receivers"), "{checked}");
}
