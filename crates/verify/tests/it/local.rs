//! A mirror that is a directory.

use std::path::Path;

use stentor_verify::{Fetch, FetchError, LocalDir, Verdict, Verification};

use crate::fixture::{Mirror, Publisher, assert_forged, now};

fn lay_out(mirror: &Mirror, dir: &Path) {
    for (path, bytes) in &mirror.files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[tokio::test]
async fn a_directory_is_verified_like_any_mirror() {
    let publisher = Publisher::new();
    let root = publisher.root();
    let dir = tempfile::tempdir().unwrap();
    lay_out(&publisher.usual(1), dir.path());
    let mirror = LocalDir::new(dir.path());
    let report = Verification::new(&mirror, &root, now()).run().await.report;
    assert_eq!((report.verdict, report.files), (Verdict::Fresh, 4));
    std::fs::write(dir.path().join("index.html"), "forged").unwrap();
    assert_forged(
        &Verification::new(&mirror, &root, now())
            .run()
            .await
            .report
            .verdict,
        "index.html",
    );
}

#[tokio::test]
async fn reading_stops_at_the_limit_and_stays_inside() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("mirror");
    std::fs::create_dir_all(base.join("sub")).unwrap();
    std::fs::write(base.join("four"), "1234").unwrap();
    std::fs::write(dir.path().join("secret"), "s").unwrap();
    // A file of a terabyte that takes no room: reading it whole would not end.
    std::fs::File::create(base.join("endless"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    std::os::unix::fs::symlink("/dev/zero", base.join("zero")).unwrap();
    let mirror = LocalDir::new(&base);
    assert_eq!(mirror.fetch("four", 4).await, Ok(b"1234".to_vec()));
    assert_eq!(
        mirror.fetch("four", 3).await,
        Err(FetchError::TooLarge { limit: 3 })
    );
    assert_eq!(
        mirror.fetch("endless", 1_000).await,
        Err(FetchError::TooLarge { limit: 1_000 })
    );
    assert!(matches!(
        mirror.fetch("zero", 1_000).await,
        Err(FetchError::Unreachable(_))
    ));
    for path in [
        "../secret",
        "sub/../four",
        "/etc/passwd",
        "",
        "absent",
        "four/x",
    ] {
        assert_eq!(
            mirror.fetch(path, 100).await,
            Err(FetchError::NotFound),
            "{path:?}"
        );
    }
}
