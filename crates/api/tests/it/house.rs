//! A node with the example organisation, and ways to ask it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;
use stentor_api::{App, Options, router};
use stentor_domain::bundle::Bundle;
use stentor_domain::command::Command;
use stentor_domain::ids::PersonId;
use stentor_domain::world::World;
use stentor_engine::{Clock, Engine, Idempotency, InstanceKey, Settings, Store, SystemClock};
use stentor_sqlite::SqliteStore;
use tempfile::TempDir;
use tower::ServiceExt;

/// The machine's clock, moved by hand: as if time had passed, so the monotonic time moves with it.
#[derive(Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let by = jiff::SignedDuration::from_millis(self.0.load(Ordering::SeqCst));
        SystemClock.now() + by
    }

    fn monotonic(&self) -> Duration {
        let by = u64::try_from(self.0.load(Ordering::SeqCst)).unwrap_or(0);
        SystemClock.monotonic() + Duration::from_millis(by)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        SystemClock.sleep(duration)
    }
}

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) router: Router,
    _folder: Option<TempDir>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// The status and the stable code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        let json = self.json();
        for field in ["message", "todo"] {
            assert!(!json[field].as_str().unwrap().is_empty(), "{json}");
        }
        let code = json["code"].as_str().unwrap().to_owned();
        (self.status.as_u16(), code)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

/// A session in a browser.
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

/// The example's files, and further ones.
pub(crate) fn example(more: &[(&str, &str)]) -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stentor/example");
    let mut files = BTreeMap::new();
    for folder in ["", "services", "templates"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_file() && !Bundle::leaves_out(&name) {
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    for (name, text) in more {
        files.insert((*name).to_owned(), (*text).to_owned());
    }
    Bundle::new(files).unwrap()
}

impl House {
    pub(crate) async fn new() -> Self {
        let options = Options {
            console_url: "http://127.0.0.1:8080".to_owned(),
            ..Options::default()
        };
        Self::with(options).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::on(options, u32::MAX).await
    }

    /// A node whose database has room for so many pages only.
    pub(crate) async fn on(options: Options, pages: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stentor.db");
        let store = SqliteStore::open_limited(&path, pages).await.unwrap();
        let mut house = Self::over(options, Arc::new(store)).await;
        house._folder = Some(folder);
        house
    }

    /// A node with a routing as alertmanager.yml has it.
    pub(crate) async fn routed(routing: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stentor.db");
        let store = SqliteStore::open_limited(&path, u32::MAX).await.unwrap();
        let mut house = Self::built(Options::default(), Arc::new(store), Some(routing)).await;
        house._folder = Some(folder);
        house
    }

    /// A node over a database that is there already.
    pub(crate) async fn over(options: Options, store: Arc<dyn Store>) -> Self {
        Self::built(options, store, None).await
    }

    async fn built(options: Options, store: Arc<dyn Store>, routing: Option<&str>) -> Self {
        let clock = Arc::new(MovedClock::default());
        let settings = Settings {
            store,
            clock: clock.clone(),
            key: InstanceKey::new([7; 32]),
            node: "test".to_owned(),
            alert_grace_ms: 0,
        };
        let engine = Engine::start(settings).await.unwrap();
        let further: Vec<_> = routing
            .map(|text| ("alertmanager.yml", text))
            .into_iter()
            .collect();
        let apply = Command::Apply {
            bundle: example(&further),
            by: "test".to_owned(),
            reason: "the example".to_owned(),
        };
        engine.submit(World::Live, apply).await.unwrap();
        let router = router(App::new(engine.clone(), options));
        Self {
            engine,
            clock,
            router,
            _folder: None,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, path, headers, "")).await
    }

    /// Posts JSON to the API with a person's token, under an idempotency key.
    pub(crate) async fn post(&self, token: &str, key: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        self.send(request(Method::POST, path, &headers, body.to_owned()))
            .await
    }

    pub(crate) async fn read(&self, token: &str, path: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.get(path, &[("authorization", &bearer)]).await
    }

    pub(crate) async fn token(&self, person: &str) -> String {
        let once = Idempotency::new("test", person, String::new());
        let person = PersonId::from(person);
        let issued = self
            .engine
            .issue_api_token(&person, "test", 86_400_000, &once);
        issued.await.unwrap().0.reveal().to_owned()
    }

    /// Signs in as a browser does.
    pub(crate) async fn browser(&self, person: &str) -> Browser {
        let person = PersonId::from(person);
        let link = self.engine.issue_sign_in(&person).await.unwrap();
        let path = format!("/sign-in/{}", link.reveal());
        let answer = self.send(request(Method::POST, &path, &[], "")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let cookie = answer
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let (_, value) = cookie.split_once('=').unwrap();
        let csrf = self.engine.session(value).await.unwrap().unwrap().csrf;
        Browser { cookie, csrf }
    }

    /// Sends alerts as Prometheus does.
    pub(crate) async fn alert(&self, body: impl Into<Body>) -> Answer {
        self.send(alerts(body)).await
    }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        builder = builder.header(header::HOST, "127.0.0.1:8080");
    }
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap()
}

pub(crate) fn alerts(body: impl Into<Body>) -> Request<Body> {
    let kind = [("content-type", "application/json")];
    request(Method::POST, "/api/v2/alerts", &kind, body)
}
