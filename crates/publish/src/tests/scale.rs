//! How long a publication takes when much was said before. Measured by hand: no test may depend on the time it takes.
//!
//! `cargo test --release -p stentor-publish --lib -- --ignored scale --nocapture`

use std::io::Write as _;

use super::support::{House, assert_everywhere, hours, now, word};
use crate::repository::Pages;

const INCIDENTS: usize = 9_950;
const PAGE: usize = 6_000;

fn incident(number: usize, word: &str) -> (String, Vec<u8>) {
    let mut page = format!("{number}: {word}\n").repeat(PAGE / 12);
    page.truncate(PAGE);
    (
        format!("incidents/2026/INC-{number}.html"),
        page.into_bytes(),
    )
}

fn tell(what: &str, begun: std::time::Instant) {
    let took = begun.elapsed().as_millis();
    let _ = writeln!(std::io::stderr(), "{what}: {took} ms");
}

#[tokio::test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn scale_of_a_publication() {
    let house = House::new();
    let mirrors = || {
        ["one", "two", "three"]
            .map(|name| house.mirror(name))
            .into()
    };
    let mut publisher = house.settings(mirrors());
    let mut all: Pages = word("a");
    all.extend((0..INCIDENTS).map(|n| incident(n, "over")));
    let begun = std::time::Instant::now();
    assert_everywhere(&publisher.say(all, now()).await.unwrap());
    tell("the first time, everything written to three mirrors", begun);
    for round in 0..5 {
        let mut pages = word(&format!("b {round}"));
        pages.extend([incident(7, &format!("more {round}"))]);
        let begun = std::time::Instant::now();
        assert_everywhere(&publisher.say(pages, hours(0)).await.unwrap());
        tell("one more statement", begun);
    }
    for round in 0..3 {
        let pages = word(&format!("c {round}"));
        let begun = std::time::Instant::now();
        assert_everywhere(&publisher.say(pages, hours(0)).await.unwrap());
        tell("the present only", begun);
    }
    let begun = std::time::Instant::now();
    assert_everywhere(&publisher.resign_timestamp(hours(0)).await.unwrap());
    tell("the time signed again", begun);
    let begun = std::time::Instant::now();
    assert_everywhere(&publisher.resign_timestamp(hours(1)).await.unwrap());
    tell("the hourly look at everything", begun);
    drop(publisher);
    let begun = std::time::Instant::now();
    let publisher = house.settings(mirrors());
    tell("a start", begun);
    drop(publisher);
}
