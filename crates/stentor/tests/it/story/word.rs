//! The public word: on both mirrors, verified by us and by a foreign client, refused when anything was changed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stentor_testkit::process::{Process, free_address, installed};
use stentor_testkit::python::python_venv;

use super::Story;
use crate::support::files::{copy, flip, read};
use crate::support::{Ran, run, stentor};

/// A plain web server with a mirror's files.
struct Web {
    url: String,
    _server: Process,
}

impl Web {
    async fn of(folder: &Path) -> Self {
        let mut command = tokio::process::Command::new(installed("python3", "python3"));
        command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]);
        let server = Process::spawn({
            command.arg("--directory").arg(folder);
            command
        });
        let line = server.wait_for_stdout("Serving HTTP on").await;
        let url = line.split(['(', ')']).nth(1).unwrap().to_owned();
        Self {
            url,
            _server: server,
        }
    }
}

/// Somebody outside with nothing but the first trusted root.
pub(super) struct Reader {
    /// What they remember.
    pub(super) state: PathBuf,
    /// The mirror as it was at their first visit.
    pub(super) old: PathBuf,
}

impl Story {
    /// `stentor verify` as a reader calls it.
    pub(super) async fn verify(&self, mirror: &str, more: &[&str]) -> Ran {
        let mut command = stentor();
        command.args(["verify", mirror, "--root"]);
        command.arg(self.house.root()).args(more);
        run(command).await
    }

    pub(super) async fn verdict(&self, mirror: &Path, more: &[&str], code: i32, said: &str) {
        let ran = self.verify(mirror.to_str().unwrap(), more).await;
        assert_eq!(ran.code, code, "{mirror:?}: {ran:?}");
        assert!(ran.stdout.contains(said), "{said:?} in {ran:?}");
    }

    /// Cleo publishes the first word, and a reader visits.
    pub(super) async fn speaks(&mut self) -> Reader {
        let before = self.cleo.wait_for_mirrors(0).await;
        let values = json!({ "symptoms": "Pages <b>load</b> & load & load." });
        self.cleo.publish("first", &values).await;
        self.cleo.wait_for_mirrors(before).await;
        let [one, two] = ["one", "two"].map(|name| read(&self.house.mirror(name)));
        for mirror in [&one, &two] {
            let text = |name: &str| String::from_utf8(mirror[name].clone()).unwrap();
            let page = text("index.html");
            assert!(page.contains("Pages &lt;b&gt;load"), "{page}");
            // The page's own, which greys it when it is old, and none of what people wrote.
            assert_eq!(page.matches("<script").count(), 1, "{page}");
            assert!(text("feed.atom").contains("www.example.org"));
            let status: Value = serde_json::from_str(&text("status.json")).unwrap();
            assert!(status.to_string().contains("investigating"), "{status:#}");
            assert!(mirror.contains_key("metadata/timestamp.json"));
            assert!(mirror.contains_key("metadata/1.root.json"));
        }
        assert_eq!(one.get("index.html"), two.get("index.html"));
        let reader = Reader {
            state: self.house.beside("reader"),
            old: copy(&self.house.mirror("one"), &self.house.beside("old")),
        };
        let state = ["--state", reader.state.to_str().unwrap()];
        self.verdict(&self.house.mirror("one"), &state, 0, "FRESH")
            .await;
        reader
    }

    /// Both mirrors are authentic; whatever was changed is not.
    pub(super) async fn is_verified(&self) {
        let one = self.house.mirror("one");
        self.verdict(&one, &[], 0, "cannot be excluded").await;
        let two = self.house.mirror("two");
        self.verdict(&two, &[], 0, "FRESH").await;
        self.is_accepted_by_a_foreign_client(&two, None).await;

        let changed = |name: &str| copy(&one, &self.house.beside(name));
        let forged = changed("forged");
        let page = fs::read_to_string(forged.join("index.html")).unwrap();
        fs::write(forged.join("index.html"), page.replace("load", "sell")).unwrap();
        self.verdict(&forged, &[], 4, "index.html").await;

        let tampered = changed("tampered");
        let hashed = read(&tampered.join("targets"));
        let current = fs::read(one.join("status.json")).unwrap();
        let (hashed, _) = hashed.iter().find(|(_, text)| **text == current).unwrap();
        flip(&tampered.join("targets").join(hashed));
        self.verdict(&tampered, &[], 4, "status.json").await;

        let endless = changed("endless");
        let file = File::create(endless.join("metadata/timestamp.json")).unwrap();
        file.set_len(1 << 40).unwrap();
        self.verdict(&endless, &[], 4, "timestamp").await;

        let ran = self.verify(one.to_str().unwrap(), &["--no-such-option"]);
        assert_eq!(ran.await.code, 2);
        let closed = format!("http://{}", free_address());
        let ran = self.verify(&closed, &[]).await;
        assert_eq!(ran.code, 5, "{ran:?}");
        let nowhere = self.house.beside("nowhere");
        self.verdict(&nowhere, &[], 5, "COULD NOT CHECK").await;

        let web = Web::of(&one).await;
        let ran = self.verify(&web.url, &[]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        let web = Web::of(&forged).await;
        let ran = self.verify(&web.url, &[]).await;
        assert_eq!(ran.code, 4, "{ran:?}");

        let late = self.verify_later(&one, "+7h").await;
        assert_eq!(late.code, 3, "{late:?}");
        assert!(late.stdout.contains("STALE since"), "{late:?}");
    }

    /// After a newer word, the older one put back is refused by whoever saw the newer.
    pub(super) async fn refuses_a_rollback(&self, reader: &Reader) {
        let state = ["--state", reader.state.to_str().unwrap()];
        self.verdict(&self.house.mirror("two"), &state, 0, "FRESH")
            .await;
        self.verdict(&reader.old, &state, 4, "older").await;
        self.verdict(&reader.old, &[], 0, "cannot be excluded")
            .await;
        let mixed = copy(&self.house.mirror("one"), &self.house.beside("mixed"));
        let timestamp = "metadata/timestamp.json";
        fs::copy(reader.old.join(timestamp), mixed.join(timestamp)).unwrap();
        self.verdict(&mixed, &state, 4, "older").await;
        self.verdict(
            &mixed,
            &[],
            4,
            "at the top of the mirror is not the signed page",
        )
        .await;
        self.is_accepted_by_a_foreign_client(&self.house.mirror("one"), None)
            .await;
        let refusal = Some("BadVersionNumberError");
        self.is_accepted_by_a_foreign_client(&reader.old, refusal)
            .await;
    }

    /// The verdict of somebody whose clock is later.
    async fn verify_later(&self, mirror: &Path, shift: &str) -> Ran {
        let program = installed("faketime", "faketime");
        let mut command = tokio::process::Command::new(program);
        command.args(["-f", shift, env!("CARGO_BIN_EXE_stentor")]);
        command.arg("verify").arg(mirror).arg("--root");
        command.arg(self.house.root());
        run(command).await
    }

    /// python-tuf reads the mirror over HTTP on loopback, remembering what it saw before; or refuses it as said.
    async fn is_accepted_by_a_foreign_client(&self, mirror: &Path, refusal: Option<&str>) {
        let packages = ["tuf==7.0.1", "cryptography"];
        let venv = tokio::task::spawn_blocking(move || python_venv("tuf", &packages));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../publish/src/tests/visit.py");
        let state = self.house.beside("python-tuf");
        fs::create_dir_all(&state).unwrap();
        let mut command = tokio::process::Command::new(venv.await.unwrap());
        command.arg(script).arg(mirror).arg(self.house.root());
        command
            .arg(state)
            .arg(crate::support::alerts::now().to_string());
        command.args(["index.html", "status.json", "feed.atom"]);
        let ran = run(command).await;
        match refusal {
            None => assert_eq!(ran.code, 0, "{ran:?}"),
            Some(kind) => {
                assert_eq!(ran.code, 1, "{ran:?}");
                assert!(ran.stdout.starts_with(kind), "{ran:?}");
            }
        }
    }
}
