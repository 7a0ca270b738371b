//! The corpus in a folder, served, and the small program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use stentor_corpus::{Case, Server, cases, write};

/// Cases in a folder of their own, served.
pub(crate) struct Corpus {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) server: Server,
    pub(crate) cases: Vec<Case>,
}

impl Corpus {
    pub(crate) fn of(names: &[&str]) -> Self {
        let wanted = |c: &Case| names.contains(&c.name.as_str());
        let cases: Vec<_> = cases().into_iter().filter(wanted).collect();
        assert_eq!(cases.len(), names.len(), "{names:?}");
        let dir = tempfile::tempdir().unwrap();
        write(&cases, dir.path()).unwrap();
        let server = Server::start(dir.path()).unwrap();
        Self { dir, server, cases }
    }

    /// The address of a case's mirror.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("{}/{name}/mirror", self.server.address())
    }

    /// A file or folder of a case.
    pub(crate) fn path(&self, name: &str, what: &str) -> PathBuf {
        self.dir.path().join(name).join(what)
    }

    /// The clock of a case.
    pub(crate) fn clock(&self, name: &str) -> &str {
        let case = self.cases.iter().find(|c| c.name == name);
        &case.unwrap().now
    }
}

/// The program under a clock that stands at `now`.
pub(crate) fn program(now: &str) -> Command {
    let time = now.replace('T', " ");
    let mut command = Command::new("faketime");
    command.arg("-f").arg(time.trim_end_matches('Z'));
    command.arg(env!("CARGO_BIN_EXE_stentor-verify"));
    // The clock is given in UTC.
    command.env("TZ", "UTC").env("RUST_BACKTRACE", "0");
    // Only the wall clock: waiting takes as long as ever.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.env("DONT_FAKE_MONOTONIC", "1");
    command
}

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(mut command: Command) -> Said {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}; this test needs faketime"));
    Said {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
