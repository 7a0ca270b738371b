//! Killed again and again under a storm of alerts: each alert that was answered with 200 is there afterwards.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crate::support::{Engine, House, alerts, until};

/// How often the power goes.
const ROUNDS: usize = 4;
/// Senders at the same time.
const SENDERS: usize = 4;
/// Answers in a round before the power goes.
const ANSWERS: usize = 25;

#[tokio::test]
async fn on_sqlite() {
    storm(Engine::Sqlite).await;
}

#[tokio::test]
async fn on_postgres() {
    storm(Engine::Postgres).await;
}

async fn storm(engine: Engine) {
    let house = House::new(engine).await;
    let taken = Arc::new(Mutex::new(BTreeSet::new()));
    for round in 0..ROUNDS {
        let mut server = house.serve().await;
        let known: BTreeSet<String> = alerts::firing_names(house.address)
            .await
            .into_iter()
            .collect();
        let answered = taken.lock().unwrap().clone();
        let lost: Vec<_> = answered.difference(&known).collect();
        assert!(lost.is_empty(), "answered and lost: {lost:?}");
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (taken, address) = (taken.clone(), house.address);
                tokio::spawn(async move {
                    for number in 0.. {
                        let name = format!("Alert-{round}-{sender}-{number}");
                        let alert = alerts::firing(&name, "package-mirror");
                        match alerts::try_post(address, &[alert]).await {
                            Ok(answer) if answer.status == 200 => {
                                taken.lock().unwrap().insert(name);
                            }
                            Ok(answer) => panic!("{answer:?}"),
                            Err(_) => return, // the power went
                        }
                    }
                })
            })
            .collect();
        until("enough answers", async || {
            (taken.lock().unwrap().len() >= answered.len() + ANSWERS).then_some(())
        })
        .await;
        server.kill9().await;
        for sender in senders {
            sender.await.unwrap();
        }
    }
    let ran = house.run(&["audit", "verify"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
}
