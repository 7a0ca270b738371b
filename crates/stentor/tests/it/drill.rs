//! A drill beside the live world: nothing of it gets out, nothing of the live world changes.

use serde_json::{Value, json};

use crate::support::browser::link_in;
use crate::support::caller::Caller;
use crate::support::files::read;
use crate::support::http::get;
use crate::support::{Engine, House, Receivers, run, stentor, until};

#[tokio::test]
async fn on_sqlite() {
    rehearse(Engine::Sqlite).await;
}

#[tokio::test]
async fn on_postgres() {
    rehearse(Engine::Postgres).await;
}

async fn rehearse(engine: Engine) {
    let (house, receivers) = tokio::join!(House::new(engine), Receivers::start());
    house.connect(&receivers.outside());
    let _server = house.serve().await;
    let ada = Caller::new(&house, "ada").await;
    // A quiet live incident of each service: a drill's alert must not find it.
    for service in ["login", "package-mirror", "website"] {
        let body =
            json!({ "service": service, "title": "live", "severity": "sev4", "impact": "partial" });
        ada.act("/api/v1/worlds/live/incidents", &body).await;
    }
    ada.wait_for_mirrors(0).await;
    let live = async || {
        let mut incidents: Vec<Value> = Vec::new();
        for number in 1..=3 {
            let path = format!("/api/v1/worlds/live/incidents/{number}");
            let mut incident = ada.get(&path).await;
            // Counts by itself while nobody leads.
            incident["leaderless_seconds"].take();
            incidents.push(incident);
        }
        let list = ada.get("/api/v1/worlds/live/incidents").await;
        let alerts = get(house.address, "/api/v2/alerts").await.body;
        (incidents, list, alerts)
    };
    let before = live().await;
    let mirrors = ["one", "two"].map(|name| read(&house.mirror(name)));

    let started = ada.act("/api/v1/drills", &json!({})).await;
    assert_eq!(started["world"], "drill-1");
    let drill = until("the drill ends", async || {
        let drill = ada.get("/api/v1/drills/1").await;
        drill["drill"]["scorecard"].is_array().then_some(drill)
    })
    .await;
    for check in drill["drill"]["scorecard"].as_array().unwrap() {
        assert_eq!(check["verdict"], "passed", "{check}");
    }
    let inbox = drill["inbox"].as_array().unwrap();
    assert!(inbox.len() > 2, "{drill:#}");
    for message in inbox {
        let text = message["body"].as_str().unwrap();
        assert!(text.contains("THIS IS A DRILL"), "{text}");
        assert!(link_in(text).starts_with("/p/drill-1."), "{text}");
    }

    assert_eq!(live().await, before, "the live world is as it was");
    assert_eq!(
        ["one", "two"].map(|name| read(&house.mirror(name))),
        mirrors
    );
    assert!(receivers.smtp.mails().is_empty());
    assert!(receivers.webhook.requests.is_empty());
    let mirror = house.dir().join("drills/1/mirror");
    let page = String::from_utf8(read(&mirror)["index.html"].clone()).unwrap();
    assert!(page.to_lowercase().contains("drill"), "{page}");
    let verify = async |root: std::path::PathBuf| {
        let mut command = stentor();
        command.arg("verify").arg(&mirror).arg("--root").arg(root);
        run(command).await
    };
    let forged = verify(house.root()).await;
    assert_eq!(forged.code, 4, "{forged:?}");
    let own = verify(house.dir().join("drills/1/repository/root.json")).await;
    assert_eq!(own.code, 0, "{own:?}");
}
