//! What befalls nodes, store and channels, until it is over and everything is mended.

use std::sync::Arc;
use std::time::Duration;

use stentor_testkit::simulated::{Fault, Rates};

use super::World;
use super::courier::Mood;
use super::random::Random;

const REIGN_MS: i64 = 5 * 1_800_000;

pub(crate) async fn reign(world: &Arc<World>) {
    let mut random = world.dice("chaos", 0);
    let delay_ms = u16::try_from(random.between(1, 30)).unwrap();
    let healthy = Rates {
        delay_ms,
        ..Rates::default()
    };
    world.database.set_rates(healthy);
    let end = world.true_ms() + REIGN_MS;
    while world.true_ms() < end {
        tokio::time::sleep(random.seconds(5, 600)).await;
        befall(world, &mut random, healthy).await;
    }
    world.database.set_rates(healthy);
    world.database.set_outage(None);
    world.record.lock().unwrap().moods.clear();
    for number in 0..world.size() {
        if world.node(number).is_none() {
            world.boot(number).await;
        }
        if let Some(node) = world.node(number) {
            node.clock.jump(0);
        }
    }
}

async fn befall(world: &Arc<World>, random: &mut Random, healthy: Rates) {
    match random.between(0, 5) {
        0 => {
            let mut rate = || u16::try_from(random.between(0, 150)).unwrap();
            let rates = Rates {
                failed_not_persisted: rate(),
                failed_but_persisted: rate(),
                unavailable: rate(),
                full: rate(),
                ..healthy
            };
            world.note(format!("faults: {rates:?}"));
            world.database.set_rates(rates);
            tokio::time::sleep(random.seconds(10, 900)).await;
            world.database.set_rates(healthy);
        }
        1 => {
            let fault = *random.pick(&Fault::ALL);
            world.note(format!("outage: {fault:?}"));
            world.database.set_outage(Some(fault));
            tokio::time::sleep(long(random)).await;
            world.database.set_outage(None);
            world.note("the outage is over".to_owned());
        }
        2 => {
            for _ in 0..random.between(1, 4) {
                world.database.fail_next(*random.pick(&Fault::ALL));
                if random.percent(50) {
                    world.database.pass_next();
                }
            }
        }
        3 => {
            let number = usize::try_from(random.next()).unwrap_or_default() % world.size();
            world.note(format!("node-{number} dies"));
            world.crash(number);
            if random.percent(60) {
                tokio::time::sleep(long(random)).await;
            }
            world.boot(number).await;
        }
        4 => {
            let channel = *random.pick(&["email", "webhook"]);
            let mood = match random.between(0, 6) {
                0 => Mood::Works,
                1 | 2 => Mood::Slow(random.seconds(1, 40)),
                3 => Mood::Fails,
                4 => Mood::Refuses,
                5 => Mood::Hangs(random.seconds(10, 600)),
                _ => Mood::LosesAnswers,
            };
            world.note(format!("{channel}: {mood:?}"));
            let mut record = world.record.lock().unwrap();
            record.moods.insert(channel.to_owned(), mood);
        }
        _ => {
            if let Some((number, node)) = world.some_node(random) {
                let most = if random.percent(50) { 90 } else { 3 * 3600 };
                let ms = i64::try_from(random.between(3, most)).unwrap() * 1000;
                let wrong_ms = if random.percent(50) { ms } else { -ms };
                world.note(format!("the clock of node-{number} is wrong by {wrong_ms}"));
                node.clock.jump(wrong_ms);
            }
        }
    }
}

/// Mostly minutes, sometimes hours.
fn long(random: &mut Random) -> Duration {
    if random.percent(20) {
        random.seconds(1200, 4500)
    } else {
        random.seconds(1, 900)
    }
}
