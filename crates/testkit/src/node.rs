//! Packages from npm for tests, in folders below cargo's target folder.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use crate::process::{installed, target_dir};

/// The folder in which a package (`name@version`) is installed, made once and kept. Tests in several processes may ask
/// at the same time.
///
/// # Panics
/// When it cannot be had, saying what to install.
#[must_use]
pub fn npm_package(package: &str) -> PathBuf {
    let folder = target_dir().join("npm").join(package);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let lock = File::create(folder.join("lock")).expect("a lock file can be made");
    lock.lock().expect("a file can be locked"); // until the end of this function
    let name = package.rsplit_once('@').map_or(package, |(name, _)| name);
    let (place, mark) = (
        folder.join("node_modules").join(name),
        folder.join("complete"),
    );
    if mark.is_file() {
        return place;
    }
    let output = Command::new(installed("npm", "npm"))
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ])
        .arg(&folder)
        .arg(package)
        .output()
        .expect("npm runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "npm cannot fetch {package}: {said}"
    );
    fs::write(mark, "").expect("the target folder can be written");
    place
}
