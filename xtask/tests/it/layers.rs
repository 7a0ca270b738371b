//! A crate imports only from the rooms its line allows: normal and build dependencies, of ours.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::source::{none, root};

/// A crate, and what of ours it may use. Each crate names only lines above its own, so no circle can come.
const TABLE: &[(&str, &[&str])] = &[
    ("stentor-domain", &[]),
    ("stentor-egress", &[]),
    ("stentor-formats", &["stentor-domain"]),
    ("stentor-verify", &[]),
    ("stentor-browser", &[]),
    (
        "stentor-checker",
        // The page is handed out by whoever verified.
        &["stentor-egress", "stentor-verify", "stentor-browser"],
    ),
    ("stentor-store", &["stentor-domain"]),
    // The types of the ports mention those of the domain.
    ("stentor-sqlite", &["stentor-domain", "stentor-store"]),
    ("stentor-postgres", &["stentor-domain", "stentor-store"]),
    (
        "stentor-publish",
        &[
            "stentor-domain",
            "stentor-egress",
            "stentor-formats",
            "stentor-verify",
            // The page that readers check mirrors with is one of the files.
            "stentor-browser",
        ],
    ),
    ("stentor-channels", &["stentor-domain", "stentor-egress"]),
    (
        "stentor-mirrors",
        &[
            "stentor-domain",
            "stentor-egress",
            "stentor-verify",
            "stentor-publish",
            // References to secrets are resolved in one place.
            "stentor-channels",
        ],
    ),
    (
        "stentor-engine",
        &[
            "stentor-domain",
            "stentor-egress",
            "stentor-formats",
            "stentor-verify",
            "stentor-store",
            "stentor-sqlite",
            "stentor-postgres",
            "stentor-publish",
            "stentor-channels",
            "stentor-mirrors",
        ],
    ),
    (
        "stentor-api",
        &["stentor-domain", "stentor-formats", "stentor-engine"],
    ),
    (
        "stentor",
        &[
            "stentor-domain",
            "stentor-egress",
            "stentor-formats",
            "stentor-verify",
            "stentor-checker",
            "stentor-store",
            "stentor-sqlite",
            "stentor-postgres",
            "stentor-publish",
            "stentor-channels",
            "stentor-mirrors",
            "stentor-engine",
            "stentor-api",
        ],
    ),
];

/// Crates that tests and developers use: nobody's normal dependency, so theirs are free.
const ASIDE: &[&str] = &[
    "stentor-testkit",
    "stentor-corpus",
    "stentor-bench",
    "stentor-record",
    "xtask",
];

/// What of ours each crate uses otherwise than for its tests.
fn uses() -> BTreeMap<String, Vec<String>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap();
    let members = metadata.workspace_packages();
    let ours = |name: &str| members.iter().any(|package| package.name.as_str() == name);
    members
        .iter()
        .map(|package| {
            let used = package
                .dependencies
                .iter()
                .filter(|used| used.kind != DependencyKind::Development && ours(&used.name))
                .map(|used| used.name.clone())
                .collect();
            (package.name.to_string(), used)
        })
        .collect()
}

fn complaints(uses: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, used) in uses {
        let aside = ASIDE.contains(&name.as_str());
        let line = TABLE.iter().find(|(line, _)| line == name);
        if line.is_none() && !aside {
            complaints.push(format!(
                "{name} has no line in the table: say what it may use"
            ));
        }
        for other in used {
            if ASIDE.contains(&other.as_str()) && !aside {
                complaints.push(format!("{name} uses {other} outside its tests"));
            } else if line.is_some_and(|(_, allowed)| !allowed.contains(&other.as_str())) {
                complaints.push(format!("{name} may not use {other}"));
            }
        }
    }
    complaints
}

#[test]
fn a_crate_imports_only_from_the_rooms_above_it() {
    let uses = uses();
    assert!(
        uses.len() > TABLE.len(),
        "cargo names all members: {uses:?}"
    );
    none("The rooms are in ARCHITECTURE.md.", &complaints(&uses));
}

#[test]
fn the_table_names_only_lines_above() {
    for (i, (name, allowed)) in TABLE.iter().enumerate() {
        for other in *allowed {
            assert!(
                TABLE[..i].iter().any(|(above, _)| above == other),
                "{name}: {other} is not above it"
            );
        }
    }
}

#[test]
fn a_wrong_import_is_noticed() {
    let check = |name: &str, used: &[&str], expect: &[&str]| {
        let used = used.iter().map(|name| (*name).to_owned()).collect();
        let uses = BTreeMap::from([(name.to_owned(), used)]);
        assert_eq!(complaints(&uses), expect);
    };
    check("stentor-formats", &["stentor-domain"], &[]);
    check(
        "stentor-formats",
        &["stentor-egress"],
        &["stentor-formats may not use stentor-egress"],
    );
    check(
        "stentor-api",
        &["stentor-store"],
        &["stentor-api may not use stentor-store"],
    );
    check(
        "stentor",
        &["stentor-testkit"],
        &["stentor uses stentor-testkit outside its tests"],
    );
    check("stentor-testkit", &["stentor-engine"], &[]);
    check(
        "stentor-attic",
        &[],
        &["stentor-attic has no line in the table: say what it may use"],
    );
}
