//! A word published to each kind, and checked as a reader checks it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use stentor_domain::bulletin::StatusPage;
use stentor_domain::bundle::Bundle;
use stentor_domain::disclosure::Public;
use stentor_domain::state::{Configuration, State};
use stentor_domain::world::World;
use stentor_publish::{Founded, Founding, Mirror, MirrorFailure, Publisher, Settings, found};
use stentor_verify::{Fetch, FetchError, LocalDir, Report, Scope, Verdict, Verification};
use tempfile::TempDir;

use crate::places::{Place, each_kind, start};

pub(crate) fn hours(n: i64) -> Timestamp {
    let first: Timestamp = "2026-11-20T02:10:00Z".parse().unwrap();
    first + SignedDuration::from_hours(n)
}

/// A publisher's own things.
pub(crate) struct House {
    dir: TempDir,
    pub(crate) founded: Founded,
}

impl House {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let founding = Founding {
            organisation: "Example",
            world: World::Live,
            offline: &at("offline"),
            online: &at("online"),
            repository: &at("repository"),
        };
        let founded = found(&founding, hours(0)).unwrap();
        Self { dir, founded }
    }

    pub(crate) fn publisher(&self, mirrors: Vec<Box<dyn Mirror>>) -> Publisher {
        publisher_of(self.dir.path(), mirrors)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) async fn verify(&self, mirror: &dyn Fetch, now: Timestamp) -> Report {
        let check = Verification::new(mirror, &self.founded.root, now);
        check.run().await.report
    }
}

/// The publisher whose things lie in this folder.
pub(crate) fn publisher_of(folder: &Path, mirrors: Vec<Box<dyn Mirror>>) -> Publisher {
    Publisher::open(Settings {
        world: World::Live,
        repository: &folder.join("repository"),
        online: &folder.join("online"),
        mirrors,
        timeout: Duration::from_secs(60),
    })
    .unwrap()
}

/// A page in the name of `name`, which stands for its content.
pub(crate) fn page(name: &str) -> Public<StatusPage> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stentor/example");
    let mut files = BTreeMap::new();
    let mut folders = vec![example.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(&example).unwrap().to_str().unwrap();
            if path.is_dir() {
                folders.push(path);
            } else if !Bundle::leaves_out(relative) {
                let text = std::fs::read_to_string(&path).unwrap();
                files.insert(relative.to_owned(), text);
            }
        }
    }
    let bundle = Bundle::new(files).unwrap();
    let mut organisation = bundle.organisation().unwrap();
    organisation.name = name.to_owned();
    let configuration = Configuration {
        hash: bundle.hash(),
        bundle,
        since_ms: 0,
        by: "ada".to_owned(),
        organisation: Some(Arc::new(organisation)),
    };
    let state = State {
        configuration: Some(configuration),
        ..State::default()
    };
    state.status_page(World::Live, 0).unwrap()
}

/// A mirror opened anew, read by a stranger.
pub(crate) struct Stranger(pub(crate) Box<dyn Mirror>);

#[async_trait]
impl Fetch for Stranger {
    fn name(&self) -> String {
        self.0.name().to_owned()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.0.read(path, limit).await
    }
}

/// Waits until no mirror is under way, and gives what became of the only one.
pub(crate) async fn settled(publisher: &Publisher) -> Result<Report, MirrorFailure> {
    loop {
        let outcome = publisher.outcomes().remove(0);
        if !matches!(outcome.result, Err(MirrorFailure::Underway)) {
            return outcome.result;
        }
        publisher.progress().await;
    }
}

async fn check(kind: &str) {
    let (place, house) = (start(kind).await, House::new());
    let mut publisher = house.publisher(vec![place.open()]);
    for (hour, word) in [(0, "First"), (1, "Second"), (2, "Third")] {
        publisher.publish(&page(word), hours(hour)).await.unwrap();
        settled(&publisher).await.unwrap();
        fresh(&place, &house, word, hours(hour)).await;
    }
    // The hour is signed; nothing else is sent.
    publisher.resign_timestamp(hours(3)).await.unwrap();
    settled(&publisher).await.unwrap();
    fresh(&place, &house, "Third", hours(8)).await;
    // Another process goes on, and what somebody spoiled is repaired.
    drop(publisher);
    let mirror = place.open();
    mirror.refresh().await.unwrap();
    mirror.write("index.html", b"spoiled").await.unwrap();
    mirror.delete("status.txt").await.unwrap();
    let publisher = house.publisher(vec![place.open()]);
    publisher.push(hours(3)).await.unwrap();
    settled(&publisher).await.unwrap();
    fresh(&place, &house, "Third", hours(3)).await;
}

/// Readers find this word, and all of it.
pub(crate) async fn fresh(place: &Place, house: &House, word: &str, now: Timestamp) {
    let stranger = Stranger(place.open());
    // Where each file is a connection of its own, the files are looked at where the server keeps them.
    let scope = match place.kept() {
        Some(_) => Scope::Present,
        None => Scope::Everything,
    };
    let check = Verification::new(&stranger, &house.founded.root, now);
    let report = Verification { scope, ..check }.run().await.report;
    assert_eq!(report.verdict, Verdict::Fresh);
    let shown = stranger.fetch("status.txt", 100_000).await.unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.contains(word), "{shown}");
    // Files as the server has them, without our code.
    if let Some(kept) = place.kept() {
        let report = house.verify(&LocalDir::new(kept), now).await;
        assert_eq!(report.verdict, Verdict::Fresh);
    }
    if place.spec.place.kind() == "git" {
        let clone = tempfile::tempdir().unwrap();
        let bare = place.at("bare.git").display().to_string();
        let done = std::process::Command::new("git")
            .args(["clone", "--quiet", "--branch", "pages", &bare])
            .arg(clone.path().join("clone"))
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let report = house
            .verify(&LocalDir::new(clone.path().join("clone")), now)
            .await;
        assert_eq!(report.verdict, Verdict::Fresh);
    }
}

each_kind!(check);
