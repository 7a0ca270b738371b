use stentor_testkit::prometheus::{Prometheus, ScrapeTarget, down_rule};
use stentor_testkit::webhook::{Received, WebhookReceiver};

/// The first post whose alert fires still, or is over, at the time it arrives: Prometheus gives a firing alert an end
/// a few evaluations ahead.
fn post_of(posts: &[Received], over: bool) -> Option<serde_json::Value> {
    let found = posts.iter().find(|post| {
        let ends = post.json()[0]["endsAt"]
            .as_str()
            .and_then(|end| end.parse().ok());
        ends.is_some_and(|ends: jiff::Timestamp| (ends <= post.at) == over)
    });
    found.map(Received::json)
}

#[tokio::test]
async fn a_stopped_target_makes_prometheus_post_an_alert_until_it_is_back() {
    let alertmanager = WebhookReceiver::start("whsec_AAAA").await;
    let mut target = ScrapeTarget::start().await;
    let rules = down_rule(&[("service", "shop"), ("severity", "critical")]);
    let prometheus = Prometheus::start(alertmanager.address, target.address, &rules).await;
    let scrapes = async || {
        let started = target.scrapes();
        tokio::time::timeout(stentor_testkit::collected::PATIENCE, async {
            while target.scrapes() == started {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
    };
    scrapes().await;
    assert!(
        alertmanager.requests.is_empty(),
        "nothing fires while all is well"
    );

    target.stop().await;
    let post = alertmanager
        .requests
        .wait("an alert", |posts| post_of(posts, false))
        .await;
    assert_eq!(post[0]["labels"]["alertname"], "ShopDown");
    assert_eq!(post[0]["labels"]["service"], "shop");
    let first = &alertmanager.requests.all()[0];
    assert_eq!((&*first.method, &*first.path), ("POST", "/api/v2/alerts"));

    target.restart().await;
    alertmanager
        .requests
        .wait("the end of the alert", |posts| post_of(posts, true))
        .await;
    assert!(prometheus.folder().join("data").is_dir());
}
