//! What is on the pages.

mod foreign;
mod hostile;
pub(crate) mod sample;
mod signatures;
mod steady;

use stentor_domain::bulletin::StatusPage;
use stentor_domain::world::World;

pub(crate) use self::sample::troubled;
use self::sample::{FINGERPRINT, busy, calm, pages};
use super::support::now;
use crate::repository::Pages;

pub(crate) fn text<'a>(pages: &'a Pages, path: &str) -> &'a str {
    let bytes = pages.get(path);
    std::str::from_utf8(bytes.unwrap_or_else(|| panic!("there is no {path}"))).unwrap()
}

/// A page of people without style and script, which have no place in a comparison of words.
fn words(pages: &Pages, path: &str) -> String {
    let mut text = text(pages, path).to_owned();
    for (from, to) in [
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("default-src", "\">"),
    ] {
        if let Some((before, rest)) = text.split_once(from) {
            let after = rest.split_once(to).unwrap().1;
            text = format!("{before}{from}…{to}{after}");
        }
    }
    text
}

#[test]
fn pages_of_a_calm_a_troubled_and_a_busy_day() {
    let calm_files = [
        "index.html",
        "status.txt",
        "status.json",
        "feed.atom",
        "history.html",
    ];
    let troubled_files = [
        "index.html",
        "status.txt",
        "status.json",
        "feed.atom",
        "incidents/2026/INC-7.html",
        "api/v2/summary.json",
    ];
    let busy_files = [
        ".well-known/security.txt",
        "api/v2/scheduled-maintenances.json",
        "denials/DENIAL-2.html",
        "directory.html",
        "directory.json",
        "feed.rss",
        "history.de.html",
        "incidents/2026/INC-7.ar.html",
        "maintenance.ics",
        "status.de.txt",
        "status.he.txt",
    ];
    for (name, page, files) in [
        ("calm", calm(), calm_files.as_slice()),
        ("troubled", troubled(), &troubled_files),
        ("busy", busy(), &busy_files),
    ] {
        let pages = pages(&page, FINGERPRINT, now()).unwrap();
        for path in files {
            insta::assert_snapshot!(
                format!("{name}-{}", path.replace('/', "-")),
                words(&pages, path)
            );
        }
    }
}

#[test]
fn a_busy_day_has_every_file_in_every_language() {
    let pages = pages(&busy(), FINGERPRINT, now()).unwrap();
    for suffix in ["", ".de", ".ar", ".he", ".fi"] {
        for (stem, ending) in [
            ("index", "html"),
            ("history", "html"),
            ("directory", "html"),
            ("status", "txt"),
            ("feed", "atom"),
            ("incidents/2026/INC-7", "html"),
            ("maintenance/MNT-3", "html"),
            ("denials/DENIAL-2", "html"),
        ] {
            let path = format!("{stem}{suffix}.{ending}");
            assert!(pages.contains_key(&path), "{path} is missing");
        }
    }
    for path in [
        "summary",
        "status",
        "components",
        "incidents",
        "incidents/unresolved",
    ] {
        assert!(pages.contains_key(&format!("api/v2/{path}.json")), "{path}");
    }
}

#[test]
fn the_headline_never_claims_the_present() {
    #[track_caller]
    fn check(page: &StatusPage, at: &str, expect: &str) {
        let pages = pages(page, FINGERPRINT, at.parse().unwrap()).unwrap();
        for path in [
            "index.html",
            "status.txt",
            "status.json",
            "api/v2/status.json",
        ] {
            assert!(
                text(&pages, path).contains(expect),
                "{path}: {}",
                text(&pages, path)
            );
        }
    }
    let calm = calm();
    check(
        &calm,
        "2026-11-20T02:10:00Z",
        "No known problem at 02:10 UTC; after 08:10 treat this page as old.",
    );
    let late = "No known problem at 22:40 UTC; after 04:40 on 21 November treat this page as old.";
    check(&calm, "2026-11-20T22:40:00Z", late);
    check(
        &troubled(),
        "2026-11-20T02:10:00Z",
        "A known problem at 02:10 UTC; after 08:10 treat this page as old.",
    );
    let mut two = troubled();
    two.current.push(two.past[0].clone());
    check(
        &two,
        "2026-11-20T02:10:00Z",
        "2 known problems at 02:10 UTC;",
    );
}

#[test]
fn a_drill_is_marked_in_every_file() {
    let mut drill = busy();
    drill.world = World::Drill(4);
    let marked = pages(&drill, FINGERPRINT, now()).unwrap();
    for (path, bytes) in &marked {
        let text = std::str::from_utf8(bytes).unwrap();
        let mark = match path {
            p if p.ends_with(".json") => "\"drill\": \"drill-4\"",
            p if p.contains(".de.") => "ÜBUNG",
            p if p.contains(".ar.") => "تمرين",
            p if p.contains(".he.") => "תרגיל",
            _ => "DRILL",
        };
        assert!(text.contains(mark), "{path}: {text}");
    }
    let entries = |path| text(&marked, path).matches("<title>DRILL: ").count();
    assert_eq!(
        entries("feed.atom"),
        1 + text(&marked, "feed.atom").matches("<entry").count()
    );
    for (path, bytes) in &pages(&busy(), FINGERPRINT, now()).unwrap() {
        assert!(
            !std::str::from_utf8(bytes).unwrap().contains("DRILL"),
            "{path}"
        );
    }
}

#[test]
fn a_correction_and_a_withdrawal_stay_visible_and_are_marked() {
    let pages = pages(&busy(), FINGERPRINT, now()).unwrap();
    let corrected = text(&pages, "incidents/2026/INC-7.html");
    for part in [
        "<del datetime=\"2026-11-20T02:00:00Z\">\n<h3>Customers cannot sign in</h3>",
        "<ins datetime=\"2026-11-20T02:00:00Z\">\n<h3>Some customers cannot sign in</h3>",
        "Corrected <time datetime=\"2026-11-20T02:00:00Z\">20 November 2026, 02:00 UTC</time> by <a href=\"#s3\">Statement 3</a>.",
        "This corrects <a href=\"#s2\">Statement 2</a>.",
        "<h1>INC-7: <bdi>Some customers cannot sign in</bdi></h1>",
    ] {
        assert!(corrected.contains(part), "no {part:?} in {corrected}");
    }
    let withdrawn = text(&pages, "incidents/2026/INC-3.html");
    for part in [
        "<h3>The grid fails</h3>",
        "Withdrawn <time",
        "This withdraws <a href=\"#s1\">",
    ] {
        assert!(withdrawn.contains(part), "no {part:?} in {withdrawn}");
    }
    let index = text(&pages, "index.html");
    assert!(
        index.contains("href=\"incidents/2026/INC-7.html#s3\">Statement 3</a>"),
        "{index}"
    );
}

#[test]
fn a_page_beyond_measure_is_refused() {
    let mut page = troubled();
    page.past = vec![page.past[0].clone(); 20_000];
    assert!(pages(&page, FINGERPRINT, now()).is_err());
}
