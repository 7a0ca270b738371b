//! What every kind of mirror promises.

use std::sync::Mutex;

use stentor_publish::{Mirror, MirrorError, Step};
use stentor_verify::{FetchError, limits};

use crate::places::{each_kind, start};

const TIMESTAMP: &str = "metadata/timestamp.json";

async fn check(kind: &str) {
    let place = start(kind).await;
    let mirror = place.open();
    // Before anything is there.
    assert_eq!(mirror.name(), "m");
    assert_eq!(mirror.read(TIMESTAMP, 10).await, Err(FetchError::NotFound));
    mirror.delete("index.html").await.unwrap();

    // Write, overwrite, read with limits.
    for (path, bytes) in [
        ("metadata/1.root.json", "root"),
        (TIMESTAMP, "first"),
        ("incidents/INC-1.html", "page"),
        (".well-known/security.txt", "contact"),
        ("empty.txt", ""),
    ] {
        mirror.write(path, bytes.as_bytes()).await.unwrap();
        let limit = bytes.len() as u64;
        assert_eq!(mirror.read(path, limit).await.unwrap(), bytes.as_bytes());
        if limit > 0 {
            let less = limit - 1;
            let refused = mirror.read(path, less).await;
            assert_eq!(refused, Err(FetchError::TooLarge { limit: less }), "{path}");
        }
    }
    for text in ["second, which is longer", "3rd"] {
        mirror.write(TIMESTAMP, text.as_bytes()).await.unwrap();
        assert_eq!(
            mirror.read(TIMESTAMP, 1_000).await.unwrap(),
            text.as_bytes()
        );
        assert_eq!(
            place.open().read(TIMESTAMP, 1_000).await.unwrap(),
            text.as_bytes()
        );
    }
    // What is below it is no file, and a file is nothing to be below of.
    for path in ["incidents", "metadata/1.root.json/x"] {
        let read = mirror.read(path, 10).await;
        assert!(read.is_err(), "{path}: {read:?}");
    }

    // A large file.
    let large: Vec<u8> = (0..limits::TARGET_BYTES).map(|i| (i % 251) as u8).collect();
    mirror.write("targets/large.bin", &large).await.unwrap();
    let read = mirror.read("targets/large.bin", limits::TARGET_BYTES).await;
    assert!(read.unwrap() == large);
    let refused = mirror.read("targets/large.bin", 1_000).await;
    assert_eq!(refused, Err(FetchError::TooLarge { limit: 1_000 }));

    // Paths that lead elsewhere, or that a program could take for something else.
    for path in [
        "",
        "/",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        "./a",
        ".hidden",
        "a\nb",
        "a b",
        "a\"b",
        "a%2e",
        "ä",
        "a*",
        "a[b]",
        "a'b",
        "$HOME",
        "a;b",
        "a\\b",
        "-\n",
        "a:b",
        "a\0b",
    ] {
        let written = mirror.write(path, b"x").await;
        assert!(
            matches!(written, Err(MirrorError::Path(_))),
            "{path:?}: {written:?}"
        );
        let gone = mirror.delete(path).await;
        assert!(
            matches!(gone, Err(MirrorError::Path(_))),
            "{path:?}: {gone:?}"
        );
        assert_eq!(
            mirror.read(path, 10).await,
            Err(FetchError::NotFound),
            "{path:?}"
        );
    }
    // Strange but harmless.
    for path in ["-rf", "--help", "a=b,c", "a@b", "~x", "+x"] {
        mirror.write(path, path.as_bytes()).await.unwrap();
        assert_eq!(mirror.read(path, 100).await.unwrap(), path.as_bytes());
        mirror.delete(path).await.unwrap();
        assert_eq!(
            mirror.read(path, 100).await,
            Err(FetchError::NotFound),
            "{path}"
        );
    }
    many(mirror.as_ref()).await;
}

/// Many steps at once, and many files at once.
async fn many(mirror: &dyn Mirror) {
    let put = |path, bytes: &'static str| Step::Put {
        path,
        bytes: bytes.as_bytes(),
    };
    let steps = [
        put("targets/a.html", "a"),
        put("targets/incidents/b.html", "b"),
        put("metadata/2.status.json", "status"),
        put("metadata/2.snapshot.json", "snapshot"),
        put(TIMESTAMP, "4th"),
        put("index.html", "index"),
        put("incidents/INC-2.html", "two"),
        Step::Delete {
            path: "incidents/INC-1.html",
        },
        Step::Delete {
            path: "never/was.html",
        },
    ];
    let done = Mutex::new(Vec::new());
    let note = |index: usize| done.lock().unwrap().push(index);
    mirror.apply(&steps, &note).await.unwrap();
    let mut done = done.into_inner().unwrap();
    done.sort_unstable();
    assert_eq!(done, (0..steps.len()).collect::<Vec<_>>());
    let wanted: Vec<(String, u64)> = steps
        .iter()
        .map(|step| (step.path().to_owned(), 1_000))
        .collect();
    let brought = mirror.bring(&wanted).await;
    for step in steps {
        let alone = mirror.read(step.path(), 1_000).await;
        let expect = match step {
            Step::Put { bytes, .. } => Ok(bytes.to_vec()),
            Step::Delete { .. } => Err(FetchError::NotFound),
        };
        assert_eq!(alone, expect, "{}", step.path());
        if let Some(brought) = brought.get(step.path()) {
            assert_eq!(*brought, alone, "{}", step.path());
        }
    }
    mirror.apply(&[], &|_| {}).await.unwrap();
    mirror.refresh().await.unwrap();
    assert_eq!(mirror.read("index.html", 10).await.unwrap(), b"index");
}

each_kind!(check);

/// Two writers of one timestamp: where the place can tell, the later one is told; where it cannot, it wins.
async fn two_writers(kind: &str, told: bool) {
    let place = start(kind).await;
    let (one, two) = (place.open(), place.open());
    one.write(TIMESTAMP, b"first").await.unwrap();
    for mirror in [&one, &two] {
        mirror.refresh().await.unwrap();
        assert_eq!(mirror.read(TIMESTAMP, 10).await.unwrap(), b"first");
    }
    one.write(TIMESTAMP, b"second").await.unwrap();
    let late = two.write(TIMESTAMP, b"late").await;
    if told {
        assert_eq!(late, Err(MirrorError::Changed), "{kind}");
        two.refresh().await.unwrap();
        assert_eq!(two.read(TIMESTAMP, 10).await.unwrap(), b"second");
        two.write(TIMESTAMP, b"third").await.unwrap();
    } else {
        late.unwrap();
    }
    // Also where nothing was.
    two.delete(TIMESTAMP).await.unwrap();
    two.write(TIMESTAMP, b"again").await.unwrap();
    assert_eq!(place.open().read(TIMESTAMP, 10).await.unwrap(), b"again");
}

#[tokio::test]
async fn two_writers_where_the_place_can_tell() {
    two_writers("moto", true).await;
    two_writers("git-file", true).await;
}

#[tokio::test]
async fn two_writers_where_the_place_cannot_tell() {
    two_writers("s3rver", false).await;
    two_writers("put", false).await;
}
