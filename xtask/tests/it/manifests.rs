//! Each crate takes its lints, version and licence from the workspace.

use toml::Value;

use crate::source::{none, sources};

fn complaints(path: &str, text: &str) -> Vec<String> {
    let manifest: toml::Table = toml::from_str(text).unwrap_or_else(|e| panic!("{path}: {e}"));
    let inherited = |value: Option<&Value>| {
        value.and_then(|value| value.get("workspace")) == Some(&Value::Boolean(true))
    };
    let mut complaints = Vec::new();
    if !inherited(manifest.get("lints")) {
        complaints.push(format!("{path}: write `[lints]` with `workspace = true`"));
    }
    for key in ["version", "edition", "rust-version", "license", "publish"] {
        if !inherited(manifest.get("package").and_then(|package| package.get(key))) {
            complaints.push(format!("{path}: write `{key}.workspace = true`"));
        }
    }
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, value) in manifest
            .get(table)
            .and_then(Value::as_table)
            .into_iter()
            .flatten()
        {
            if !inherited(Some(value)) {
                complaints.push(format!(
                    "{path}: the version of {name} belongs into [workspace.dependencies]"
                ));
            }
        }
    }
    complaints
}

#[test]
fn each_crate_takes_from_the_workspace() {
    let found: Vec<_> = sources(&["crates", "xtask"], &["/Cargo.toml"])
        .iter()
        .flat_map(|file| complaints(&file.path, &file.text))
        .collect();
    none("One place for versions and lints.", &found);
}

#[test]
fn a_crate_with_its_own_ways_is_noticed() {
    let package = "[package]\nname = 'x'\nversion.workspace = true\nedition.workspace = true\n\
                   rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n";
    let check = |rest: &str, expect: usize| {
        let found = complaints("x", &format!("{package}{rest}"));
        assert_eq!(found.len(), expect, "{found:?}");
    };
    check("[lints]\nworkspace = true\n", 0);
    check("", 1);
    check("[lints]\nworkspace = false\n", 1);
    check("[lints.rust]\nunsafe_code = 'allow'\n", 1);
    check(
        "[lints]\nworkspace = true\n[dependencies]\na = '1'\nb.workspace = true\n",
        1,
    );
}
