//! Each thing that can happen to keys, as one command; the rehearsal; the calendar.

use std::fs;
use std::path::Path;

use serde_json::Value;
use stentor_testkit::python::python_venv;
use tokio::process::Command;

use super::Place;
use crate::support::{run, stentor};

#[tokio::test]
async fn help_of_each_action_has_an_example() {
    let mut help = stentor();
    help.args(["key", "--help"]);
    let help = run(help).await.stdout;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let actions = list.lines().take_while(|line| !line.is_empty());
    let actions: Vec<&str> = actions
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert!(actions.len() >= 17, "{actions:?}");
    for action in actions.into_iter().filter(|action| *action != "help") {
        let mut command = stentor();
        command.args(["key", action, "--help"]);
        let ran = run(command).await;
        let example = format!("Example:\n  stentor key {action}");
        assert!(ran.stdout.contains(&example), "{}", ran.stdout);
    }
}

#[tokio::test]
async fn each_emergency_is_one_command() {
    let place = Place::founded().await;
    assert_eq!(place.holders("root").await, (2, "Ada Bo Cy".into()));
    let first = fs::read(place.path("data/repository/root.json")).unwrap();

    place.good(&["new", &place.key("zoe"), "--plain"]).await;
    let zoe = format!("Zoe={} @ the bank", place.public("zoe"));
    place.change(&["lost", "Cy", "--replacement", &zoe]).await;
    assert_eq!(place.holders("root").await, (2, "Ada Bo Zoe".into()));
    assert_eq!(place.holders("targets").await, (2, "Ada Bo Zoe".into()));

    let online = |name: &str| fs::read(place.path(&format!("data/keys/word/{name}.key"))).unwrap();
    for role in ["timestamp", "snapshot", "status"] {
        let before = online(role);
        place.change(&["rotate", role]).await;
        assert_ne!(online(role), before, "{role}");
        assert_eq!(place.holders(role).await, (1, format!("{role}.key")));
    }
    let before = online("minisign");
    let single = place.good(&["rotate", "minisign"]).await;
    assert!(single.stdout.starts_with("RW"), "{single:?}");
    assert!(single.stderr.contains("by the old one"), "{single:?}");
    assert_ne!(online("minisign"), before);
    let stolen = place.good(&["rotate", "minisign", "--stolen"]).await;
    assert!(stolen.stderr.contains("does not vouch"), "{stolen:?}");
    let before = ["timestamp", "snapshot", "status"].map(online);
    place.change(&["revoke", "online"]).await;
    let after = ["timestamp", "snapshot", "status"].map(online);
    assert!(before.iter().zip(&after).all(|(b, a)| b != a));

    for name in ["beacon", "dora"] {
        place.good(&["new", &place.key(name), "--plain"]).await;
    }
    place
        .change(&[
            "add-beacon",
            &place.public("beacon"),
            "--name",
            "beacon two",
        ])
        .await;
    assert_eq!(
        place.holders("timestamp").await,
        (1, "beacon two timestamp.key".into())
    );
    place
        .change(&["delegate", "--add", &place.public("dora"), "--name", "Dora"])
        .await;
    assert_eq!(place.holders("status").await, (1, "Dora status.key".into()));
    place.change(&["remove-beacon", "beacon two"]).await;
    assert_eq!(
        place.holders("timestamp").await,
        (1, "timestamp.key".into())
    );
    place.change(&["revoke", "Dora"]).await;
    assert_eq!(place.holders("status").await, (1, "status.key".into()));

    // The machine is gone, and only a backup of the repository is left.
    fs::remove_dir_all(place.path("data/keys/word")).unwrap();
    place.change(&["revoke", "online"]).await;
    assert_ne!(online("status"), after[2]);

    place.change(&["renew"]).await;
    let calendar = place
        .good(&["calendar", "--check", "--output", "json"])
        .await;
    let roles: Vec<Value> = serde_json::from_str(&calendar.stdout).unwrap();
    let root = roles.iter().find(|r| r["role"] == "root").unwrap();
    assert!(root["version"].as_u64() >= Some(9), "{root}");
    // A whole year less the moments since, or not yet a second.
    let days = root["days_left"].as_i64().unwrap();
    assert!((364..=365).contains(&days), "{root}");
    // Readers still trust what they trusted first.
    assert_eq!(
        fs::read(place.path("data/repository/root.json")).unwrap(),
        first
    );

    let wrong = place.text("wrong");
    for (words, part) in [
        (&["lost", "Nobody"][..], "nobody here is called Nobody"),
        (&["lost", "status.key"], "holds no offline key"),
        (&["revoke", "Ada"], "stentor key lost Ada"),
        (&["lost", "Zoe", "--threshold", "3"], "without Zoe"),
        (&["rotate", "root"], "--holder"),
        (&["rotate", "timestamp", "--stolen"], "stentor key revoke"),
        (
            &["rotate", "root", "--holder", "Ada", "--holder", "Ada"],
            "twice",
        ),
        (
            &["rotate", "root", "--holder", "Ada", "--threshold", "2"],
            "choose 1 to 1",
        ),
        (&["remove-beacon", "timestamp.key"], "only key"),
        (&["ceremony"], "holds a publisher already"),
        (
            &["delegate", "--add", "nonsense", "--name", "x"],
            "no Ed25519 public key",
        ),
    ] {
        let words = [words, &["--folder", &wrong]].concat();
        place.refused(&words, 2, part).await;
        assert!(!Path::new(&wrong).exists(), "{words:?}");
    }
    place.refused(&["delegate"], 2, "--add").await;
}

#[tokio::test]
async fn a_rehearsal_is_said_to_be_one_and_leaves_nothing() {
    let place = Place::new(&[]).await;
    let mut command = stentor();
    command
        .args(["key", "ceremony", "--rehearsal", "--threshold", "2"])
        .args(["--holder", "Ada", "--holder", "Bo", "--holder", "Cy"])
        .arg("--dir")
        .arg(place.path("data"))
        .env("TMPDIR", place.folder.path());
    let ran = run(command).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.starts_with("REHEARSAL PASSED"), "{ran:?}");
    assert_eq!(ran.stderr.matches("FRESH").count(), 2, "{ran:?}");
    assert!(ran.stderr.matches("REHEARSAL").count() >= 3, "{ran:?}");
    assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_calendar_is_one_for_people_programs_and_appointments() {
    let place = Place::founded().await;
    let text = place.good(&["calendar", "--check"]).await.stdout;
    for part in ["root", "targets", "timestamp", "Ada", "good"] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    let ics = place.good(&["calendar", "--output", "ics"]).await.stdout;
    // A reader that is not ours.
    let python = python_venv("icalendar", &["icalendar==6.3.2"]);
    let code = "import sys, icalendar\n\
        c = icalendar.Calendar.from_ical(sys.stdin.buffer.read())\n\
        print([str(e['SUMMARY']) for e in c.walk('VEVENT') if e.errors == [] and e['DTSTART'] and e['UID']])";
    fs::write(place.path("keys.ics"), &ics).unwrap();
    let mut command = Command::new(python);
    command
        .args(["-c", code])
        .stdin(fs::File::open(place.path("keys.ics")).unwrap());
    let read = run(command).await;
    let expect = "['Stentor: sign root anew', 'Stentor: root expires', 'Stentor: sign targets anew', 'Stentor: targets expires']";
    assert_eq!(read.stdout.trim(), expect, "{read:?}");

    // Half a year and a day later, a clock says so.
    let mut command = Command::new("faketime");
    command.args([
        "-f",
        "+184d",
        env!("CARGO_BIN_EXE_stentor"),
        "key",
        "calendar",
        "--check",
        "--dir",
    ]);
    let late = run({
        command.arg(place.path("data"));
        command
    })
    .await;
    assert_eq!(late.code, 1, "{late:?}");
    assert!(
        late.stdout.contains("SIGN ANEW") && late.stderr.contains("root, targets"),
        "{late:?}"
    );
}
