//! Signatures that minisign's own programs accept.

use ed25519_dalek::{Signer as _, SigningKey};

use super::sample::{FINGERPRINT, busy};
use crate::render::{Renderer, Signer};
use crate::repository::Pages;
use crate::tests::support::{hours, now};

fn signed(at: jiff::Timestamp) -> Pages {
    let key = SigningKey::from_bytes(&[7; 32]);
    let sign = |bytes: &[u8]| key.sign(bytes).to_bytes();
    let signer = Signer {
        public: key.verifying_key().to_bytes(),
        handover: None,
        sign: &sign,
    };
    let mut renderer = Renderer::default();
    renderer
        .pages(&busy(), FINGERPRINT, Some(&signer), at)
        .unwrap()
}

fn comment(pages: &Pages, path: &str) -> String {
    let text = super::text(pages, path);
    let line = text.lines().nth(2).unwrap();
    line.strip_prefix("trusted comment: ").unwrap().to_owned()
}

#[test]
fn a_comment_names_the_file_and_its_time() {
    let pages = signed(now());
    for (path, expect) in [
        (
            "index.html.minisig",
            "file:index.html time:2026-11-20T02:10:00Z valid-until:2026-11-20T08:10:00Z",
        ),
        (
            "feed.atom.minisig",
            "file:feed.atom time:2026-11-20T02:00:00Z valid-until:2026-12-24T00:00:00Z",
        ),
        (
            "incidents/2026/INC-7.html.minisig",
            "file:incidents/2026/INC-7.html time:2026-11-20T02:00:00Z",
        ),
    ] {
        assert_eq!(comment(&pages, path), expect);
    }
    assert!(!pages.contains_key("minisign.pub.minisig"));
    assert!(!pages.contains_key("api/v2/summary.json.minisig"));
    assert!(pages.contains_key(".well-known/security.txt.minisig"));
}

#[test]
fn a_signature_changes_only_with_its_file() {
    let (now, later) = (signed(now()), signed(hours(1)));
    for (path, bytes) in &now {
        let signed = path.trim_end_matches(".minisig");
        assert_eq!(
            later[path] == *bytes,
            later[signed] == now[signed],
            "{path}"
        );
    }
}

#[test]
fn minisign_accepts_every_file_and_refuses_a_changed_one() {
    let dir = tempfile::tempdir().unwrap();
    let pages = signed(now());
    for (path, bytes) in &pages {
        let file = dir.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    let minisign = stentor_testkit::process::installed("minisign", "minisign");
    let verify = |path: &str| {
        std::process::Command::new(&minisign)
            .current_dir(dir.path())
            .args(["-V", "-p", "minisign.pub", "-m", path])
            .output()
            .unwrap()
    };
    let signed = pages
        .keys()
        .filter_map(|path| path.strip_suffix(".minisig"));
    let signed: Vec<&str> = signed.collect();
    assert!(signed.len() > 30, "{signed:?}");
    for path in &signed {
        let output = verify(path);
        assert!(output.status.success(), "{path}: {output:?}");
    }
    let output = verify("index.html");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("Trusted comment: file:index.html time:2026"),
        "{said}"
    );
    // A letter of the file, then of the comment.
    std::fs::write(dir.path().join("index.html"), "No known problem").unwrap();
    assert!(!verify("index.html").status.success());
    let comment = super::text(&pages, "status.txt.minisig").replace("T08:10", "T18:10");
    std::fs::write(dir.path().join("status.txt.minisig"), comment).unwrap();
    assert!(!verify("status.txt").status.success());
}
