//! The database goes away while a receiver is being told.

use std::sync::Arc;
use std::time::Duration;

use stentor_testkit::postgres::PrivatePostgres;
use stentor_testkit::proxy::{Mode, Proxy};
use stentor_testkit::webhook::Answer;

use super::drop_in::{DropIn, silence};
use super::sink::Sink;
use crate::support::{alerts, http, until};

#[tokio::test]
async fn without_the_database_nothing_is_answered_200_and_nothing_that_was_is_lost() {
    let make = || Arc::new(PrivatePostgres::start());
    let postgres = tokio::task::spawn_blocking(make).await.unwrap();
    let url = postgres.database();
    let sink = Sink::start().await;
    let config = sink.config(0, 300);
    let nodes = [
        DropIn::sharing(&url, &config),
        DropIn::sharing(&url, &config),
    ];
    let _servers = (nodes[0].start().await, nodes[1].start().await);
    sink.plan([Answer::Slow(Duration::from_secs(2))]);
    for node in &nodes {
        alerts::post(node.address, &[alerts::firing("During", "shop")]).await;
    }
    sink.wait("During", "firing", 1).await;

    let crashed = Arc::clone(&postgres);
    tokio::task::spawn_blocking(move || crashed.crash())
        .await
        .unwrap();
    for node in &nodes {
        let alert = alerts::firing("Refused", "shop");
        let answer = alerts::try_post(node.address, &[alert]).await.unwrap();
        assert!([500, 503].contains(&answer.status), "{answer:?}");
        let quiet = silence("alertname", "Refused");
        let answer = node.post("/api/v2/silences", &quiet).await.unwrap();
        assert!([500, 503].contains(&answer.status), "{answer:?}");
        assert_eq!(http::get(node.address, "/-/healthy").await.status, 200);
        let shown = alerts::firing_names(node.address).await;
        assert!(shown.contains(&"During".to_owned()), "{shown:?}");
    }
    let started = Arc::clone(&postgres);
    tokio::task::spawn_blocking(move || started.start_again())
        .await
        .unwrap();

    for (number, node) in nodes.iter().enumerate() {
        let name = format!("After-{number}");
        until("it is taken again", async || {
            let alert = alerts::firing(&name, "shop");
            let answer = alerts::try_post(node.address, &[alert]).await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }
    sink.wait("After-0", "firing", 1).await;
    sink.wait("After-1", "firing", 1).await;
    for node in &nodes {
        until("both know everything", async || {
            let mut names = alerts::firing_names(node.address).await;
            names.retain(|name| name != "Refused");
            (names == ["After-0", "After-1", "During"]).then_some(())
        })
        .await;
    }
    for name in ["During", "After-0", "After-1"] {
        let told = sink.about(name);
        assert!(told.iter().all(|t| t.id == told[0].id), "{told:#?}");
    }
}

#[tokio::test]
async fn who_is_cut_off_from_the_database_is_replaced_and_says_so() {
    let postgres = || {
        (
            PrivatePostgres::shared().database(),
            PrivatePostgres::shared().port(),
        )
    };
    let (url, port) = tokio::task::spawn_blocking(postgres).await.unwrap();
    let mut proxy = Proxy::start(([127, 0, 0, 1], port).into()).await;
    let behind = format!(":{}/", proxy.address.port());
    let sink = Sink::start().await;
    let config = sink.config(0, 300);
    let cut_off = DropIn::sharing(&url.replace(&format!(":{port}/"), &behind), &config);
    let _cut_off = cut_off.start().await;
    alerts::post(cut_off.address, &[alerts::firing("Before", "shop")]).await;
    let leader = sink.wait("Before", "firing", 1).await.remove(0).by;
    let other = DropIn::sharing(&url, &config);
    let _other = other.start().await;

    proxy.set(Mode::BlackHole).await;
    let refused = [alerts::firing("Refused", "shop")];
    let (answer, ()) = tokio::join!(alerts::try_post(cut_off.address, &refused), async {
        alerts::post(other.address, &[alerts::firing("During", "shop")]).await;
        let told = sink.wait("During", "firing", 1).await;
        assert_ne!(told[0].by, leader);
    });
    let answer = answer.unwrap();
    assert!([500, 503].contains(&answer.status), "{answer:?}");

    proxy.set(Mode::Pass).await;
    until("it is taken again", async || {
        let after = [alerts::firing("After", "shop")];
        let answer = alerts::try_post(cut_off.address, &after).await.ok()?;
        (answer.status == 200).then_some(())
    })
    .await;
    sink.wait("After", "firing", 1).await;
    let names = alerts::firing_names(cut_off.address).await;
    assert!(names.contains(&"During".to_owned()), "{names:?}");
    for name in ["Before", "During", "After"] {
        let told = sink.about(name);
        assert!(told.iter().all(|t| t.id == told[0].id), "{told:#?}");
    }
}
