//! The clock and the pages lane when clocks jump and outcomes cannot be recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::command::Command;
use stentor_domain::event::{DeliveryOutcome, Event};
use stentor_domain::ids::PersonId;
use stentor_domain::incident::Report;
use stentor_domain::labels::Labels;
use stentor_domain::world::World::Live;
use stentor_engine::{Courier, Engine, Lane, Message, Outcome};
use stentor_store::Outbox;
use stentor_testkit::simulated::{Fault, SimulatedDatabase};

use crate::lab::{Lab, declare, pass};
use crate::world::organisation;

/// Delivers at once; from its first delivery on the database fails as told.
#[derive(Default)]
struct Spoiler {
    carried: AtomicUsize,
    spoils: Option<(SimulatedDatabase, Fault)>,
}

#[async_trait]
impl Courier for Spoiler {
    async fn carry(&self, _: &PersonId, _: &str, _: &Message, _: Timestamp) -> Outcome {
        let before = self.carried.fetch_add(1, Ordering::Relaxed);
        if before == 0
            && let Some((database, fault)) = &self.spoils
        {
            database.set_outage(Some(*fault));
        }
        Outcome::Delivered {
            detail: "taken".to_owned(),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_cannot_be_recorded_is_not_repeated() {
    for fault in [Fault::Full, Fault::Unavailable, Fault::FailedNotPersisted] {
        let lab = Lab::new();
        let engine = lab.node("a").await;
        let courier = Arc::new(Spoiler {
            spoils: Some((lab.database.clone(), fault)),
            ..Spoiler::default()
        });
        engine.start_clock_and_pages(courier.clone());
        engine.submit(Live, declare("login")).await.unwrap();
        pass(120).await;
        lab.database.set_outage(None);
        pass(60).await;
        let delivered = |e: &&Event| {
            matches!(e, Event::DeliveryRecorded(e)
                if matches!(e.outcome, DeliveryOutcome::Delivered { .. }))
        };
        let recorded = lab.events().await.iter().filter(delivered).count();
        let carried = courier.carried.load(Ordering::Relaxed);
        assert!(recorded > 0, "{fault:?}");
        assert_eq!(carried, recorded, "{fault:?}");
    }
}

/// Pages as they stand: to whom.
fn paged(engine: &Engine) -> usize {
    engine.read(|state| state.world(Live).map_or(0, |live| live.pages.len()))
}

#[tokio::test(start_paused = true)]
async fn escalation_goes_on_when_the_clock_jumps() {
    for wrong_ms in [-3 * 3_600_000, 3 * 3_600_000, -10_000] {
        let lab = Lab::new();
        lab.node("founder").await;
        let (engine, clock) = lab.open("a").await.unwrap();
        engine.start_clock_and_pages(Arc::new(Spoiler::default()));
        engine.submit(Live, declare("login")).await.unwrap();
        let first = paged(&engine);
        clock.jump(wrong_ms);
        pass(240).await;
        assert_eq!(paged(&engine), first, "{wrong_ms}: nobody early");
        pass(120).await;
        assert!(paged(&engine) > first, "{wrong_ms}: nobody late");
        let jumps = |e: &&Event| matches!(e, Event::ClockJumped(_));
        assert_eq!(lab.events().await.iter().filter(jumps).count(), 1);
    }
}

fn alert(ends_ms: i64) -> Command {
    let labels = Labels::from_pairs(&mut vec![("alertname", "Down"), ("severity", "page")]);
    Command::ReceiveAlerts(vec![Arc::new(Alert {
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::default(),
        starts_ms: 0,
        ends_ms,
        generator_url: Box::default(),
        ends_by_timeout: false,
    })])
}

fn firing(engine: &Engine) -> usize {
    engine.read(|state| state.world(Live).map_or(0, |live| live.alerts.len()))
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_over_in_silence_and_not_in_our_outage() {
    for fault in [Fault::Full, Fault::Unavailable, Fault::FailedNotPersisted] {
        silence(fault).await;
    }
}

async fn silence(fault: Fault) {
    let lab = Lab::new();
    let engine = lab.node("a").await;
    engine.start_clock_and_pages(Arc::new(Spoiler::default()));
    let now_ms = || engine.clock().now_ms();
    // The start itself gives sources a quarter of an hour.
    pass(1000).await;
    engine
        .submit(Live, alert(now_ms() + 240_000))
        .await
        .unwrap();
    lab.database.set_outage(Some(fault));
    pass(7200).await;
    assert!(
        engine
            .submit(Live, alert(now_ms() + 240_000))
            .await
            .is_err()
    );
    lab.database.set_outage(None);
    pass(50).await;
    assert_eq!(firing(&engine), 1, "its source was not heard");
    engine
        .submit(Live, alert(now_ms() + 240_000))
        .await
        .unwrap();
    pass(230).await;
    assert_eq!(firing(&engine), 1);
    pass(1000).await;
    assert_eq!(firing(&engine), 0, "its source had its time to speak");
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_not_over_because_our_clock_is_wrong() {
    let lab = Lab::new();
    lab.node("founder").await;
    let (engine, clock) = lab.open("a").await.unwrap();
    engine.start_clock_and_pages(Arc::new(Spoiler::default()));
    pass(1000).await;
    let right_ms = engine.clock().now_ms();
    engine
        .submit(Live, alert(right_ms + 240_000))
        .await
        .unwrap();
    clock.jump(3_600_000);
    pass(60).await;
    engine
        .submit(Live, alert(right_ms + 300_000))
        .await
        .unwrap();
    pass(60).await;
    assert_eq!(firing(&engine), 1);
}

/// Never answers.
struct Silent;

#[async_trait]
impl Courier for Silent {
    async fn carry(&self, _: &PersonId, _: &str, _: &Message, _: Timestamp) -> Outcome {
        let error = "not now".to_owned();
        Outcome::Retry { error, after: None }
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_closed_incident_leave_the_outbox() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    engine.start_clock_and_pages(Arc::new(Silent));
    pass(30).await;
    assert!(
        !lab.store
            .waiting(Live, Lane::Pages, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let by = PersonId::from("dora");
    let filled = || "As told on the timeline.".to_owned();
    let report = Report {
        summary: filled(),
        causes: filled(),
        mitigation: filled(),
        detection_gaps: filled(),
        lucky: filled(),
        actions: Vec::new(),
        no_action_reason: filled(),
    };
    let steps = [
        Command::Resolve {
            incident,
            by: by.clone(),
        },
        Command::WriteReport {
            incident,
            report,
            by: by.clone(),
        },
        Command::Confirm {
            incident,
            representative: "the users".to_owned(),
            by: by.clone(),
        },
        Command::Close { incident, by },
    ];
    for step in steps {
        engine.submit(Live, step).await.unwrap();
    }
    assert_eq!(lab.store.waiting(Live, Lane::Pages, 10).await.unwrap(), []);
    let writes = lab.database.writes();
    pass(600).await;
    assert!(
        lab.database.writes() <= writes + 130,
        "nothing runs in circles"
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_node_hardly_writes() {
    let lab = Lab::new();
    let engine = lab.node("a").await;
    engine
        .replace_contacts(&organisation::contacts())
        .await
        .unwrap();
    engine.start_clock_and_pages(Arc::new(Spoiler::default()));
    pass(60).await;
    let (writes, seq) = (lab.database.writes(), engine.seq());
    pass(3600).await;
    // The pages lane looks for work every five seconds.
    let tried = lab.database.writes() - writes;
    assert!(tried <= 3600 / 5 + 5, "{tried}");
    assert_eq!(engine.seq(), seq);
}
