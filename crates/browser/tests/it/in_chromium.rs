//! The page in a browser: from the disk and from elsewhere, over mirrors of every kind, and for everybody.

use serde_json::json;
use stentor_testkit::process::{installed, target_dir};

use crate::chromium::Chromium;
use crate::fixture::{Fixture, page};

fn on_disk() -> String {
    format!("file://{}", page().display())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_disk_every_mirror_is_judged_and_the_newest_word_shown() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    browser.open(&on_disk()).await;
    let names = [
        "old", "tampered", "soft", "endless", "silent", "moved", "other", "good",
    ];
    let mirrors: Vec<_> = names.iter().map(|name| fixture.mirror(name)).collect();
    let said = browser.check(&fixture.root, &mirrors).await;
    assert!(said.contains("Checked 8 mirrors"), "{said}");
    assert!(said.contains("Believe it until"), "{said}");
    let verdicts = browser.verdicts().await;
    assert_eq!(
        verdicts,
        [
            "fresh good",
            "fresh old",
            "not_authentic endless",
            "not_authentic other",
            "not_authentic tampered",
            "unreachable moved",
            "unreachable silent",
            "unreachable soft",
        ]
    );
    let text = browser.text().await;
    for part in [
        "A known problem at 02:10 UTC; after 08:10 treat this page as old.",
        "Another mirror has a newer word than this one.",
        "status.json at the top of the mirror is not the signed page",
        "the answer is a web page",
        "Access-Control-Allow-Origin: *",
        "it is longer than 16384 bytes; refused to read on",
        "This is the first visit with this browser, or its storage was wiped since",
        "<img src=x onerror=",
        "we never ask for passwords there",
        "New cables",
        "We do not ask for gift cards",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    for part in [
        "No known problem.",
        "All is well.",
        "Old cables",
        "An older hoax",
    ] {
        assert!(!text.contains(part), "{part:?} in {text}");
    }
    // What the mirror says stays text.
    assert_eq!(
        browser.run("return document.title").await,
        json!("Check a status page")
    );
    assert_eq!(browser.run("return document.images.length").await, json!(0));
    let links = "return [...document.querySelectorAll('#results a')].map(a => a.protocol)";
    assert_eq!(browser.run(links).await, json!(["tel:", "https:"]));
    browser.picture("many").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_an_origin_that_is_not_secure_the_fingerprint_alone_will_do() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    browser.open(&fixture.page_elsewhere()).await;
    assert_eq!(
        browser
            .run("return [isSecureContext, !!crypto.subtle]")
            .await,
        json!([false, false])
    );
    let said = browser
        .check(
            &fixture.sha256,
            &[fixture.mirror("good"), fixture.mirror("other")],
        )
        .await;
    assert!(
        said.contains("authentic and fresh: 1, not authentic: 1"),
        "{said}"
    );
    let text = browser.text().await;
    assert!(
        text.contains("This page came from elsewhere.test"),
        "{text}"
    );
    assert!(
        text.contains("is not the root whose fingerprint you gave"),
        "{text}"
    );
    let crypto = browser
        .run("return document.querySelector('#crypto').textContent")
        .await;
    assert_eq!(crypto, json!("the noble libraries in this file"));
    // The root is remembered with what was seen, so a mirror without it will do from now on.
    let kept = browser
        .check(&fixture.sha256, &[fixture.mirror("rootless")])
        .await;
    assert!(kept.contains("authentic and fresh: 1"), "{kept}");
    browser.press("forget").await;
    let forgotten =
        "return document.querySelector('#announcement').textContent.startsWith('Forgotten')";
    browser.until(forgotten, json!(true)).await;
    let lost = browser
        .check(&fixture.sha256, &[fixture.mirror("rootless")])
        .await;
    assert!(lost.contains("could not check: 1"), "{lost}");
    let text = browser.text().await;
    assert!(text.contains("give the whole root.json instead"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mirrors_that_a_verified_word_names_are_judged_too() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    browser.open(&on_disk()).await;
    browser
        .check(&fixture.root, &[fixture.mirror("naming")])
        .await;
    assert_eq!(browser.verdicts().await, ["fresh named", "fresh naming"]);
    let text = browser.text().await;
    assert!(text.contains("/named (named by the publisher)"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_looks_forged_is_looked_at_once_more_before_anything_is_said() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    browser.open(&on_disk()).await;
    let listen = "window.heard = []; const line = document.querySelector('[role=status]');
        new MutationObserver(() => heard.push(line.textContent)).observe(line, { childList: true });
        const results = document.querySelector('#results');
        new MutationObserver(() => heard.push('shown')).observe(results, { childList: true });";
    browser.run(listen).await;
    // One is whole when it is looked at again, the other only at the third look.
    for (name, verdict) in [("healing", "fresh"), ("late", "not_authentic")] {
        browser.run("window.heard.length = 0").await;
        browser.check(&fixture.root, &[fixture.mirror(name)]).await;
        let heard = browser.run("return window.heard").await;
        let heard: Vec<String> = serde_json::from_value(heard).unwrap();
        let at = |part: &str| heard.iter().position(|line| line.contains(part));
        let again = at("Looking once more …");
        assert!(again.is_some() && again < at("shown"), "{heard:?}");
        assert_eq!(browser.verdicts().await, [format!("{verdict} {name}")]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_word_is_called_old() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    browser.open(&on_disk()).await;
    let said = browser
        .check(&fixture.root, &[fixture.mirror("stale")])
        .await;
    assert!(
        said.contains("authentic, but stale: 1") && !said.contains("Believe"),
        "{said}"
    );
    let text = browser.text().await;
    for part in [
        "What the publisher said last",
        "Nobody has confirmed it since",
        "Incidents known then",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    browser.picture("stale").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_network_nothing_is_claimed() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    browser.open(&on_disk()).await;
    let cut =
        json!({ "offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser.cdp("Network.enable", json!({})).await;
    browser.cdp("Network.emulateNetworkConditions", cut).await;
    let said = browser
        .check(&fixture.root, &[fixture.mirror("good")])
        .await;
    assert!(said.contains("could not check: 1"), "{said}");
    let text = browser.text().await;
    assert!(
        text.contains("this device is not connected to a network"),
        "{text}"
    );
    assert!(!text.contains("What the publisher says"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_input_is_explained_beside_it() {
    let browser = Chromium::start().await;
    browser.open(&on_disk()).await;
    browser.press("check").await;
    let root = "return [document.activeElement.id, document.activeElement.ariaInvalid, document.querySelector('#root-error').textContent]";
    assert_eq!(
        browser.run(root).await,
        json!([
            "root",
            "true",
            "Give the publisher's root.json or its fingerprint first."
        ])
    );
    browser.run("document.querySelector('#root').value = 'AB '.repeat(32); document.querySelector('#mirrors').value = 'javascript:alert(1)'").await;
    browser.press("check").await;
    let mirrors = "return [document.activeElement.id, document.querySelector('#root').ariaInvalid, document.querySelector('#mirrors-error').textContent]";
    let expect = "javascript:alert(1) is not an address that begins with https:// or http://.";
    assert_eq!(browser.run(mirrors).await, json!(["mirrors", null, expect]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_can_use_it() {
    let (fixture, browser) = tokio::join!(Fixture::start(), Chromium::start());
    for (width, dark) in [(360, false), (360, true), (1280, false), (1280, true)] {
        let size =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600 });
        browser
            .cdp("Emulation.setDeviceMetricsOverride", size)
            .await;
        let look = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": look }] });
        browser.cdp("Emulation.setEmulatedMedia", features).await;
        browser.open(&on_disk()).await;
        inspect(&browser, &format!("empty-{width}-{look}")).await;
        let names = ["good", "stale", "tampered", "soft"];
        let mirrors: Vec<_> = names.iter().map(|name| fixture.mirror(name)).collect();
        browser.check(&fixture.root, &mirrors).await;
        browser
            .run("document.querySelectorAll('details').forEach(d => d.open = true)")
            .await;
        inspect(&browser, &format!("results-{width}-{look}")).await;
    }
    // Where letters run from right to left, nothing falls off either.
    browser.run("document.documentElement.dir = 'rtl'").await;
    inspect(&browser, "right-to-left").await;
}

async fn inspect(browser: &Chromium, name: &str) {
    browser.picture(name).await;
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.run(wide).await, json!(0), "{name} scrolls sideways");
    let small = "return [...document.querySelectorAll('button, summary, textarea, input:not([type=checkbox]), label.tick, #results a')]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)";
    assert_eq!(
        browser.run(small).await,
        json!([]),
        "{name}: too small for a thumb"
    );
    browser.run(&axe()).await;
    let run = "const done = arguments[arguments.length - 1];
        axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
          .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))))
          .catch(e => done(['axe failed: ' + e]))";
    let found = browser.driver.execute_async(run, Vec::new()).await.unwrap();
    assert_eq!(*found.json(), json!([]), "{name}");
}

/// Pinned, so that a new rule does not fail an old commit.
const AXE: &str = "axe-core@4.10.3";

/// The script of axe-core, the checker of accessibility, downloaded once from npm into the target folder.
fn axe() -> String {
    let folder = target_dir().join("npm").join(AXE);
    std::fs::create_dir_all(&folder).unwrap();
    let lock = std::fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap(); // until the end of this function
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        let mut install = std::process::Command::new(installed("npm", "npm"));
        install.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        let output = install.arg(&folder).arg(AXE).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "npm cannot fetch {AXE}: {said}");
    }
    std::fs::read_to_string(script).unwrap()
}
