//! What is remembered, and what that prevents.

use stentor_verify::{LocalDir, Remembered, Rollback, StateDir, Verdict, Verification};

use crate::fixture::{Mirror, Publisher, assert_forged, assert_unreachable, check, check_at, now};

async fn seen(mirror: &Mirror, root: &[u8]) -> Remembered {
    let outcome = check_at(mirror, root, None, now()).await;
    assert_eq!(outcome.report.verdict, Verdict::Fresh);
    outcome.remember
}

#[tokio::test]
async fn an_older_state_put_back_is_refused_only_with_memory() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let floors = seen(&publisher.usual(2), &root).await;
    let old = publisher.usual(1);
    assert_eq!(
        check(&old, &root).await,
        Verdict::Fresh,
        "a first visit cannot know"
    );
    let outcome = check_at(&old, &root, Some(&floors), now()).await;
    assert_forged(
        &outcome.report.verdict,
        "timestamp is at version 10, but version 20 was seen before",
    );
    assert_eq!(outcome.report.exit_code, 4);
    assert_eq!(outcome.remember, floors, "a refused visit teaches nothing");
    // The same again, and a newer one, are welcome.
    for version in [2, 3] {
        let report = check_at(&publisher.usual(version), &root, Some(&floors), now())
            .await
            .report;
        assert_eq!(
            (report.verdict, report.rollback),
            (Verdict::Fresh, Rollback::Compared)
        );
    }
}

#[tokio::test]
async fn a_newer_timestamp_cannot_bring_an_older_role_back() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let floors = seen(&publisher.usual(5), &root).await;
    // A thief of the snapshot and timestamp keys replays the old status under a new snapshot.
    let old = publisher.usual(4);
    let mut snapshot: serde_json::Value =
        serde_json::from_slice(&old.files["metadata/4.snapshot.json"]).unwrap();
    snapshot["signed"]["version"] = 6.into();
    let snapshot = publisher.sign(&snapshot["signed"], &["snapshot"]);
    let mut timestamp: serde_json::Value =
        serde_json::from_slice(&old.files["metadata/timestamp.json"]).unwrap();
    timestamp["signed"]["version"] = 60.into();
    timestamp["signed"]["meta"]["snapshot.json"] = serde_json::json!({"version": 6});
    let timestamp = publisher.sign(&timestamp["signed"], &["timestamp"]);
    let mut mirror = old;
    mirror
        .files
        .insert("metadata/6.snapshot.json".into(), snapshot);
    mirror
        .files
        .insert("metadata/timestamp.json".into(), timestamp);
    assert_eq!(
        check(&mirror, &root).await,
        Verdict::Fresh,
        "on a first visit this is all there is"
    );
    let verdict = check_at(&mirror, &root, Some(&floors), now())
        .await
        .report
        .verdict;
    assert_forged(
        &verdict,
        "status.json (via snapshot) is at version 4, but version 5",
    );
}

#[tokio::test]
async fn a_forged_page_does_not_stop_the_floors_from_rising() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let mut mirror = publisher.usual(2);
    mirror.files.insert("index.html".into(), b"forged".to_vec());
    let outcome = check_at(&mirror, &root, None, now()).await;
    assert_forged(&outcome.report.verdict, "index.html");
    let verdict = check_at(&publisher.usual(1), &root, Some(&outcome.remember), now())
        .await
        .report
        .verdict;
    assert_forged(&verdict, "older state");
}

#[tokio::test]
async fn state_in_a_directory_survives_and_is_distrusted() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::new(dir.path().join("deep/state"));
    let visit = async |version| {
        let mirror = publisher.usual(version);
        Verification::new(&mirror, &root, now())
            .run_with_state(&state)
            .await
    };
    let first = visit(2).await;
    assert_eq!(
        (&first.verdict, first.rollback),
        (&Verdict::Fresh, Rollback::CannotBeExcluded)
    );
    assert_eq!(visit(2).await.rollback, Rollback::Compared);
    assert_forged(&visit(1).await.verdict, "older state");

    // What lies in the directory is verified from the pinned root, each time.
    let file = dir.path().join("deep/state/seen.json");
    let kept = std::fs::read_to_string(&file).unwrap();
    for (broken, why) in [
        (
            kept.replace("20,", "10,")
                .replace("\\\"version\\\":20", "\\\"version\\\":10"),
            "damaged",
        ),
        ("{}".to_owned(), "damaged"),
        ("[".to_owned(), "damaged"),
    ] {
        assert_ne!(broken, kept);
        std::fs::write(&file, broken).unwrap();
        assert_unreachable(&visit(2).await.verdict, why);
    }
    // Another publisher's state is not ours either.
    std::fs::write(&file, &kept).unwrap();
    let mut other = Publisher::new();
    other.keys.insert(
        "timestamp",
        ed25519_dalek::SigningKey::from_bytes(&[77; 32]),
    );
    let mirror = other.usual(1);
    let other_root = other.root();
    let report = Verification::new(&mirror, &other_root, now())
        .run_with_state(&state)
        .await;
    assert_unreachable(&report.verdict, "another publisher");
}

#[tokio::test]
async fn an_unreachable_first_visit_leaves_nothing_behind() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::new(dir.path().join("state"));
    let nowhere = LocalDir::new(dir.path().join("nowhere"));
    let report = Verification::new(&nowhere, &root, now())
        .run_with_state(&state)
        .await;
    assert_unreachable(&report.verdict, "not a directory");
    assert!(!dir.path().join("state").exists());
}

#[tokio::test]
async fn two_visits_at_once_never_lower_the_floor() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::new(dir.path());
    let [one, two, three] = [
        seen(&publisher.usual(1), &root).await,
        seen(&publisher.usual(2), &root).await,
        seen(&publisher.usual(3), &root).await,
    ];
    state.save(None, &one).unwrap();
    // Both loaded `one`; the one that saw more was faster.
    state.save(Some(&one), &three).unwrap();
    state.save(Some(&one), &two).unwrap();
    assert_eq!(state.load().unwrap(), Some(three.clone()));
    // Nobody else in between: what was verified last is kept, also when new keys have reset the floors.
    state.save(Some(&three), &two).unwrap();
    assert_eq!(state.load().unwrap(), Some(two));
}

#[tokio::test]
async fn a_state_directory_of_an_earlier_release_is_read() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let seen = publisher.usual(2);
    let text = |path: &str| String::from_utf8(seen.files[path].clone()).unwrap();
    // Letter by letter what the first release wrote.
    let file = serde_json::json!({
        "roots": [],
        "timestamp": text("metadata/timestamp.json"),
        "snapshot": text("metadata/2.snapshot.json"),
    });
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("seen.json"), file.to_string()).unwrap();
    let state = StateDir::new(dir.path());
    let visit = async |version| {
        let mirror = publisher.usual(version);
        Verification::new(&mirror, &root, now())
            .run_with_state(&state)
            .await
    };
    assert_forged(&visit(1).await.verdict, "older state");
    let report = visit(2).await;
    assert_eq!(
        (report.verdict, report.rollback),
        (Verdict::Fresh, Rollback::Compared)
    );
}

#[tokio::test]
async fn a_state_without_end_is_not_read() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let dir = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(dir.path().join("seen.json")).unwrap();
    file.set_len(1 << 40).unwrap();
    let report = Verification::new(&publisher.usual(1), &root, now())
        .run_with_state(&StateDir::new(dir.path()))
        .await;
    assert_unreachable(&report.verdict, "it is longer than 64000000 bytes");
}
