//! The power goes right after the answer: what Alertmanager loses is there.

use super::drop_in::{DropIn, silence};
use super::sink::Sink;
use crate::support::alerts;

#[tokio::test]
async fn what_was_answered_200_survives_kill_9_and_is_told() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(5, 300));
    let mut server = drop_in.start().await;
    alerts::post(drop_in.address, &[alerts::firing("Kept", "shop")]).await;
    server.kill9().await;
    assert!(sink.told().is_empty(), "it waits for its group");

    let mut server = drop_in.start().await;
    assert_eq!(alerts::firing_names(drop_in.address).await, ["Kept"]);
    let quiet = silence("alertname", "Quiet");
    let answer = drop_in.post("/api/v2/silences", &quiet).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.json()["silenceID"].clone();
    server.kill9().await;

    let mut server = drop_in.start().await;
    let silences = drop_in.get("/api/v2/silences").await;
    assert_eq!(silences[0]["id"], id, "{silences:#}");
    assert_eq!(silences[0]["status"]["state"], "active");
    let quiet = [
        alerts::firing("Quiet", "shop"),
        alerts::firing("Loud", "shop"),
    ];
    alerts::post(drop_in.address, &quiet).await;
    sink.wait("Kept", "firing", 1).await;
    sink.wait("Loud", "firing", 1).await;

    // What was told meanwhile may be repeated only under the id that it had.
    server.kill9().await;
    let _server = drop_in.start().await;
    alerts::post(drop_in.address, &[alerts::firing("Last", "shop")]).await;
    sink.wait("Last", "firing", 1).await;
    for name in ["Kept", "Loud", "Last"] {
        let mut ids: Vec<String> = sink.about(name).into_iter().map(|t| t.id).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "{name}: {ids:?}");
    }
    assert!(sink.about("Quiet").is_empty());
}
