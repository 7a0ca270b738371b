//! A foreign reader: python-tuf's ngclient, from PyPI, in a virtual environment of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TUF: &str = "tuf==7.0.1";

/// The Python with `tuf` in it, below the build's temporary folder; made when missing.
pub(crate) fn python_tuf_venv() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/debug/deps/test-binary
    let target = test.ancestors().nth(3).unwrap().join("tmp");
    std::fs::create_dir_all(&target).unwrap();
    let lock = std::fs::File::create(target.join("python-tuf.lock")).unwrap();
    lock.lock().unwrap();
    let venv = target.join("python-tuf");
    let python = venv.join("bin/python");
    let ready = venv.join(format!("ready-{TUF}"));
    if !ready.exists() {
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&venv));
        run(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            TUF,
            "cryptography",
        ]));
        std::fs::write(ready, "").unwrap();
    }
    python
}

fn run(command: &mut Command) {
    let hint = "this test needs Python 3 with venv (apt-get install python3-venv) and PyPI, for the package `tuf`";
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}; {hint}"));
    assert!(
        output.status.success(),
        "{command:?}: {}; {hint}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A visitor who uses python-tuf and remembers in `state`.
pub(crate) struct Visitor<'a> {
    pub(crate) root: &'a Path,
    pub(crate) state: &'a Path,
}

impl Visitor<'_> {
    /// Refreshes, then downloads each of `targets`. Returns what python-tuf refused with, if it did.
    pub(crate) fn visit(&self, mirror: &Path, now: &str, targets: &[&str]) -> Result<(), String> {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(python_tuf_venv())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/visit.py"))
            .args([mirror, self.root, self.state])
            .arg(now)
            .args(targets)
            .output()
            .unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr),
        );
        match status.code() {
            Some(0) => Ok(()),
            Some(1) => Err(out.trim().to_owned()),
            _ => panic!("{status}: {out}{err}"),
        }
    }
}
