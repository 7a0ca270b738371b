//! Alerts in the form of their source.

use http::Method;
use stentor_domain::world::World;

use super::{Post, notification, token};
use crate::house::Answer;

fn taken(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
}

fn row(name: &str, source: &str, service: &str) -> (String, String, String) {
    (name.into(), source.into(), service.into())
}

#[tokio::test]
async fn each_form_is_taken_and_labelled() {
    let post = Post::new().await;
    taken(
        &post
            .post("/in/second-site", "am", &notification(&["Down"]))
            .await,
    );
    let grafana = r#"{"version":"1","orgId":1,"alerts":[
        {"status":"firing","labels":{"alertname":"Slow","service":"website","source":"forged","severity":"info"}}]}"#;
    taken(&post.post("/in/panels", "panels", grafana).await);
    let builds = r#"{"runs":[{"job":"Nightly","state":"failed"},{"job":"Weekly","state":"ok"}]}"#;
    taken(&post.post("/in/builds", "builds", builds).await);
    let bearer = format!("Bearer {}", token("events"));
    let headers = [
        ("authorization", bearer.as_str()),
        ("ce-specversion", "1.0"),
        ("ce-type", "org.example.full"),
        ("ce-source", "/disks"),
        ("ce-id", "1"),
        ("ce-severity", "info"),
    ];
    taken(&post.ask(Method::POST, "/in/events", &headers, "").await);
    assert_eq!(
        post.firing(),
        [
            // Of the service that the source declares, whatever its sender says.
            row("Down", "second-site", "login"),
            row("Nightly", "builds", "unmapped"),
            row("Slow", "panels", "website"),
            row("org.example.full", "events", "unmapped"),
        ]
    );
    // The source's own labels, and its own time.
    post.house.engine.read(|state| {
        let mut open = state.world(World::Live).unwrap().alerts.values();
        let down = open
            .find(|o| o.alert.labels.get("site") == Some("two"))
            .unwrap();
        let hours = (down.ends_ms - down.alert.starts_ms) as f64 / 3_600_000.0;
        assert!((hours - 8.0).abs() < 0.1, "{hours}");
    });
    let counted = r#"stentor_source_alerts_total{source="builds"}"#;
    assert_eq!(post.metric(counted).await.as_deref(), Some("2"));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_counted() {
    let post = Post::new().await;
    let check = async |path: &str, name: &str, body: &str, status: u16, code: &str| {
        let answer = post.post(path, name, body).await;
        assert_eq!(answer.problem(), (status, code.into()), "{path} {body}");
    };
    check("/in/second-site", "am", "{", 400, "not-a-batch").await;
    check(
        "/in/second-site",
        "am",
        r#"{"version":"3","alerts":[]}"#,
        400,
        "not-a-batch",
    )
    .await;
    check("/in/events", "events", "{}", 400, "not-a-batch").await;
    let half = r#"{"alerts":[{"labels":{}},{"labels":{"alertname":"Good"}}]}"#;
    check("/in/second-site", "am", half, 400, "bad-alerts").await;
    assert_eq!(post.firing(), [row("Good", "second-site", "login")]);
    let counted = r#"stentor_source_refused_total{source="second-site",reason="form"}"#;
    assert_eq!(post.metric(counted).await.as_deref(), Some("3"));
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    check("/in/second-site", "am", &large, 413, "too-large").await;
    let bearer = format!("Bearer {}", token("am"));
    let answer = post
        .ask(
            Method::GET,
            "/in/second-site",
            &[("authorization", &bearer)],
            "",
        )
        .await;
    assert_eq!(answer.problem(), (405, "wrong-method".into()));
}

#[tokio::test]
async fn open_alerts_of_one_source_are_bounded() {
    let post = Post::new().await;
    taken(
        &post
            .post("/in/second-site", "am", &notification(&["A", "B"]))
            .await,
    );
    let answer = post
        .post(
            "/in/second-site",
            "am",
            &notification(&["A", "B", "C", "D", "E"]),
        )
        .await;
    assert_eq!(answer.problem(), (429, "max-alerts".into()));
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with("3 alerts were taken and 2 were not: no more than 3"),
        "{message}"
    );
    assert_eq!(post.firing().len(), 3);
    let counted = r#"stentor_source_refused_total{source="second-site",reason="max-alerts"}"#;
    assert_eq!(post.metric(counted).await.as_deref(), Some("2"));
    // What is over makes room, also when it is full; another source is not touched.
    let over = notification(&["A"]).replace("firing", "resolved");
    taken(&post.post("/in/second-site", "am", &over).await);
    taken(
        &post
            .post("/in/second-site", "am", &notification(&["E"]))
            .await,
    );
    let grafana = notification(&["X"]).replace("\"4\"", "\"1\"");
    taken(&post.post("/in/panels", "panels", &grafana).await);
    assert_eq!(post.firing().len(), 4);
}

#[tokio::test]
async fn a_sender_of_events_may_ask_first() {
    let post = Post::new().await;
    let path = format!("/in/events?token={}", token("events"));
    let asked = [
        ("webhook-request-origin", "events.example.org"),
        ("webhook-request-rate", "120"),
        ("webhook-request-callback", "http://127.0.0.1:1/"),
    ];
    let answer = post.ask(Method::OPTIONS, &path, &asked, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("webhook-allowed-origin"),
        "events.example.org"
    );
    assert_eq!(answer.header("webhook-allowed-rate"), "*");
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
    let path = format!("/in/panels?token={}", token("panels"));
    let answer = post.ask(Method::OPTIONS, &path, &asked, "").await;
    assert_eq!(answer.status, 405);
}
