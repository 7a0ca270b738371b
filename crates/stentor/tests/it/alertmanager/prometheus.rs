//! Debian's Prometheus before it and a webhook behind it.

use stentor_testkit::prometheus::{Prometheus, ScrapeTarget, down_rule};

use super::drop_in::DropIn;
use super::sink::Sink;
use crate::support::{stop, until};

const FIRING: &str = "alertmanager_alerts_received_total{status=\"firing\",version=\"v2\"}";

/// A shop that is down, and everybody who has a part in it.
struct Scene {
    sink: Sink,
    drop_in: DropIn,
    target: ScrapeTarget,
    prometheus: Prometheus,
}

impl Scene {
    async fn new(drop_in: DropIn, sink: Sink, resend_after: &str) -> Self {
        let mut target = ScrapeTarget::start().await;
        let rules = down_rule(&[("severity", "critical")]);
        let prometheus =
            Prometheus::start_resending(drop_in.address, target.address, &rules, resend_after)
                .await;
        until("the shop is scraped", async || {
            (target.scrapes() > 0).then_some(())
        })
        .await;
        target.stop().await;
        Self {
            sink,
            drop_in,
            target,
            prometheus,
        }
    }

    /// Waits until Prometheus has sent the alert so many times to the process that runs now.
    async fn sent(&self, count: f64) {
        until("Prometheus sends the alert again", async || {
            (self.drop_in.metric(FIRING).await? >= count).then_some(())
        })
        .await;
    }

    fn told_once(&self) {
        let told = self.sink.told();
        assert!(
            told.len() == 1 && told[0].is("ShopDown", "firing"),
            "{told:#?}"
        );
    }

    /// Waits for the end, and sees that nothing else was told.
    async fn is_over(&self) {
        self.sink.wait("ShopDown", "resolved", 1).await;
        let told = self.sink.told();
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[0].is("ShopDown", "firing"), "{told:#?}");
        assert_ne!(told[0].id, told[1].id);
    }
}

#[tokio::test]
async fn restarts_repeat_nothing_and_lose_no_end() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(1, 1));
    let server = drop_in.start().await;
    let mut scene = Scene::new(drop_in, sink, "1s").await;
    scene.sink.wait("ShopDown", "firing", 1).await;
    scene.sent(4.0).await;
    scene.told_once();

    stop(server).await;
    let mut server = scene.drop_in.start().await;
    scene.sent(3.0).await;
    scene.told_once();

    server.kill9().await;
    let mut server = scene.drop_in.start().await;
    scene.sent(3.0).await;
    scene.told_once();

    // It ends while nobody is there to hear of it.
    server.kill9().await;
    let before = scene.target.scrapes();
    scene.target.restart().await;
    until("Prometheus knows that the shop is back", async || {
        (scene.target.scrapes() >= before + 3).then_some(())
    })
    .await;
    let server = scene.drop_in.start().await;
    scene.is_over().await;
    stop(server).await;
}

#[tokio::test]
async fn a_restart_of_prometheus_ends_nothing() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 1));
    let _server = drop_in.start().await;
    // What was sent holds for 20 seconds, so that a slow start of Prometheus does not end it.
    let mut scene = Scene::new(drop_in, sink, "5s").await;
    scene.sink.wait("ShopDown", "firing", 1).await;
    scene.sent(1.0).await;
    scene.prometheus.restart().await;
    let before = scene.drop_in.metric(FIRING).await.unwrap();
    scene.sent(before + 2.0).await;
    scene.told_once();
    scene.target.restart().await;
    scene.is_over().await;
}
