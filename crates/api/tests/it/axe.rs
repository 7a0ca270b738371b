//! axe-core, the checker of accessibility, downloaded once from npm into the target folder.

use std::fs::{self, File};
use std::process::Command;

use stentor_testkit::process::{installed, target_dir};

/// Pinned, so that a new rule does not fail an old commit.
const PACKAGE: &str = "axe-core@4.10.3";

/// The script.
pub(crate) fn script() -> String {
    let folder = target_dir().join("npm").join(PACKAGE);
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap(); // until the end of this function
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        let npm = installed("npm", "npm");
        let mut install = Command::new(npm);
        install.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        let output = install.arg(&folder).arg(PACKAGE).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "npm cannot fetch {PACKAGE}: {said}"
        );
    }
    fs::read_to_string(script).unwrap()
}
