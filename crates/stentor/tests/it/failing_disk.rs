//! A disk that does not sync, and one that is full: nothing is answered "ok", nothing is lost, and it recovers.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;
use stentor_testkit::process::Process;
use tokio::process::Command;

use crate::support::browser::{self, link_in};
use crate::support::caller::{Caller, INCIDENT};
use crate::support::files::{copy, read};
use crate::support::syscalls::{Failing, SYNC};
use crate::support::{Engine, House, Receivers, alerts, http, listening, run, stentor, until};

#[tokio::test]
async fn without_sync_nothing_is_answered_ok() {
    let (house, receivers) = tokio::join!(House::new(Engine::Sqlite), Receivers::start());
    house.connect(&receivers.outside());
    let mut failing = Failing::serve(&house).await;
    let ada = Caller::new(&house, "ada").await;
    let known = alerts::firing("Known", "website");
    alerts::post(house.address, std::slice::from_ref(&known)).await;
    let mail = receivers.mail("ada", "paged at level 1").await;
    receivers.hook("ada", "paged at level 1").await;
    ada.wait("both deliveries are on record", |i| {
        (i["pages"][0]["delivered_by"].as_array()?.len() == 2).then_some(())
    })
    .await;
    ada.wait_for_mirrors(0).await;
    let before = ada.incident().await;
    let mirror = read(&house.mirror("one"));

    failing.fail(SYNC).await;
    for _ in 0..3 {
        let answer = alerts::try_post(house.address, &[alerts::firing("Refused", "login")]).await;
        assert_eq!(answer.unwrap().status, 503);
    }
    let link = link_in(&mail.text);
    let answer = browser::answer(house.address, &link, "yes").await.unwrap();
    assert_eq!(answer.status, 503, "{answer:?}");
    for (what, body) in [
        ("notes", json!({ "text": "a note" })),
        ("updates", json!({ "template": "first" })),
        ("command", json!({})),
    ] {
        let answer = ada.post(&format!("{INCIDENT}/{what}"), &body).await;
        assert_eq!(answer.status, 503, "{what}: {answer:?}");
    }
    assert_eq!(http::get(house.address, "/-/ready").await.status, 503);
    assert_eq!(
        ada.incident().await,
        before,
        "what was refused did not happen"
    );
    assert_eq!(read(&house.mirror("one")), mirror, "nothing was published");

    failing.heal(SYNC).await;
    until("it is taken again", async || {
        let again = alerts::firing("Again", "login");
        let answer = alerts::try_post(house.address, &[again]).await;
        (answer.unwrap().status == 200).then_some(())
    })
    .await;
    assert_eq!(http::get(house.address, "/-/ready").await.status, 200);
    let answer = browser::answer(house.address, &link, "yes").await;
    assert_eq!(answer.unwrap().status, 303);
    let after = ada.incident().await;
    failing.server.kill9().await;
    let _server = house.serve().await;
    let firing = alerts::firing_names(house.address).await;
    assert_eq!(firing, ["Again", "Known"]);
    let again = ada.incident().await;
    for what in ["roles", "escalation", "updates", "timeline"] {
        assert_eq!(again[what], after[what], "{what}");
    }
    let ran = house.run(&["audit", "verify"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    receivers.assert_nobody_was_told_twice();
}

/// A server on a disk of its own that can be filled.
struct SmallDisk {
    server: Process,
    /// The data directory as it is seen from here.
    data: PathBuf,
    mounted: bool,
}

/// Makes a file system of some megabytes that only this process sees, and starts the server in it.
const MOUNT: &str =
    "mount -t tmpfs -o size=4m tmpfs \"$1\" && cp -a \"$2/.\" \"$1\" && shift 2 && exec \"$@\"";

const UNSHARE: [&str; 3] = ["--user", "--map-root-user", "--mount"];

impl SmallDisk {
    async fn serve(house: &House) -> Self {
        let mut may = Command::new("unshare");
        may.args(UNSHARE)
            .args(["mount", "-t", "tmpfs", "none", "/mnt"]);
        let mounted = run(may).await.code == 0;
        let place = house.beside("small");
        fs::create_dir_all(&place).unwrap();
        let listen = house.address.to_string();
        let program = env!("CARGO_BIN_EXE_stentor");
        let mut command;
        if mounted {
            command = Command::new("unshare");
            command.args(UNSHARE).args(["sh", "-c", MOUNT, "sh"]);
            command.arg(&place).arg(house.dir());
        } else {
            // Files that may not grow are the nearest to a full disk that anybody may have.
            copy(&house.dir(), &place);
            command = Command::new("sh");
            command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
        }
        command.args([program, "serve", "--listen", &listen, "--dir"]);
        command.arg(&place);
        let server = listening(command).await;
        let data = if mounted {
            let root = format!("/proc/{}/root", server.id().unwrap());
            PathBuf::from(root + place.to_str().unwrap())
        } else {
            place
        };
        Self {
            server,
            data,
            mounted,
        }
    }

    async fn fill(&self) {
        if !self.mounted {
            return self.limit("0").await;
        }
        let mut filler = File::create(self.data.join("filler")).unwrap();
        for size in [64 * 1024, 4096, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    async fn make_room(&self) {
        if !self.mounted {
            return self.limit("unlimited").await;
        }
        fs::remove_file(self.data.join("filler")).unwrap();
    }

    async fn limit(&self, bytes: &str) {
        let mut command = Command::new("prlimit");
        let pid = self.server.id().unwrap().to_string();
        command.args(["--pid", &pid, &format!("--fsize={bytes}:")]);
        let ran = run(command).await;
        assert_eq!(ran.code, 0, "{ran:?}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_loses_nothing_and_recovers() {
    let house = House::new(Engine::Sqlite).await;
    let disk = SmallDisk::serve(&house).await;
    let mut taken: Vec<String> = Vec::new();
    let mut send = async |name: &str| {
        let alert = alerts::firing(name, "package-mirror");
        let answer = alerts::try_post(house.address, &[alert]).await.unwrap();
        if answer.status == 200 {
            taken.push(name.to_owned());
        } else {
            assert_eq!(answer.status, 503, "{answer:?}");
        }
        answer.status
    };
    assert_eq!(send("Before").await, 200);
    disk.fill().await;
    let mut number = 0;
    until("the disk is full", async || {
        number += 1;
        (send(&format!("Filling-{number}")).await == 503).then_some(())
    })
    .await;
    let ready = http::get(house.address, "/-/ready").await;
    assert_eq!(ready.status, 503, "{ready:?}");
    assert_eq!(http::get(house.address, "/-/healthy").await.status, 200);

    disk.make_room().await;
    assert_eq!(send("After").await, 200);
    assert_eq!(http::get(house.address, "/-/ready").await.status, 200);
    taken.sort();
    assert_eq!(alerts::firing_names(house.address).await, taken);
    // The power goes: what lies on the disk at this moment is whole.
    let kept = copy(&disk.data, &house.beside("kept"));
    let mut audit = stentor();
    audit.args(["audit", "verify", "--dir"]).arg(kept);
    let ran = run(audit).await;
    assert_eq!(ran.code, 0, "{ran:?}");
}
