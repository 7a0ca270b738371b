//! How large pages are, and what changes when.

use std::collections::BTreeSet;

use stentor_domain::bulletin::{Impact, PublicStatus, StatusPage};
use stentor_verify::limits;

use super::sample::pages;
use super::sample::{FINGERPRINT, busy, incident, update};
use super::{text, troubled};
use crate::render::Renderer;
use crate::repository::Pages;
use crate::tests::support::{hours, now};

/// Bytes after compression as web servers do it.
fn compressed(bytes: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap().len()
}

/// The metadata that goes with it has some 8 kB; all together is to stay below 100 kB.
#[test]
fn the_present_stays_small_whatever_was_said_before() {
    let mut page = busy();
    let longest = page.current[0].updates[0].clone();
    let said = |n: usize| (0..n).map(|_| longest.clone()).collect::<Vec<_>>();
    let many = (1_000..3_000).map(|id| incident(id, Impact::Partial, said(3)));
    page.past.extend(many);
    page.current[0].updates = said(200);
    let pages = pages(&page, FINGERPRINT, now()).unwrap();
    let present = limits::PRESENT.iter().filter_map(|path| pages.get(*path));
    let sizes: Vec<usize> = present.map(|bytes| compressed(bytes)).collect();
    assert_eq!(sizes.len(), limits::PRESENT.len());
    assert!(sizes.iter().sum::<usize>() < 90_000, "{sizes:?}");
    let status: serde_json::Value = serde_json::from_slice(&pages["status.json"]).unwrap();
    assert_eq!(status["current"][0]["updates_left_out"], 180);
}

#[test]
fn pages_are_small_and_need_nobody_else() {
    let mut page = busy();
    let more = page.current[1].clone();
    page.current
        .extend((20..23).map(|id| incident(id, Impact::Total, more.updates.clone())));
    assert_eq!((page.current.len(), page.components.len()), (5, 40));
    for (n, component) in page.components.iter().enumerate() {
        let mut past = incident(
            30 + u32::try_from(n).unwrap(),
            Impact::Partial,
            more.updates.clone(),
        );
        for (k, update) in past.updates.iter_mut().enumerate() {
            update.published_ms -= (n as i64 * 2 + 1) * 86_400_000 - k as i64 * 3_600_000;
        }
        past.updates[2].status = PublicStatus::Resolved;
        past.components = vec![component.name.clone()];
        page.past.push(past);
    }
    for (path, bytes) in &pages(&page, FINGERPRINT, now()).unwrap() {
        if path.ends_with(".html") {
            let size = compressed(bytes);
            assert!(size < 50_000, "{path} has {size} bytes, compressed");
            let text = std::str::from_utf8(bytes).unwrap();
            for foreign in [
                "src=",
                "@import",
                "url(",
                "stylesheet",
                "<iframe",
                "<object",
                "cookie",
                "localStorage",
            ] {
                assert!(!text.contains(foreign), "{path} contains {foreign}");
            }
            let scripts = usize::from(path.starts_with("index."));
            assert_eq!(text.matches("<script").count(), scripts, "{path}");
            assert!(
                text.contains("default-src &#39;none&#39;") && text.contains("width=device-width"),
                "{path}"
            );
            assert!(!text.contains("unsafe-inline"), "{path}");
        }
    }
}

/// The paths whose bytes differ.
fn changed(a: &Pages, b: &Pages) -> BTreeSet<String> {
    let paths = a.keys().chain(b.keys());
    paths
        .filter(|path| a.get(*path) != b.get(*path))
        .cloned()
        .collect()
}

#[test]
fn only_what_speaks_of_the_present_changes_with_the_hour() {
    let page = busy();
    let at = |h| pages(&page, FINGERPRINT, hours(h)).unwrap();
    let expect = [
        "index.html",
        "index.de.html",
        "index.ar.html",
        "index.he.html",
        "index.fi.html",
        "status.txt",
        "status.de.txt",
        "status.ar.txt",
        "status.he.txt",
        "status.fi.txt",
        "status.json",
        "api/v2/summary.json",
        "api/v2/status.json",
    ];
    assert_eq!(changed(&at(0), &at(1)), expect.map(str::to_owned).into());
    assert_eq!(changed(&at(0), &at(0)), BTreeSet::new());
}

#[test]
fn what_is_remembered_changes_nothing() {
    let mut renderer = Renderer::default();
    let mut at = |page: &StatusPage, h| {
        let mut pages = renderer.pages(page, FINGERPRINT, None, hours(h)).unwrap();
        pages.remove("verify.html");
        pages
    };
    let page = busy();
    assert_eq!(at(&page, 0), pages(&page, FINGERPRINT, hours(0)).unwrap());
    assert_eq!(at(&page, 1), pages(&page, FINGERPRINT, hours(1)).unwrap());
    // Something is said.
    let mut more = page.clone();
    more.current[0]
        .updates
        .push(update(2, PublicStatus::Resolved, "Over"));
    assert_eq!(at(&more, 1), pages(&more, FINGERPRINT, hours(1)).unwrap());
    // The organisation is renamed, and a page goes.
    more.organisation = "Other".into();
    more.past.pop();
    assert_eq!(at(&more, 1), pages(&more, FINGERPRINT, hours(1)).unwrap());
}

#[test]
fn the_page_tells_how_long_services_were_failing() {
    let mut page = troubled();
    let index = |page: &StatusPage| {
        text(&pages(page, FINGERPRINT, now()).unwrap(), "index.html").to_owned()
    };
    assert!(
        !index(&page).contains("without a published problem"),
        "nothing was recorded"
    );
    page.recorded_since_ms = Some(0);
    // Three hours of 89 days and some.
    assert!(
        index(&page).contains("99.90% without a published problem"),
        "{}",
        index(&page)
    );
    assert!(index(&page).contains("100.00% without a published problem"));
    assert!(index(&page).contains("Customer portal: not usable: 20 November"));
}
