//! python-tuf and tuf-js over the whole corpus: they say what a strict client must, but where they are known to differ.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use stentor_corpus::{Case, Foreign, Server, cases, write};
use stentor_testkit::process::{installed, target_dir};
use stentor_testkit::python::python_venv;

const PYTHON_TUF: &str = "tuf==7.0.1";
const TUF_JS: &str = "tuf-js@5.0.1";

/// What a tool says otherwise than a strict client, and why.
type Differs = [(&'static str, Foreign, &'static str)];

const PYTHON_TUF_DIFFERS: &Differs = &[(
    "unknown-scheme-beside-a-known-one",
    Foreign::Reject,
    "it does not read metadata that names a scheme which it does not know",
)];

const TUF_JS_DIFFERS: &Differs = &[
    (
        "expiry-is-no-time",
        Foreign::Accept,
        "a date that is none is never in the past for it",
    ),
    (
        "negative-version",
        Foreign::Accept,
        "it does not ask whether a version is positive",
    ),
    (
        "version-zero",
        Foreign::Accept,
        "it does not ask whether a version is positive",
    ),
    (
        "unknown-scheme",
        Foreign::Accept,
        "it goes by the type of the key and does not look at the scheme",
    ),
];

fn judge(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/judges")
        .join(path)
}

/// Runs a judge on the served corpus: what it said of each case.
fn verdicts(mut judge: Command, dir: &Path, server: &Server) -> BTreeMap<String, String> {
    let output = judge.arg(dir).arg(server.address()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{judge:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn agrees(said: &BTreeMap<String, String>, cases: &[Case], differs: &Differs) {
    let known = |name: &str| differs.iter().find(|(n, ..)| *n == name);
    for (name, _, why) in differs {
        assert!(said.contains_key(*name), "{name}: no such case ({why})");
    }
    let mut wrong = Vec::new();
    for case in cases {
        let expect = known(&case.name).map_or(case.foreign, |(_, answer, _)| *answer);
        let answer = &said[&case.name];
        if (answer == "accept") != (expect == Foreign::Accept) {
            wrong.push(format!("{}: {answer}, expected {expect:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn served() -> (tempfile::TempDir, Vec<Case>, Server) {
    let (dir, cases) = (tempfile::tempdir().unwrap(), cases());
    write(&cases, dir.path()).unwrap();
    let server = Server::start(dir.path()).unwrap();
    (dir, cases, server)
}

#[test]
fn python_tuf_judges_as_a_strict_client_must() {
    let (dir, cases, server) = served();
    let python = python_venv("corpus", &[PYTHON_TUF, "cryptography"]);
    let mut command = Command::new(python);
    command.arg(judge("python_tuf.py"));
    let said = verdicts(command, dir.path(), &server);
    agrees(&said, &cases, PYTHON_TUF_DIFFERS);
}

#[test]
fn tuf_js_judges_as_a_strict_client_must() {
    let (dir, cases, server) = served();
    let mut command = Command::new(installed("node", "nodejs"));
    command.arg(judge("tuf_js.cjs")).arg(tuf_js());
    let said = verdicts(command, dir.path(), &server);
    agrees(&said, &cases, TUF_JS_DIFFERS);
}

/// The folder with tuf-js in it, downloaded once from npm into the target folder.
fn tuf_js() -> PathBuf {
    let folder = target_dir().join("npm").join(TUF_JS);
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap(); // until the end of this function
    if !folder.join("node_modules/tuf-js/package.json").is_file() {
        let mut install = Command::new(installed("npm", "npm"));
        install.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        let output = install.arg(&folder).arg(TUF_JS).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "npm cannot fetch {TUF_JS}: {said}");
    }
    folder
}
