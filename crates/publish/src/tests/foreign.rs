//! Our mirrors under a foreign client: what python-tuf accepts and refuses, `verify` accepts and refuses.

use std::path::Path;

use stentor_verify::{StateDir, Verdict};

use super::python::Visitor;
use super::support::{House, assert_forged, copy, find, hours, now, word};

const ALL: [&str; 4] = [
    "index.html",
    "status.json",
    "status.txt",
    "incidents/2026/INC-1.html",
];

/// Both readers, each with a memory of its own.
struct Readers<'a> {
    house: &'a House,
}

impl Readers<'_> {
    async fn visit(
        &self,
        memory: &str,
        mirror: &Path,
    ) -> (Result<(), String>, stentor_verify::Report) {
        let root = self.house.path("repository/root.json");
        let state = self.house.path(memory);
        std::fs::create_dir_all(&state).unwrap();
        let visitor = Visitor {
            root: &root,
            state: &state,
        };
        let theirs = visitor.visit(mirror, &hours(2).to_string(), &ALL);
        let kept = StateDir::new(state.join("ours"));
        (
            theirs,
            self.house.verify_dir(mirror, Some(&kept), hours(2)).await,
        )
    }

    async fn accept(&self, memory: &str, mirror: &Path) {
        let (theirs, ours) = self.visit(memory, mirror).await;
        assert_eq!(theirs, Ok(()));
        assert_eq!(ours.verdict, Verdict::Fresh);
    }

    async fn refuse(&self, memory: &str, mirror: &Path, theirs: &str, ours: &str) {
        let (said, report) = self.visit(memory, mirror).await;
        let said = said.unwrap_err();
        assert!(said.starts_with(theirs), "python-tuf: {said}");
        assert_forged(&report, ours);
    }
}

#[tokio::test]
async fn a_foreign_client_judges_our_mirrors_as_we_do() {
    let house = House::new();
    let readers = Readers { house: &house };
    let mut publisher = house.publisher();
    let one = house.path("one");
    publisher.say(word("a"), now()).await.unwrap();
    copy(&one, &house.path("old"));
    readers.accept("memory", &one).await;
    publisher.say(word("b"), hours(1)).await.unwrap();
    publisher.resign_timestamp(hours(2)).await.unwrap();
    readers.accept("memory", &one).await;
    readers.accept("first visit", &one).await;

    // An older state put back after a newer one was seen.
    readers
        .refuse(
            "memory",
            &house.path("old"),
            "BadVersionNumberError",
            "older state",
        )
        .await;

    let bent = |name: &str| {
        let dir = house.path(name);
        copy(&one, &dir);
        dir
    };
    // A tampered target of the same length.
    let tampered = bent("tampered");
    let target = find(
        &tampered.join("targets"),
        &stentor_verify::fingerprint(b"index.html: b"),
    );
    std::fs::write(target, "index.html: B").unwrap();
    readers
        .refuse(
            "m1",
            &tampered,
            "LengthOrHashMismatchError",
            "index.html does not match",
        )
        .await;

    // A mix of two versions: the old status, then the old snapshot, under the new timestamp.
    let mixed = bent("mixed");
    let (old, new) = ("metadata/2.status.json", "metadata/3.status.json");
    std::fs::copy(mixed.join(old), mixed.join(new)).unwrap();
    readers
        .refuse("m2", &mixed, "LengthOrHashMismatchError", new)
        .await;
    let mixed = bent("mixed more");
    let (old, new) = ("metadata/2.snapshot.json", "metadata/3.snapshot.json");
    std::fs::copy(mixed.join(old), mixed.join(new)).unwrap();
    readers
        .refuse("m3", &mixed, "LengthOrHashMismatchError", new)
        .await;

    // Endless files: a terabyte each, that takes no room.
    for (memory, path) in [
        ("m4", "metadata/timestamp.json"),
        ("m5", "metadata/3.snapshot.json"),
        ("m6", "metadata/2.root.json"),
    ] {
        let endless = bent(memory);
        let file = std::fs::File::create(endless.join(path)).unwrap();
        file.set_len(1 << 40).unwrap();
        readers
            .refuse(
                &format!("{memory} memory"),
                &endless,
                "DownloadLengthMismatchError",
                path,
            )
            .await;
    }

    // A signature changed.
    let forged = bent("forged");
    let path = forged.join("metadata/timestamp.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"version\":3", "\"version\":4")).unwrap();
    readers
        .refuse("m7", &forged, "UnsignedMetadataError", "timestamp")
        .await;
}

#[tokio::test]
async fn a_foreign_client_calls_old_what_we_call_stale() {
    let house = House::new();
    house.publisher().say(word("a"), now()).await.unwrap();
    let root = house.path("repository/root.json");
    let state = house.path("theirs");
    std::fs::create_dir_all(&state).unwrap();
    let visitor = Visitor {
        root: &root,
        state: &state,
    };
    assert_eq!(
        visitor.visit(&house.path("one"), &hours(5).to_string(), &ALL),
        Ok(())
    );
    let late = visitor
        .visit(&house.path("one"), &hours(6).to_string(), &ALL)
        .unwrap_err();
    assert!(late.starts_with("ExpiredMetadataError"), "{late}");
    assert!(matches!(
        house.verify("one", hours(6)).await.verdict,
        Verdict::Stale { .. }
    ));
}
