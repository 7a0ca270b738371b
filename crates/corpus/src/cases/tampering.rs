//! Files that are not the ones that were signed.

use serde_json::json;

use super::{find, forged, rewrite};
use crate::case::{Case, Expect, Files};
use crate::house::{House, YEAR};
use crate::word::{OLD_PAGE, Word};

pub(super) fn cases() -> Vec<Case> {
    let house = House::new();
    let honest = || Word::new(&house, 3).files();
    let with = |path: String, text: &str| {
        let mut files = honest();
        files.insert(path, text.as_bytes().to_vec());
        files
    };
    let lie = "<p>index.html: word 4</p>\n";
    let mut cases = vec![
        forged(
            "tampered-target",
            "A signed file with another text of the same length.",
            &house,
            with(find(&honest(), "targets/", ".index.html"), lie),
        )
        // The page that people read is the signed one.
        .present(Expect::Fresh),
        forged(
            "tampered-page",
            "The page at the top, which people read, is not the signed one. A TUF client does not look there.",
            &house,
            with("index.html".into(), lie),
        )
        .they_accept(),
        forged(
            "tampered-both",
            "The signed file and the page at the top were both replaced.",
            &house,
            {
                let mut files = with("index.html".into(), lie);
                let path = find(&files, "targets/", ".index.html");
                files.insert(path, lie.into());
                files
            },
        ),
        forged(
            "longer-target",
            "A signed file with something appended.",
            &house,
            with(
                find(&honest(), "targets/", ".status.txt"),
                "<p>status.txt: word 3</p>\nand send money\n",
            ),
        )
        .present(Expect::Fresh),
        forged(
            "tampered-old-page",
            "A page of a year that is over was replaced: not seen by whoever reads only the present.",
            &house,
            {
                let mut files = with(OLD_PAGE.into(), "<p>never was</p>\n");
                let path = find(&files, "targets/incidents/2025/", ".INC-1.html");
                files.insert(path, "<p>never was</p>\n".into());
                files
            },
        )
        .present(Expect::Fresh),
        forged(
            "tampered-and-expired",
            "A replaced page on a mirror whose timestamp has expired: being old hides no forgery.",
            &house,
            with("index.html".into(), lie),
        )
        .at(crate::house::hours(30)),
    ];
    cases.extend(roles(&house, &honest()));
    cases.extend(pins(&house));
    cases.push(mixed(&house));
    cases
}

/// Each role's file changed after it was signed.
fn roles(house: &House, honest: &Files) -> Vec<Case> {
    let roles = [
        ("timestamp", "metadata/timestamp.json"),
        ("snapshot", "metadata/3.snapshot.json"),
        ("targets", "metadata/1.targets.json"),
        ("status", "metadata/3.status.json"),
    ];
    let mut cases: Vec<_> = roles
        .iter()
        .map(|(role, path)| {
            let mut files = honest.clone();
            rewrite(&mut files, path, |f| {
                f["signed"]["expires"] = json!("2036-01-01T00:00:00Z")
            });
            forged(
                &format!("tampered-{role}"),
                &format!("The {role} metadata with a later expiry that nobody signed."),
                house,
                files,
            )
        })
        .collect();
    let mut files = honest.clone();
    let path = format!("metadata/1.{YEAR}.json");
    rewrite(&mut files, &path, |f| {
        f["signed"]["expires"] = json!("2036-01-01T00:00:00Z")
    });
    cases.push(
        forged(
            "tampered-year",
            "The metadata of a year that is over with a later expiry that nobody signed.",
            house,
            files,
        )
        .present(Expect::Fresh),
    );
    let mut rotated = House::new();
    rotated.rotate_key("timestamp", 70);
    let mut files = Word::new(&rotated, 3).files();
    rewrite(&mut files, "metadata/2.root.json", |f| {
        f["signed"]["expires"] = json!("2036-01-01T00:00:00Z")
    });
    cases.push(forged(
        "tampered-root",
        "The second root with a later expiry that nobody signed.",
        &rotated,
        files,
    ));
    cases
}

/// Parents that name something else than what is there.
fn pins(house: &House) -> Vec<Case> {
    let word = || Word::new(house, 3);
    let zeros = "0".repeat(64);
    vec![
        forged(
            "wrong-hash-of-snapshot",
            "The timestamp names another hash of the snapshot.",
            house,
            word()
                .edit("timestamp", {
                    let zeros = zeros.clone();
                    move |t| t["meta"]["snapshot.json"]["hashes"]["sha256"] = json!(zeros)
                })
                .files(),
        ),
        forged(
            "wrong-length-of-snapshot",
            "The timestamp names a shorter snapshot.",
            house,
            word()
                .edit("timestamp", |t| {
                    t["meta"]["snapshot.json"]["length"] = json!(100)
                })
                .files(),
        ),
        forged(
            "wrong-hash-of-status",
            "The snapshot names another hash of the status.",
            house,
            word()
                .edit("snapshot", move |s| {
                    s["meta"]["status.json"]["hashes"]["sha256"] = json!(zeros)
                })
                .files(),
        ),
        forged(
            "wrong-length-of-target",
            "The status names a file one byte longer, with its right hash.",
            house,
            word()
                .edit("status", |s| {
                    s["targets"]["status.txt"]["length"] = json!(27)
                })
                .files(),
        ),
        forged(
            "target-without-sha256",
            "The status names a file by a hash of another kind only.",
            house,
            word()
                .edit("status", |s| {
                    s["targets"]["status.txt"]["hashes"] = json!({"md5": "0".repeat(32)})
                })
                .files(),
        ),
        forged(
            "snapshot-without-status",
            "The snapshot does not list a role to which targets delegates.",
            house,
            word()
                .edit("snapshot", |s| {
                    s["meta"].as_object_mut().unwrap().remove("status.json");
                })
                .files(),
        ),
    ]
}

/// Files of two words under one timestamp.
fn mixed(house: &House) -> Case {
    let old = Word::new(house, 2).files();
    let mut files = Word::new(house, 3).files();
    files.insert(
        "metadata/3.status.json".into(),
        old["metadata/2.status.json"].clone(),
    );
    forged(
        "mix-and-match-status",
        "The old status under the name of the new one, beside the new snapshot.",
        house,
        files,
    )
}
