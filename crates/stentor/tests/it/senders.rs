//! Senders other than Prometheus, as they are: another Alertmanager, the CloudEvents SDK, curl from cron.

use std::fs;
use std::net::SocketAddr;

use serde_json::{Value, json};
use stentor_testkit::process::{Process, free_address, installed};
use stentor_testkit::python::python_venv;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::caller::Caller;
use crate::support::http::send;
use crate::support::{Engine, House, alerts, run, until};

const SOURCES: &str = r#"
[sources.second-site]
kind = "alertmanager-webhook"
token = { file = "secrets/am" }
service = "website"

[sources.events]
kind = "cloudevents"
token = { file = "secrets/events" }
labels = { severity = "info" }

[sources.backup]
kind = "healthchecks"
token = { file = "secrets/backup" }
service = "website"
every = "1 day"
grace = "1 hour"
severity = "sev3"

[sources.index]
kind = "heartbeat"
token = { file = "secrets/index" }
every = "10s"
grace = "1s"
severity = "sev4"
"#;

fn token(name: &str) -> String {
    format!("{name}-0123456789abcdef")
}

async fn house() -> House {
    let house = House::new(Engine::Sqlite).await;
    house.write("sources.toml", SOURCES);
    for name in ["am", "events", "backup", "index"] {
        house.write(&format!("secrets/{name}"), &token(name));
    }
    house
}

/// Runs a program to its end; it must succeed. Gives what it printed.
async fn must(command: Command) -> String {
    let ran = run(command).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.stdout
}

/// curl, as the manual shows it for cron.
async fn curl(house: &House, args: &[&str], path: &str) -> String {
    let mut curl = Command::new(installed("curl", "curl"));
    curl.args(["-fsS", "-m", "10", "--retry", "5"]).args(args);
    curl.arg(format!("http://{}{path}", house.address));
    must(curl).await
}

/// Whether exactly these alerts fire.
async fn fire(house: &House, names: &[&str]) {
    until(&format!("{names:?} fire"), async || {
        (alerts::firing_names(house.address).await == names).then_some(())
    })
    .await;
}

/// Debian's Alertmanager, which tells Stentor about every alert at once.
struct Alertmanager {
    address: SocketAddr,
    _process: Process,
    _folder: TempDir,
}

impl Alertmanager {
    async fn start(house: &House) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let config = format!(
            "route: {{ receiver: stentor, group_by: ['...'], group_wait: 0s, group_interval: 1s }}\n\
             receivers:\n- name: stentor\n  webhook_configs:\n  - url: http://{}/in/second-site\n    \
             http_config: {{ authorization: {{ credentials: {} }} }}\n",
            house.address,
            token("am")
        );
        fs::write(path("alertmanager.yml"), config).unwrap();
        let address = free_address();
        let mut command = Command::new(installed(
            "prometheus-alertmanager",
            "prometheus-alertmanager",
        ));
        command
            .arg(format!(
                "--config.file={}",
                path("alertmanager.yml").display()
            ))
            .arg(format!("--storage.path={}", path("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=")
            .current_dir(folder.path());
        let process = Process::spawn(command);
        process.wait_for_stderr("Listening on").await;
        Self {
            address,
            _process: process,
            _folder: folder,
        }
    }
}

#[tokio::test]
async fn another_alertmanager_is_heard() {
    let house = house().await;
    let _server = house.serve().await;
    let site = Alertmanager::start(&house).await;
    let mut alert = alerts::firing("ShopDown", "elsewhere");
    alerts::post(site.address, std::slice::from_ref(&alert)).await;
    let ada = Caller::new(&house, "ada").await;
    let incident = until("the incident opens", async || {
        let all = ada.get("/api/v1/worlds/live/incidents").await;
        Some(all["incidents"].as_array()?.first()?.clone())
    })
    .await;
    // The service is the one that the source declares.
    assert_eq!(incident["service"], "website", "{incident:#}");
    fire(&house, &["ShopDown"]).await;
    alert["endsAt"] = json!(alerts::now().to_string());
    alerts::post(site.address, &[alert]).await;
    fire(&house, &[]).await;
}

/// Makes events with the SDK, and sends them in each of the three forms.
const EVENTS: &str = r#"
import json, sys, urllib.request
from cloudevents.http import CloudEvent, to_binary, to_structured

url, token = sys.argv[1:]

def post(headers, body):
    headers = {**headers, "authorization": "Bearer " + token}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    print(urllib.request.urlopen(request).status)

def event(kind, **data):
    return CloudEvent({"type": kind, "source": "/disks", "subject": "sda"}, data)

post(*to_binary(event("org.example.binary", annotations={"summary": "nearly full"})))
post(*to_structured(event("org.example.structured")))
both = [json.loads(to_structured(event(kind))[1]) for kind in ("org.example.one", "org.example.two")]
post({"content-type": "application/cloudevents-batch+json"}, json.dumps(both).encode())
post(*to_structured(event("org.example.one", status="resolved")))
"#;

#[tokio::test]
async fn events_of_the_sdk_are_alerts() {
    let house = house().await;
    let _server = house.serve().await;
    let venv = || python_venv("cloudevents", &["cloudevents==1.12.1"]);
    let mut python = Command::new(tokio::task::spawn_blocking(venv).await.unwrap());
    let url = format!("http://{}/in/events", house.address);
    python.args(["-c", EVENTS, &url, &token("events")]);
    assert_eq!(must(python).await, "200\n200\n200\n200\n");
    let firing = [
        "org.example.binary",
        "org.example.structured",
        "org.example.two",
    ];
    fire(&house, &firing).await;
}

#[tokio::test]
async fn what_was_answered_outlives_a_power_cut() {
    let house = house().await;
    let mut server = house.serve().await;
    let backup = format!("/ping/{}", token("backup"));
    let ok = curl(
        &house,
        &["--data-raw", "tar: disk full"],
        &format!("{backup}/2"),
    )
    .await;
    assert_eq!(ok, "OK");
    server.kill9().await;
    let mut server = house.serve().await;
    let ada = Caller::new(&house, "ada").await;
    let source = async |name: &str| -> Value {
        let all = ada.get("/api/v1/sources").await;
        let mut all = all.as_array().unwrap().clone().into_iter();
        all.find(|s| s["name"] == name).unwrap()
    };
    let known = source("backup").await;
    assert_eq!(
        (&known["state"], &known["said"]),
        (&json!("failed"), &json!("exit 2"))
    );
    assert_eq!(known["message"], "tar: disk full");
    // An alert of another sender, answered and then lost by nobody.
    let body = json!({"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "ShopDown"}}]});
    let bearer = format!("Bearer {}", token("am"));
    let headers = [("authorization", bearer.as_str())];
    let body = body.to_string();
    let sent = send(house.address, "POST", "/in/second-site", &headers, &body);
    assert_eq!(sent.await.unwrap().status, 200);
    curl(&house, &[], &backup).await;
    server.kill9().await;
    let _server = house.serve().await;
    assert_eq!(source("backup").await["state"], "well");
    // Nobody ever spoke for the index: its silence is told, also after power cuts.
    fire(&house, &["HeartbeatMissed", "ShopDown"]).await;
    assert_eq!(source("index").await["state"], "missed");
    let index = format!("Authorization: Bearer {}", token("index"));
    curl(&house, &["-H", &index], "/in/index").await;
    fire(&house, &["ShopDown"]).await;
}
