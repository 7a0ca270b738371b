//! A founded publisher in a temporary folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use stentor_domain::world::World;
use stentor_verify::{LocalDir, Remembered, Report, StateDir, Verdict, Verification};

use crate::repository::Pages;
use crate::{Founded, Founding, LocalMirror, Mirror, Publication, Publisher, Settings, found};

pub(crate) fn now() -> Timestamp {
    "2026-11-20T02:10:00Z".parse().unwrap()
}

pub(crate) fn hours(n: i64) -> Timestamp {
    now() + SignedDuration::from_hours(n)
}

/// Four pages that say `word`.
pub(crate) fn word(word: &str) -> Pages {
    let files = [
        "index.html",
        "status.json",
        "status.txt",
        "incidents/2026/INC-1.html",
    ];
    files
        .map(|path| (path.to_owned(), format!("{path}: {word}").into_bytes()))
        .into()
}

pub(crate) struct House {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) founded: Founded,
    pub(crate) world: World,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::of(World::Live)
    }

    pub(crate) fn of(world: World) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let founding = Founding {
            organisation: "Example <Org>",
            world,
            offline: &at("offline"),
            online: &at("online"),
            repository: &at("repository"),
        };
        let founded = found(&founding, now()).unwrap();
        Self {
            founded,
            dir,
            world,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn settings(&self, mirrors: Vec<Box<dyn Mirror>>) -> Publisher {
        Publisher::open(Settings {
            world: self.world,
            repository: &self.path("repository"),
            online: &self.path("online"),
            mirrors,
            timeout: Duration::from_secs(30),
        })
        .unwrap()
    }

    /// A publisher to the two directories `one` and `two`.
    pub(crate) fn publisher(&self) -> Publisher {
        self.settings(["one", "two"].map(|name| self.mirror(name)).into())
    }

    pub(crate) fn mirror(&self, name: &str) -> Box<dyn Mirror> {
        Box::new(LocalMirror::new(name, self.path(name)))
    }

    pub(crate) async fn verify(&self, mirror: &str, now: Timestamp) -> Report {
        self.verify_dir(&self.path(mirror), None, now).await
    }

    pub(crate) async fn verify_dir(
        &self,
        dir: &Path,
        state: Option<&StateDir>,
        now: Timestamp,
    ) -> Report {
        let mirror = LocalDir::new(dir);
        let check = Verification::new(&mirror, &self.founded.root, now);
        match state {
            Some(state) => check.run_with_state(state).await,
            None => check.run().await.report,
        }
    }

    pub(crate) async fn remembered(&self, mirror: &str, now: Timestamp) -> Remembered {
        let mirror = LocalDir::new(self.path(mirror));
        Verification::new(&mirror, &self.founded.root, now)
            .run()
            .await
            .remember
    }
}

/// Copies a folder, files and all.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Every file below `dir`, relative.
pub(crate) fn files(dir: &Path) -> Vec<String> {
    let mut out = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                out.push(path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    out.sort();
    out
}

/// The one file below `dir` whose path contains `part`.
pub(crate) fn find(dir: &Path, part: &str) -> PathBuf {
    let found: Vec<_> = files(dir)
        .into_iter()
        .filter(|p| p.contains(part))
        .collect();
    assert_eq!(found.len(), 1, "{part}: {found:?}");
    dir.join(&found[0])
}

#[track_caller]
pub(crate) fn assert_everywhere(publication: &Publication) {
    for mirror in &publication.mirrors {
        let report = mirror
            .result
            .as_ref()
            .unwrap_or_else(|e| panic!("{}: {e}", mirror.mirror));
        assert_eq!(report.verdict, Verdict::Fresh, "{}", mirror.mirror);
    }
}

#[track_caller]
pub(crate) fn assert_forged(report: &Report, part: &str) {
    let Verdict::NotAuthentic { what } = &report.verdict else {
        panic!("{:?} instead of {part:?}", report.verdict)
    };
    assert!(
        what.iter().any(|w| w.contains(part)),
        "{what:?} does not speak of {part:?}"
    );
}
