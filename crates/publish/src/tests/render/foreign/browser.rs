//! The pages in Chromium: readable by everybody, without a request to anybody, and old when their time is over.

use std::time::Duration;

use serde_json::{Value, json};
use stentor_testkit::browser::{Browser, DESK, PHONE};

use super::{busy, mirror, served};

/// A day before and two days after the page was written (milliseconds since the epoch: 2026-11-20 02:10 UTC).
const WRITTEN: i64 = 1_795_140_600_000;
const HOUR: i64 = 3_600_000;
/// How long something may take that always happens.
const DEADLINE: Duration = Duration::from_secs(60);

/// Sets the clock of the pages that are opened from now on.
async fn clock(browser: &Browser, ms: i64) {
    let source = format!("Date.now = () => {ms}");
    let script = json!({ "source": source });
    browser
        .cdp("Page.addScriptToEvaluateOnNewDocument", script)
        .await;
}

async fn shown(browser: &Browser, id: &str) -> Value {
    let script = format!("return !document.getElementById('{id}').hidden");
    browser.run(&script).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_readable_by_everybody() {
    let dir = mirror(&busy());
    let base = format!("file://{}/", dir.path().display());
    let everywhere = [
        ("status-index", "index.html"),
        ("status-index-ar", "index.ar.html"),
        ("status-incident", "incidents/2026/INC-7.html"),
    ];
    let small = [
        ("status-index-de", "index.de.html"),
        ("status-incident-he", "incidents/2026/INC-7.he.html"),
        ("status-denial-fi", "denials/DENIAL-2.fi.html"),
        ("status-maintenance", "maintenance/MNT-3.html"),
        ("status-history", "history.html"),
        ("status-directory", "directory.html"),
    ];
    for (kind, more) in [(PHONE, small.as_slice()), (DESK, &[])] {
        let browser = Browser::start(&base, kind).await;
        clock(&browser, WRITTEN + HOUR).await;
        for (name, path) in everywhere.iter().chain(more) {
            browser.open(path).await;
            browser.inspect(name).await;
            let foreign = "return performance.getEntriesByType('resource').map(e => e.name)";
            assert_eq!(
                browser.run(foreign).await,
                json!([]),
                "{path} asked for something"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_says_by_the_clock_of_its_reader_that_it_is_old() {
    let dir = mirror(&busy());
    let base = format!("file://{}/", dir.path().display());
    let browser = Browser::start(&base, PHONE).await;
    clock(&browser, WRITTEN + 5 * HOUR).await;
    browser.open("index.html").await;
    assert_eq!(shown(&browser, "old").await, json!(false));
    clock(&browser, WRITTEN + 6 * HOUR).await;
    browser.open("index.html").await;
    browser.wait_for("This page is old.").await;
    assert_eq!(shown(&browser, "old").await, json!(true));
    let grey = "return getComputedStyle(document.querySelector('main')).filter";
    assert_eq!(browser.run(grey).await, json!("grayscale(1)"));
    browser.inspect("status-old").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_confirmation_on_the_mirror_is_called_unchecked() {
    let dir = mirror(&busy());
    std::fs::create_dir(dir.path().join("metadata")).unwrap();
    let write =
        |text: &str| std::fs::write(dir.path().join("metadata/timestamp.json"), text).unwrap();
    let (_server, address) = served(dir.path()).await;
    let browser = Browser::start(&format!("{address}/"), PHONE).await;
    clock(&browser, WRITTEN + 7 * HOUR).await;
    write(r#"{"signed": {"expires": "2026-11-20T14:10:00Z"}}"#);
    browser.open("index.html").await;
    browser
        .wait_for("This mirror holds a newer confirmation, until")
        .await;
    browser.wait_for("2026-11-20 14:10 UTC").await;
    browser
        .wait_for("Its signature was not checked by this page.")
        .await;
    assert_eq!(shown(&browser, "old").await, json!(false));
    // What is no later, absurd or no JSON leaves the page old.
    for text in [
        r#"{"signed": {"expires": "2026-11-20T08:10:00Z"}}"#,
        r#"{"signed": {"expires": "2036-11-20T08:10:00Z"}}"#,
        "[",
        "",
    ] {
        write(text);
        browser.open("index.html").await;
        let asked = "return performance.getEntriesByType('resource').length";
        let answered = async { while browser.run(asked).await == json!(0) {} };
        tokio::time::timeout(DEADLINE, answered).await.unwrap();
        assert_eq!(shown(&browser, "old").await, json!(true), "{text}");
        assert_eq!(shown(&browser, "later").await, json!(false), "{text}");
    }
}
