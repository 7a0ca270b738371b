//! The limits that Alertmanager's operators may set.

use serde_json::Value;

use super::drop_in::{DropIn, silence};
use super::sink::Sink;
use crate::support::{alerts, listening};

#[tokio::test]
async fn what_is_beyond_a_limit_is_not_taken() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let mut command = drop_in.command();
    command
        .args([
            "--silences.max-silences=2",
            "--silences.max-silence-size-bytes=100",
        ])
        .arg("--alerts.per-alertname-limit=2");
    let _server = listening(command).await;
    let set = async |silence: &Value| drop_in.post("/api/v2/silences", silence).await.unwrap();

    let long = set(&silence("alertname", &"x".repeat(200))).await;
    assert_eq!(long.status, 400, "{long:?}");
    assert!(long.body.contains("exceeded maximum size: "), "{long:?}");
    assert!(long.body.contains("(limit: 100 bytes)"), "{long:?}");
    let first = set(&silence("alertname", "A")).await;
    assert_eq!(first.status, 200, "{first:?}");
    let second = set(&silence("alertname", "B")).await;
    assert_eq!(second.status, 200, "{second:?}");
    let third = set(&silence("alertname", "C")).await;
    assert_eq!(third.status, 400, "{third:?}");
    let what = "exceeded maximum number of silences: 2 (limit: 2)";
    assert!(third.body.contains(what), "{third:?}");
    // One that is known may be changed.
    let mut longer = silence("alertname", "B");
    longer["id"] = second.json()["silenceID"].clone();
    let changed = set(&longer).await;
    assert_eq!(changed.status, 200, "{changed:?}");

    let three = ["one", "two", "three"].map(|service| alerts::firing("Many", service));
    alerts::post(drop_in.address, &three).await;
    alerts::post(drop_in.address, &[alerts::firing("Other", "one")]).await;
    // Those that are known are taken again.
    alerts::post(drop_in.address, &three).await;
    let open = alerts::firing_names(drop_in.address).await;
    assert_eq!(open, ["Many", "Many", "Other"]);
    assert_eq!(
        drop_in.metric("alertmanager_alerts_limited_total").await,
        Some(2.0)
    );
    assert_eq!(
        drop_in.metric("alertmanager_alerts_per_alert_limit").await,
        Some(2.0)
    );
}
