//! `stentor-verify verify` as a reader calls it.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Corpus, Said, program, run, text};

const NOW: &str = "2026-11-21T02:10:00Z";

fn verify(now: &str, words: &[&str]) -> Said {
    let mut command = program(now);
    command.arg("verify").args(words);
    run(command)
}

fn sha256(path: &Path) -> String {
    stentor_verify::fingerprint(&std::fs::read(path).unwrap())
}

#[track_caller]
fn check(said: &Said, code: i32, parts: &[&str]) {
    assert_eq!(said.code, code, "{said:?}");
    for part in parts {
        assert!(said.out.contains(part), "{part:?} in {said:?}");
    }
}

#[test]
fn one_mirror_is_judged_over_http_and_in_a_folder() {
    let corpus = Corpus::of(&["honest", "frozen", "tampered-page", "empty-mirror"]);
    for (name, code, word) in [
        ("honest", 0, "FRESH. "),
        ("frozen", 3, "STALE since 2026-11-21 08:10 UTC"),
        ("tampered-page", 4, "NOT AUTHENTIC. "),
        ("empty-mirror", 5, "COULD NOT CHECK "),
    ] {
        let (url, dir) = (corpus.url(name), corpus.path(name, "mirror"));
        let file = format!("file://{}", text(&dir));
        let root = corpus.path(name, "root.json");
        for place in [url.as_str(), text(&dir), &file] {
            let said = verify(corpus.clock(name), &[place, "--root", text(&root)]);
            check(&said, code, &[word]);
        }
    }
}

#[test]
fn an_update_on_its_way_is_not_called_a_forgery() {
    let corpus = Corpus::of(&["honest"]);
    let (mirror, root) = (
        corpus.path("honest", "mirror"),
        corpus.path("honest", "root.json"),
    );
    let page = mirror.join("index.html");
    let good = std::fs::read(&page).unwrap();
    std::fs::write(&page, "the page of the word before").unwrap();
    let mut command = program(corpus.clock("honest"));
    command.args(["verify", text(&mirror), "--root", text(&root)]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = command.spawn().unwrap();
    let mut said = String::new();
    let mut lines = BufReader::new(program.stderr.take().unwrap());
    lines.read_line(&mut said).unwrap();
    assert!(said.contains("Looking again"), "{said}");
    std::fs::write(&page, good).unwrap();
    let out = program.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{out:?}");
}

#[test]
fn the_page_for_browsers_is_written_by_whoever_verified() {
    let corpus = Corpus::of(&["honest", "other-publisher"]);
    let page = corpus.dir.path().join("kept.html");
    let write = |name: &str, root: &Path| {
        let url = corpus.url(name);
        let words = [&url, "--root", text(root), "--write-page", text(&page)];
        verify(corpus.clock(name), &words)
    };
    let root = corpus.path("honest", "root.json");
    let said = write("other-publisher", &root);
    assert!(said.code != 0 && !page.exists(), "{said:?}");
    check(&write("honest", &root), 0, &["FRESH"]);
    let written = std::fs::read_to_string(&page).unwrap();
    for part in [&sha256(&root), &corpus.url("honest")] {
        assert!(written.contains(part), "{part}");
    }
    // It holds no secret, and is to be handed on: as readable as any file of whoever wrote it.
    let probe = corpus.dir.path().join("probe");
    std::fs::write(&probe, "").unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&page), mode(&probe));
}

#[test]
fn memory_is_kept_between_calls() {
    let corpus = Corpus::of(&["rollback-timestamp"]);
    let root = corpus.path("rollback-timestamp", "root.json");
    let state = corpus.path("rollback-timestamp", "state");
    let visit = |folder: &str| {
        let mirror = corpus.path("rollback-timestamp", folder);
        verify(
            NOW,
            &[
                text(&mirror),
                "--root",
                text(&root),
                "--state",
                text(&state),
            ],
        )
    };
    check(&visit("visit-1"), 0, &["cannot be excluded"]);
    check(&visit("mirror"), 4, &["an older state was put back"]);
    let again = visit("visit-1");
    check(&again, 0, &["FRESH"]);
    assert!(!again.out.contains("cannot be excluded"), "{again:?}");
}

#[test]
fn a_pin_tells_the_root_of_the_mirror() {
    let corpus = Corpus::of(&["honest", "five-rotations", "other-publisher"]);
    let (url, root) = (corpus.url("honest"), corpus.path("honest", "root.json"));
    let hash = sha256(&root);
    let grouped: String =
        hash.to_uppercase()
            .chars()
            .enumerate()
            .fold(String::new(), |mut s, (i, c)| {
                if i > 0 && i % 4 == 0 {
                    s.push(' ');
                }
                s.push(c);
                s
            });
    let record = format!("v=stentor1; root=sha256:{hash}");
    let file = corpus.path("honest", "pin.txt");
    std::fs::write(&file, format!("# of the package\n{record}\n")).unwrap();
    for words in [
        ["--pin", &hash],
        ["--pin", &grouped],
        ["--pin-txt", &record],
        ["--pin-txt", text(&file)],
    ] {
        check(
            &verify(NOW, &[&url, words[0], words[1]]),
            0,
            &["FRESH", &hash],
        );
    }
    // All ways must agree.
    let agreeing = verify(
        NOW,
        &[
            &url,
            "--pin",
            &hash,
            "--pin-txt",
            &record,
            "--root",
            text(&root),
        ],
    );
    check(&agreeing, 0, &["FRESH"]);
    let other = "0".repeat(64);
    let both = verify(NOW, &[&url, "--pin", &hash, "--pin", &other]);
    check(
        &both,
        4,
        &["NOT AUTHENTIC", "names none of this publisher's roots"],
    );
    check(
        &verify(NOW, &[&url, "--pin", &other]),
        4,
        &["no root on this mirror has the pinned SHA-256"],
    );
    let stranger = corpus.url("other-publisher");
    check(
        &verify(NOW, &[&stranger, "--pin", &hash]),
        4,
        &["another publisher's"],
    );

    // A root in the middle of the chain is as good, and so is one pin of an old and one of a new root.
    let slept = corpus.url("five-rotations");
    let at =
        |n: u32| sha256(&corpus.path("five-rotations", &format!("mirror/metadata/{n}.root.json")));
    check(&verify(NOW, &[&slept, "--pin", &at(4)]), 0, &["FRESH"]);
    check(
        &verify(NOW, &[&slept, "--pin", &at(6), "--pin", &at(2)]),
        0,
        &["FRESH", &at(2)],
    );
}

#[test]
fn trust_does_not_come_from_the_mirror_itself() {
    let corpus = Corpus::of(&["honest"]);
    let url = corpus.url("honest");
    #[track_caller]
    fn refused(said: &Said, part: &str) {
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
        assert!(said.err.contains(part), "{said:?}");
    }
    refused(&verify(NOW, &[&url]), "say whom to trust");
    let plain = format!("{url}/metadata/1.root.json");
    refused(&verify(NOW, &[&url, "--root", &plain]), "use https");
    let mirror = "https://127.0.0.1:9/status";
    for option in ["--root", "--pin"] {
        let said = verify(NOW, &[mirror, option, "https://127.0.0.1:9/root.json"]);
        refused(&said, "that is the mirror itself");
    }
    refused(
        &verify(NOW, &[&url, "--pin", "abc"]),
        "64 hexadecimal digits",
    );
    refused(
        &verify(NOW, &[&url, "--pin-txt", "v=stentor1; x=y"]),
        "no line of it",
    );
    refused(
        &verify(NOW, &[&url, "--root", "absent.json"]),
        "absent.json",
    );
    refused(
        &verify(NOW, &["ftp://x.example", "--pin", &"0".repeat(64)]),
        "only http and https",
    );
    // A partner who does not answer says nothing.
    let silent = verify(NOW, &[&url, "--root", "https://127.0.0.1:9/root.json"]);
    assert_eq!(silent.code, 5, "{silent:?}");
}

#[test]
fn of_several_mirrors_the_newest_word_counts() {
    let corpus = Corpus::of(&[
        "honest",
        "rollback-timestamp",
        "tampered-status",
        "empty-mirror",
    ]);
    let root = corpus.path("honest", "root.json");
    let place = |name: &str, folder: &str| text(&corpus.path(name, folder)).to_owned();
    let (new, old) = (
        place("honest", "mirror"),
        place("rollback-timestamp", "mirror"),
    );
    let (forged, gone) = (
        place("tampered-status", "mirror"),
        place("empty-mirror", "mirror"),
    );
    let state = corpus.path("honest", "state");
    let judge = |mirrors: &[&str], more: &[&str]| {
        let words = [mirrors, &["--root", text(&root)], more].concat();
        verify(NOW, &words)
    };
    let said = judge(&[&old, &forged, &new, &gone], &["--state", text(&state)]);
    let newest = format!("The newest authentic word is on {new}.");
    check(
        &said,
        0,
        &[
            "It lags: another mirror shows a newer word.",
            "NOT AUTHENTIC",
            "COULD NOT CHECK",
            &newest,
        ],
    );
    // Beside the newest it still only lags; alone it is an older state put back.
    let again = judge(&[&old, &new], &["--state", text(&state)]);
    check(&again, 0, &["It lags", &newest]);
    assert!(!again.out.contains("NOT AUTHENTIC"), "{again:?}");
    // What was seen on the newest is remembered of all.
    check(
        &judge(&[&old], &["--state", text(&state)]),
        4,
        &["older state"],
    );
    check(
        &judge(&[&forged, &gone], &[]),
        4,
        &["No mirror shows an authentic word."],
    );
    check(&judge(&[&gone, &gone], &[]), 5, &[]);

    let json: Value =
        serde_json::from_str(&judge(&[&old, &new, &forged], &["--output", "json"]).out).unwrap();
    assert_eq!(
        (&json["newest"], &json["exit_code"]),
        (&new.into(), &0.into())
    );
    let of = |i: usize, key: &str| json["mirrors"][i][key].clone();
    assert_eq!(
        (of(0, "verdict"), of(0, "behind")),
        ("fresh".into(), true.into())
    );
    assert_eq!(
        (of(1, "verdict"), of(1, "behind")),
        ("fresh".into(), false.into())
    );
    assert_eq!(
        (of(2, "verdict"), of(2, "behind")),
        ("not_authentic".into(), false.into())
    );
}

#[test]
fn one_file_is_handed_out_only_when_it_is_verified() {
    let corpus = Corpus::of(&["honest", "tampered-target", "frozen"]);
    let fetch = |name: &str, path: &str, out: Option<&Path>| {
        let (url, root) = (corpus.url(name), corpus.path(name, "root.json"));
        let mut words = vec![url.as_str(), "--root", text(&root), "--file", path];
        words.extend(out.map(|o| ["--out", text(o)]).into_iter().flatten());
        verify(corpus.clock(name), &words)
    };
    let said = fetch("honest", "status.txt", None);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "<p>status.txt: word 3</p>\n")
    );
    assert!(said.err.contains("FRESH"), "{said:?}");
    let out = corpus.path("honest", "got.html");
    check(
        &fetch("honest", "incidents/2025/INC-1.html", Some(&out)),
        0,
        &["FRESH"],
    );
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "<p>long over</p>\n");
    let forged = corpus.path("honest", "forged.html");
    check(
        &fetch("tampered-target", "index.html", Some(&forged)),
        4,
        &["NOT AUTHENTIC"],
    );
    assert!(!forged.exists());
    let missing = fetch("honest", "absent.html", None);
    check(&missing, 5, &["has signed no file called absent.html"]);
    // Old, and said to be old.
    let old = fetch("frozen", "status.txt", None);
    assert_eq!(
        (old.code, old.out.as_str()),
        (3, "<p>status.txt: word 3</p>\n")
    );
    assert!(old.err.contains("STALE"), "{old:?}");
}

#[test]
fn the_directory_of_official_channels_is_shown() {
    let corpus = Corpus::of(&["honest"]);
    let (url, root) = (corpus.url("honest"), corpus.path("honest", "root.json"));
    let said = verify(NOW, &[&url, "--root", text(&root), "--directory"]);
    check(
        &said,
        0,
        &[
            "Official channels of Example:",
            "https://chat.example.org/room",
        ],
    );
    assert!(said.err.contains("FRESH"), "{said:?}");
}

#[test]
fn a_reader_of_the_present_reads_little() {
    let corpus = Corpus::of(&["tampered-old-page"]);
    let (url, root) = (
        corpus.url("tampered-old-page"),
        corpus.path("tampered-old-page", "root.json"),
    );
    check(
        &verify(NOW, &[&url, "--root", text(&root)]),
        4,
        &["incidents/2025/INC-1.html"],
    );
    check(
        &verify(NOW, &[&url, "--root", text(&root), "--present"]),
        0,
        &["FRESH"],
    );
}
