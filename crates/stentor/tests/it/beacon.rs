//! A beacon as a process of its own: it keeps the word of a publisher that is gone, and whenever it is killed, its
//! readers never see an older word.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::Value;
use stentor_testkit::process::Process;

use crate::support::caller::Caller;
use crate::support::files::read;
use crate::support::http::get;
use crate::support::{Engine, House, Ran, run, stentor, until};

/// A site beside the publisher's with a mirror of its own.
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    pub(crate) root: PathBuf,
}

impl Site {
    /// It has a timestamp key and a list of mirrors, and nothing else of the publisher's.
    pub(crate) fn new(house: &House, more: &str) -> Self {
        let folder = house.beside("site");
        fs::create_dir_all(&folder).unwrap();
        let root = folder.join("root.json");
        fs::copy(house.root(), &root).unwrap();
        fs::copy(
            house.dir().join("keys/word/timestamp.key"),
            folder.join("timestamp.key"),
        )
        .unwrap();
        let one = house.mirror("one");
        let text = format!(
            "root = \"root.json\"\nkey = \"timestamp.key\"\nstate = \"state\"\nstatus_file = \"status.json\"\n\
             interval_minutes = 1\n{more}\n\
             [[mirrors]]\nname = \"one\"\ndirectory = \"{}\"\n\n\
             [[mirrors]]\nname = \"own\"\ndirectory = \"own\"\nwrite = true\n",
            one.display()
        );
        fs::write(folder.join("beacon.toml"), text).unwrap();
        Self { folder, root }
    }

    pub(crate) fn command(&self, more: &[&str]) -> tokio::process::Command {
        let mut command = stentor();
        command.arg("beacon").arg("--config");
        command.arg(self.folder.join("beacon.toml")).args(more);
        command
    }

    /// A file of its own, for its owner only.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Adds to its configuration.
    pub(crate) fn append(&self, text: &str) {
        let before = fs::read_to_string(self.folder.join("beacon.toml")).unwrap();
        self.write("beacon.toml", &(before + text));
    }

    pub(crate) async fn once(&self) -> Ran {
        run(self.command(&["--once"])).await
    }

    /// A reader who remembers.
    async fn verify(&self) -> Ran {
        let mut command = stentor();
        command.arg("verify").arg(self.folder.join("own"));
        command.arg("--root").arg(&self.root);
        command.arg("--state").arg(self.folder.join("reader"));
        run(command).await
    }

    fn timestamp(&self) -> u64 {
        let path = self.folder.join("own/metadata/timestamp.json");
        let Ok(text) = fs::read(path) else {
            return 0;
        };
        let file: Value = serde_json::from_slice(&text).unwrap();
        file["signed"]["version"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn it_keeps_the_word_of_a_publisher_that_is_gone() {
    let house = House::new(Engine::Sqlite).await;
    let site = Site::new(&house, "always = true");
    let mut server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    ben.wait_for_mirrors(0).await;
    let ran = site.once().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let status: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&status["signing"], &status["well"]),
        (&"signed".into(), &true.into()),
        "{status:#}"
    );
    let first = site.verify().await;
    assert_eq!(first.code, 0, "{first:?}");

    // Everything of the publisher's burns down.
    server.kill9().await;
    fs::remove_dir_all(house.dir()).unwrap();
    let signed = site.timestamp();
    let ran = site.once().await;
    assert!(ran.stdout.contains("\"signed\""), "{ran:?}");
    assert!(site.timestamp() > signed);
    let second = site.verify().await;
    assert_eq!(second.code, 0, "{second:?}");
    assert!(second.stdout.starts_with("FRESH"), "{second:?}");
}

#[tokio::test]
async fn killed_at_any_moment_it_shows_no_older_word() {
    let house = House::new(Engine::Sqlite).await;
    let site = Site::new(&house, "always = true");
    let server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    ben.wait_for_mirrors(0).await;
    let all = read(&house.mirror("one")).len();
    // After each number of files that a first copy may have reached, and then while it signs again.
    for files in (0..=all).step_by(3) {
        let mut beacon = Process::spawn(site.command(&[]));
        until("the beacon wrote so much", async || {
            let own = read(&site.folder.join("own"));
            (own.len() >= files).then_some(())
        })
        .await;
        beacon.kill9().await;
        let ran = site.verify().await;
        assert!(!ran.stdout.contains("older state was put back"), "{ran:?}");
    }
    for _ in 0..5 {
        let before = site.timestamp();
        let mut beacon = Process::spawn(site.command(&[]));
        until("the beacon signed", async || {
            (site.timestamp() > before).then_some(())
        })
        .await;
        beacon.kill9().await;
        let ran = site.verify().await;
        assert!(!ran.stdout.contains("older state was put back"), "{ran:?}");
    }
    let ran = site.once().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = site.verify().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    drop(server);
}

#[tokio::test]
async fn it_says_how_it_is_doing() {
    let house = House::new(Engine::Sqlite).await;
    let address = stentor_testkit::process::free_address();
    let site = Site::new(&house, &format!("listen = \"{address}\""));
    let server = house.serve().await;
    let ben = Caller::new(&house, "ben").await;
    ben.wait_for_mirrors(0).await;
    let beacon = Process::spawn(site.command(&[]));
    beacon.wait_for_stderr("Listening on").await;
    until("it is well", async || {
        (get(address, "/-/healthy").await.status == 200).then_some(())
    })
    .await;
    let metrics = get(address, "/metrics").await.body;
    for line in [
        "stentor_beacon_rounds_total 1",
        // The publisher is well.
        "stentor_beacon_signed_total 0",
        "stentor_beacon_well 1",
        "stentor_beacon_mirror_up{mirror=\"own\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    let status = until("the status file is there", async || {
        fs::read_to_string(site.folder.join("status.json")).ok()
    })
    .await;
    assert!(status.contains("\"not_due\""), "{status}");
    // A second one with the same memory is refused.
    let ran = site.once().await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("another beacon"), "{ran:?}");
    drop((server, beacon));
}
