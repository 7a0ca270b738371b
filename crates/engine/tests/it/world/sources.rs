//! Alert sources as Prometheus is one: each alert is sent to every node each minute with an end four minutes ahead;
//! a resolved one is sent for a quarter of an hour with the end that it had.

use std::sync::Arc;
use std::time::Duration;

use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::command::Command;
use stentor_domain::labels::Labels;
use stentor_domain::world::World::Live;

use super::random::Random;
use super::{Answer, World};

const EVERY: Duration = Duration::from_secs(60);
const AHEAD_MS: i64 = 240_000;

pub(crate) async fn live(world: Arc<World>, number: u64) {
    let mut random = world.dice("source", number);
    for episode in 0_u32.. {
        tokio::time::sleep(random.seconds(60, 1500)).await;
        if world.is_calm() {
            return;
        }
        let alert = breaks(&world, &mut random, &format!("{number}-{episode}"));
        world.note(format!("{} fires", alert.fingerprint));
        world
            .record
            .lock()
            .unwrap()
            .firing
            .insert(alert.fingerprint);
        let mut repeats = random.between(2, 120);
        while repeats > 0 {
            send(&world, &alert, world.true_ms() + AHEAD_MS);
            tokio::time::sleep(EVERY).await;
            repeats -= 1;
            if world.is_calm() {
                repeats = repeats.min(20);
            }
        }
        let ends_ms = world.true_ms();
        world
            .record
            .lock()
            .unwrap()
            .firing
            .remove(&alert.fingerprint);
        if random.percent(25) {
            world.note(format!("{} is not sent any more", alert.fingerprint));
            continue;
        }
        world.note(format!("{} is over", alert.fingerprint));
        for _ in 0..15 {
            send(&world, &alert, ends_ms);
            tokio::time::sleep(EVERY).await;
        }
    }
}

fn breaks(world: &World, random: &mut Random, name: &str) -> Alert {
    let job = *random.pick(&["login", "website", "package-mirror", "nobody"]);
    let severity = *random.pick(&["critical", "critical", "page", "warning", "info", "odd"]);
    let labels = Labels::from_pairs(&mut vec![
        ("alertname", "TargetDown"),
        ("instance", name),
        ("job", job),
        ("service", job),
        ("severity", severity),
    ]);
    Alert {
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::from_pairs(&mut vec![("summary", "it does not answer")]),
        starts_ms: world.true_ms(),
        ends_ms: 0,
        generator_url: Box::default(),
        ends_by_timeout: false,
    }
}

/// Sends to every node at once, as Prometheus does.
fn send(world: &Arc<World>, alert: &Alert, ends_ms: i64) {
    let alert = Alert {
        ends_ms,
        ..alert.clone()
    };
    for number in 0..world.size() {
        let (world, alert) = (Arc::clone(world), alert.clone());
        tokio::spawn(async move {
            let Some(node) = world.node(number) else {
                return;
            };
            let fingerprint = alert.fingerprint;
            let fires = ends_ms > world.true_ms();
            let command = Command::ReceiveAlerts(vec![Arc::new(alert)]);
            let answer = world.ask(&node, command, None).await;
            let Answer::Done(done) = answer else {
                return;
            };
            let still = world.record.lock().unwrap().firing.contains(&fingerprint);
            if !(fires && still) {
                return;
            }
            let known = node
                .engine
                .read(|state| state.world(Live)?.alerts.get(&fingerprint).map(|_| ()));
            if known.is_none() && !node.clock.is_dead() {
                world.complain(format!("{fingerprint} was answered ok and is not known"));
            }
            let mut record = world.record.lock().unwrap();
            record.accepted.push((fingerprint, done.seq));
        });
    }
}
