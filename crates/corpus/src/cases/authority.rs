//! Who may speak for what.

use serde_json::json;

use super::{forged, good};
use crate::case::{Case, Expect};
use crate::house::{House, YEAR, sha256};
use crate::word::Word;

pub(super) fn cases() -> Vec<Case> {
    let house = House::new();
    let loose = House::bent(|h| h.pinned = false);
    let word = || Word::new(&house, 3);
    let listed =
        |text: &str| json!({"length": text.len(), "hashes": {"sha256": sha256(text.as_bytes())}});
    let evil = listed("evil");
    let swapped = {
        let mut files = Word::new(&loose, 1).files();
        let (a, b) = (
            "metadata/1.status.json".to_owned(),
            format!("metadata/1.{YEAR}.json"),
        );
        let (status, year) = (files[&a].clone(), files[&b].clone());
        files.insert(a, year);
        files.insert(b, status);
        files
    };
    let mut many = word();
    for n in 0..70 {
        many = many.delegate(&format!("team-{n}"), &format!("team-{n}/*"));
    }
    vec![
        forged(
            "outside-its-paths",
            "The status lists a file for which it has no authority.",
            &house,
            word().page("downloads/app.bin", "evil").files(),
        )
        .also_downloads("downloads/app.bin"),
        forged(
            "the-page-of-another-role",
            "The role of a year that is over lists the front page, with another text. Nobody may be misled by it.",
            &house,
            word()
                .edit(YEAR, {
                    let evil = evil.clone();
                    move |y| y["targets"]["index.html"] = evil
                })
                .files(),
        )
        .they_accept()
        .present(Expect::Fresh),
        forged(
            "path-upwards",
            "The status lists a path that leads out of the mirror.",
            &house,
            word()
                .edit("status", {
                    let evil = evil.clone();
                    move |s| s["targets"][".."] = evil
                })
                .files(),
        )
        .they_accept(),
        forged(
            "path-hidden",
            "The status lists a hidden file.",
            &house,
            word().page(".htaccess", "Redirect / https://evil.example/").files(),
        )
        .they_accept(),
        forged(
            "path-absolute",
            "The status lists an absolute path.",
            &house,
            word()
                .edit("status", move |s| s["targets"]["/index.html"] = evil)
                .files(),
        )
        .they_accept(),
        forged(
            "role-upwards",
            "Targets delegates to a role whose name leads out of the folder of the metadata.",
            &house,
            word().delegate("../../evil", "evil/*").files(),
        )
        .they_accept(),
        forged(
            "role-hidden",
            "Targets delegates to a role with a hidden name.",
            &house,
            word().delegate(".evil", "evil/*").files(),
        )
        .they_accept(),
        forged(
            "too-many-delegations",
            "Targets delegates to more roles than a reader walks.",
            &house,
            many.files(),
        )
        .they_accept(),
        forged(
            "delegates-further",
            "The status delegates further, which its publisher never does.",
            &house,
            word()
                .edit("status", |s| {
                    s["delegations"] = json!({"keys": {}, "roles": [{
                        "name": "deeper", "keyids": ["00"], "threshold": 1, "terminating": false, "paths": ["*"],
                    }]});
                })
                .files(),
        )
        .they_accept(),
        forged(
            "swapped-roles",
            "The files of two delegated roles have changed places; parents name versions only.",
            &loose,
            swapped,
        ),
        forged(
            "enormous-file",
            "The status lists a file of a terabyte.",
            &house,
            word()
                .edit("status", |s| s["targets"]["status.txt"]["length"] = json!(1_u64 << 40))
                .files(),
        ),
        good(
            "further-role",
            "Targets delegates to one more role that this reader does not know, for other paths.",
            &house,
            with_further_role(&house),
        ),
    ]
}

/// A repository with a role for advisories, well made.
fn with_further_role(house: &House) -> crate::Files {
    let mut role = house.head("status", "targets", 5);
    role["targets"] = json!({});
    let role = crate::house::envelope(&role, &[house.keys["status"][0].sign(&role)]);
    let pin = json!({"version": 5, "length": role.len(), "hashes": {"sha256": sha256(&role)}});
    let mut files = Word::new(house, 3)
        .delegate("advisories", "advisories/*")
        .edit("snapshot", move |s| s["meta"]["advisories.json"] = pin)
        .files();
    files.insert("metadata/5.advisories.json".into(), role);
    files
}
