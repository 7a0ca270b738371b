//! A disk that does not sync.

use super::drop_in::{DropIn, silence};
use super::sink::Sink;
use crate::support::syscalls::{Failing, SYNC};
use crate::support::{alerts, http, until};

#[tokio::test]
async fn without_sync_neither_alerts_nor_silences_are_answered_200() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let mut failing = Failing::start(drop_in.command(), drop_in.beside("fiu")).await;
    alerts::post(drop_in.address, &[alerts::firing("Before", "shop")]).await;
    sink.wait("Before", "firing", 1).await;

    failing.fail(SYNC).await;
    for _ in 0..3 {
        let refused = [alerts::firing("Refused", "shop")];
        let answer = alerts::try_post(drop_in.address, &refused).await.unwrap();
        assert_eq!(answer.status, 503, "{answer:?}");
        let quiet = silence("alertname", "Refused");
        let answer = drop_in.post("/api/v2/silences", &quiet).await.unwrap();
        assert_eq!(answer.status, 503, "{answer:?}");
    }
    assert_eq!(http::get(drop_in.address, "/-/ready").await.status, 503);
    assert_eq!(http::get(drop_in.address, "/-/healthy").await.status, 200);

    failing.heal(SYNC).await;
    until("it is taken again", async || {
        let after = [alerts::firing("After", "shop")];
        let answer = alerts::try_post(drop_in.address, &after).await.unwrap();
        (answer.status == 200).then_some(())
    })
    .await;
    failing.server.kill9().await;
    let _server = drop_in.start().await;
    let firing = alerts::firing_names(drop_in.address).await;
    assert_eq!(firing, ["After", "Before"]);
    assert_eq!(drop_in.get("/api/v2/silences").await, serde_json::json!([]));
    sink.wait("After", "firing", 1).await;
    let told = sink.about("Before");
    assert!(told.iter().all(|t| t.id == told[0].id), "{told:#?}");
}
