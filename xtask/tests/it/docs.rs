//! The manual keeps up with the program: links lead somewhere, and no command, key or metric is left out.

use std::path::{Component, Path, PathBuf};

use crate::source::{Source, none, root, sources};

fn pages() -> Vec<Source> {
    sources(&["."], &[".md"])
}

fn page(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn each_relative_link_leads_somewhere() {
    let mut found = Vec::new();
    for from in pages() {
        for link in links(&from.text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let to = if file.is_empty() {
                from.path.clone()
            } else {
                beside(&from.path, file)
            };
            let whole = root().join(&to);
            let reads = || std::fs::read_to_string(&whole).unwrap_or_default();
            if !whole.exists() {
                found.push(format!("{}: ({link}) there is no {to}", from.path));
            } else if !heading.is_empty() && !anchors(&reads()).contains(&heading.to_owned()) {
                found.push(format!("{}: ({link}) {to} has no such heading", from.path));
            }
        }
    }
    none("A link in a page leads to a file and a heading.", &found);
}

/// What stands in `](…)`, outside of blocks of code.
fn links(text: &str) -> Vec<&str> {
    let prose = outside_code(text);
    let after = prose.flat_map(|line| line.split("](").skip(1));
    after
        .filter_map(|rest| rest.split_once(')').map(|(link, _)| link))
        .collect()
}

fn outside_code(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence && !line.starts_with("    ")
    })
}

/// The path of `file`, which is relative to the page at `from`.
fn beside(from: &str, file: &str) -> String {
    let mut path = PathBuf::new();
    let folder = Path::new(from).parent().unwrap();
    for part in folder.join(file).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{from}: {file} leaves the workspace"),
            part => path.push(part),
        }
    }
    path.to_str().unwrap().to_owned()
}

/// The headings' anchors: small letters, spaces as hyphens, without signs.
fn anchors(text: &str) -> Vec<String> {
    let headings = outside_code(text).filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words.replace(' ', "-");
            kept.chars()
                .filter(|c| c.is_alphanumeric() || "-_".contains(*c))
                .collect()
        })
        .collect()
}

#[test]
fn links_and_headings_are_found() {
    let text = "# A `b.toml`, c\n[x](y.md#z) and [u](#v)\n```\n# no\n[n](o)\n```\n    [p](q)\n";
    assert_eq!(links(text), ["y.md#z", "#v"]);
    assert_eq!(anchors(text), ["a-btoml-c"]);
    assert_eq!(beside("docs/a.md", "../b.md"), "b.md");
    assert_eq!(beside("docs/a.md", "b.md"), "docs/b.md");
}

#[test]
fn each_command_is_in_the_manual() {
    let manual: String = pages()
        .iter()
        .filter(|page| page.path.starts_with("docs/"))
        .map(|page| page.text.as_str())
        .collect();
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    let silent = |command: &&String| !manual.contains(&format!("`stentor {command}`"));
    let found: Vec<_> = commands.iter().filter(silent).cloned().collect();
    none("Each command is named in docs/.", &found);
}

/// The commands as they are typed, without those that only hold others.
fn commands() -> Vec<String> {
    let files = sources(&["crates/stentor/src"], &[".rs"]);
    let enums = files.iter().filter_map(|file| {
        let (before, after) = file.text.split_once("#[derive(Subcommand)]")?;
        let (_, body) = after.split_once('{')?;
        let (body, _) = body.split_once("\n}")?;
        let variants = body.lines().filter_map(|line| {
            let name = line.strip_prefix("    ")?;
            let end = name.find(|c: char| !c.is_alphanumeric())?;
            name.starts_with(char::is_uppercase)
                .then(|| hyphened(&name[..end]))
        });
        // The command above holds the enum as its `action`.
        let holder = before.split_once("action:").map(|(above, _)| above);
        let holder = holder.and_then(|above| above.rsplit_once("struct ")?.1.split_once(' '));
        Some((
            holder.map(|(name, _)| hyphened(name)),
            variants.collect::<Vec<_>>(),
        ))
    });
    let enums: Vec<(Option<String>, Vec<String>)> = enums.collect();
    let holders: Vec<_> = enums
        .iter()
        .filter_map(|(holder, _)| holder.clone())
        .collect();
    let typed = enums.iter().flat_map(|(holder, variants)| {
        variants.iter().map(move |name| match holder {
            Some(holder) => format!("{holder} {name}"),
            None => name.clone(),
        })
    });
    typed.filter(|command| !holders.contains(command)).collect()
}

fn hyphened(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(c.to_lowercase());
    }
    text
}

#[test]
fn each_key_of_the_configuration_is_in_the_manual() {
    // Every table that the bundle's reader accepts has its keys in a list of this form.
    let files = sources(&["crates/domain/src/bundle"], &[".rs"]);
    let (beacon, bundle): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|file| file.path.ends_with("bundle/beacon.rs"));
    let keys = |files: &[&Source]| -> Vec<String> {
        let texts = files.iter().map(|file| file.text.as_str());
        let lists = texts.flat_map(|text| text.split(": &[&str] = &[").skip(1));
        let lists = lists.filter_map(|rest| Some(rest.split_once("];")?.0));
        let keys = lists.flat_map(|list| list.split('"').skip(1).step_by(2));
        keys.map(str::to_owned).collect()
    };
    let more = ["affected", "do", "known", "tried", "next"].into_iter();
    let more = more.chain(["when", "ask", "claim", "true"]);
    let in_bundle: Vec<String> = keys(&bundle)
        .into_iter()
        .chain(more.map(str::to_owned))
        .collect();
    assert!(in_bundle.len() > 60, "{in_bundle:?}");
    are_explained(&in_bundle, "docs/configuration.md");
    let of_beacon = keys(&beacon);
    assert!(of_beacon.len() > 10, "{of_beacon:?}");
    are_explained(&of_beacon, "docs/beacon.md");
}

fn are_explained(keys: &[String], path: &str) {
    let manual = page(path);
    let words = |key: &str| {
        // `key`, `[key]`, `[[key]]`, `[key.NAME]`, `[[policies.NAME.key]]`, `{ key = … }` or `key = …`, also in a block
        let around = |c: char| !(c.is_alphanumeric() || c == '_' || c == '-');
        let mut quoted = manual.split('`').skip(1).step_by(2);
        quoted.any(|code| code.split(around).any(|word| word == key))
    };
    let found: Vec<String> = keys.iter().filter(|key| !words(key)).cloned().collect();
    none(&format!("Each key is explained in {path}."), &found);
}

#[test]
fn each_metric_is_in_the_manual() {
    let manual = page("docs/operations.md");
    let source = page("crates/api/src/metrics.rs");
    let registered = source.split("register(").skip(1);
    let names: Vec<&str> = registered
        .filter_map(|rest| rest.split('"').nth(1))
        .collect();
    assert!(names.len() > 8, "{names:?}");
    let silent = |name: &&&str| !manual.contains(&format!("`stentor_{name}"));
    let found: Vec<String> = names
        .iter()
        .filter(silent)
        .map(|n| (*n).to_owned())
        .collect();
    none("Each metric is explained in docs/operations.md.", &found);
}
