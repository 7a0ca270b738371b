//! Packages from npm for tests, downloaded once into cargo's target folder.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use crate::process::{installed, target_dir};

/// axe-core, the checker of accessibility. Pinned, so that a new rule does not fail an old commit.
const AXE: &str = "axe-core@4.10.3";

/// The folder `node_modules` in which `package` (`name@version`) lies. Tests in several processes may ask at the same
/// time.
///
/// # Panics
/// When it cannot be had, saying why.
#[must_use]
pub fn package(package: &str) -> PathBuf {
    let folder = target_dir().join("npm").join(package);
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap(); // until the end of this function
    let (modules, mark) = (folder.join("node_modules"), folder.join("complete"));
    if !mark.is_file() {
        let npm = installed("npm", "npm");
        let mut install = Command::new(npm);
        install.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        let output = install.arg(&folder).arg(package).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "npm cannot fetch {package}: {said}"
        );
        fs::write(mark, "").unwrap();
    }
    modules
}

/// The script of axe-core.
///
/// # Panics
/// When it cannot be had, saying why.
#[must_use]
pub fn axe() -> String {
    fs::read_to_string(package(AXE).join("axe-core/axe.min.js")).unwrap()
}
