//! How much is fetched, and how much is said about it.

use std::sync::Mutex;

use async_trait::async_trait;
use stentor_verify::{Fetch, FetchError, Outcome, Scope, Verdict, Verification};

use crate::fixture::{Mirror, Publisher, assert_forged, assert_unreachable, now};

/// A mirror that notes what is asked.
struct Noted {
    mirror: Mirror,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Fetch for Noted {
    fn name(&self) -> String {
        self.mirror.name()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.asked.lock().unwrap().push(path.to_owned());
        self.mirror.fetch(path, limit).await
    }
}

/// What a check found, and which paths it asked for after the next root and the timestamp.
async fn visit(mirror: &Mirror, scope: Scope<'_>) -> (Outcome, Vec<String>) {
    let noted = Noted {
        mirror: mirror.clone(),
        asked: Mutex::default(),
    };
    let root = Publisher::new().root();
    let check = Verification {
        scope,
        ..Verification::new(&noted, &root, now())
    };
    let outcome = check.run().await;
    let asked = noted.asked.into_inner().unwrap();
    assert_eq!(
        asked[..2],
        ["metadata/2.root.json", "metadata/timestamp.json"]
    );
    (outcome, asked[2..].to_vec())
}

#[tokio::test]
async fn each_reader_fetches_what_it_needs() {
    let mirror = Publisher::new().usual(3);
    let target = |part: &str| mirror.find(part);
    let (head, whole) = (
        ["metadata/3.snapshot.json", "metadata/1.targets.json"],
        [
            "metadata/3.snapshot.json",
            "metadata/1.targets.json",
            "metadata/3.status.json",
        ],
    );
    let check = async |scope: Scope<'_>, metadata: &[&str], files: &[String], kept: &[&str]| {
        let (outcome, asked) = visit(&mirror, scope).await;
        assert_eq!(outcome.report.verdict, Verdict::Fresh, "{scope:?}");
        let expect: Vec<_> = metadata
            .iter()
            .map(|m| (*m).to_owned())
            .chain(files.iter().cloned())
            .collect();
        assert_eq!(asked, expect, "{scope:?}");
        assert_eq!(outcome.report.files, files.len(), "{scope:?}");
        let paths: Vec<_> = outcome.files.keys().map(String::as_str).collect();
        assert_eq!(paths, kept, "{scope:?}");
    };
    let pages = ["incidents/INC-1.html".to_owned(), "index.html".to_owned()];
    let targets = [target("targets/incidents/"), mirror.find(".index.html")];
    let all = [&targets[0], &pages[0], &targets[1], &pages[1]].map(Clone::clone);
    check(Scope::Head, &head, &[], &[]).await;
    check(Scope::Metadata, &whole, &[], &[]).await;
    check(Scope::Present, &whole, &pages[1..], &["index.html"]).await;
    check(
        Scope::File("index.html"),
        &whole,
        &targets[1..],
        &["index.html"],
    )
    .await;
    check(Scope::Everything, &whole, &all, &[]).await;
}

#[tokio::test]
async fn a_file_that_nobody_signed_is_not_had() {
    let mirror = Publisher::new().usual(3);
    let (outcome, _) = visit(&mirror, Scope::File("absent.html")).await;
    assert_unreachable(
        &outcome.report.verdict,
        "has signed no file called absent.html",
    );
    // No role may speak for it: none is asked.
    let (outcome, asked) = visit(&mirror, Scope::File("deep/down/below.html")).await;
    assert_unreachable(&outcome.report.verdict, "has signed no file");
    assert_eq!(asked.len(), 2, "{asked:?}");
}

#[tokio::test]
async fn what_is_forged_is_not_kept() {
    let mut mirror = Publisher::new().usual(3);
    mirror.files.insert("index.html".into(), b"forged".to_vec());
    let (outcome, _) = visit(&mirror, Scope::Present).await;
    assert_forged(&outcome.report.verdict, "index.html at the top");
    assert!(outcome.files.is_empty());
    // The signed file itself is as it was.
    let (outcome, _) = visit(&mirror, Scope::File("index.html")).await;
    assert_eq!(outcome.files["index.html"], b"<p>word 3</p>");
}
