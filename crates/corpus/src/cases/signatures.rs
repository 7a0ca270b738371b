//! Signatures that do not count.

use serde_json::json;

use super::{forged, good, rewrite};
use crate::case::Case;
use crate::house::{House, Key};
use crate::word::Word;

pub(super) fn cases() -> Vec<Case> {
    let house = House::new();
    let word = || Word::new(&house, 3);
    let mut cases = Vec::new();
    for role in ["timestamp", "snapshot", "targets", "status"] {
        cases.push(forged(
            &format!("unsigned-{role}"),
            &format!("The {role} metadata without any signature."),
            &house,
            word().signed_by(role, &[]).files(),
        ));
        cases.push(forged(
            &format!("{role}-by-a-stranger"),
            &format!("The {role} metadata signed by a key that nobody declared."),
            &house,
            word().signed_by(role, &[Key::of(99)]).files(),
        ));
    }
    cases.push(forged(
        "snapshot-by-timestamp-key",
        "The snapshot signed by the key of the timestamp, which is known but may not.",
        &house,
        word().signed_by("snapshot", &[Key::of(2)]).files(),
    ));
    let mut borrowed = word().signed_by("timestamp", &[Key::of(99)]).files();
    rewrite(&mut borrowed, "metadata/timestamp.json", |t| {
        t["signatures"][0]["keyid"] = json!(Key::of(2).id());
    });
    cases.push(forged(
        "stranger-under-a-known-name",
        "A stranger's signature that carries the id of the right key.",
        &house,
        borrowed,
    ));
    let mut broken = word().files();
    rewrite(&mut broken, "metadata/timestamp.json", |t| {
        t["signatures"][0]["sig"] = json!("zz")
    });
    cases.push(forged(
        "signature-not-hex",
        "A signature that is no hexadecimal text.",
        &house,
        broken,
    ));
    let mut none = word().files();
    rewrite(&mut none, "metadata/timestamp.json", |t| {
        t.as_object_mut().unwrap().remove("signatures");
    });
    cases.push(forged(
        "no-signatures-field",
        "Metadata without the field for signatures.",
        &house,
        none,
    ));
    cases.extend(thresholds());
    cases.extend(schemes());
    cases
}

fn thresholds() -> Vec<Case> {
    let house = House::bent(|h| {
        h.keys
            .insert("status".into(), vec![Key::of(5), Key::of(63)]);
        h.thresholds.insert("status".into(), 2);
    });
    let loose = House::bent(|h| {
        h.pinned = false;
        h.keys
            .insert("status".into(), vec![Key::of(5), Key::of(63)]);
        h.thresholds.insert("status".into(), 2);
    });
    let one = || Word::new(&house, 3).signed_by("status", &[Key::of(5)]);
    let mut named_twice = Word::new(&loose, 3).files();
    rewrite(&mut named_twice, "metadata/3.status.json", |s| {
        let first = s["signatures"][0].clone();
        s["signatures"] = json!([first, first]);
    });
    // The same key under a second id, which the parent declares as if it were another key.
    let double = |id: &'static str| {
        move |t: &mut serde_json::Value| {
            let known = Key::of(5).id();
            let key = t["delegations"]["keys"][&known].clone();
            t["delegations"]["keys"][id] = key;
            for role in t["delegations"]["roles"].as_array_mut().unwrap() {
                if role["name"] == "status" {
                    role["keyids"] = json!([known, id]);
                    role["threshold"] = json!(2);
                }
            }
        }
    };
    let single = House::bent(|h| h.pinned = false);
    let mut two_names = Word::new(&single, 3)
        .edit("targets", double("abcd"))
        .files();
    rewrite(&mut two_names, "metadata/3.status.json", |s| {
        let mut second = s["signatures"][0].clone();
        second["keyid"] = json!("abcd");
        s["signatures"].as_array_mut().unwrap().push(second);
    });
    vec![
        forged(
            "threshold-not-met",
            "One of two keys has signed the status, and two are needed.",
            &house,
            one().files(),
        ),
        forged(
            "one-key-signs-twice",
            "Two signatures are needed; the same one stands there twice.",
            &loose,
            named_twice,
        ),
        forged(
            "one-key-under-two-names",
            "Two signatures are needed; one key signs under two ids. Clients count ids, or keys; the publisher meant two people.",
            &single,
            two_names,
        )
        .they_accept(),
        forged(
            "threshold-zero",
            "The targets say that the status needs no signature at all.",
            &house,
            one()
                .edit("targets", |t| {
                    for role in t["delegations"]["roles"].as_array_mut().unwrap() {
                        role["threshold"] = json!(0);
                    }
                })
                .files(),
        ),
    ]
}

fn schemes() -> Vec<Case> {
    let odd = Key {
        seed: 5,
        scheme: "stone-tablet",
    };
    let alone = House::bent(|h| {
        h.keys.insert("status".into(), vec![odd]);
    });
    let beside = House::bent(|h| {
        h.keys.insert("status".into(), vec![odd, Key::of(63)]);
    });
    vec![
        forged(
            "unknown-scheme",
            "The only key of the status is of a scheme that nobody knows.",
            &alone,
            Word::new(&alone, 3).files(),
        ),
        good(
            "unknown-scheme-beside-a-known-one",
            "The status has a key of a scheme that nobody knows, and one that everybody knows and that suffices.",
            &beside,
            Word::new(&beside, 3).files(),
        ),
    ]
}
