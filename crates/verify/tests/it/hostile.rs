//! Mirrors that lie.

use serde_json::{Value, json};
use stentor_verify::Verdict;

use crate::fixture::{Mirror, Publisher, assert_forged, assert_unreachable, check};

#[tokio::test]
async fn any_changed_file_is_refused_by_name() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let honest = publisher.usual(2);
    let mut tried = 0;
    for path in honest.files.keys().filter(|p| !p.ends_with("root.json")) {
        let mut mirror = honest.clone();
        mirror.flip(path);
        assert_forged(&check(&mirror, &root).await, path);
        tried += 1;
    }
    assert_eq!(
        tried, 8,
        "timestamp, snapshot, targets, status, two targets, two pages"
    );
}

#[tokio::test]
async fn any_endless_file_is_refused() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let honest = publisher.usual(2);
    for path in honest
        .files
        .keys()
        .filter(|p| !p.ends_with("1.root.json"))
        .cloned()
        .chain(["metadata/2.root.json".into()])
    {
        let mirror = Mirror {
            endless: vec![path.clone()],
            ..honest.clone()
        };
        assert_forged(&check(&mirror, &root).await, &path);
    }
}

#[tokio::test]
async fn a_mix_of_two_versions_is_refused() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let (old, new) = (publisher.usual(1), publisher.usual(2));
    for (place, from) in [
        ("metadata/2.snapshot.json", "metadata/1.snapshot.json"),
        ("metadata/2.status.json", "metadata/1.status.json"),
        ("index.html", "index.html"),
        ("incidents/INC-1.html", "incidents/INC-1.html"),
    ] {
        let mut mirror = new.clone();
        mirror.files.insert(place.into(), old.files[from].clone());
        assert_forged(&check(&mirror, &root).await, place);
    }
}

#[tokio::test]
async fn every_forged_page_is_named() {
    let publisher = Publisher::new();
    let mut mirror = publisher.usual(1);
    for page in ["index.html", "incidents/INC-1.html"] {
        mirror
            .files
            .insert(page.into(), b"<p>send money</p>".to_vec());
    }
    let verdict = check(&mirror, &publisher.root()).await;
    assert_forged(
        &verdict,
        "index.html at the top of the mirror is not the signed page",
    );
    assert_forged(
        &verdict,
        "incidents/INC-1.html at the top of the mirror is not the signed page",
    );
}

#[tokio::test]
async fn a_forgery_outranks_a_missing_file() {
    let publisher = Publisher::new();
    let mut mirror = publisher.usual(1);
    mirror.files.remove("incidents/INC-1.html");
    mirror.files.insert("index.html".into(), b"forged".to_vec());
    assert_forged(&check(&mirror, &publisher.root()).await, "index.html");
}

#[tokio::test]
async fn somebody_elses_keys_are_refused() {
    let publisher = Publisher::new();
    for role in ["timestamp", "snapshot", "targets", "status"] {
        // The same repository, one role signed with a key that the authority did not name.
        let mut thief = publisher.clone();
        thief
            .keys
            .insert(role, ed25519_dalek::SigningKey::from_bytes(&[99; 32]));
        let mut mirror = thief.usual(1);
        if role == "status" {
            // The genuine targets file names the genuine status key.
            let genuine = publisher.usual(1);
            for path in [
                "metadata/1.targets.json",
                "metadata/1.snapshot.json",
                "metadata/timestamp.json",
            ] {
                mirror
                    .files
                    .insert(path.into(), genuine.files[path].clone());
            }
        }
        assert_forged(
            &check(&mirror, &publisher.root()).await,
            &format!("{role}.json"),
        );
    }
}

#[tokio::test]
async fn an_unknown_signature_scheme_counts_as_no_signature() {
    for scheme in ["ed25519-next", "rsassa-pss-sha256", "ml-dsa-65/1"] {
        let known = Publisher::new();
        let mut publisher = Publisher::new();
        publisher.scheme = scheme;
        // Alone it opens nothing, not even the pinned root.
        let verdict = check(&publisher.usual(1), &publisher.root()).await;
        assert!(
            matches!(&verdict, Verdict::Unreachable { reason } if reason.contains("0/1 valid")),
            "{verdict:?}"
        );

        // Beside a known key it neither helps nor hurts.
        let with_threshold = |threshold: u64| {
            let mut root = known.root_value();
            let (id, key) = publisher.key("root");
            root["keys"][&id] = key;
            let ids = root["roles"]["root"]["keyids"].as_array_mut().unwrap();
            ids.push(json!(id));
            root["roles"]["root"]["threshold"] = json!(threshold);
            let mut file: Value = serde_json::from_slice(&known.sign(&root, &["root"])).unwrap();
            let foreign: Value = serde_json::from_slice(&publisher.sign(&root, &["root"])).unwrap();
            let extra = foreign["signatures"][0].clone();
            file["signatures"].as_array_mut().unwrap().push(extra);
            serde_json::to_vec(&file).unwrap()
        };
        assert_eq!(
            check(&known.usual(1), &with_threshold(1)).await,
            Verdict::Fresh
        );
        assert!(matches!(
            check(&known.usual(1), &with_threshold(2)).await,
            Verdict::Unreachable { .. }
        ));
    }
}

#[tokio::test]
async fn a_role_speaks_only_for_its_paths() {
    let publisher = Publisher::new();
    for path in [
        "advisories/A-1.json",
        "incidents/deep/INC-1.html",
        "other.html",
    ] {
        let mirror = publisher.mirror(1, &[("index.html", "x"), (path, "y")]);
        assert_forged(&check(&mirror, &publisher.root()).await, path);
    }
    let mut anything = Publisher::new();
    anything.paths = vec!["*", "*/*", "*/*/*"];
    for path in ["../index.html", "a/../../b", ".htaccess", "a\u{1b}[2Jb"] {
        let mirror = anything.mirror(1, &[(path, "y")]);
        let verdict = check(&mirror, &anything.root()).await;
        assert_forged(&verdict, "forbidden path");
        assert!(
            !format!("{verdict:?}").contains("\\u{1b}"),
            "a terminal sequence got through: {verdict:?}"
        );
    }
}

#[tokio::test]
async fn deep_or_senseless_metadata_is_refused() {
    let publisher = Publisher::new();
    for (bytes, why) in [
        (
            format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes(),
            "nests deeper",
        ),
        (b"{}".to_vec(), "missing"),
        (Vec::new(), "EOF"),
        (b"\xff\xfe".to_vec(), "expected value"),
    ] {
        let mut mirror = publisher.usual(1);
        mirror.files.insert("metadata/timestamp.json".into(), bytes);
        assert_forged(&check(&mirror, &publisher.root()).await, why);
    }
}

#[tokio::test]
async fn a_web_page_instead_of_metadata_tells_nothing() {
    let publisher = Publisher::new();
    for path in ["metadata/2.root.json", "metadata/timestamp.json"] {
        let mut mirror = publisher.usual(1);
        let page = b" \n<!DOCTYPE html><title>Sign in</title>".to_vec();
        mirror.files.insert(path.into(), page);
        assert_unreachable(
            &check(&mirror, &publisher.root()).await,
            "a web page came instead",
        );
    }
}
