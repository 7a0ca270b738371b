//! Heartbeats under a running clock: nothing is missed because of us, and nothing else is forgiven.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_domain::command::Command;
use stentor_domain::event::Event;
use stentor_domain::heartbeat::{Beat, Signal};
use stentor_domain::ids::PersonId;
use stentor_domain::world::World::Live;
use stentor_engine::{Courier, Engine, Message, Outcome, SubmitError};
use stentor_testkit::simulated::Fault;

use crate::lab::{Lab, pass};
use crate::world::organisation;

const JOB: &str = r#"
[sources.job]
kind = "heartbeat"
token = { file = "secrets/job" }
service = "website"
every = "1 hour"
grace = "10 minutes"
severity = "sev3"
"#;

const MINUTE: u64 = 60;

struct Nobody;

#[async_trait]
impl Courier for Nobody {
    async fn carry(&self, _: &PersonId, _: &str, _: &Message, _: Timestamp) -> Outcome {
        Outcome::Delivered {
            detail: "taken".to_owned(),
        }
    }
}

/// A node that waits for the job.
async fn waiting(lab: &Lab) -> Engine {
    let engine = declared(lab).await;
    engine.start_clock_and_pages(Arc::new(Nobody));
    engine
}

/// A node whose configuration declares the job, and whose clock stands still.
async fn declared(lab: &Lab) -> Engine {
    let engine = lab.node("a").await;
    let apply = organisation::apply_with(&[("sources.toml", JOB)]);
    engine.submit(Live, apply).await.unwrap();
    engine
}

async fn beat(engine: &Engine) -> Result<(), SubmitError> {
    let command = Command::Beat {
        source: "job".into(),
        beat: Beat::new(Signal::Success),
        heard_since_ms: engine.heard_since_ms(),
    };
    engine.submit(Live, command).await.map(|_| ())
}

fn firing(engine: &Engine) -> usize {
    engine.read(|state| state.world(Live).map_or(0, |live| live.alerts.len()))
}

async fn received(lab: &Lab) -> usize {
    let is = |event: &&Event| matches!(event, Event::HeartbeatReceived(_));
    lab.events().await.iter().filter(is).count()
}

#[tokio::test(start_paused = true)]
async fn silence_is_told_to_the_minute() {
    let lab = Lab::new();
    let engine = waiting(&lab).await;
    pass(5 * MINUTE).await;
    beat(&engine).await.unwrap();
    pass(5 * MINUTE).await;
    // In memory only, and it counts all the same.
    beat(&engine).await.unwrap();
    assert_eq!(received(&lab).await, 1);
    pass(69 * MINUTE).await;
    assert_eq!(firing(&engine), 0);
    pass(2 * MINUTE).await;
    assert_eq!(firing(&engine), 1);
    pass(48 * 60 * MINUTE).await;
    assert_eq!(firing(&engine), 1, "it does not expire");
    beat(&engine).await.unwrap();
    assert_eq!(firing(&engine), 0);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_recorded_is_not_missed() {
    let lab = Lab::new();
    let engine = waiting(&lab).await;
    beat(&engine).await.unwrap();
    pass(55 * MINUTE).await;
    lab.database.set_outage(Some(Fault::Unavailable));
    pass(5 * MINUTE).await;
    assert!(beat(&engine).await.is_err());
    pass(20 * MINUTE).await;
    lab.database.set_outage(None);
    pass(MINUTE).await;
    assert_eq!(firing(&engine), 0);
    // A whole time between two, and the grace, from the end of the outage.
    pass(67 * MINUTE).await;
    assert_eq!(firing(&engine), 0);
    pass(4 * MINUTE).await;
    assert_eq!(firing(&engine), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_forgives_only_what_may_be_lost() {
    for (stopped, missed) in [(10, 85), (65, 135)] {
        let lab = Lab::new();
        beat(&declared(&lab).await).await.unwrap();
        pass(stopped * MINUTE).await;
        let (engine, _) = lab.open("b").await.unwrap();
        engine.start_clock_and_pages(Arc::new(Nobody));
        pass((missed - stopped - 1) * MINUTE - MINUTE).await;
        assert_eq!(firing(&engine), 0, "{stopped}");
        pass(3 * MINUTE).await;
        assert_eq!(firing(&engine), 1, "{stopped}");
    }
}
