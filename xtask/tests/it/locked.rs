//! What Cargo.lock may hold. cargo-deny asks more, but is not on every machine; this runs on all of them.

use std::fs;

use toml::{Table, Value};

use crate::source::{none, root};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Names the locked packages that are banned, or that come from elsewhere than the registry or our own folders.
fn complaints(lock: &Table, deny: &Table) -> Vec<String> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let banned: Vec<_> = deny["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ban| (text(ban, "crate").unwrap(), text(ban, "reason").unwrap()))
        .collect();
    assert!(!banned.is_empty());
    let mut complaints = Vec::new();
    for package in lock["package"].as_array().unwrap() {
        let name = text(package, "name").unwrap();
        if let Some((_, reason)) = banned.iter().find(|(ban, _)| *ban == name) {
            complaints.push(format!("{name} is banned: {reason}"));
        }
        match text(package, "source").as_deref() {
            None | Some(REGISTRY) => {}
            Some(elsewhere) => complaints.push(format!("{name} comes from {elsewhere}")),
        }
    }
    complaints
}

fn read(file: &str) -> Table {
    toml::from_str(&fs::read_to_string(root().join(file)).unwrap()).unwrap()
}

#[test]
fn nothing_banned_or_from_elsewhere_is_locked() {
    let found = complaints(&read("Cargo.lock"), &read("deny.toml"));
    none(
        "`cargo tree --workspace --invert NAME` says who brings it.",
        &found,
    );
}

#[test]
fn a_banned_crate_is_noticed() {
    let check = |package: &str, expect: &[&str]| {
        let lock = toml::from_str(&format!("[[package]]\n{package}")).unwrap();
        let deny = toml::from_str("[bans]\ndeny = [{ crate = 'bad', reason = 'is bad' }]").unwrap();
        assert_eq!(complaints(&lock, &deny), expect);
    };
    check("name = 'ours'", &[]);
    check(&format!("name = 'good'\nsource = '{REGISTRY}'"), &[]);
    check("name = 'bad'", &["bad is banned: is bad"]);
    check(
        "name = 'x'\nsource = 'git+https://example.org/x'",
        &["x comes from git+https://example.org/x"],
    );
}
