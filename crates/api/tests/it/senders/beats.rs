//! Heartbeats in the three forms.

use http::Method;
use stentor_domain::heartbeat::{Known, Signal};
use stentor_domain::world::World;

use super::{Post, token};

const RUN: &str = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

fn known(post: &Post, source: &str) -> Known {
    post.house.engine.read(|state| {
        let live = state.world(World::Live).unwrap();
        live.heartbeats[source].clone()
    })
}

fn names(post: &Post) -> Vec<String> {
    post.firing().into_iter().map(|(name, ..)| name).collect()
}

#[tokio::test]
async fn pings_are_answered_as_healthchecks_does() {
    let post = Post::new().await;
    let jobs = format!("/ping/{}", token("jobs"));
    let check = async |path: &str, status: u16, text: &str| {
        let answer = post.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (status, text),
            "{path}"
        );
        assert_eq!(answer.header("ping-body-limit"), "10000");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("content-type").starts_with("text/plain"));
    };
    check(&format!("{jobs}/index"), 200, "OK").await;
    check(&format!("{jobs}/index/"), 200, "OK").await;
    check(&format!("{jobs}/backup/start?rid={RUN}"), 200, "OK").await;
    check(
        &format!("{jobs}/backup/0?rid={RUN}&size=2000000000"),
        200,
        "OK",
    )
    .await;
    check(&format!("{jobs}/backup/log"), 200, "OK").await;
    assert!(names(&post).is_empty());
    check(&format!("{jobs}/backup/256"), 400, "invalid url format").await;
    check(&format!("{jobs}/backup?rid=7"), 400, "invalid uuid format").await;
    check(&format!("{jobs}/backup/soon"), 404, "not found").await;
    check(&format!("{jobs}/nobody"), 404, "not found").await;
    let create = "not found; create=1 declares nothing here: declare the source in sources.toml";
    check(&format!("{jobs}/nobody?create=1"), 404, create).await;
    let both = "several sources have this token; put the name of one behind it: /ping/TOKEN/NAME";
    check(&jobs, 409, both).await;
    check(&format!("{jobs}/start"), 409, both).await;
    // A token of one source alone needs no name.
    check(&format!("/ping/{}", token("cron")), 200, "OK").await;
    check(&format!("/ping/{}/start", token("cron")), 200, "OK").await;
    let long = "y".repeat(50_000);
    for (method, body) in [(Method::POST, long.as_str()), (Method::HEAD, "")] {
        let answer = post.ask(method, &format!("{jobs}/index"), &[], body).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(post.ask(Method::PUT, &jobs, &[], "").await.status, 405);
    let counted = r#"stentor_source_heartbeats_total{source="index"}"#;
    assert_eq!(post.metric(counted).await.as_deref(), Some("4"));
}

#[tokio::test]
async fn what_a_ping_says_becomes_an_alert_and_ends_it() {
    let post = Post::new().await;
    let backup = format!("/ping/{}/backup", token("jobs"));
    let path = format!("{backup}/2");
    post.ask(Method::POST, &path, &[], "tar: <b>disk full</b>\n")
        .await;
    let failed = (
        "HeartbeatFailed".to_owned(),
        "backup".to_owned(),
        "website".to_owned(),
    );
    assert_eq!(post.firing(), [failed]);
    post.house.engine.read(|state| {
        let live = state.world(World::Live).unwrap();
        let open = live.alerts.values().next().unwrap();
        assert_eq!(
            open.alert.annotations.get("message"),
            Some("tar: <b>disk full</b>")
        );
        assert!(
            open.incident.is_some(),
            "it opens an incident as other alerts do"
        );
    });
    post.get(&format!("{backup}?size=12000")).await;
    assert_eq!(names(&post), ["HeartbeatOutOfRange"]);
    post.get(&format!("{backup}?size=2000000000&duration=60.5"))
        .await;
    assert!(names(&post).is_empty());
    let last = known(&post, "backup").last.unwrap().1;
    assert_eq!(
        (last.duration_ms, last.size),
        (Some(60_500), Some(2_000_000_000))
    );
    let answer = post.get(&format!("{backup}?size=much")).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn pushes_are_answered_as_uptime_kuma_does() {
    let post = Post::new().await;
    let kuma = format!("/api/push/{}", token("kuma"));
    let check = async |query: &str, status: u16, text: &str| {
        let answer = post.get(&format!("{kuma}?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (status, text),
            "{query}"
        );
    };
    check("status=up&msg=OK&ping=12", 200, r#"{"ok":true}"#).await;
    assert_eq!(known(&post, "kuma").last.unwrap().1.duration_ms, Some(12));
    check("status=down&msg=gone", 200, r#"{"ok":true}"#).await;
    assert_eq!(names(&post), ["HeartbeatFailed"]);
    let far = "ping is not between 0 and 100000000000 milliseconds";
    check("ping=-3", 404, &format!(r#"{{"ok":false,"msg":"{far}"}}"#)).await;
    let answer = post.ask(Method::POST, &kuma, &[], "anything").await;
    assert_eq!(answer.status, 200);
    assert!(names(&post).is_empty());
}

#[tokio::test]
async fn our_own_form_takes_json_forms_and_nothing() {
    let post = Post::new().await;
    let cron = format!("/in/cron?token={}", token("cron"));
    let get = post.get(&cron).await;
    assert_eq!((get.status.as_u16(), get.body.as_str()), (200, "OK"));
    let body = r#"{"status":"fail","msg":"no room","duration":1.5}"#;
    assert_eq!(post.post("/in/cron", "cron", body).await.status, 200);
    assert_eq!(names(&post), ["HeartbeatFailed"]);
    let last = known(&post, "cron").last.unwrap().1;
    assert_eq!(
        (last.signal, last.message.as_str()),
        (Signal::Fail, "no room")
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = post
        .ask(Method::POST, &cron, &form, "status=0&size=5")
        .await;
    assert_eq!(answer.status, 200);
    assert!(names(&post).is_empty());
    let answer = post
        .post("/in/cron", "cron", r#"{"status":"perhaps"}"#)
        .await;
    assert_eq!(answer.problem(), (400, "bad-heartbeat".into()));
    let counted = r#"stentor_source_refused_total{source="cron",reason="form"}"#;
    assert_eq!(post.metric(counted).await.as_deref(), Some("1"));
}
