//! A real node on SQLite with the example organisation, for tests of what it answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use stentor_api::{App, Options, router, serve};
use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::bundle::Bundle;
use stentor_domain::command::Command;
use stentor_domain::ids::{IncidentId, PersonId};
use stentor_domain::labels::Labels;
use stentor_domain::page::{Page, PageCause};
use stentor_domain::state::WorldState;
use stentor_domain::world::World;
use stentor_engine::{Engine, InstanceKey, Places, Settings};
use stentor_publish::{Founding, found};
use stentor_sqlite::SqliteStore;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::house::MovedClock;

/// A node. Its files go when it is dropped.
pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<MovedClock>,
    router: Router,
    places: Places,
    _dir: TempDir,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) cookie: String,
    pub(crate) policy: String,
    pub(crate) text: String,
}

impl House {
    pub(crate) async fn new() -> Self {
        // A failing test shows what the node logged.
        let log = tracing_subscriber::fmt()
            .with_test_writer()
            .with_ansi(false);
        let _ = log.with_max_level(tracing::Level::ERROR).try_init();
        let dir = TempDir::new().unwrap();
        let store = SqliteStore::open(&dir.path().join("stentor.db"))
            .await
            .unwrap();
        let clock = Arc::new(MovedClock::default());
        let engine = Engine::start(Settings {
            store: Arc::new(store),
            clock: clock.clone(),
            key: InstanceKey::new([7; 32]),
            node: "test".into(),
            alert_grace_ms: 0,
        });
        let engine = engine.await.unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stentor/example");
        let mut files = BTreeMap::new();
        collect(&example, "", &mut files);
        let bundle = Bundle::new(files).unwrap();
        let (by, reason) = ("test".to_owned(), "start".to_owned());
        let apply = Command::Apply { bundle, by, reason };
        engine.submit(World::Live, apply).await.unwrap();
        let app = App::new(engine.clone(), Options::default());
        let places = Places {
            data: dir.path().to_owned(),
            credentials: None,
        };
        Self {
            engine,
            clock,
            router: router(app),
            places,
            _dir: dir,
        }
    }

    /// As [`House::new`], with its workers.
    pub(crate) async fn at_work() -> Self {
        let house = Self::new().await;
        house.go_to_work();
        house
    }

    /// Makes keys for the public word, and starts the workers that push it and page people.
    pub(crate) fn go_to_work(&self) {
        let word = self.places.word();
        let founding = Founding {
            organisation: "Example Linux",
            world: World::Live,
            offline: &word.offline,
            online: &word.online,
            repository: &word.repository,
        };
        found(&founding, self.engine.clock().now()).unwrap();
        self.engine
            .start_workers(&self.places, std::future::pending());
    }

    /// Puts a file where a mirror's directory should be.
    pub(crate) fn break_mirror(&self, name: &str) {
        let mirrors = self.places.data.join("mirrors");
        fs::create_dir_all(&mirrors).unwrap();
        fs::write(mirrors.join(name), "in the way").unwrap();
    }

    /// Waits until a file of a mirror says something.
    pub(crate) async fn wait_for_mirror(&self, name: &str, file: &str, text: &str) {
        let path = self.places.data.join("mirrors").join(name).join(file);
        let clock = self.engine.clock();
        let deadline = clock.monotonic() + Duration::from_secs(60);
        loop {
            let found = fs::read_to_string(&path).unwrap_or_default();
            if found.contains(text) {
                return;
            }
            let late = clock.monotonic() >= deadline;
            assert!(!late, "{} never says {text:?}: {found}", path.display());
            clock.sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a page says something, and gives the page.
    pub(crate) async fn wait_for(&self, path: &str, cookie: &str, text: &str) -> String {
        let clock = self.engine.clock();
        let deadline = clock.monotonic() + Duration::from_secs(60);
        loop {
            let page = self.get(path, cookie).await.text;
            if page.contains(text) {
                return page;
            }
            assert!(
                clock.monotonic() < deadline,
                "{path} never says {text:?}: {page}"
            );
            clock.sleep(Duration::from_millis(50)).await;
        }
    }

    /// Serves it on loopback; gives the address without a slash at its end.
    pub(crate) async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router.clone();
        tokio::spawn(serve(listener, router, std::future::pending()));
        format!("http://{address}")
    }

    /// The path of a fresh sign-in link.
    pub(crate) async fn sign_in_path(&self, person: &str) -> String {
        let link = self
            .engine
            .issue_sign_in(&PersonId::from(person))
            .await
            .unwrap();
        format!("/sign-in/{}", link.reveal())
    }

    /// The cookie of a person who signed in.
    pub(crate) async fn signed_in(&self, person: &str) -> String {
        let path = self.sign_in_path(person).await;
        let answer = self.send("POST", &path, "", String::new()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.cookie
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, cookie, String::new()).await
    }

    /// Sends a form with the hidden fields that `page` holds for it, as a browser would.
    pub(crate) async fn post(
        &self,
        page: &str,
        path: &str,
        cookie: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut all: Vec<(String, String)> = hidden(page, path);
        all.extend(
            fields
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        );
        let body = serde_urlencoded::to_string(all).unwrap();
        self.send("POST", path, cookie, body).await
    }

    async fn send(&self, method: &str, path: &str, cookie: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = |name| {
            let value = parts.headers.get(name).map(|v| v.to_str().unwrap());
            value.unwrap_or_default().to_owned()
        };
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            location: text(header::LOCATION),
            policy: text(header::CONTENT_SECURITY_POLICY),
            cookie: text(header::SET_COOKIE)
                .split(';')
                .next()
                .unwrap_or_default()
                .to_owned(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// An alert fires; gives the newest incident.
    pub(crate) async fn alert(
        &self,
        labels: &[(&str, &str)],
        summary: &str,
        source: &str,
    ) -> IncidentId {
        let now_ms = self.engine.clock().now_ms();
        let labels = Labels::from_pairs(&mut labels.to_vec());
        let alert = Alert {
            fingerprint: Fingerprint::of(&labels),
            labels,
            annotations: Labels::from_pairs(&mut vec![("summary", summary)]),
            starts_ms: now_ms,
            ends_ms: now_ms + 3_600_000,
            generator_url: source.into(),
            ends_by_timeout: false,
        };
        let command = Command::ReceiveAlerts(vec![Arc::new(alert)]);
        self.engine.submit(World::Live, command).await.unwrap();
        self.live(|w| IncidentId(w.last.incident))
    }

    /// Something of the live world.
    pub(crate) fn live<R>(&self, read: impl FnOnce(&WorldState) -> R) -> R {
        self.engine
            .read(|state| read(state.world(World::Live).unwrap()))
    }

    /// The first person paged by the escalation of an incident, and the path of the link in their message.
    pub(crate) fn first_page(&self, incident: IncidentId) -> (PersonId, String) {
        let page: Page = self.live(|w| {
            let mut pages = w.pages.values().filter(|p| p.incident == incident);
            let first = pages.find(|p| matches!(p.cause, PageCause::Escalation { .. }));
            first.unwrap().clone()
        });
        let link = self.engine.link_of(World::Live, &page);
        (page.person, format!("/p/{link}"))
    }
}

/// The hidden fields of the form that posts to `path`; of one without an action, those of the page's first form.
pub(crate) fn hidden(page: &str, path: &str) -> Vec<(String, String)> {
    let action = format!("action=\"{}\"", path.replace('/', "&#x2f;"));
    let start = page
        .find(&action)
        .or_else(|| page.find(&format!("action=\"{path}\"")));
    let start = start
        .or_else(|| page.find("<form method=\"post\""))
        .unwrap_or(page.len());
    let form = &page[start..];
    let form = &form[..form.find("</form>").unwrap_or(form.len())];
    let tags = form.split("<input type=\"hidden\" ").skip(1);
    tags.map(|tag| (attribute(tag, "name"), attribute(tag, "value")))
        .collect()
}

fn attribute(tag: &str, name: &str) -> String {
    let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
    let value = &rest[..rest.find('"').unwrap()];
    let entities = [
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else if !Bundle::leaves_out(&name) {
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}
