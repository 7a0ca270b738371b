//! What must be believed.

use serde_json::json;

use super::{good, rewrite};
use crate::case::Case;
use crate::house::{House, Key};
use crate::word::Word;

pub(super) fn cases() -> Vec<Case> {
    let house = House::new();
    let word = |version| Word::new(&house, version);
    let mut cases = vec![
        good(
            "honest",
            "An honest mirror, visited for the first time.",
            &house,
            word(3).files(),
        ),
        good(
            "honest-second-visit",
            "A newer word than at the last visit.",
            &house,
            word(3).files(),
        )
        .after(vec![word(2).files()]),
        good(
            "honest-same-word",
            "The same files as at the last visit.",
            &house,
            word(3).files(),
        )
        .after(vec![word(3).files()]),
        good(
            "honest-confirmed-again",
            "The same word with a newer timestamp.",
            &house,
            word(3).timestamp(31).files(),
        )
        .after(vec![word(3).files()]),
        good(
            "older-word-on-a-first-visit",
            "An older state put back, before anything expired: a reader without memory cannot tell, and says so.",
            &house,
            word(2).files(),
        ),
        good(
            "further-fields",
            "Signed metadata with fields that the standard does not know, which must be let pass.",
            &house,
            word(3)
                .edit("timestamp", |t| {
                    t["x-beacon"] = json!({"name": "north", "list": [1, -2, null, true]})
                })
                .edit("status", |s| {
                    s["targets"]["index.html"]["custom"] = json!({"kind": "page"})
                })
                .files(),
        ),
        good(
            "not-ascii",
            "Signed strings with letters of many scripts and control characters: canonical JSON escapes only two characters.",
            &house,
            word(3)
                .edit("timestamp", |t| {
                    t["x-note"] = json!("é 日本 \u{1f9ed} \t\n\u{7} \"quoted\" back\\slash /")
                })
                .files(),
        ),
    ];
    let mut again = word(3).files();
    rewrite(&mut again, "metadata/timestamp.json", |_| {});
    let pretty =
        serde_json::from_slice::<serde_json::Value>(&again["metadata/timestamp.json"]).unwrap();
    again.insert(
        "metadata/timestamp.json".into(),
        serde_json::to_vec_pretty(&pretty).unwrap(),
    );
    cases.push(good(
        "reserialised-timestamp",
        "The timestamp written anew with white space: signatures cover the canonical form, and nobody pins its bytes.",
        &house,
        again,
    ));
    let two_of_three = House::bent(|h| {
        h.keys
            .insert("root".into(), vec![Key::of(1), Key::of(61), Key::of(62)]);
        h.thresholds.insert("root".into(), 2);
        h.keys
            .insert("status".into(), vec![Key::of(5), Key::of(63), Key::of(64)]);
        h.thresholds.insert("status".into(), 2);
    });
    cases.push(good(
        "threshold-met",
        "Two of three keys have signed the root and the status, and two are needed.",
        &two_of_three,
        Word::new(&two_of_three, 3)
            .signed_by("status", &[Key::of(64), Key::of(5)])
            .files(),
    ));
    cases.push(good(
        "stranger-signs-too",
        "A valid signature stands beside one by a key that nobody declared.",
        &house,
        word(3)
            .signed_by("timestamp", &[Key::of(99), Key::of(2)])
            .files(),
    ));
    let inconsistent = House::bent(|h| h.consistent = false);
    cases.push(good(
        "consistent-snapshot-off",
        "A repository without consistent snapshots: file names without versions and hashes.",
        &inconsistent,
        Word::new(&inconsistent, 3).files(),
    ));
    let loose = House::bent(|h| h.pinned = false);
    cases.push(good(
        "versions-only",
        "Parents that name only versions of their children, which the standard permits.",
        &loose,
        Word::new(&loose, 3).files(),
    ));
    cases
}
