//! The same scripts in Node.js: over the corpus, over published vectors, and the finished file.

use std::path::Path;
use std::process::Command;

use stentor_testkit::process::{installed, target_dir};

#[test]
fn the_scripts_judge_as_the_corpus_says() {
    let corpus = tempfile::tempdir().unwrap();
    stentor_corpus::write(&stentor_corpus::cases(), corpus.path()).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let files = std::fs::read_dir(folder).unwrap();
    let tests = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"));
    let output = Command::new(installed("node", "nodejs"))
        .args(["--test", "--test-reporter=spec"])
        .args(tests)
        .env("CORPUS", corpus.path())
        .env("PACKAGES", target_dir().join("npm"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    // A run that found no tests would succeed too.
    let passed = said.lines().find_map(|line| line.strip_prefix("ℹ pass "));
    let passed: usize = passed.unwrap_or_default().trim().parse().unwrap();
    assert!(passed > 500, "only {passed} tests: {said}");
}
