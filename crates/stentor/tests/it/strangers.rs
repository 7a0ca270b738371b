//! What strangers send: malformed, oversized, nested, hostile, from wrong clocks, for nobody's service.

use serde_json::json;

use crate::support::browser::link_in;
use crate::support::caller::Caller;
use crate::support::http::{get, send};
use crate::support::{Engine, House, Receivers, alerts, clock, listening, until};

#[tokio::test]
async fn hostile_text_is_harmless_in_mail_and_page() {
    let (house, receivers) = tokio::join!(House::new(Engine::Sqlite), Receivers::start());
    house.connect(&receivers.outside());
    let _server = house.serve().await;
    let ada = Caller::new(&house, "ada").await;
    let mut alert = alerts::firing("Hostile", "website");
    let text = "x\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script> =?utf-8?q?=0D=0ABcc:_e@example.com?= \u{202e}{{ 7*7 }} \u{0} $(id)";
    alert["annotations"] = json!({ "summary": text });
    alerts::post(house.address, &[alert]).await;

    let mail = receivers.mail("ada", "paged at level 1").await;
    assert_eq!(mail.rcpt_to, ["ada@example.org"]);
    assert!(mail.header("Bcc").is_empty(), "{mail:?}");
    let subject = mail.header("Subject");
    assert_eq!(subject.len(), 1, "{mail:?}");
    assert!(
        subject[0].contains("<script>") && !subject[0].contains(['\r', '\n', '\u{202e}', '\u{0}']),
        "{subject:?}"
    );
    let (head, _) = mail.raw.split_once("\r\n\r\n").unwrap();
    let names = head.lines().filter(|line| !line.starts_with([' ', '\t']));
    assert!(!names.clone().any(|line| line.starts_with("Bcc")), "{head}");
    assert_eq!(receivers.hook("ada", "paged").await.verdict, Ok(()));

    let page = get(house.address, &link_in(&mail.text)).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script>alert"), "{page:?}");
    assert!(page.body.contains("&lt;script&gt;alert"), "{page:?}");
    assert!(page.body.contains("{{ 7*7 }}"), "a text, no template");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"));
    ada.wait_for_mirrors(0).await;
    for (name, bytes) in crate::support::files::read(&house.mirror("one")) {
        let said = String::from_utf8_lossy(&bytes).contains("eve@example.com");
        assert!(!said, "nobody disclosed it: {name}");
    }
}

#[tokio::test]
async fn bad_batches_are_refused_and_their_good_alerts_kept() {
    let house = House::new(Engine::Sqlite).await;
    let _server = house.serve().await;
    let good = alerts::firing("Good", "website");
    let mut backwards = alerts::firing("Backwards", "website");
    backwards["endsAt"] = json!("1999-01-01T00:00:00Z");
    let batch = [good.clone(), json!({ "labels": {} }), backwards, json!(7)];
    let answer = alerts::try_post(house.address, &batch).await.unwrap();
    assert_eq!(answer.status, 400, "{answer:?}");
    let said = answer.json();
    let bad: Vec<_> = said["alerts"].as_array().unwrap().iter().collect();
    assert!(bad.iter().any(|b| b["index"] == 1), "{said:#}");
    assert!(
        bad.iter()
            .all(|b| !b["reason"].as_str().unwrap().is_empty())
    );
    assert_eq!(alerts::firing_names(house.address).await, ["Good"]);

    let post = async |body: &str| {
        let headers = [("content-type", "application/json")];
        let answer = send(house.address, "POST", "/api/v2/alerts", &headers, body).await;
        answer.map(|answer| answer.status)
    };
    for body in ["", "{", "{}", "null", "[{\"labels\":", "\u{0}"] {
        assert_eq!(post(body).await, Ok(400), "{body:?}");
    }
    let nested = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(post(&nested).await, Ok(400));
    // The answer may come before all was sent; then the connection breaks, which is as good.
    let huge = format!("[{}]", " ".repeat(80 * 1024 * 1024));
    let refused = post(&huge).await;
    assert!(matches!(refused, Ok(413) | Err(_)), "{refused:?}");
    assert_eq!(alerts::firing_names(house.address).await, ["Good"]);
}

#[tokio::test]
async fn an_alert_for_nobodys_service_goes_to_the_default_owner_visibly() {
    let (house, receivers) = tokio::join!(House::new(Engine::Sqlite), Receivers::start());
    house.connect(&receivers.outside());
    let _server = house.serve().await;
    let ada = Caller::new(&house, "ada").await;
    alerts::post(house.address, &[alerts::firing("Lost", "no-such-service")]).await;
    let mail = receivers.mail("ada", "paged at level 1").await;
    let incident = ada.incident().await;
    assert_eq!(incident["service"], "unmapped", "{incident:#}");
    assert!(mail.text.to_lowercase().contains("unmapped"), "{mail:?}");
}

#[tokio::test]
async fn alerts_of_wrong_clocks_do_no_harm() {
    let house = House::new(Engine::Sqlite).await;
    let _server = house.serve().await;
    let ada = Caller::new(&house, "ada").await;
    let with = |name: &str, start: &str, end: &str| {
        let mut alert = alerts::firing(name, "website");
        (alert["startsAt"], alert["endsAt"]) = (json!(start), json!(end));
        alert
    };
    let batch = [
        with("Future", "2199-01-01T00:00:00Z", "2199-01-02T00:00:00Z"),
        with("Ancient", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        with("Endless", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ];
    let answer = alerts::try_post(house.address, &batch).await.unwrap();
    assert!(matches!(answer.status, 200 | 400), "{answer:?}");
    alerts::post(house.address, &[alerts::firing("Good", "website")]).await;
    let opened: jiff::Timestamp = ada.incident().await["opened_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let off = alerts::now().duration_since(opened);
    assert!(
        off.unsigned_abs().as_secs() < 600,
        "dated by our clock: {opened}"
    );
    assert!(
        alerts::firing_names(house.address)
            .await
            .contains(&"Good".to_owned())
    );
}

#[tokio::test]
async fn a_wall_clock_that_jumps_resolves_nothing() {
    let house = House::new(Engine::Sqlite).await;
    let shift = house.beside("shift");
    std::fs::write(&shift, "+0").unwrap();
    let mut command = house.serve_command("serve");
    command
        .env("LD_PRELOAD", clock::library())
        .env("FAKETIME_TIMESTAMP_FILE", &shift)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
    let server = listening(command).await;
    let ada = Caller::new(&house, "ada").await;
    let mut alert = alerts::firing("Lasting", "website");
    alert.as_object_mut().unwrap().remove("endsAt");
    alerts::post(house.address, &[alert.clone()]).await;
    for (jump, shown) in [("+3600", "by_ms=3"), ("-3600", "by_ms=-7")] {
        std::fs::write(&shift, jump).unwrap();
        server.wait_for_stderr(shown).await;
        let clock = server.wait_for_stderr("the wall clock jumped").await;
        // Two more looks of the clock's worker: then it would have happened.
        let before = ada.incident().await;
        assert_eq!(before["firing"], 1, "{clock}");
        alerts::post(house.address, &[alerts::firing(jump, "website")]).await;
        until("both fire", async || {
            let firing = ada.incident().await["firing"].as_u64()?;
            (firing >= 2 || jump == "-3600").then_some(())
        })
        .await;
        let mut over = alerts::firing(jump, "website");
        over["endsAt"] = json!("2001-01-01T00:00:00Z");
        over["startsAt"] = json!("2001-01-01T00:00:00Z");
        alerts::post(house.address, &[over]).await;
        assert_eq!(ada.incident().await["firing"], 1);
    }
    let ran = house.run(&["audit", "verify"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
}
