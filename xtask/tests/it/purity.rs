//! The domain decides; it does not wait, ask the machine or roll dice, and neither does what it is built on.

use std::process::Command;

use crate::source::{none, root};

/// Runtimes, I/O and randomness, wherever in the tree they would come from.
const FORBIDDEN: &[&str] = &[
    "async-trait",
    "fastrand",
    "futures-core",
    "futures-util",
    "getrandom",
    "hyper",
    "mio",
    "rand",
    "rand_chacha",
    "reqwest",
    "rustix",
    "rustls",
    "socket2",
    "sqlx",
    "sqlx-core",
    "tokio",
    "uuid",
];

/// The normal dependencies of a crate, and theirs. Features as they are when the crate is built alone: a
/// feature that another crate of the workspace turns on is not the domain's doing.
fn tree(package: &str) -> Vec<String> {
    let out = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| Some(line.split(' ').next()?.to_owned()))
        .collect()
}

fn impure(tree: &[String]) -> Vec<String> {
    let mut found: Vec<_> = tree
        .iter()
        .filter(|name| FORBIDDEN.contains(&name.as_str()))
        .cloned()
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_domain_stands_on_nothing_that_waits_or_rolls_dice() {
    let tree = tree("stentor-domain");
    assert!(tree.iter().any(|name| name == "serde"), "{tree:?}");
    none(
        "stentor-domain depends, directly or not, on",
        &impure(&tree),
    );
}

#[test]
fn an_impure_tree_is_noticed() {
    let found = impure(&tree("stentor-engine"));
    for name in ["getrandom", "tokio"] {
        assert!(found.iter().any(|n| n == name), "{name} in {found:?}");
    }
}
