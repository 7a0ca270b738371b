//! Rules about the files of the source: short, all compiled, nothing left undone, no one's home in them.

use std::collections::BTreeMap;

use crate::source::{Source, none, rust, sources};

/// Lines a Rust file may have; 100 to 200 are usual and 400 want a reason.
const MOST_LINES: usize = 500;

#[test]
fn a_file_is_about_one_thing() {
    let found: Vec<_> = rust()
        .iter()
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > MOST_LINES).then(|| format!("{}: {lines} lines", file.path))
        })
        .collect();
    none(
        &format!("A Rust file has at most {MOST_LINES} lines."),
        &found,
    );
}

#[test]
fn nothing_is_left_undone() {
    // In two parts, so that this file obeys too.
    let undone = [concat!("to", "do!("), concat!("unimpl", "emented!(")];
    let found: Vec<_> = rust()
        .iter()
        .flat_map(|file| lines_with(file, |line| undone.iter().any(|word| line.contains(word))))
        .collect();
    none("Say no by a typed error instead.", &found);
}

#[test]
fn no_path_of_a_developers_machine() {
    let texts = sources(
        &["."],
        &[
            ".rs", ".toml", ".md", ".sh", ".yml", ".yaml", ".json", ".html", ".css", ".sql",
            ".snap", ".ci/run", ".txt", ".py",
        ],
    );
    let found: Vec<_> = texts
        .iter()
        .flat_map(|file| lines_with(file, names_a_home))
        .collect();
    none(
        "A path of one machine means nothing on another. For a place outside the checkout, use a temporary folder.",
        &found,
    );
}

/// True if an absolute path below somebody's home, or a mounted checkout, begins in the line.
fn names_a_home(line: &str) -> bool {
    ["home/", "Users/", "root/", "work/"].iter().any(|home| {
        let home = format!("/{home}");
        line.match_indices(&home).any(|(at, _)| {
            // `metadata/root/1.json`, `https://example.org/work/` and the like are no such paths.
            let part_of_more = line[..at]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || "._-~{}*/".contains(c));
            let leads_on =
                line[at + home.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '.');
            !part_of_more && leads_on
        })
    })
}

#[test]
fn homes_are_told_from_other_paths() {
    let check = |start: &str, end: &str, expect: bool| {
        // Joined here, so that this file obeys too.
        let line = format!("{start}/{end}");
        assert_eq!(names_a_home(&line), expect, "{line}");
    };
    check("see ", "home/ada/x", true);
    check("(", "Users/ada", true);
    check("\"", "root/.cargo", true);
    check("", "work/main", true);
    check("metadata", "root/1.json", false);
    check("https://example.org", "work/1", false);
    check("", "root.json", false);
    check("$HOME", "x", false);
    check("", "home/", false);
}

/// The places, as `path:line`, of lines like that.
fn lines_with(file: &Source, mut like: impl FnMut(&str) -> bool) -> Vec<String> {
    file.text
        .lines()
        .enumerate()
        .filter(|(_, line)| like(line))
        .map(|(i, line)| format!("{}:{}: {}", file.path, i + 1, line.trim()))
        .collect()
}

#[test]
fn each_file_is_compiled() {
    let files: BTreeMap<_, _> = rust().into_iter().map(|f| (f.path, f.text)).collect();
    none(
        "A file that no `mod` names is neither compiled nor tested; test programs live in tests/it.",
        &forgotten(&files),
    );
}

/// The files of `src` and `tests/it` that their parent does not name, and test programs beside `tests/it`.
fn forgotten(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for path in files.keys() {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // `src/x/tests/` are unit tests in files of their own: modules like any other.
        if folder.ends_with("/tests") && !folder.contains("/src/") {
            found.push(format!("{path}: a second test program"));
        }
        let in_src = folder.contains("/src") && !folder.contains("/src/bin");
        let in_tests = folder.contains("/tests/it");
        let is_root = matches!(name, "main.rs" | "lib.rs");
        if !(in_src || in_tests) || is_root {
            continue;
        }
        // `a/b/mod.rs` is the module b of a, and so is `a/b.rs`.
        let (parent, module) = match name.strip_suffix(".rs") {
            Some("mod") => folder.rsplit_once('/').unwrap_or(("", folder)),
            Some(module) => (folder, module),
            None => continue,
        };
        let parents = [
            format!("{parent}/lib.rs"),
            format!("{parent}/main.rs"),
            format!("{parent}/mod.rs"),
            format!("{parent}.rs"),
        ];
        let named = parents
            .iter()
            .filter_map(|parent| files.get(parent))
            .any(|text| names_module(text, module, name));
        if !named {
            found.push(format!("{path}: no `mod {module};` above it"));
        }
    }
    found
}

fn names_module(text: &str, module: &str, file: &str) -> bool {
    text.lines().map(str::trim).any(|line| {
        let statement = line
            .strip_suffix(&format!("mod {module};"))
            .is_some_and(|before| before.is_empty() || before.ends_with([' ', ']']));
        let comment = line.starts_with("//");
        let attribute = line.starts_with("#[path") && line.contains(&format!("{file}\""));
        (statement && !comment) || attribute
    })
}

#[test]
fn a_forgotten_file_is_noticed() {
    let check = |files: &[(&str, &str)], expect: &[&str]| {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(forgotten(&files), expect);
    };
    let main = "c/a/tests/it/main.rs";
    check(&[(main, "mod x;\n"), ("c/a/tests/it/x.rs", "")], &[]);
    check(
        &[(main, "// mod x;\nmod xx;\n"), ("c/a/tests/it/x.rs", "")],
        &["c/a/tests/it/x.rs: no `mod x;` above it"],
    );
    check(
        &[
            ("c/a/src/lib.rs", "pub(crate) mod x;"),
            ("c/a/src/x/mod.rs", "mod y;"),
            ("c/a/src/x/y.rs", ""),
        ],
        &[],
    );
    check(
        &[
            ("c/a/src/lib.rs", "mod x;"),
            ("c/a/src/x.rs", "mod z;"),
            ("c/a/src/x/y.rs", ""),
        ],
        &["c/a/src/x/y.rs: no `mod y;` above it"],
    );
    check(
        &[
            ("c/a/src/lib.rs", "mod tests;"),
            ("c/a/src/tests/mod.rs", "mod y;"),
            ("c/a/src/tests/y.rs", ""),
        ],
        &[],
    );
    check(&[("c/a/tests/ui/x.rs", "")], &[]);
    check(
        &[("c/a/tests/x.rs", "")],
        &["c/a/tests/x.rs: a second test program"],
    );
}
