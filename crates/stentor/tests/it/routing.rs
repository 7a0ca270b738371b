//! An alertmanager.yml in the configuration directory: whom it tells, whom it wakes, and what keeps both quiet.

use std::net::SocketAddr;

use serde_json::{Value, json};
use stentor_testkit::webhook::WebhookReceiver;

use crate::support::caller::Caller;
use crate::support::http::send;
use crate::support::{Engine, House, Receivers, alerts, run, stop};

/// A key of the test's receiver, which this story does not use.
const KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn routing(hook: &str) -> String {
    format!(
        "route:\n  receiver: nobody\n  group_wait: 100ms\n  group_interval: 1s\n  routes:\n  \
         - matchers: [team=a]\n    receiver: stentor:incident\n  \
         - matchers: [team=b]\n    receiver: hook\n\
         receivers:\n- name: nobody\n- name: stentor:incident\n- name: hook\n  webhook_configs:\n  - url: {hook}\n"
    )
}

fn of_team(name: &str, service: &str, team: &str) -> Value {
    let mut alert = alerts::firing(name, service);
    alert["labels"]["team"] = team.into();
    alert
}

async fn silence(to: SocketAddr, team: &str) -> String {
    let (start, end) = (
        alerts::now(),
        alerts::now() + jiff::SignedDuration::from_hours(1),
    );
    let body = json!({
        "matchers": [{ "name": "team", "value": team, "isRegex": false, "isEqual": true }],
        "startsAt": start.to_string(), "endsAt": end.to_string(),
        "createdBy": "ada", "comment": "planned work",
    });
    let headers = [("content-type", "application/json")];
    let answer = send(to, "POST", "/api/v2/silences", &headers, &body.to_string()).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["silenceID"].as_str().unwrap().to_owned()
}

/// Waits until a webhook tells of an alert.
async fn told(hook: &WebhookReceiver, name: &str) {
    let fits = |body: &Value| {
        let alerts = body["alerts"].as_array().unwrap();
        alerts.iter().any(|a| a["labels"]["alertname"] == name)
    };
    hook.requests
        .wait(&format!("the webhook tells of {name}"), |all| {
            all.iter().any(|r| fits(&r.json())).then_some(())
        })
        .await;
}

#[tokio::test]
async fn one_team_is_woken_another_told_and_a_silence_holds_until_it_ends() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (house, people) = tokio::join!(House::new(engine), Receivers::start());
        let hook = WebhookReceiver::start(KEY).await;
        house.connect(&people.outside());
        house.write(
            "alertmanager.yml",
            &routing(&format!("http://{}/secret-path", hook.address)),
        );
        let server = house.serve().await;
        let ada = Caller::new(&house, "ada").await;
        let id = silence(house.address, "a").await;
        let (a, b) = (
            of_team("Ours", "website", "a"),
            of_team("Theirs", "login", "b"),
        );
        alerts::post(house.address, &[a, b]).await;
        told(&hook, "Theirs").await;
        // The alert of team a was decided about in the same batch, and the other one never opens an incident.
        let list = ada.get("/api/v1/worlds/live/incidents").await;
        assert_eq!(list["incidents"], json!([]), "{list:#}");

        let path = format!("/api/v2/silence/{id}");
        let answer = send(house.address, "DELETE", &path, &[], "").await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        people.mail("ada", "paged at level 1").await;
        let list = ada.get("/api/v1/worlds/live/incidents").await;
        assert_eq!(list["incidents"].as_array().unwrap().len(), 1, "{list:#}");
        assert_eq!(ada.incident().await["service"], "website");
        for request in hook.requests.all() {
            assert!(!request.body.windows(4).any(|w| w == b"Ours"));
        }
        // The address of a webhook is a secret, and stays on the node.
        let said = server.stderr.all().join("\n");
        assert!(!said.contains("secret-path"), "{said}");
        stop(server).await;
    }
}

#[tokio::test]
async fn a_hangup_takes_over_a_secret_though_nothing_else_changed() {
    let house = House::new(Engine::Sqlite).await;
    house.change(
        "stentor.toml",
        "# [network]\n# allow = [\"10.20.0.0/16\"]",
        "[network]\nallow = [\"127.0.0.0/8\"]",
    );
    let hook = WebhookReceiver::start(KEY).await;
    let url = |path: &str| format!("http://{}/{path}", hook.address);
    house.write("alertmanager.yml", &routing(&url("old")));
    let server = house.serve().await;
    alerts::post(house.address, &[of_team("One", "login", "b")]).await;
    told(&hook, "One").await;
    house.write("alertmanager.yml", &routing(&url("new")));
    server.signal("HUP").await;
    server
        .wait_for_stderr("the configuration has not changed")
        .await;
    alerts::post(house.address, &[of_team("Two", "login", "b")]).await;
    told(&hook, "Two").await;
    let requests = hook.requests.all();
    assert_eq!(requests.first().unwrap().path, "/old");
    assert_eq!(requests.last().unwrap().path, "/new");
    stop(server).await;
}

#[tokio::test]
async fn its_problems_stand_beside_all_others_and_at_their_place() {
    let house = House::new(Engine::Sqlite).await;
    house.append("people.toml", "[people.eve]\nname = 7\n");
    let text =
        "# A comment moves every line.\n\nroute: {receiver: nobdy}\nreceivers: [{name: nobody}]\n";
    house.write("alertmanager.yml", text);
    let ran = check(&house).await;
    assert_eq!(ran.0, 1, "{ran:?}");
    for part in ["alertmanager.yml:3:", "people.toml:"] {
        assert!(ran.1.contains(part), "{part:?} in {ran:?}");
    }
    house.change("people.toml", "[people.eve]\nname = 7\n", "");
    let text = "# A comment moves every line.\n\nroute: {receiver: \"stentor:policy:nope\"}\nreceivers: [{name: \"stentor:policy:nope\"}]\n";
    house.write("alertmanager.yml", text);
    let ran = check(&house).await;
    assert_eq!(ran.0, 1, "{ran:?}");
    assert!(ran.1.contains("nope"), "{ran:?}");
    let place = ran.1.lines().next().unwrap();
    assert!(
        place.starts_with("alertmanager.yml:3:") || place.starts_with("alertmanager.yml:4:"),
        "{ran:?}"
    );
    let text = "route: {receiver: pager}\nreceivers: [{name: pager, pagerduty_configs: [{routing_key: hush-hush}]}]\n";
    house.write("alertmanager.yml", text);
    let ran = check(&house).await;
    assert_eq!((ran.0, ran.1.as_str()), (0, ""), "{ran:?}");
    assert!(ran.2.contains("note: alertmanager.yml:2:"), "{ran:?}");
    assert!(!ran.2.contains("hush-hush"), "{ran:?}");
}

async fn check(house: &House) -> (i32, String, String) {
    let mut command = crate::support::stentor();
    command.arg("check").arg(house.dir());
    let ran = run(command).await;
    (ran.code, ran.stdout, ran.stderr)
}

/// A node whose files are not those in force says which receivers it cannot tell.
#[tokio::test]
async fn a_secret_reaches_no_other_receiver_than_its_own() {
    let house = House::new(Engine::Sqlite).await;
    house.write(
        "alertmanager.yml",
        &routing("http://hooks.example.org/secret-path"),
    );
    let ran = house.run(&["apply"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let own = house.read("alertmanager.yml");
    house.write(
        "alertmanager.yml",
        &own.replace("name: hook", "name: other")
            .replace("receiver: hook", "receiver: other"),
    );
    let server = house.serve().await;
    server
        .wait_for_stderr("receivers/2/webhook_configs/0/url is not known to this node")
        .await;
    stop(server).await;
}
