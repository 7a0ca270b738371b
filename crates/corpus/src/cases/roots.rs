//! Roots that follow one another, or do not.

use super::{bad, forged, good, rewrite};
use crate::case::{Case, Expect};
use crate::house::{House, Key};
use crate::word::Word;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = honest();
    cases.extend(refused());
    cases.extend(expired());
    cases
}

fn honest() -> Vec<Case> {
    let mut slept = House::new();
    for (role, seed) in [
        ("root", 40),
        ("timestamp", 41),
        ("root", 42),
        ("snapshot", 43),
        ("targets", 44),
    ] {
        slept.rotate_key(role, seed);
    }
    let mut known = House::new();
    let before = Word::new(&known, 2).files();
    known.rotate_key("timestamp", 41);
    let mut hidden = Word::new(&known, 3).files();
    hidden.retain(|path, _| !path.ends_with("2.root.json"));
    vec![
        good(
            "five-rotations",
            "Five roots were published since the one that the reader pinned; root, timestamp, snapshot and targets have new keys.",
            &slept,
            Word::new(&slept, 3).files(),
        ),
        good(
            "rotation-between-visits",
            "The key of the timestamp was replaced since the last visit.",
            &known,
            Word::new(&known, 3).files(),
        )
        .after(vec![before]),
        forged(
            "rotation-hidden",
            "The mirror hides the new root: its timestamp is signed by a key that the pinned root does not know.",
            &known,
            hidden,
        ),
    ]
}

fn refused() -> Vec<Case> {
    let mut by_new_only = House::new();
    by_new_only.root_version = 2;
    by_new_only.set_key("root", 40);
    by_new_only.publish_root_by(&[Key::of(40)]);

    let mut by_old_only = House::new();
    by_old_only.root_version = 2;
    by_old_only.set_key("root", 40);
    by_old_only.publish_root_by(&[Key::of(1)]);

    let mut skipped = House::new();
    skipped.root_version = 2;
    skipped.rotate_key("timestamp", 41);

    let mut repeated = House::new();
    repeated.rotate_key("timestamp", 41);
    let mut twice = Word::new(&repeated, 3).files();
    twice.insert(
        "metadata/3.root.json".into(),
        twice["metadata/2.root.json"].clone(),
    );

    let mut too_far = House::new();
    too_far.root_version = 2;
    too_far.rotate_key("timestamp", 41);
    let mut misnamed = Word::new(&too_far, 3).files();
    let three = misnamed.remove("metadata/3.root.json").unwrap();
    misnamed.insert("metadata/2.root.json".into(), three);

    let mut fewer = House::bent(|h| {
        h.keys
            .insert("root".into(), vec![Key::of(1), Key::of(61), Key::of(62)]);
        h.thresholds.insert("root".into(), 2);
    });
    fewer.root_version = 2;
    fewer.publish_root_by(&[Key::of(61)]);

    let mut seen = House::new();
    let old_keys = seen.clone();
    seen.rotate_key("timestamp", 41);
    let rotated = Word::new(&seen, 3).files();

    let stranger = House::with_seeds(100);
    let mut theirs = forged(
        "other-publisher",
        "The whole, well-made repository of another publisher.",
        &stranger,
        Word::new(&stranger, 3).files(),
    );
    theirs.root = House::new().root(1);

    vec![
        forged(
            "root-not-signed-by-the-old",
            "The second root is signed by its own key only.",
            &by_new_only,
            Word::new(&by_new_only, 3).files(),
        ),
        forged(
            "root-not-signed-by-the-new",
            "The second root is signed by the old key only, and not by its own.",
            &by_old_only,
            Word::new(&by_old_only, 3).files(),
        ),
        forged(
            "root-skipped",
            "The second root is missing, the third is there: the reader cannot get to it.",
            &skipped,
            Word::new(&skipped, 3).files(),
        ),
        forged(
            "root-of-another-version",
            "The file of the second root holds the third.",
            &too_far,
            misnamed,
        ),
        forged(
            "root-put-back",
            "The file of the third root holds the second again.",
            &repeated,
            twice,
        ),
        forged(
            "root-below-threshold",
            "The second root has one of the two signatures that it needs.",
            &fewer,
            Word::new(&fewer, 3).files(),
        ),
        forged(
            "root-rolled-back",
            "A key was revoked by the second root, which the reader has seen; the mirror speaks with the revoked key and hides that root.",
            &seen,
            Word::new(&old_keys, 9).files(),
        )
        .after(vec![rotated]),
        theirs,
    ]
}

fn expired() -> Vec<Case> {
    let old = House::bent(|h| h.live("root", -48));
    let mut renewed = House::bent(|h| h.live("root", -48));
    renewed.rotate(|h| h.live("root", -24));
    renewed.rotate(|h| h.live("root", 8_760));
    let mut spoiled = Word::new(&old, 3).files();
    rewrite(&mut spoiled, "metadata/timestamp.json", |t| {
        t["signed"]["version"] = 31.into()
    });
    vec![
        bad(
            Expect::Stale,
            "expired-root",
            "The root has expired and no newer one is there; every signature is good.",
            &old,
            Word::new(&old, 3).files(),
        ),
        good(
            "expired-roots-on-the-way",
            "The pinned root and the next one have expired, the last one has not: only the last one counts.",
            &renewed,
            Word::new(&renewed, 3).files(),
        ),
        forged(
            "expired-root-and-forged",
            "The root has expired, and the timestamp was changed after it was signed.",
            &old,
            spoiled,
        ),
    ]
}
