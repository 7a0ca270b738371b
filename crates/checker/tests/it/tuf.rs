//! `stentor-verify tuf`: a strict client, which accepts and refuses what strict clients do.

use std::path::Path;

use stentor_corpus::Foreign;

use crate::support::{Corpus, program, run, text};

/// Cases where our own client is stricter than the ones that are called foreign, or differs, and why.
const DIFFERS: &[(&str, &str)] = &[(
    "gone-for-missing-files",
    "410 means that there is no such file, for us",
)];

#[test]
fn the_client_judges_as_a_strict_client_must() {
    let names = [
        "honest",
        "frozen",
        "five-rotations",
        "expired-root",
        "fast-forward",
        "fast-forward-recovered",
        "rollback-status",
        "tampered-target",
        "tampered-status",
        "threshold-not-met",
        "endless-timestamp",
        "outside-its-paths",
        "further-role",
        "gone-for-missing-files",
        "captive-portal",
    ];
    let corpus = Corpus::of(&names);
    for case in &corpus.cases {
        let home = corpus.path(&case.name, "");
        let at = |name: &str| text(&home.join(name)).to_owned();
        let tuf = |now: &str, words: &[&str]| {
            let mut command = program(now);
            command
                .args(["tuf", "--metadata-dir", &at("seen")])
                .args(words);
            run(command)
        };
        let root = at("root.json");
        assert_eq!(tuf(&case.now, &["init", &root]).code, 0, "{}", case.name);
        let visited = case.visited.as_ref().unwrap_or(&case.now);
        let url = |folder: &str| format!("{}/{}/{folder}", corpus.server.address(), case.name);
        for folder in &case.visits {
            let metadata = format!("{}/metadata", url(folder));
            let said = tuf(visited, &["--metadata-url", &metadata, "refresh"]);
            assert_eq!(said.code, 0, "{} {folder}: {said:?}", case.name);
        }
        let (metadata, targets) = (
            format!("{}/metadata", url("mirror")),
            format!("{}/targets", url("mirror")),
        );
        let files = at("files");
        let mut words = vec![
            "--metadata-url",
            &metadata,
            "--target-base-url",
            &targets,
            "--target-dir",
            &files,
        ];
        words.extend(case.targets.iter().flat_map(|t| ["--target-name", t]));
        words.push("download");
        let said = tuf(&case.now, &words);
        let known = DIFFERS.iter().any(|(name, _)| *name == case.name);
        let expect = (case.foreign == Foreign::Accept) != known;
        assert_eq!(said.code, i32::from(!expect), "{}: {said:?}", case.name);
        if expect {
            let kept = std::fs::read(Path::new(&files).join("incidents%2F2025%2FINC-1.html"));
            assert_eq!(kept.unwrap(), b"<p>long over</p>\n");
        }
    }
}

#[test]
fn wrong_usage_is_told() {
    let run_with = |words: &[&str]| {
        let mut command = program("2026-11-21T02:10:00Z");
        command.arg("tuf").args(words);
        run(command)
    };
    for (words, part) in [
        (&["refresh"] as &[&str], "--metadata-dir is needed"),
        (
            &["--metadata-dir", "absent", "refresh"],
            "--metadata-url is needed",
        ),
        (
            &["--metadata-dir", "absent", "download"],
            "--target-dir is needed",
        ),
    ] {
        let said = run_with(words);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains(part), "{said:?}");
    }
}
