//! What every answer carries, errors included.

use http::StatusCode;

use crate::house::House;

#[tokio::test]
async fn every_answer_is_strict() {
    let house = House::new().await;
    for path in [
        "/-/healthy",
        "/nowhere",
        "/api/v1/mirrors",
        "/sign-in/x",
        "/api/v2/alerts",
    ] {
        let answer = house.get(path, &[]).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn problems_are_pages_for_people_and_json_for_programs() {
    let house = House::new().await;
    let page = house.get("/%3Cscript%3E", &[]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{}",
        page.body
    );
    for path in ["/api/v1/nowhere", "/api/nowhere", "/-/nowhere"] {
        let json = house.get(path, &[]).await;
        assert_eq!(json.problem(), (404, "not-found".into()), "{path}");
    }
}

#[tokio::test]
async fn a_node_says_how_it_is() {
    let house = House::new().await;
    for path in ["/-/healthy", "/-/ready"] {
        assert_eq!(house.get(path, &[]).await.status, StatusCode::OK, "{path}");
    }
    house
        .alert("[{\"labels\":{\"alertname\":\"Down\"}},{}]")
        .await;
    house.get("/nowhere", &[]).await;
    let metrics = house.get("/metrics", &[]).await.body;
    for line in [
        "stentor_alerts_received_total 1",
        "stentor_alerts_invalid_total 1",
        "stentor_alert_batches_total 1",
        "stentor_requests_refused_total{status=\"404\"} 1",
        "stentor_accepting 1",
        "stentor_firing_alerts{world=\"live\"} 1",
        "stentor_open_incidents{world=\"live\",severity=\"sev2\"} 1",
        "stentor_lane_waiting{world=\"live\",lane=\"pages\"} 1",
        "alertmanager_alerts{state=\"active\"} 1",
        "alertmanager_alerts_received_total{status=\"firing\",version=\"v2\"} 1",
        "alertmanager_alerts_invalid_total{version=\"v2\"} 1",
        "alertmanager_silences{state=\"pending\"} 0",
        "alertmanager_config_last_reload_successful 1",
        "alertmanager_dispatcher_aggregation_groups 0",
        "alertmanager_cluster_members 1",
        "# EOF",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in\n{metrics}");
    }
}
