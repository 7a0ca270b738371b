//! A publisher that is left alone: no database and nobody who says anything, only its clock, its disk and its mirrors.
//! It signs each hour, for longer than anything lives that it signs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use stentor_verify::{Fetch, FetchError, Remembered, Report, Scope, Verdict, Verification};

use super::support::{House, assert_everywhere, hours, now, word};
use crate::lives;
use crate::{Mirror, MirrorError, Publication, Publisher};

/// Longer than a snapshot lives.
const DAYS: i64 = 31;

/// A mirror in memory: a disk would be waited for some ten thousand times.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

#[async_trait]
impl Mirror for Shelf {
    fn name(&self) -> &str {
        "shelf"
    }

    async fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, FetchError> {
        let file = self.0.lock().unwrap().get(path).cloned();
        file.ok_or(FetchError::NotFound)
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        self.0.lock().unwrap().insert(path.to_owned(), bytes.into());
        Ok(())
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.0.lock().unwrap().remove(path);
        Ok(())
    }
}

#[async_trait]
impl Fetch for Shelf {
    fn name(&self) -> String {
        "shelf".to_owned()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.read(path, limit).await
    }
}

/// A reader who remembers.
struct Reader<'a> {
    house: &'a House,
    shelf: Shelf,
    remembered: Option<Remembered>,
}

impl Reader<'_> {
    async fn visits(&mut self, now: Timestamp) -> Report {
        let outcome = Verification {
            remembered: self.remembered.as_ref(),
            scope: Scope::Metadata,
            ..Verification::new(&self.shelf, &self.house.founded.root, now)
        }
        .run()
        .await;
        self.remembered = Some(outcome.remember);
        outcome.report
    }
}

/// What the one who signs by the hour does, by its publisher and its clock.
type Sign = for<'a> fn(&'a mut Publisher, Timestamp) -> futures::future::BoxFuture<'a, Publication>;

async fn never_stale(sign: Sign) {
    let house = House::new();
    let shelf = Shelf::default();
    let mut publisher = house.settings(vec![Box::new(shelf.clone())]);
    let said = publisher.say(word("the last word"), now()).await.unwrap();
    assert_everywhere(&publisher.to_the_end(said).await);
    let mut reader = Reader {
        house: &house,
        shelf: shelf.clone(),
        remembered: None,
    };
    let mut signed: Vec<(u64, i64)> = Vec::new();
    let mut last = 0;
    for hour in 1..=DAYS * 24 {
        // The last moment before the next signing: here the word is as old as it ever gets.
        let eve = hours(hour) - SignedDuration::from_secs(1);
        let report = reader.visits(eve).await;
        assert_eq!(report.verdict, Verdict::Fresh, "hour {hour}");
        for role in &report.roles {
            let left = role.expires.duration_since(eve);
            let least = match role.name.as_str() {
                // Five more hours, if the next signing does not take place.
                "timestamp" => lives::TIMESTAMP - SignedDuration::from_hours(1),
                "snapshot" | "status" => lives::RENEW - SignedDuration::from_hours(1),
                "root" | "targets" => continue,
                _ => lives::RENEW_YEAR - SignedDuration::from_hours(1),
            };
            assert!(left >= least, "{} at hour {hour}: {left}", role.name);
        }
        let timestamp = report.version("timestamp").unwrap();
        assert!(timestamp > last, "hour {hour}");
        last = timestamp;
        let status = report.version("status").unwrap();
        if signed.last().is_none_or(|(known, _)| *known != status) {
            signed.push((status, hour - 1));
        }
        if hour % 24 == 12 {
            // Its process is started anew, and knows what is on the disk.
            drop(publisher);
            publisher = house.settings(vec![Box::new(shelf.clone())]);
        }
        let publication = sign(&mut publisher, hours(hour)).await;
        assert_everywhere(&publisher.to_the_end(publication).await);
    }
    // Half of 30 days each time, and nothing in between.
    let first = signed[0].0;
    let expect: Vec<_> = (0..3)
        .map(|n| (first + n, 15 * 24 * n.cast_signed()))
        .collect();
    assert_eq!(signed, expect);
    // And when it ends at last, readers are told so.
    let stopped = hours(DAYS * 24) + lives::TIMESTAMP;
    let report = reader.visits(stopped).await;
    assert!(matches!(report.verdict, Verdict::Stale { .. }));
}

#[tokio::test]
async fn what_lies_on_the_disk_is_confirmed_for_as_long_as_it_takes() {
    never_stale(|publisher, now| {
        Box::pin(async move { publisher.push_spooled(now).await.unwrap() })
    })
    .await;
}

#[tokio::test]
async fn so_is_what_no_page_is_at_hand_for() {
    never_stale(|publisher, now| {
        Box::pin(async move { publisher.resign_timestamp(now).await.unwrap() })
    })
    .await;
}
