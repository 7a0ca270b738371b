//! Alertmanager's own command line tool, against a node.

use std::process::Output;

use stentor_api::serve;
use stentor_testkit::process::installed;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::house::House;

struct Tool {
    url: String,
    home: tempfile::TempDir,
}

impl Tool {
    async fn new(house: &House) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(
            listener,
            house.router.clone(),
            std::future::pending(),
        ));
        let home = tempfile::tempdir().unwrap();
        Self { url, home }
    }

    async fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(installed("amtool", "prometheus-alertmanager"));
        command.env("HOME", self.home.path());
        command.arg(format!("--alertmanager.url={}", self.url));
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_are_added_and_queried() {
    let house = House::new().await;
    let tool = Tool::new(&house).await;
    tool.ok(&[
        "alert",
        "add",
        "Down",
        "job=login",
        "--annotation=summary=it is down",
    ])
    .await;
    tool.ok(&["alert", "add", "Slow", "job=shop"]).await;
    let all = tool.ok(&["alert", "query"]).await;
    assert!(all.contains("Down") && all.contains("Slow"), "{all}");
    let one = tool.ok(&["alert", "query", "job=~l.*", "-o", "json"]).await;
    let one: serde_json::Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(one[0]["annotations"]["summary"], "it is down");
    let extended = tool.ok(&["alert", "query", "-o", "extended"]).await;
    assert!(extended.contains("job=\"shop\""), "{extended}");
    let filtered = tool.ok(&["alert", "query", "--receiver=none"]).await;
    assert!(!filtered.contains("Down"), "{filtered}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silences_are_added_changed_imported_and_ended() {
    let house = House::new().await;
    let tool = Tool::new(&house).await;
    tool.ok(&["alert", "add", "Down", "job=login"]).await;
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
    let listed = tool.ok(&["silence", "query", "-o", "extended"]).await;
    assert!(listed.contains(&id) && listed.contains("ada"), "{listed}");
    assert!(!tool.ok(&["alert", "query"]).await.contains("Down"));
    let quiet = tool.ok(&["alert", "query", "--silenced"]).await;
    assert!(quiet.contains("Down"), "{quiet}");
    let updated = tool
        .ok(&["silence", "update", "-d", "2h", "-c", "longer", &id])
        .await;
    assert!(
        updated.contains(&id) && updated.contains("longer"),
        "{updated}"
    );
    let file = tool.home.path().join("silences.json");
    let exported = tool.ok(&["silence", "query", "-o", "json"]).await;
    std::fs::write(&file, exported).unwrap();
    tool.ok(&["silence", "expire", &id]).await;
    assert!(!tool.ok(&["silence", "query"]).await.contains(&id));
    let ended = tool.ok(&["silence", "query", "--expired", "-q"]).await;
    assert!(ended.contains(&id), "{ended}");
    tool.ok(&["silence", "import", "--force", file.to_str().unwrap()])
        .await;
    let imported = tool.ok(&["silence", "query", "--within=3h", "-q"]).await;
    assert_eq!(imported.lines().count(), 1, "{imported}");
    assert!(tool.ok(&["alert", "query"]).await.is_empty() || !imported.contains(&id));
    let gone = "abababab-abab-4bab-abab-abababababab";
    assert!(
        !tool
            .run(&["silence", "expire", gone])
            .await
            .status
            .success()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cluster_and_configuration_are_shown() {
    let house = House::new().await;
    let tool = Tool::new(&house).await;
    let cluster = tool.ok(&["cluster", "show"]).await;
    assert!(cluster.contains("disabled"), "{cluster}");
    let config = tool.ok(&["config", "show"]).await;
    assert!(config.contains("receiver: default"), "{config}");
    tool.ok(&["config", "show", "-o", "extended"]).await;
    let routes = tool.ok(&["config", "routes", "show"]).await;
    assert!(routes.contains("receiver: default"), "{routes}");
    let test = [
        "config",
        "routes",
        "test",
        "--verify.receivers=default",
        "job=login",
    ];
    assert!(tool.ok(&test).await.contains("default"));
}
