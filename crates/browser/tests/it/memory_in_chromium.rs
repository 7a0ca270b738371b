//! What the page remembers, what it says when it cannot, and what time does to a word.

use serde_json::json;

use crate::chromium::Chromium;
use crate::fixture::{Fixture, page};

const FIRST: &str = "This is the first visit with this browser, or its storage was wiped since";
const COMPARED: &str = "an older state put back would have been noticed";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_word_is_noticed_until_the_storage_is_wiped() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    let address = fixture.page_elsewhere();
    browser.open(&address).await;
    browser
        .check(&fixture.root, &[fixture.mirror("good")])
        .await;
    assert!(browser.text().await.contains(FIRST));

    // Opened anew it remembers what to check and what it saw.
    browser.open(&address).await;
    browser.answered().await;
    assert_eq!(browser.verdicts().await, ["fresh good"]);
    assert!(browser.text().await.contains(COMPARED));
    browser.check(&fixture.root, &[fixture.mirror("old")]).await;
    assert_eq!(browser.verdicts().await, ["not_authentic old"]);
    assert!(browser.text().await.contains("an older state was put back"));

    // Forgetting is a first visit again.
    browser.press("forget").await;
    browser
        .until(
            "return document.querySelector('#announcement').textContent.startsWith('Forgotten')",
            json!(true),
        )
        .await;
    browser.check(&fixture.root, &[fixture.mirror("old")]).await;
    assert_eq!(browser.verdicts().await, ["fresh old"]);
    assert!(browser.text().await.contains(FIRST));

    // So is a wiped storage.
    browser
        .check(&fixture.root, &[fixture.mirror("good")])
        .await;
    browser.driver.goto("about:blank").await.unwrap();
    let origin = address.split("/page").next().unwrap();
    let wipe = json!({ "origin": origin, "storageTypes": "all" });
    browser.cdp("Storage.clearDataForOrigin", wipe).await;
    browser.open(&address).await;
    assert_eq!(browser.announced().await, "");
    browser.check(&fixture.root, &[fixture.mirror("old")]).await;
    assert_eq!(browser.verdicts().await, ["fresh old"]);
    assert!(browser.text().await.contains(FIRST));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_on_the_disk_remembers_too() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    let address = format!("file://{}", page().display());
    browser.open(&address).await;
    browser
        .check(&fixture.root, &[fixture.mirror("good")])
        .await;
    browser.open(&address).await;
    browser.answered().await;
    browser.check(&fixture.root, &[fixture.mirror("old")]).await;
    assert_eq!(browser.verdicts().await, ["not_authentic old"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_stores_nothing_says_so_and_remembers_while_open() {
    let blocked = json!({ "profile.default_content_setting_values.cookies": 2 });
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::with_preferences(blocked));
    browser.open(&fixture.page_elsewhere()).await;
    browser
        .check(&fixture.root, &[fixture.mirror("good")])
        .await;
    let text = browser.text().await;
    assert!(text.contains("storage cannot be opened"), "{text}");
    assert!(
        text.contains("An older state put back cannot be excluded."),
        "{text}"
    );
    browser.check(&fixture.root, &[fixture.mirror("old")]).await;
    assert_eq!(browser.verdicts().await, ["not_authentic old"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_damaged_is_not_taken_for_a_first_visit() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    browser.open(&fixture.page_elsewhere()).await;
    browser
        .check(&fixture.root, &[fixture.mirror("good")])
        .await;
    let damage = "const [key, done] = arguments;
        indexedDB.open('stentor-verifier', 1).onsuccess = ({ target: { result: db } }) => {
            const change = db.transaction('seen', 'readwrite');
            change.objectStore('seen').put({ roots: 'none' }, key);
            change.oncomplete = () => { db.close(); done(true); };
        };";
    let key = json!(fixture.sha256);
    browser
        .driver
        .execute_async(damage, vec![key])
        .await
        .unwrap();
    let said = browser
        .check(&fixture.root, &[fixture.mirror("good")])
        .await;
    assert!(
        said.contains("Could not check") && said.contains("damaged"),
        "{said}"
    );
    assert_eq!(browser.verdicts().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_word_turns_stale_before_peoples_eyes() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    browser.open(&fixture.page_elsewhere()).await;
    browser
        .check(&fixture.root, &[fixture.mirror("brief")])
        .await;
    browser
        .until(
            "return document.querySelector('.mirror').dataset.verdict",
            json!("stale"),
        )
        .await;
    assert!(browser.announced().await.contains("has become stale"));
}
