//! The public lane of a node whose database is gone, over virtual hours. How it goes on for weeks is tested where the
//! word is signed: there nobody looks at the clock every few seconds.

use jiff::SignedDuration;
use stentor_domain::world::World::Live;
use stentor_engine::Places;
use stentor_publish::{Founding, found};
use stentor_testkit::simulated::Fault;
use stentor_verify::{LocalDir, Remembered, Report, Scope, Verdict, Verification};

use crate::lab::{Lab, declare, pass};

/// Longer than a timestamp lives.
const HOURS: i64 = 8;

#[tokio::test(start_paused = true)]
async fn without_its_database_a_node_keeps_its_word_fresh() {
    let (dir, lab) = (tempfile::tempdir().unwrap(), Lab::new());
    let engine = lab.node("a").await;
    let places = Places {
        data: dir.path().to_owned(),
        credentials: None,
    };
    let word = places.word();
    let founding = Founding {
        organisation: "Example",
        world: Live,
        offline: &word.offline,
        online: &word.online,
        repository: &word.repository,
    };
    let root = found(&founding, engine.clock().now()).unwrap().root;
    engine.start_workers(&places, std::future::pending());
    let mut remembered: Option<Remembered> = None;
    let mut read = async || -> Report {
        let mirror = LocalDir::new(dir.path().join("mirrors/one"));
        let check = Verification::new(&mirror, &root, engine.clock().now());
        let outcome = Verification {
            scope: Scope::Metadata,
            remembered: remembered.as_ref(),
            ..check
        };
        let outcome = outcome.run().await;
        remembered = Some(outcome.remember);
        outcome.report
    };
    pass(60).await;
    let first = read().await;
    assert_eq!(first.verdict, Verdict::Fresh);
    lab.database.set_outage(Some(Fault::Unavailable));
    assert!(engine.submit(Live, declare("login")).await.is_err());
    for hour in 1..=HOURS {
        pass(3_600).await;
        let report = read().await;
        assert_eq!(report.verdict, Verdict::Fresh, "hour {hour}");
        for role in &report.roles {
            let left = role.expires.duration_since(report.checked_at);
            let least = match role.name.as_str() {
                // Signed within the last hour and a minute.
                "timestamp" => SignedDuration::from_mins(5 * 60 - 1),
                "snapshot" | "status" => SignedDuration::from_hours(15 * 24 - 1),
                _ => continue,
            };
            assert!(left >= least, "{} at hour {hour}: {left}", role.name);
        }
    }
    // When it is back, nothing has to be mended.
    lab.database.set_outage(None);
    pass(120).await;
    engine.submit(Live, declare("login")).await.unwrap();
    pass(3_600).await;
    assert_eq!(read().await.verdict, Verdict::Fresh);
}
