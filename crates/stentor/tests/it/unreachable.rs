//! A mail server, a webhook or a mirror that cannot be reached: tried again, shown, and nobody else is affected.

use std::fs;
use std::net::SocketAddr;

use serde_json::{Value, json};
use stentor_testkit::proxy::{Mode, Proxy};

use crate::support::caller::{Caller, says};
use crate::support::files::read;
use crate::support::{Engine, House, Receivers, alerts, until};

/// What the pages lane says is wrong.
async fn trouble(caller: &Caller) -> Option<String> {
    let lanes = caller.get("/api/v1/worlds/live/lanes").await;
    let lane = lanes.as_array()?.iter().find(|l| l["lane"] == "pages")?;
    let error = lane["last_error"].as_str()?;
    (lane["waiting"].as_u64()? > 0).then(|| error.to_owned())
}

#[tokio::test]
async fn a_mail_server_that_refuses_connections() {
    let (house, receivers) = tokio::join!(House::new(Engine::Sqlite), Receivers::start());
    let mut proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], receivers.smtp.port))).await;
    let mut outside = receivers.outside();
    outside.smtp_port = proxy.address.port();
    house.connect(&outside);
    house.escalate_after(1);
    proxy.set(Mode::Refuse).await;
    let _server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    alerts::post(house.address, &[alerts::firing("ShopDown", "website")]).await;

    receivers.hook("ada", "paged at level 1").await;
    receivers.hook("ben", "paged at level 2").await;
    let error = until("the lane shows the trouble", async || trouble(&ben).await).await;
    assert!(error.contains("localhost"), "{error}");
    until("the circuit is open", async || {
        let error = trouble(&ben).await?;
        error.contains("is left alone until").then_some(())
    })
    .await;
    let incident = ben.incident().await;
    assert!(
        says(&incident, "not yet delivered by email"),
        "{incident:#}"
    );
    // The public lane goes on meanwhile.
    let before = ben.wait_for_mirrors(0).await;
    ben.about("command", &json!({})).await;
    ben.publish("first", &json!({})).await;
    ben.wait_for_mirrors(before).await;

    proxy.set(Mode::Pass).await;
    // Ben took the command: the pages of the escalation serve nobody any more, a handoff does.
    let offer = json!({ "role": "commander", "to": "cleo" });
    ben.about("handoffs", &offer).await;
    receivers.mail("cleo", "is offered").await;
    until("the lane is empty", async || {
        trouble(&ben).await.is_none().then_some(())
    })
    .await;
    receivers.assert_nobody_was_told_twice();
}

#[tokio::test]
async fn a_webhook_that_refuses_connections() {
    let (house, receivers) = tokio::join!(House::new(Engine::Sqlite), Receivers::start());
    let mut proxy = Proxy::start(receivers.webhook.address).await;
    let mut outside = receivers.outside();
    outside.webhook_url = format!("http://{}/hook", proxy.address);
    house.connect(&outside);
    proxy.set(Mode::Refuse).await;
    let _server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    alerts::post(house.address, &[alerts::firing("ShopDown", "website")]).await;
    receivers.mail("ada", "paged at level 1").await;
    let error = until("the lane shows the trouble", async || trouble(&ben).await).await;
    assert!(error.contains("127.0.0.1"), "{error}");
    proxy.set(Mode::Pass).await;
    let hook = receivers.hook("ada", "paged at level 1").await;
    assert_eq!(hook.verdict, Ok(()));
    until("the lane is empty", async || {
        trouble(&ben).await.is_none().then_some(())
    })
    .await;
    receivers.assert_nobody_was_told_twice();
}

#[tokio::test]
async fn a_mirror_that_cannot_be_written() {
    let house = House::new(Engine::Sqlite).await;
    fs::create_dir_all(house.dir().join("mirrors")).unwrap();
    fs::write(house.mirror("two"), "this is no folder").unwrap();
    let _server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    let health = async |name: &str| {
        let mirrors = ben.get("/api/v1/mirrors").await;
        let found = mirrors.as_array().unwrap().iter();
        found
            .clone()
            .find(|m| m["name"] == name)
            .map_or(Value::Null, Value::clone)
    };
    until("the trouble is shown", async || {
        health("two").await["error"].as_str().map(str::to_owned)
    })
    .await;
    let one = health("one").await;
    assert!(one["error"].is_null() && one["snapshot"].is_u64(), "{one}");
    assert!(read(&house.mirror("one")).contains_key("index.html"));
    fs::remove_file(house.mirror("two")).unwrap();
    ben.wait_for_mirrors(0).await;
    assert_eq!(
        read(&house.mirror("one"))["index.html"],
        read(&house.mirror("two"))["index.html"]
    );
}
