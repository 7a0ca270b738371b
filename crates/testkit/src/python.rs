//! Python packages for tests, in a virtual environment below cargo's target folder.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use crate::process::{installed, target_dir};

/// The `python` of a virtual environment with the given packages (`name==version`), made once and kept. Tests in
/// several processes may ask at the same time.
///
/// # Panics
/// When it cannot be made, saying what to install.
#[must_use]
pub fn python_venv(name: &str, packages: &[&str]) -> PathBuf {
    let venvs = target_dir().join("venv");
    fs::create_dir_all(&venvs).expect("the target folder can be written");
    let lock = File::create(venvs.join(format!("{name}.lock"))).expect("a lock file can be made");
    lock.lock().expect("a file can be locked"); // until the end of this function
    let (folder, wanted) = (venvs.join(name), packages.join("\n"));
    let (python, mark) = (folder.join("bin/python"), folder.join("complete"));
    if fs::read_to_string(&mark).is_ok_and(|made| made == wanted) && python.is_file() {
        return python;
    }
    let _ = fs::remove_dir_all(&folder);
    let base = installed("python3", "python3");
    run(
        Command::new(base).args(["-m", "venv"]).arg(&folder),
        "apt-get install python3-venv",
    );
    run(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(packages),
        "check that pip can reach a package index",
    );
    fs::write(mark, wanted).expect("the target folder can be written");
    python
}

fn run(command: &mut Command, advice: &str) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}; {advice}"));
    assert!(
        output.status.success(),
        "{command:?} failed; {advice}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
