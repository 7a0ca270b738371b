//! Roots that follow one another.

use ed25519_dalek::SigningKey;
use stentor_verify::Verdict;

use crate::fixture::{Publisher, assert_forged, assert_unreachable, check, check_at, now};

/// A publisher after replacing the keys of `roles`, and the new root signed by the old and the new root keys.
fn rotate(old: &Publisher, roles: &[&'static str], seed: u8) -> (Publisher, Vec<u8>) {
    let mut new = old.clone();
    new.root_version += 1;
    for (role, seed) in roles.iter().zip(seed..) {
        new.keys.insert(role, SigningKey::from_bytes(&[seed; 32]));
    }
    let mut root: serde_json::Value = serde_json::from_slice(&new.root()).unwrap();
    if roles.contains(&"root") {
        let by_old: serde_json::Value =
            serde_json::from_slice(&old.sign(&new.root_value(), &["root"])).unwrap();
        root["signatures"]
            .as_array_mut()
            .unwrap()
            .push(by_old["signatures"][0].clone());
    }
    (new, serde_json::to_vec(&root).unwrap())
}

#[tokio::test]
async fn a_chain_of_roots_is_walked_and_remembered() {
    let first = Publisher::new();
    let (second, root2) = rotate(&first, &["root", "timestamp"], 40);
    let (third, root3) = rotate(&second, &["root"], 50);
    let mut mirror = third.usual(4);
    mirror
        .files
        .insert("metadata/2.root.json".into(), root2.clone());
    mirror.files.insert("metadata/3.root.json".into(), root3);
    let outcome = check_at(&mirror, &first.root(), None, now()).await;
    assert_eq!(outcome.report.verdict, Verdict::Fresh);
    assert_eq!(outcome.report.version("root"), Some(3));

    // With the chain remembered, a mirror that hides the rotation gains nothing from the revoked key.
    let verdict = check_at(
        &first.usual(9),
        &first.root(),
        Some(&outcome.remember),
        now(),
    )
    .await
    .report
    .verdict;
    assert_forged(&verdict, "timestamp");
    // Somebody who pins a later root may use the same memory.
    let verdict = check_at(&mirror, &root2, Some(&outcome.remember), now())
        .await
        .report
        .verdict;
    assert_eq!(verdict, Verdict::Fresh);
}

#[tokio::test]
async fn a_root_that_the_old_one_did_not_sign_is_refused() {
    let first = Publisher::new();
    let (second, _) = rotate(&first, &["root"], 40);
    let mut mirror = second.usual(1);
    mirror
        .files
        .insert("metadata/2.root.json".into(), second.root());
    assert_forged(&check(&mirror, &first.root()).await, "metadata/2.root.json");
    // A version may not be skipped, nor repeated.
    let (_, root2) = rotate(&first, &["timestamp"], 40);
    let mut mirror = first.usual(1);
    mirror
        .files
        .insert("metadata/2.root.json".into(), first.root());
    assert_forged(&check(&mirror, &first.root()).await, "metadata/2.root.json");
    mirror
        .files
        .insert("metadata/2.root.json".into(), root2.clone());
    mirror.files.insert("metadata/3.root.json".into(), root2);
    assert_forged(&check(&mirror, &first.root()).await, "metadata/3.root.json");
}

#[tokio::test]
async fn new_online_keys_reset_floors_that_were_pushed_too_high() {
    let first = Publisher::new();
    let root = first.root();
    let pushed = check_at(&first.usual(1_000_000), &root, None, now())
        .await
        .remember;
    assert_forged(
        &check_at(&first.usual(2), &root, Some(&pushed), now())
            .await
            .report
            .verdict,
        "older state",
    );
    for roles in [
        ["timestamp", "snapshot"].as_slice(),
        &["snapshot"],
        &["timestamp"],
    ] {
        let (second, root2) = rotate(&first, roles, 60);
        let mut mirror = second.usual(2);
        mirror.files.insert("metadata/2.root.json".into(), root2);
        let outcome = check_at(&mirror, &root, Some(&pushed), now()).await;
        assert_eq!(outcome.report.verdict, Verdict::Fresh, "{roles:?}");
    }
}

#[tokio::test]
async fn endless_rotations_are_refused() {
    let mut publisher = Publisher::new();
    let first = publisher.root();
    let mut mirror = publisher.usual(1);
    for version in 2..=1_030 {
        publisher.root_version = version;
        mirror
            .files
            .insert(format!("metadata/{version}.root.json"), publisher.root());
    }
    assert_forged(&check(&mirror, &first).await, "more than 1024 new roots");
}

#[tokio::test]
async fn a_senseless_pinned_root_is_a_failure_to_check() {
    let publisher = Publisher::new();
    let mirror = publisher.usual(1);
    let timestamp = mirror.files["metadata/timestamp.json"].clone();
    let mut changed = publisher.root();
    let at = changed.len() - 40;
    changed[at] ^= 1;
    for bytes in [
        Vec::new(),
        b"{}".to_vec(),
        timestamp,
        changed,
        vec![b' '; 600_000],
    ] {
        assert_unreachable(
            &check(&mirror, &bytes).await,
            "the trusted root cannot be used",
        );
    }
}
