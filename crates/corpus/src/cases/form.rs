//! Bytes that are not what they claim to be, before any signature is looked at.

use serde_json::json;

use super::{forged, good, rewrite};
use crate::case::{Case, Files};
use crate::house::{House, Key, envelope};
use crate::word::Word;

const TIMESTAMP: &str = "metadata/timestamp.json";

pub(super) fn cases() -> Vec<Case> {
    let house = House::new();
    let honest = || Word::new(&house, 3).files();
    let with = |bytes: Vec<u8>| {
        let mut files = honest();
        files.insert(TIMESTAMP.into(), bytes);
        files
    };
    let text = || String::from_utf8(honest()[TIMESTAMP].clone()).unwrap();
    let mut cases = vec![
        forged(
            "empty-file",
            "The timestamp is empty.",
            &house,
            with(Vec::new()),
        ),
        forged(
            "not-json",
            "The timestamp is no JSON.",
            &house,
            with(b"all is well".to_vec()),
        ),
        forged(
            "half-a-file",
            "The timestamp ends in the middle.",
            &house,
            with(text().into_bytes()[..300].to_vec()),
        ),
        forged(
            "json-of-another-shape",
            "The timestamp is a list.",
            &house,
            with(b"[1, 2, 3]".to_vec()),
        ),
        forged(
            "not-utf8",
            "The timestamp holds a byte that is no UTF-8.",
            &house,
            with([text().as_bytes(), b"\xff"].concat()),
        ),
        forged(
            "byte-order-mark",
            "The timestamp begins with a byte order mark, which JSON does not permit.",
            &house,
            with([b"\xef\xbb\xbf", text().as_bytes()].concat()),
        ),
        forged(
            "deep-nesting",
            "The timestamp nests 8,000 levels deep.",
            &house,
            with(format!("{}{}", "[".repeat(8_000), "]".repeat(8_000)).into_bytes()),
        ),
        forged(
            "oversized-timestamp",
            "The timestamp, rightly signed, is followed by 20,000 blanks.",
            &house,
            with(format!("{}{}", text(), " ".repeat(20_000)).into_bytes()),
        ),
        forged(
            "trailing-words",
            "The timestamp is followed by a second JSON value.",
            &house,
            with(format!("{} {{}}", text()).into_bytes()),
        ),
    ];
    cases.extend(signed(&house));
    cases.extend(numbers(&house));
    cases.extend(reserialised(&house));
    cases
}

/// Rightly signed, and yet not to be taken.
fn signed(house: &House) -> Vec<Case> {
    let word = || Word::new(house, 3);
    let nested = (0..40).fold(json!(1), |inner, _| json!([inner]));
    let mut cases = vec![
        forged(
            "wrong-type",
            "The timestamp calls itself a snapshot.",
            house,
            word().edit("timestamp", |t| t["_type"] = json!("snapshot")).files(),
        ),
        forged(
            "wrong-spec-version",
            "The timestamp follows version 2 of the standard, which this reader does not know.",
            house,
            word().edit("timestamp", |t| t["spec_version"] = json!("2.0.0")).files(),
        ),
        forged(
            "no-expiry",
            "The timestamp says no expiry.",
            house,
            word()
                .edit("timestamp", |t| {
                    t.as_object_mut().unwrap().remove("expires");
                })
                .files(),
        ),
        forged(
            "expiry-is-no-time",
            "The timestamp expires 'never'.",
            house,
            word().edit("timestamp", |t| t["expires"] = json!("never")).files(),
        ),
        forged(
            "nested-and-signed",
            "The timestamp, rightly signed, nests 40 levels deep: more than a reader of ours unfolds.",
            house,
            word().edit("timestamp", move |t| t["x-deep"] = nested).files(),
        )
        .they_accept(),
        forged(
            "swapped-files",
            "The file of the timestamp holds the snapshot.",
            house,
            {
                let mut files = word().files();
                let snapshot = files["metadata/3.snapshot.json"].clone();
                files.insert(TIMESTAMP.into(), snapshot);
                files
            },
        ),
    ];
    let mut twice = word().files();
    let text = String::from_utf8(twice[TIMESTAMP].clone()).unwrap();
    let doubled = text.replacen("\"version\":30", "\"version\":1,\"version\":30", 1);
    assert_ne!(text, doubled);
    twice.insert(TIMESTAMP.into(), doubled.into_bytes());
    cases.push(
        forged(
            "key-twice",
            "The timestamp says its version twice: two readers could take two different ones. Usual clients take the last.",
            house,
            twice,
        )
        .they_accept(),
    );
    let loose = House::bent(|h| h.pinned = false);
    let mut misnamed = Word::new(&loose, 3).files();
    let four = Word::new(&loose, 4).files()["metadata/4.snapshot.json"].clone();
    misnamed.insert("metadata/3.snapshot.json".into(), four);
    cases.push(forged(
        "version-other-than-the-name",
        "The file of snapshot 3 holds snapshot 4; the timestamp names versions only.",
        &loose,
        misnamed,
    ));
    cases
}

fn numbers(house: &House) -> Vec<Case> {
    let honest = || Word::new(house, 3).files();
    let put = |number: &str| {
        let mut files = honest();
        let text = String::from_utf8(files[TIMESTAMP].clone()).unwrap();
        let changed = text.replacen("\"version\":30", &format!("\"version\":{number}"), 1);
        assert_ne!(text, changed);
        files.insert(TIMESTAMP.into(), changed.into_bytes());
        files
    };
    // 2^53 + 2: some languages cannot count so far, and still represent just this number.
    let beyond = Word::new(house, 3).timestamp((1 << 53) + 2).files();
    vec![
        forged("huge-number", "The timestamp's version has 400 digits.", house, put(&"9".repeat(400))),
        forged("huge-exponent", "The timestamp's version is 1e999999999.", house, put("1e999999999")),
        forged("fraction", "The timestamp's version is 30.5.", house, put("30.5")),
        forged("negative-version", "The timestamp's version is -30, rightly signed.", house, {
            Word::new(house, 3).edit("timestamp", |t| t["version"] = json!(-30)).files()
        }),
        forged("version-zero", "The timestamp's version is 0, rightly signed.", house, {
            Word::new(house, 3).edit("timestamp", |t| t["version"] = json!(0)).files()
        }),
        forged("version-as-text", "The timestamp's version is a string, rightly signed.", house, {
            Word::new(house, 3).edit("timestamp", |t| t["version"] = json!("30")).files()
        }),
        forged(
            "version-beyond-counting",
            "The timestamp's version is above 2^53, rightly signed: readers in some languages would count wrongly.",
            house,
            beyond,
        )
        .they_accept(),
    ]
}

/// Written anew with another layout.
fn reserialised(house: &House) -> Vec<Case> {
    let mut files = Word::new(house, 3).files();
    pretty(&mut files, "metadata/3.snapshot.json");
    let pinned = forged(
        "reserialised-snapshot",
        "The snapshot written anew with white space: the timestamp names length and hash of its bytes.",
        house,
        files,
    );
    // Signed over the bytes of a layout that is not the canonical one.
    let mut over_layout = Word::new(house, 3).files();
    rewrite(&mut over_layout, TIMESTAMP, |t| {
        let signature = Key::of(2).sign(&json!(t["signed"].to_string()));
        t["signatures"] = json!([signature]);
    });
    let other_form = forged(
        "signed-in-another-form",
        "The signature covers another serialisation of the timestamp than the canonical one.",
        house,
        over_layout,
    );
    let mut further = Word::new(house, 3).files();
    let value: serde_json::Value = serde_json::from_slice(&further[TIMESTAMP]).unwrap();
    let signature = value["signatures"][0].clone();
    let mut bytes = envelope(&value["signed"], &[signature]);
    bytes.extend_from_slice(b"\r\n\t ");
    further.insert(TIMESTAMP.into(), bytes);
    let blanks = good(
        "blanks-at-the-end",
        "The timestamp ends with blanks and a line break.",
        house,
        further,
    );
    vec![pinned, other_form, blanks]
}

fn pretty(files: &mut Files, path: &str) {
    let value: serde_json::Value = serde_json::from_slice(&files[path]).unwrap();
    files.insert(path.to_owned(), serde_json::to_vec_pretty(&value).unwrap());
}
