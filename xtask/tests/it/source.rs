//! The files of the workspace, for the tests that read them.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file, by its path from the root of the workspace.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    // Read when run, not baked in: checkouts may share a target directory.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    Path::new(&xtask).join("..")
}

/// The files below `folders` that end in one of these ways, in order of their paths.
pub(crate) fn sources(folders: &[&str], ends: &[&str]) -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root.join(folder), &mut paths);
    }
    paths.sort();
    let sources: Vec<_> = paths
        .into_iter()
        .filter_map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str()?.to_owned();
            ends.iter().any(|end| name.ends_with(end)).then(|| Source {
                text: fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}")),
                path: name,
            })
        })
        .collect();
    assert!(!sources.is_empty(), "nothing to check is not a pass");
    sources
}

/// The Rust files of all crates.
pub(crate) fn rust() -> Vec<Source> {
    sources(&["crates", "xtask"], &[".rs"])
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_file() {
            into.push(path);
        } else if kind.is_dir()
            && ![".git", "target", "node_modules", "stentor-data"]
                .iter()
                .any(|skip| path.ends_with(skip))
        {
            collect(&path, into);
        }
    }
}

/// Fails with all complaints at once.
pub(crate) fn none(rule: &str, complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "{rule}\n  {}",
        complaints.join("\n  ")
    );
}
