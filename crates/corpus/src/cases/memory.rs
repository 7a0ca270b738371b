//! What only a reader who remembers can notice.

use serde_json::json;

use super::{forged, good};
use crate::case::Case;
use crate::house::House;
use crate::word::Word;

pub(super) fn cases() -> Vec<Case> {
    let house = House::new();
    let loose = House::bent(|h| h.pinned = false);
    let word = |version| Word::new(&house, version);
    let mut recovered = House::new();
    recovered.rotate(|h| {
        h.set_key("timestamp", 41);
        h.set_key("snapshot", 43);
    });
    let mut half = House::new();
    half.rotate_key("timestamp", 41);
    let mut mixed = word(3).files();
    mixed.insert(
        "metadata/3.snapshot.json".into(),
        word(2).files()["metadata/2.snapshot.json"].clone(),
    );
    vec![
        forged(
            "rollback-timestamp",
            "The whole mirror as it was one word ago.",
            &house,
            word(2).files(),
        )
        .after(vec![word(3).files()]),
        forged(
            "rollback-after-three-visits",
            "The mirror as it was at the first of three visits.",
            &house,
            word(2).files(),
        )
        .after(vec![word(2).files(), word(3).files(), word(4).files()]),
        forged(
            "rollback-snapshot",
            "A newer timestamp names an older snapshot.",
            &house,
            word(2).timestamp(99).files(),
        )
        .after(vec![word(3).files()]),
        forged(
            "rollback-status",
            "A newer timestamp and a newer snapshot name an older status.",
            &house,
            word(2).timestamp(99).edit("snapshot", |s| s["version"] = json!(9)).files(),
        )
        .after(vec![word(3).files()]),
        forged(
            "rollback-targets",
            "A newer snapshot names older targets.",
            &loose,
            Word::new(&loose, 4).files(),
        )
        .after(vec![Word::new(&loose, 3).edit("targets", |t| t["version"] = json!(7)).files()]),
        forged(
            "role-disappears",
            "A newer snapshot no longer lists a role that it listed before.",
            &house,
            word(4)
                .edit("snapshot", |s| {
                    s["meta"].as_object_mut().unwrap().remove("status.json");
                })
                .files(),
        )
        .after(vec![word(3).files()]),
        forged(
            "mix-and-match-snapshot",
            "The old snapshot under the name of the new one.",
            &house,
            mixed,
        )
        .after(vec![word(2).files()]),
        forged(
            "fast-forward",
            "A thief of the online keys once signed the version 1,000,000; the publisher goes on at 4 without new keys.",
            &house,
            word(4).files(),
        )
        .after(vec![word(1_000_000).files()]),
        good(
            "fast-forward-recovered",
            "After a thief signed version 1,000,000 the publisher replaced the keys of timestamp and snapshot and goes on at 4.",
            &recovered,
            Word::new(&recovered, 4).files(),
        )
        .after(vec![word(1_000_000).files()]),
        good(
            "fast-forward-recovered-by-one-key",
            "After a thief signed version 1,000,000 the publisher replaced only the key of the timestamp.",
            &half,
            Word::new(&half, 1_000_001).files(),
        )
        .after(vec![word(1_000_000).files()]),
    ]
}
