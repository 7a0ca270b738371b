//! CI does what a newcomer does: the one test command, and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::source::root;

#[test]
fn ci_runs_the_one_command() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, asked) = (folder.path().join("cargo"), folder.path().join("asked"));
    let text = format!("#!/bin/sh\necho \"$*\" >>{}\nexit 7\n", asked.display());
    fs::write(&fake, text).unwrap();
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::join_paths([folder.path(), "/usr/bin".as_ref(), "/bin".as_ref()]).unwrap();
    let status = Command::new(root().join(".ci/run"))
        .current_dir(folder.path())
        .env("PATH", path)
        .status()
        .unwrap();
    assert_eq!(
        status.code(),
        Some(7),
        "a failure of cargo is a failure of CI"
    );
    assert_eq!(fs::read_to_string(asked).unwrap(), "xtask test\n");
}
