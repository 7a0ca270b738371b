//! Senders other than Prometheus: who is let in, what is taken, and what is told of it.

mod alerts;
mod beats;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use http::Method;
use stentor_domain::command::Command;
use stentor_domain::world::World;
use stentor_engine::Places;
use tempfile::TempDir;

use crate::house::{Answer, House, example, request};

const SOURCES: &str = r#"
[sources.second-site]
kind = "alertmanager-webhook"
token = { file = "secrets/am" }
service = "login"
labels = { site = "two" }
max_alerts = 3
resolve_timeout = "8h"

[sources.panels]
kind = "grafana"
token = { file = "secrets/panels" }

[sources.events]
kind = "cloudevents"
token = { file = "secrets/events" }

[sources.builds]
kind = "generic"
token = { file = "secrets/builds" }
mapping = { items = "runs", alertname = "job", status = "state" }

[sources.backup]
kind = "healthchecks"
token = { file = "secrets/jobs" }
service = "website"
every = "1 day"
grace = "1 hour"
severity = "sev2"
expect_size = ["1 GB", "5 TB"]

[sources.index]
kind = "healthchecks"
token = { file = "secrets/jobs" }
every = "1 day"
grace = "1 hour"
severity = "sev4"

[sources.cron]
kind = "heartbeat"
token = { file = "secrets/cron" }
every = "5m"
grace = "30s"
severity = "sev3"

[sources.kuma]
kind = "uptime-kuma"
token = { file = "secrets/kuma" }
every = "1m"
grace = "1m"
severity = "sev4"
"#;

/// A house to which others send, and where its secrets lie.
struct Post {
    house: House,
    places: Places,
    folder: TempDir,
}

/// The token in the file `secrets/NAME`.
fn token(name: &str) -> String {
    format!("{name}-0123456789abcdef")
}

impl Post {
    async fn new() -> Self {
        let house = House::new().await;
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            data: folder.path().to_owned(),
            credentials: None,
        };
        fs::create_dir_all(places.configuration().join("secrets")).unwrap();
        let post = Self {
            house,
            places,
            folder,
        };
        for name in ["am", "panels", "events", "builds", "jobs", "cron", "kuma"] {
            post.keep(name, &(token(name) + "\n"));
        }
        post.apply(SOURCES).await;
        post
    }

    fn keep(&self, name: &str, secret: &str) {
        let file = self.folder.path().join("config/secrets").join(name);
        fs::write(&file, secret).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }

    async fn apply(&self, sources: &str) {
        let apply = Command::Apply {
            bundle: example(&[("sources.toml", sources)]),
            by: "dora".to_owned(),
            reason: "others send too".to_owned(),
        };
        self.house.engine.submit(World::Live, apply).await.unwrap();
        self.house.engine.read_source_tokens(&self.places).await;
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let body = body.to_owned();
        self.house.send(request(method, path, headers, body)).await
    }

    /// Posts JSON with the token in the file `secrets/NAME`.
    async fn post(&self, path: &str, name: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", token(name));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        self.ask(Method::POST, path, &headers, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "").await
    }

    /// Names, sources and services of the alerts that fire.
    fn firing(&self) -> Vec<(String, String, String)> {
        let firing = self.house.engine.read(|state| {
            let alerts = state.world(World::Live).unwrap().alerts.values();
            let label = |open: &stentor_domain::state::OpenAlert, name: &str| {
                open.alert.labels.get(name).unwrap_or_default().to_owned()
            };
            alerts
                .map(|open| {
                    let service = open.service.to_string();
                    (label(open, "alertname"), label(open, "source"), service)
                })
                .collect::<Vec<_>>()
        });
        let mut firing = firing;
        firing.sort();
        firing
    }

    /// A line of the metrics.
    async fn metric(&self, name: &str) -> Option<String> {
        let text = self.get("/metrics").await.body;
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line[name.len()..].trim().to_owned())
    }
}

/// A notification of another Alertmanager with these alerts firing.
fn notification(names: &[&str]) -> String {
    let alerts: Vec<_> = names
        .iter()
        .map(|name| {
            serde_json::json!({"status": "firing", "labels": {"alertname": name, "service": "website", "severity": "info"}})
        })
        .collect();
    serde_json::json!({"version": "4", "alerts": alerts}).to_string()
}

#[tokio::test]
async fn nobody_learns_of_sources_without_their_token() {
    let post = Post::new().await;
    let body = notification(&["Down"]);
    let unknown = post.post("/in/nobody", "am", &body).await;
    assert_eq!(unknown.problem(), (401, "token-needed".into()));
    assert_eq!(unknown.header("www-authenticate"), "Bearer");
    let same = |answer: &Answer, what: &str| {
        assert_eq!(
            (answer.status, &answer.body),
            (unknown.status, &unknown.body),
            "{what}"
        );
    };
    same(
        &post.post("/in/second-site", "panels", &body).await,
        "another's token",
    );
    same(
        &post.ask(Method::POST, "/in/second-site", &[], &body).await,
        "no token",
    );
    same(
        &post.ask(Method::GET, "/in/cron", &[], "").await,
        "no token of a heartbeat",
    );
    same(
        &post.ask(Method::OPTIONS, "/in/events", &[], "").await,
        "no token to ask",
    );
    let wrong = [("authorization", "Basic !!!")];
    same(
        &post
            .ask(Method::POST, "/in/second-site", &wrong, &body)
            .await,
        "no basic",
    );
    for path in [
        "/ping/wrong",
        "/ping/wrong/backup",
        "/ping/wrong/nobody/start",
    ] {
        let answer = post.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (404, "not found"),
            "{path}"
        );
    }
    let answer = post.get(&format!("/api/push/{}", token("jobs"))).await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.body,
        r#"{"ok":false,"msg":"no monitor is known by this token"}"#
    );
    assert!(post.firing().is_empty());
    let counted = r#"stentor_source_refused_total{source="",reason="unknown"}"#;
    assert_eq!(post.metric(counted).await.as_deref(), Some("10"));
}

#[tokio::test]
async fn a_token_is_shown_in_any_of_three_ways() {
    let post = Post::new().await;
    let body = notification(&["Down"]);
    let basic = "Basic YW55Ym9keTphbS0wMTIzNDU2Nzg5YWJjZGVm";
    let by_query = format!("/in/second-site?token={}", token("am"));
    let basic = [("authorization", basic)];
    for answer in [
        post.post("/in/second-site", "am", &body).await,
        post.ask(Method::POST, "/in/second-site", &basic, &body)
            .await,
        post.ask(Method::POST, &by_query, &[], &body).await,
    ] {
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    }
}

#[tokio::test]
async fn a_source_whose_token_cannot_be_read_is_refused_and_the_others_work() {
    let post = Post::new().await;
    let secrets = post.folder.path().join("config/secrets");
    fs::remove_file(secrets.join("panels")).unwrap();
    post.keep("kuma", "short");
    post.apply(&format!("{SOURCES}\n# changed\n")).await;
    let answer = post
        .post("/in/panels", "panels", &notification(&["A"]))
        .await;
    assert_eq!(answer.problem(), (503, "token-unreadable".into()));
    // As long as it is not known whose token it is, nobody is told that there is no such source.
    let answer = post.post("/in/nobody", "panels", "").await;
    assert_eq!(answer.problem(), (503, "token-unreadable".into()));
    assert_eq!(post.get("/api/push/short").await.status, 503);
    let answer = post
        .post("/in/second-site", "am", &notification(&["A"]))
        .await;
    assert_eq!(answer.status, 200);
    let troubles = post.house.engine.token_troubles();
    let names: Vec<_> = troubles.iter().map(|t| t.source.as_str()).collect();
    assert_eq!(names, ["kuma", "panels"]);
    assert!(troubles[0].reason.contains("at least 16"), "{troubles:?}");
    assert!(
        troubles[1].reason.contains("secrets/panels"),
        "{troubles:?}"
    );
    let usable = r#"stentor_source_usable{source="panels"}"#;
    assert_eq!(post.metric(usable).await.as_deref(), Some("0"));
    // Mended, without another configuration.
    post.keep("panels", &token("panels"));
    post.keep("kuma", &token("kuma"));
    post.house.engine.read_source_tokens(&post.places).await;
    let grafana = notification(&["A"]).replace("\"4\"", "\"1\"");
    let answer = post.post("/in/panels", "panels", &grafana).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn sources_are_listed_without_their_tokens() {
    let post = Post::new().await;
    post.post("/in/second-site", "am", &notification(&["Down"]))
        .await;
    post.get(&format!("/ping/{}/backup/3", token("jobs"))).await;
    let ada = post.house.token("ada").await;
    assert_eq!(post.get("/api/v1/sources").await.status, 401);
    let listed = post.house.read(&ada, "/api/v1/sources").await;
    let sources = listed.json();
    let find = |name: &str| {
        let mut all = sources.as_array().unwrap().iter();
        all.find(|s| s["name"] == name).unwrap().clone()
    };
    let backup = find("backup");
    assert_eq!(
        (&backup["state"], &backup["said"]),
        (&"failed".into(), &"exit 3".into())
    );
    assert_eq!(backup["address"], "http://127.0.0.1:8080/ping/TOKEN");
    assert_eq!(
        (&backup["firing"], &backup["succeeded_at"]),
        (&1.into(), &().into())
    );
    let site = find("second-site");
    assert_eq!(
        (&site["state"], &site["firing"]),
        (&"well".into(), &1.into())
    );
    assert_eq!(site["address"], "http://127.0.0.1:8080/in/second-site");
    assert_eq!(site["max_alerts"], 3);
    assert_eq!(find("kuma")["state"], "silent");
    let browser = post.house.browser("ada").await;
    let page = post
        .house
        .get("/sources", &[("cookie", &browser.cookie)])
        .await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("backup: ✗ failed"), "{}", page.body);
    assert!(page.body.contains("at most 1 h late"), "{}", page.body);
    for name in ["am", "jobs", "kuma"] {
        assert!(!listed.body.contains(&token(name)));
        assert!(!page.body.contains(&token(name)));
    }
}
