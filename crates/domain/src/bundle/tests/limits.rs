//! Size, depth and paths of a bundle, its hash, and texts that mean harm.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::{Bundle, MAX_BYTES, MAX_FILE_BYTES, MAX_FILES, contacts};
use super::{edited, example};
use crate::organisation::Organisation;

fn bundle(files: &[(&str, &str)]) -> Bundle {
    let files = files.iter().map(|(p, t)| ((*p).into(), (*t).into()));
    Bundle::new(files.collect()).unwrap()
}

#[test]
fn a_directory_holds_files_for_the_bundle_others_and_wrong_ones() {
    #[derive(Debug, PartialEq)]
    enum Fate {
        Taken,
        LeftOut,
        Refused,
    }
    use Fate::{LeftOut, Refused, Taken};
    let check = |path: &str, expected: Fate| {
        let taken = Bundle::new(BTreeMap::from([(path.to_owned(), String::new())])).is_ok();
        let fate = match (Bundle::leaves_out(path), taken) {
            (true, false) => LeftOut,
            (false, true) => Taken,
            (false, false) => Refused,
            (true, true) => panic!("{path:?} is left out and taken"),
        };
        assert_eq!(fate, expected, "{path:?}");
    };
    check("stentor.toml", Taken);
    check("services/website.toml", Taken);
    check("contacts.toml", LeftOut);
    check("CONTACTS.toml", LeftOut);
    check("secrets/key.toml", LeftOut);
    check("Secrets/key.toml", LeftOut);
    check("README.md", LeftOut);
    check("services/.hidden.toml", LeftOut);
    check("../stentor.toml", LeftOut);
    check("services/eu/website.toml", Refused);
    check("/stentor.toml", Refused);
    check("services//website.toml", Refused);
    check("services\\website.toml", Refused);
    check("a\nb.toml", Refused);
    check(&format!("{}.toml", "a".repeat(200)), Refused);
}

#[test]
fn a_bundle_beyond_its_limits_is_refused() {
    let check = |files: BTreeMap<String, String>, expected: &[&str]| {
        let problems = Bundle::new(files).unwrap_err();
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(shown, expected);
    };
    let many = (0..=MAX_FILES).map(|n| (format!("services/s{n}.toml"), String::new()));
    check(
        many.collect(),
        &[".:1:1: there are more than 5000 files; remove some"],
    );
    let large = "#".repeat(MAX_FILE_BYTES + 1);
    check(
        BTreeMap::from([
            ("a.toml".into(), large),
            ("contacts.toml".into(), String::new()),
        ]),
        &[
            "a.toml:1:1: the file is larger than 262144 bytes; make it smaller",
            "contacts.toml:1:1: this file cannot be part of a bundle; leave it out, or give it a place and a name like services/website.toml",
        ],
    );
    let full = "#".repeat(MAX_FILE_BYTES);
    let files = (0..=MAX_BYTES / MAX_FILE_BYTES).map(|n| (format!("{n}.toml"), full.clone()));
    check(
        files.collect(),
        &[".:1:1: the files hold more than 4194304 bytes; remove some, or make them smaller"],
    );
}

#[test]
fn the_hash_is_stable_and_tells_bundles_apart() {
    let hash = bundle(&[("a.toml", "x = 1\n"), ("b.toml", "")]).hash();
    assert_eq!(
        hash,
        "sha256:91b3f472e780ad42bda54e46331c89ccebc044f187a3289331744d0f91604a44"
    );
    let others = [
        bundle(&[("a.toml", "x = 1\n")]),
        bundle(&[("a.toml", "x = 1\nb.toml"), ("b.toml", "")]),
        bundle(&[("a.toml", ""), ("b.toml", "x = 1\n")]),
    ];
    for other in others {
        assert_ne!(other.hash(), hash);
    }
    let stored = serde_json::to_string(&bundle(&[("a.toml", "x = 1\n")])).unwrap();
    assert_eq!(stored, r#"{"files":{"a.toml":"x = 1\n"}}"#);
}

#[test]
fn deep_and_long_texts_are_refused() {
    let deep = format!("people = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let dotted = format!("people.{} = 1", vec!["a"; 100_000].join("."));
    let unknown: String = (0..20_000).map(|n| format!("k{n} = 1\n")).collect();
    let people: String = (0..5_000).map(|n| format!("[people.p{n}]\n")).collect();
    for text in [deep, dotted, unknown, people] {
        let mut files = example();
        files.insert("people.toml".into(), text);
        let problems = Bundle::new(files).unwrap().organisation().unwrap_err();
        assert!(problems.len() <= 500, "{}", problems.len());
    }
}

/// Words of the format in any order reach deeper than random characters.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "[people.ada]",
        "[[mirrors]]",
        "[incidents]",
        "[sections]",
        "[[match]]",
        "[policies.default]",
        "[[policies.default.levels]]",
        "[schedules.primary]",
        "[calendars.office]",
        "[email]",
        "[blanks.x]",
        "[contacts.ada]",
        "name",
        "zone",
        "start",
        "shift",
        "people",
        "wait",
        "days",
        "from",
        "until",
        "holidays",
        "title",
        "affected",
        "patterns",
        "password",
        "promise",
        "tls",
        "allow",
        " = ",
        "\n",
        "\"",
        "'",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"ada\"",
        "\"(\"",
        "\"{{ x\"",
        "\"{% for i in x %}\"",
        "2026-01-05",
        "09:00",
        "1",
        "-1",
        "1e400",
        "inf",
        "true",
        "\"é\"",
        "\u{feff}",
        "\r",
        "\0",
        "\"5m\"",
        "\"UTC\"",
        "99999999999999999999",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in prop_oneof![any::<String>(), words()], file in 0..10usize) {
        static ORG: LazyLock<Organisation> = LazyLock::new(|| edited(&[]).unwrap());
        let mut files = example();
        let name = files.keys().nth(file).unwrap().clone();
        files.insert(name, text.clone());
        let _ = Bundle::new(files).unwrap().organisation();
        let _ = contacts("contacts.toml", &text, &ORG);
    }

    #[test]
    fn no_path_makes_it_panic(path in any::<String>()) {
        let _ = Bundle::new(BTreeMap::from([(path, String::new())]));
    }
}
