//! What was said in a year: nothing vanishes, nothing is done twice, and the present never waits for it.

use jiff::Timestamp;
use stentor_verify::Verdict;

use super::support::{House, assert_everywhere, files, hours, now, word};
use crate::repository::Pages;

fn days(n: i64) -> Timestamp {
    hours(n * 24)
}

/// The present, and one page of each incident given.
fn with(said: &str, incidents: &[(&str, &str)]) -> Pages {
    let mut pages = word(said);
    pages.retain(|path, _| !path.starts_with("incidents/"));
    let page = |(path, text): &(&str, &str)| {
        let path = format!("incidents/{path}.html");
        (path, text.as_bytes().to_vec())
    };
    pages.extend(incidents.iter().map(page));
    pages
}

fn versions(house: &House, role: &str) -> Vec<String> {
    let mut found: Vec<_> = files(&house.path("one/metadata"))
        .into_iter()
        .filter(|path| path.ends_with(&format!(".{role}.json")))
        .collect();
    found.sort_by_key(|path| path.len());
    found
}

#[tokio::test]
async fn every_delegated_role_is_there_from_the_first_day() {
    let house = House::new();
    let report = {
        house.publisher().say(word("a"), now()).await.unwrap();
        house.verify("one", now()).await
    };
    assert_eq!(report.verdict, Verdict::Fresh);
    let names: Vec<_> = report.roles.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(
        names[3..],
        [
            "targets",
            "status",
            "incidents-2026",
            "incidents-2027",
            "incidents-2028"
        ]
    );
    let year = report.roles.last().unwrap();
    assert_eq!(year.expires, days(90));
}

#[tokio::test]
async fn nothing_vanishes_from_a_year_and_unchanged_roles_are_not_signed_again() {
    let house = House::new();
    let mut publisher = house.publisher();
    let both = [("2026/INC-1", "first"), ("2027/INC-2", "second")];
    publisher.say(with("a", &both), now()).await.unwrap();
    assert_eq!(versions(&house, "incidents-2026").len(), 1);
    // Both ended long ago: the present does not name them any more.
    let later = publisher.say(with("b", &[]), days(10)).await.unwrap();
    assert_everywhere(&later);
    for (page, text) in both {
        let page = house.path("two").join(format!("incidents/{page}.html"));
        assert_eq!(std::fs::read(page).unwrap(), text.as_bytes());
    }
    assert_eq!(
        versions(&house, "incidents-2026"),
        ["2.incidents-2026.json"]
    );
    // Something more is said about one: only its year is signed again.
    let more = [("2026/INC-1", "first, corrected")];
    publisher.say(with("c", &more), days(11)).await.unwrap();
    assert_eq!(
        versions(&house, "incidents-2026"),
        ["2.incidents-2026.json", "3.incidents-2026.json"]
    );
    assert_eq!(
        versions(&house, "incidents-2027"),
        ["2.incidents-2027.json"]
    );
    // Signed again when half of its life is over, by itself.
    let renewed = publisher.say(with("c", &[]), days(45)).await.unwrap();
    assert_everywhere(&renewed);
    assert_eq!(versions(&house, "incidents-2027").len(), 2);
    let report = house.verify("one", days(45)).await;
    let expires = |name: &str| {
        report
            .roles
            .iter()
            .find(|r| r.name == name)
            .unwrap()
            .expires
    };
    assert_eq!(expires("incidents-2027"), days(135));
    assert_eq!(expires("incidents-2026"), days(101), "signed on day 11");
    // A restart forgets nothing.
    drop(publisher);
    let again = house
        .publisher()
        .say(with("d", &[]), days(46))
        .await
        .unwrap();
    assert_everywhere(&again);
    assert!(house.path("one/incidents/2026/INC-1.html").exists());
}

#[tokio::test]
async fn a_year_without_a_delegation_does_not_hold_up_the_present() {
    let house = House::new();
    let mut publisher = house.publisher();
    let pages = with("a", &[("2026/INC-1", "known"), ("2031/INC-9", "not yet")]);
    let publication = publisher.say(pages, now()).await.unwrap();
    assert_everywhere(&publication);
    assert_eq!(publication.left_out, ["incidents/2031/INC-9.html"]);
    assert!(!house.path("one/incidents/2031").exists());
    assert!(house.path("one/incidents/2026/INC-1.html").exists());
    assert!(house.path("one/index.html").exists());
}

#[tokio::test]
async fn a_lost_repository_comes_back_whole_from_a_mirror() {
    let house = House::new();
    super::support::copy(&house.path("repository"), &house.path("first day"));
    let mut publisher = house.publisher();
    publisher
        .say(with("a", &[("2026/INC-1", "first")]), now())
        .await
        .unwrap();
    publisher.say(with("b", &[]), days(1)).await.unwrap();
    drop(publisher);
    std::fs::remove_dir_all(house.path("repository")).unwrap();
    std::fs::rename(house.path("first day"), house.path("repository")).unwrap();
    std::fs::remove_dir_all(house.path("two")).unwrap();
    let mut publisher = house.publisher();
    assert!(publisher.adopt(days(2)).await.unwrap());
    let next = publisher
        .say(with("c", &[("2026/INC-2", "second")]), days(2))
        .await
        .unwrap();
    assert_everywhere(&next);
    for page in ["INC-1", "INC-2"] {
        assert!(
            house
                .path(&format!("two/incidents/2026/{page}.html"))
                .exists()
        );
    }
}

#[tokio::test]
async fn what_was_authorised_is_published_from_this_disk() {
    let house = House::new();
    let mut publisher = house.publisher();
    publisher.say(word("a"), now()).await.unwrap();
    // Authorised, and killed before a mirror was asked or anything was signed.
    publisher.spool(word("b")).await.unwrap();
    drop(publisher);
    let mut publisher = house.publisher();
    let published = publisher.push_spooled(hours(1)).await.unwrap();
    assert_everywhere(&published);
    assert_eq!(published.snapshot, 3);
    assert_eq!(
        std::fs::read(house.path("one/index.html")).unwrap(),
        b"index.html: b"
    );
    // Once more: the same word, confirmed.
    let confirmed = publisher.push_spooled(hours(2)).await.unwrap();
    assert_eq!(confirmed.snapshot, 3);
    assert_eq!(confirmed.fresh_until, hours(8));
    // What was taken over from another node is newer than what lies here.
    super::support::copy(&house.path("repository"), &house.path("other"));
    drop(publisher);
    std::fs::rename(house.path("repository"), house.path("ours")).unwrap();
    std::fs::rename(house.path("other"), house.path("repository")).unwrap();
    house.publisher().say(word("c"), hours(3)).await.unwrap();
    std::fs::rename(house.path("repository"), house.path("other")).unwrap();
    std::fs::rename(house.path("ours"), house.path("repository")).unwrap();
    let mut publisher = house.publisher();
    assert!(publisher.adopt(hours(3)).await.unwrap());
    publisher.push_spooled(hours(3)).await.unwrap();
    assert_eq!(
        std::fs::read(house.path("one/index.html")).unwrap(),
        b"index.html: c"
    );
}
