//! `stentor-verify follow` over days: what is told, once each, and what is kept.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Corpus, Said, program, run, text};

const NOW: &str = "2026-11-21T02:10:00Z";
const LATER: &str = "2026-11-22T08:10:00Z";

/// A follower of one folder, whose content the test changes.
struct Watched {
    corpus: Corpus,
    mirror: PathBuf,
    state: PathBuf,
    told: PathBuf,
}

impl Watched {
    fn new() -> Self {
        let corpus = Corpus::of(&["honest", "rollback-timestamp", "tampered-page"]);
        let at = |name: &str| corpus.dir.path().join(name);
        let watched = Self {
            mirror: at("watched"),
            state: at("state"),
            told: at("told"),
            corpus,
        };
        watched.show("rollback-timestamp", "mirror");
        watched
    }

    /// Lets the mirror show another case, all at once.
    fn show(&self, case: &str, folder: &str) {
        let link = self.corpus.dir.path().join("watched.new");
        std::os::unix::fs::symlink(self.corpus.path(case, folder), &link).unwrap();
        std::fs::rename(&link, &self.mirror).unwrap();
    }

    fn command(&self, now: &str, words: &[&str]) -> Command {
        let root = self.corpus.path("honest", "root.json");
        let script = "import os, sys; open(sys.argv[1], 'a').write(sys.stdin.read() + '\\n')";
        let mut command = program(now);
        command.arg("follow").arg(&self.mirror);
        command.args([
            "--root",
            text(&root),
            "--state",
            text(&self.state),
            "--recheck",
            "0",
        ]);
        command.args(words);
        command.args(["--command", "python3", "-c", script, text(&self.told)]);
        command
    }

    fn look(&self, now: &str) -> Said {
        run(self.command(now, &["--once"]))
    }

    /// The messages that the command was given so far.
    fn told(&self) -> Vec<Value> {
        let lines = std::fs::read_to_string(&self.told).unwrap_or_default();
        lines
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect()
    }

    /// A killed process lets go of its lock a moment later.
    fn wait_until_nobody_follows(&self) {
        let lock = std::fs::File::open(self.state.join("follow.lock")).unwrap();
        lock.lock().unwrap();
    }

    fn now(&self) -> Value {
        let bytes = std::fs::read(self.state.join("now.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn kept(&self, path: &str) -> String {
        std::fs::read_to_string(self.state.join("word").join(path)).unwrap()
    }
}

#[test]
fn each_change_is_told_once_and_the_last_word_is_kept() {
    let watched = Watched::new();
    let mut told = 0;
    // At each step: what the mirror shows, the clock, the exit code, and the kinds of what is told.
    let mut step = |show: Option<(&str, &str)>, now: &str, code: i32, kinds: &[&str]| {
        if let Some((case, folder)) = show {
            watched.show(case, folder);
        }
        let said = watched.look(now);
        assert_eq!((said.code, said.err.as_str()), (code, ""), "{said:?}");
        let all = watched.told();
        let new: Vec<_> = all[told..]
            .iter()
            .map(|m| m["kind"].as_str().unwrap())
            .collect();
        assert_eq!(new, kinds, "{said:?}");
        assert_eq!(
            said.out.lines().filter(|l| !l.starts_with(' ')).count(),
            kinds.len(),
            "{said:?}"
        );
        told = all.len();
        all
    };
    let first = step(None, NOW, 0, &["news"]);
    assert!(
        first[0]["text"]
            .as_str()
            .unwrap()
            .starts_with("<p>status.txt: word 2</p>"),
        "{first:?}"
    );
    assert_eq!(first[0]["confirmed_until"], "2026-11-21T08:10:00Z");
    step(None, NOW, 0, &[]);
    step(Some(("honest", "mirror")), NOW, 0, &["news"]);
    assert_eq!(watched.kept("index.html"), "<p>index.html: word 3</p>\n");
    assert!(
        watched.kept("directory.json").contains("official")
            || watched.kept("directory.json").contains("chat")
    );
    assert_eq!(watched.now()["standing"], "fresh");
    // An older word put back: forged, and what was kept stays.
    let put_back = step(
        Some(("rollback-timestamp", "mirror")),
        NOW,
        4,
        &["unreachable", "forged"],
    );
    assert!(
        put_back[3]["text"]
            .as_str()
            .unwrap()
            .contains("an older state was put back"),
        "{put_back:?}"
    );
    assert_eq!(watched.kept("index.html"), "<p>index.html: word 3</p>\n");
    assert_eq!(watched.now()["standing"], "unreachable");
    step(Some(("tampered-page", "mirror")), NOW, 4, &[]);
    step(Some(("honest", "mirror")), NOW, 0, &["back", "back"]);
    // Nobody confirms it any longer.
    step(None, LATER, 3, &["stale"]);
    step(None, LATER, 3, &[]);
    assert_eq!(watched.now()["standing"], "stale");
    step(None, NOW, 0, &["back"]);
    std::fs::remove_file(&watched.mirror).unwrap();
    step(None, NOW, 5, &["unreachable"]);
    step(None, NOW, 5, &[]);
    step(Some(("honest", "mirror")), NOW, 0, &["back"]);
}

#[test]
fn what_a_channel_does_not_take_waits_for_it() {
    let watched = Watched::new();
    // The folder of the file is not there: the command fails.
    let told = watched.told.clone();
    let lost = Watched {
        told: told.join("absent/file"),
        ..watched
    };
    let said = lost.look(NOW);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.err.contains("tried again with the next look"),
        "{said:?}"
    );
    let found = Watched { told, ..lost };
    let again = found.look(NOW);
    assert_eq!(
        (again.out.as_str(), again.err.as_str()),
        ("", ""),
        "only the command was still to be told"
    );
    assert_eq!(found.told().len(), 1);
    assert_eq!(found.told()[0]["kind"], "news");
}

#[test]
fn a_follower_that_is_killed_goes_on_where_it_was() {
    let watched = Watched::new();
    let mut child = watched
        .command(NOW, &["--interval", "1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // faketime stays between us and the follower: both are killed together.
        .process_group(0)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = |part: &str| {
        let found = lines
            .by_ref()
            .map(Result::unwrap)
            .find(|l| l.contains(part));
        assert!(found.is_some(), "no {part:?}");
    };
    next("news: ");
    // A second one may not use the same folder.
    let second = watched.look(NOW);
    assert_eq!(second.code, 1, "{second:?}");
    assert!(
        second.err.contains("another follower uses it"),
        "{second:?}"
    );
    watched.show("honest", "mirror");
    next("word 3");
    watched.show("tampered-page", "mirror");
    next("forged: ");
    let group = format!("-{}", child.id());
    let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
    assert!(killed.unwrap().success());
    child.wait().unwrap();
    watched.wait_until_nobody_follows();
    let said = watched.look(NOW);
    assert_eq!(said.code, 4, "{said:?}");
    let kinds: Vec<_> = watched.told().iter().map(|m| m["kind"].clone()).collect();
    let forged = kinds.iter().filter(|k| **k == "forged").count();
    assert!(
        (1..=2).contains(&forged),
        "told twice rather than never: {kinds:?}"
    );
    assert_eq!(watched.kept("status.txt"), "<p>status.txt: word 3</p>\n");
}

#[test]
fn settings_come_from_a_file() {
    let watched = Watched::new();
    let config = watched.corpus.dir.path().join("follow.toml");
    let root = watched.corpus.path("honest", "root.json");
    let look = |toml: &str| {
        std::fs::write(&config, toml).unwrap();
        let mut command = program(NOW);
        command.args([
            "follow",
            "--once",
            "--output",
            "json",
            "--config",
            text(&config),
        ]);
        run(command)
    };
    let complete = |more: &str| {
        format!(
            "mirrors = [{:?}]\nroot = {:?}\nstate = {:?}\nrecheck_seconds = 0\n{more}",
            text(&watched.mirror),
            text(&root),
            text(&watched.state)
        )
    };
    let said = look(&complete("interval_seconds = 600\n"));
    assert_eq!(said.code, 0, "{said:?}");
    let message: Value = serde_json::from_str(said.out.trim()).unwrap();
    assert_eq!(message["kind"], "news");
    let mail = if cfg!(feature = "mail") {
        "write HOST or HOST:PORT"
    } else {
        "without mail"
    };
    for (toml, part) in [
        (complete("unknown = 1\n"), "unknown field"),
        (complete("interval_seconds = 0\n"), "between 1 and 86400"),
        (
            complete(
                "[mail]\nrelay = \"localhost:x\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]\n",
            ),
            mail,
        ),
        (
            "mirrors = []\nstate = \"s\"\n".to_owned(),
            "at least one mirror",
        ),
        (
            "mirrors = [\"m\"]\nstate = \"s\"\n".to_owned(),
            "say whom to trust",
        ),
        (
            "mirrors = [\"m\"]\nroot = \"r\"\n".to_owned(),
            "--state DIR",
        ),
    ] {
        let said = look(&toml);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
        assert!(said.err.contains(part), "{said:?}");
    }
}

#[test]
fn a_desktop_without_notifications_stops_nothing() {
    let watched = Watched::new();
    let root = watched.corpus.path("honest", "root.json");
    let bin = watched.corpus.dir.path().join("bin");
    let shown = watched.corpus.dir.path().join("shown");
    std::fs::create_dir(&bin).unwrap();
    let look = |path: &Path| {
        let mut command = program(NOW);
        // What faketime starts, it finds without the path.
        command.args(["follow", text(&watched.mirror), "--once", "--desktop"]);
        command.args(["--root", text(&root), "--state", text(&watched.state)]);
        let usual = std::env::var_os("PATH").unwrap_or_default();
        command.env(
            "PATH",
            format!("{}:{}", text(path), text(Path::new(&usual))),
        );
        run(command)
    };
    let fake = bin.join("notify-send");
    let script = format!("#!/bin/sh\nprintf '%s|' \"$@\" > {}\n", text(&shown));
    std::fs::write(&fake, script).unwrap();
    std::fs::set_permissions(&fake, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let said = look(&bin);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    let shown = std::fs::read_to_string(shown).unwrap();
    assert!(
        shown.starts_with("--app-name=Stentor|--urgency=normal|--|[public word] news: "),
        "{shown}"
    );
    assert!(
        shown.contains("&lt;p&gt;status.txt: word 2&lt;/p&gt;"),
        "{shown}"
    );
}
