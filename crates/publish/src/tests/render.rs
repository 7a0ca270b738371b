//! What is on the pages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use stentor_domain::bulletin::{
    Component, Directory, Impact, PageSettings, PublicIncident, PublicStatus, Section, StatusPage,
    StatusUpdate,
};
use stentor_domain::ids::IncidentId;
use stentor_domain::world::World;

use super::python::read_feed;
use super::support::{hours, now};
use crate::render::pages;
use crate::repository::Pages;

const FINGERPRINT: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn ms(time: Timestamp) -> i64 {
    time.as_millisecond()
}

fn calm() -> StatusPage {
    let part = |name: &str| Component {
        id: name.to_lowercase().replace(' ', "-").as_str().into(),
        name: name.into(),
        group: None,
        impact: None,
        maintenance: false,
    };
    StatusPage {
        organisation: "Example Energy".into(),
        world: World::Live,
        components: vec![part("Customer portal"), part("Meter readings")],
        settings: PageSettings::default(),
        current: Vec::new(),
        past: Vec::new(),
        maintenance: Vec::new(),
        denials: Vec::new(),
        directory: Directory::default(),
    }
}

fn update(number: u32, status: PublicStatus, title: &str) -> StatusUpdate {
    let section = |heading: &str, text: &str| Section {
        heading: heading.into(),
        text: text.into(),
    };
    StatusUpdate {
        number,
        published_ms: ms(hours(-3 + i64::from(number))),
        status,
        title: title.into(),
        sections: vec![
            section(
                "What is affected",
                "Signing in to the customer portal.\nElectricity is not affected.",
            ),
            section(
                "What you should do",
                "Nothing.\n\nIf it is urgent, call us.",
            ),
        ],
        next_update_ms: (status != PublicStatus::Resolved).then(|| ms(hours(number.into()))),
        translations: BTreeMap::new(),
        mends: None,
    }
}

fn incident(id: u32, impact: Impact, updates: Vec<StatusUpdate>) -> PublicIncident {
    PublicIncident {
        id: IncidentId(id),
        components: vec!["Customer portal".into()],
        impact,
        updates,
    }
}

pub(crate) fn troubled() -> StatusPage {
    let mut page = calm();
    page.components[0].impact = Some(Impact::Total);
    page.current = vec![incident(
        7,
        Impact::Total,
        vec![
            update(1, PublicStatus::Investigating, "Customers cannot sign in"),
            update(2, PublicStatus::Identified, "Customers cannot sign in"),
        ],
    )];
    page.past = vec![incident(
        6,
        Impact::Partial,
        vec![update(1, PublicStatus::Resolved, "Slow pages")],
    )];
    page
}

fn text<'a>(pages: &'a Pages, path: &str) -> &'a str {
    std::str::from_utf8(&pages[path]).unwrap()
}

#[test]
fn pages_of_a_calm_and_of_a_troubled_day() {
    for (name, page) in [("calm", calm()), ("troubled", troubled())] {
        let pages = pages(&page, FINGERPRINT, now()).unwrap();
        for path in pages.keys() {
            insta::assert_snapshot!(
                format!("{name}-{}", path.replace('/', "-")),
                text(&pages, path)
            );
        }
    }
}

#[test]
fn the_headline_never_claims_the_present() {
    #[track_caller]
    fn check(page: &StatusPage, at: &str, expect: &str) {
        let pages = pages(page, FINGERPRINT, at.parse().unwrap()).unwrap();
        for path in ["index.html", "status.txt", "status.json"] {
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
fn a_drill_is_marked_on_every_page() {
    let mut drill = troubled();
    drill.world = World::Drill(4);
    let marked = pages(&drill, FINGERPRINT, now()).unwrap();
    for (path, bytes) in &marked {
        let text = std::str::from_utf8(bytes).unwrap();
        let mark = if path.ends_with(".json") {
            "\"drill\": \"drill-4\""
        } else {
            "DRILL"
        };
        assert!(text.contains(mark), "{path}: {text}");
    }
    assert_eq!(
        text(&marked, "feed.atom").matches("<title>DRILL: ").count(),
        4
    );
    for (path, bytes) in &pages(&troubled(), FINGERPRINT, now()).unwrap() {
        assert!(
            !std::str::from_utf8(bytes).unwrap().contains("DRILL"),
            "{path}"
        );
    }
}

#[test]
fn hostile_text_stays_text() {
    let evil = "</title></pre><script>alert(1)</script>\" onload='x' {{ 7*7 }} {% raw %} ]]> &lt; \u{0}\u{1b}[2J\u{202e}";
    let mut page = troubled();
    page.organisation = evil.into();
    page.components[0].name = evil.into();
    page.current[0].components = vec![evil.into()];
    page.current[0].updates[1].title = format!("{evil}\r\nX: y");
    page.current[0].updates[1].sections = vec![Section {
        heading: evil.into(),
        text: format!("{evil}\n\n{evil}"),
    }];
    let pages = pages(&page, FINGERPRINT, now()).unwrap();
    for (path, bytes) in &pages {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.contains("alert"), "{path} lost the text");
        assert!(
            !text.contains('\u{0}') && !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{path}"
        );
        if path.ends_with(".html") || path.ends_with(".atom") {
            assert!(
                !text.contains("<script") && !text.contains("onload='") && !text.contains("]]>"),
                "{path}: {text}"
            );
            assert!(text.contains("{{ 7*7 }}"), "{path} evaluated the text");
        }
    }
    // An XML parser reads from the feed what was written into it.
    let feed = read_feed(&pages["feed.atom"]);
    let readable = evil.replace(['\u{0}', '\u{1b}', '\u{202e}'], "");
    let title = format!("INC-7 (identified): {} X: y", readable.trim());
    assert_eq!(feed[0][0], title.as_str());
    assert!(feed[0][1].as_str().unwrap().contains(readable.trim()));
}

#[test]
fn pages_are_small_and_need_nobody_else() {
    let mut page = troubled();
    for id in 100..160 {
        page.past.push(incident(
            id,
            Impact::Partial,
            vec![update(1, PublicStatus::Resolved, "Slow pages")],
        ));
    }
    for (path, bytes) in &pages(&page, FINGERPRINT, now()).unwrap() {
        let text = std::str::from_utf8(bytes).unwrap();
        if path.ends_with(".html") {
            assert!(bytes.len() < 50_000, "{path} has {} bytes", bytes.len());
            for foreign in ["http://", "https://", "src=", "<script", "@import", "url("] {
                assert!(!text.contains(foreign), "{path} contains {foreign}");
            }
            assert!(
                text.contains("<html lang=\"en\">") && text.contains("width=device-width"),
                "{path}"
            );
        }
    }
}

#[test]
fn only_what_was_said_changes_the_feed_and_the_incident_pages() {
    let page = troubled();
    let (now, later) = (
        pages(&page, FINGERPRINT, now()).unwrap(),
        pages(&page, FINGERPRINT, hours(1)).unwrap(),
    );
    for path in ["feed.atom", "incidents/INC-7.html", "incidents/INC-6.html"] {
        assert_eq!(now[path], later[path], "{path}");
    }
    for path in ["index.html", "status.json", "status.txt"] {
        assert_ne!(now[path], later[path], "{path}");
    }
}

#[test]
fn a_page_beyond_measure_is_refused() {
    let mut page = troubled();
    page.past = vec![page.past[0].clone(); 200_000];
    assert!(pages(&page, FINGERPRINT, now()).is_err());
}
