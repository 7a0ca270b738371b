//! Receivers are told once, by one of several nodes, whatever happens to nodes and receivers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_channels::Key;
use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::bundle::{Bundle, alertmanager};
use stentor_domain::command::Command;
use stentor_domain::labels::Labels;
use stentor_domain::notification::Notification;
use stentor_domain::routing::Integration;
use stentor_domain::world::World::Live;
use stentor_engine::{Engine, GroupCourier, Outcome};
use stentor_testkit::simulated::Fault;
use tokio::sync::oneshot;

use crate::lab::{Lab, pass};
use crate::world::clock::NodeClock;

const ROUTING: &str = "route: {receiver: hook, group_by: [alertname], group_wait: 1s, \
    group_interval: 10s, repeat_interval: 1m}\n\
    receivers: [{name: hook, webhook_configs: [{url: 'http://hook.invalid/'}]}]\n";

/// A receiver that all nodes tell: what it was told, by whom, under which key.
#[derive(Default)]
struct Hook {
    told: Mutex<Vec<(&'static str, String, &'static str, usize)>>,
    attempts: Mutex<Vec<String>>,
    /// Of the first alert of each message it took.
    instances: Mutex<Vec<String>>,
    /// It answers that it is out of order.
    broken: AtomicBool,
    /// It takes messages and never answers.
    hangs: AtomicBool,
}

struct From(&'static str, Arc<Hook>);

#[async_trait]
impl GroupCourier for From {
    async fn carry(
        &self,
        _: &str,
        _: &Integration,
        notification: &Notification,
        key: &Key,
        _: Timestamp,
    ) -> Outcome {
        let hook = &self.1;
        hook.attempts.lock().unwrap().push(key.as_str().to_owned());
        if hook.broken.load(Ordering::Relaxed) {
            return Outcome::Retry {
                error: "out of order".to_owned(),
                after: None,
            };
        }
        let first = notification.alerts[0].alert.labels.get("instance").unwrap();
        hook.instances.lock().unwrap().push(first.to_owned());
        hook.told.lock().unwrap().push((
            self.0,
            key.as_str().to_owned(),
            notification.status(),
            notification.alerts.len(),
        ));
        if hook.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        Outcome::Delivered {
            detail: String::new(),
        }
    }
}

impl Hook {
    fn told(&self) -> Vec<(&'static str, String, &'static str, usize)> {
        self.told.lock().unwrap().clone()
    }
}

/// A node that tells receivers until the sender is dropped.
async fn node(lab: &Lab, name: &'static str, hook: &Arc<Hook>) -> (Engine, oneshot::Sender<()>) {
    let (engine, stop, _) = clocked(lab, name, hook).await;
    (engine, stop)
}

async fn clocked(
    lab: &Lab,
    name: &'static str,
    hook: &Arc<Hook>,
) -> (Engine, oneshot::Sender<()>, Arc<NodeClock>) {
    let (engine, clock) = lab.open(name).await.unwrap();
    configure(&engine, ROUTING).await;
    engine.start_clock();
    let (stop, stopped) = oneshot::channel::<()>();
    let courier = Arc::new(From(name, hook.clone()));
    let stopped = async {
        let _ = stopped.await;
    };
    engine.start_notifier(courier, "http://here.invalid", stopped);
    (engine, stop, clock)
}

async fn configure(engine: &Engine, text: &str) {
    let cut = alertmanager::cut("alertmanager.yml", text).unwrap();
    let files = BTreeMap::from([("alertmanager.yml".to_owned(), cut.text)]);
    let command = Command::Apply {
        bundle: Bundle::new(files).unwrap(),
        by: "test".into(),
        reason: String::new(),
    };
    engine.submit(Live, command).await.unwrap();
}

fn alert(engine: &Engine, name: &str, lasts_ms: i64) -> Command {
    let labels = Labels::from_pairs(&mut vec![("alertname", "Down"), ("instance", name)]);
    let now_ms = engine.clock().now_ms();
    Command::ReceiveAlerts(vec![Arc::new(Alert {
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::default(),
        starts_ms: now_ms,
        ends_ms: now_ms + lasts_ms,
        generator_url: Box::default(),
        ends_by_timeout: false,
    })])
}

const LONG_MS: i64 = 86_400_000;

#[tokio::test(start_paused = true)]
async fn of_two_nodes_one_tells_and_the_other_takes_over() {
    let (lab, hook) = (Lab::new(), Arc::new(Hook::default()));
    let (a, stop_a) = node(&lab, "a", &hook).await;
    pass(3).await;
    let (b, _stop_b) = node(&lab, "b", &hook).await;
    pass(3).await;
    // The same alert comes to both, as Prometheus sends it.
    a.submit(Live, alert(&a, "one", LONG_MS)).await.unwrap();
    b.submit(Live, alert(&b, "one", LONG_MS)).await.unwrap();
    pass(30).await;
    let told = hook.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "a");
    // It ends well, so the other need not wait.
    drop(stop_a);
    pass(3).await;
    b.submit(Live, alert(&b, "two", LONG_MS)).await.unwrap();
    pass(20).await;
    let told = hook.told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((told[1].0, told[1].3), ("b", 2));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_dies_in_the_middle_is_replaced_and_the_message_keeps_its_key() {
    let (lab, hook) = (Lab::new(), Arc::new(Hook::default()));
    let (a, stop_a, clock) = clocked(&lab, "a", &hook).await;
    pass(3).await;
    let (b, _stop_b) = node(&lab, "b", &hook).await;
    hook.hangs.store(true, Ordering::Relaxed);
    a.submit(Live, alert(&a, "one", LONG_MS)).await.unwrap();
    pass(3).await;
    assert_eq!(hook.told().len(), 1, "it was told and is not on record");
    // It freezes for ever: it renews nothing and records nothing.
    clock.stop();
    hook.hangs.store(false, Ordering::Relaxed);
    pass(60).await;
    let told = hook.told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[1].0, "b");
    assert_eq!(told[0].1, told[1].1, "a repeat carries the same key");
    drop((b, stop_a));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_comes_back_is_told_once_under_the_key_of_all_attempts() {
    let (lab, hook) = (Lab::new(), Arc::new(Hook::default()));
    hook.broken.store(true, Ordering::Relaxed);
    let (engine, _stop) = node(&lab, "a", &hook).await;
    engine
        .submit(Live, alert(&engine, "one", LONG_MS))
        .await
        .unwrap();
    pass(25).await;
    hook.broken.store(false, Ordering::Relaxed);
    pass(30).await;
    let told = hook.told();
    assert_eq!(told.len(), 1, "{told:?}");
    let attempts = hook.attempts.lock().unwrap().clone();
    assert!(attempts.len() > 2, "{attempts:?}");
    assert!(attempts.iter().all(|key| *key == told[0].1), "{attempts:?}");
    let ways = engine.ways();
    assert_eq!(ways[0].delivered, 1);
    assert!(ways[0].failed > 1 && ways[0].last_error.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_another_try_holds_up_nobody() {
    let (lab, hook) = (Lab::new(), Arc::new(Hook::default()));
    hook.broken.store(true, Ordering::Relaxed);
    let (engine, _stop) = node(&lab, "a", &hook).await;
    let apart = ROUTING
        .replace("[alertname]", "['...']")
        .replace("10s", "1h")
        .replace("1m", "2h");
    configure(&engine, &apart).await;
    for number in 0..200 {
        let down = alert(&engine, &format!("host-{number}"), LONG_MS);
        engine.submit(Live, down).await.unwrap();
    }
    // Long enough for the longest waits between tries.
    pass(600).await;
    hook.broken.store(false, Ordering::Relaxed);
    let new = alert(&engine, "new", LONG_MS);
    engine.submit(Live, new).await.unwrap();
    pass(2).await;
    let told = hook.instances.lock().unwrap().clone();
    assert!(told.contains(&"new".to_owned()), "{told:?}");
    assert!(told.len() < 200, "the others have not had their turn");
    pass(60).await;
    assert_eq!(hook.told().len(), 201);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_recorded_is_not_told_again_by_the_same_node() {
    for fault in [Fault::Full, Fault::Unavailable, Fault::FailedNotPersisted] {
        let (lab, hook) = (Lab::new(), Arc::new(Hook::default()));
        let (engine, _stop) = node(&lab, "a", &hook).await;
        engine
            .submit(Live, alert(&engine, "one", LONG_MS))
            .await
            .unwrap();
        lab.database.set_outage(Some(fault));
        pass(9).await;
        lab.database.set_outage(None);
        pass(40).await;
        let told = hook.told();
        assert_eq!(told.len(), 1, "{fault:?}: {told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_somebody_has_is_not_repeated_until_it_changes() {
    let (lab, hook) = (Lab::new(), Arc::new(Hook::default()));
    let (engine, _stop) = node(&lab, "a", &hook).await;
    engine
        .submit(Live, alert(&engine, "one", LONG_MS))
        .await
        .unwrap();
    pass(80).await;
    assert_eq!(hook.told().len(), 2, "it is repeated");
    let group = engine.read_groups(|_, groups| groups.unwrap().groups().next().unwrap().id);
    let now_ms = engine.clock().now_ms();
    let acknowledge = Command::AcknowledgeGroup {
        group,
        until_ms: Some(now_ms + 300_000),
        comment: "on it".into(),
        by: "ada".into(),
    };
    engine.submit(Live, acknowledge).await.unwrap();
    pass(240).await;
    assert_eq!(hook.told().len(), 2, "somebody has it");
    // A new alert is news all the same.
    engine
        .submit(Live, alert(&engine, "two", LONG_MS))
        .await
        .unwrap();
    pass(15).await;
    assert_eq!(hook.told().len(), 3);
    // When it runs out, the repeats come back.
    pass(200).await;
    assert!(hook.told().len() > 3);
}

#[tokio::test(start_paused = true)]
async fn an_end_is_told_after_a_restart_and_nothing_is_told_twice() {
    let (lab, hook) = (Lab::new(), Arc::new(Hook::default()));
    let (engine, stop) = node(&lab, "a", &hook).await;
    for name in ["one", "two"] {
        engine
            .submit(Live, alert(&engine, name, LONG_MS))
            .await
            .unwrap();
    }
    pass(5).await;
    drop(stop);
    pass(2).await;
    // It ends between the looks; this node does not live to tell it.
    engine.submit(Live, alert(&engine, "one", 0)).await.unwrap();
    let (_again, _stop) = node(&lab, "a", &hook).await;
    pass(30).await;
    let told: Vec<_> = hook.told().into_iter().map(|(_, _, s, n)| (s, n)).collect();
    assert_eq!(
        told,
        [("firing", 2), ("firing", 2)],
        "the end of one of two"
    );
    assert_eq!(hook.told()[1].3, 2);
}

/// How many groups a node remembers, and how many alerts it names in them.
fn remembered(engine: &Engine) -> (usize, usize) {
    engine.read_groups(|_, groups| {
        let groups = groups.unwrap().groups();
        groups.fold((0, 0), |(n, alerts), g| (n + 1, alerts + g.alerts.len()))
    })
}

#[tokio::test(start_paused = true)]
async fn what_is_over_is_forgotten_also_where_nobody_is_told() {
    // One node leads and the other does not; a third has a receiver that is told by no way at all.
    let (lab, hook) = (Lab::new(), Arc::new(Hook::default()));
    let (leading, _stop_leading) = node(&lab, "a", &hook).await;
    pass(3).await;
    let (waiting, _stop_waiting) = node(&lab, "b", &hook).await;
    let silent_lab = Lab::new();
    let (silent, _stop_silent) = node(&silent_lab, "c", &hook).await;
    configure(&silent, "route: {receiver: nobody, group_wait: 1s, group_interval: 10s}\nreceivers: [{name: nobody}]\n").await;
    for engine in [&leading, &silent] {
        for _ in 0..3 {
            // Sent again before the first look, as Prometheus does it.
            engine
                .submit(Live, alert(engine, "one", LONG_MS))
                .await
                .unwrap();
        }
    }
    pass(2).await;
    for engine in [&leading, &waiting, &silent] {
        assert_eq!(remembered(engine), (1, 1));
    }
    for engine in [&leading, &silent] {
        engine.submit(Live, alert(engine, "one", 0)).await.unwrap();
    }
    pass(120).await;
    for engine in [&leading, &waiting, &silent] {
        assert_eq!(remembered(engine), (0, 0));
    }
}
