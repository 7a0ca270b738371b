//! Alerts and silences by our own API.

use http::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, request};

const SILENCES: &str = "/api/v1/silences";

#[tokio::test]
async fn alerts_are_told_by_pages() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let alerts: Vec<_> = (0..5)
        .map(|n| json!({ "labels": { "alertname": "Down", "n": n.to_string() } }))
        .collect();
    house.alert(json!(alerts).to_string()).await;
    let page = house
        .read(&ada, "/api/v1/alerts?sort=-n&limit=2&offset=1")
        .await
        .json();
    assert_eq!(page["total"], 5);
    let told: Vec<_> = page["alerts"].as_array().unwrap().iter().collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["labels"]["n"], "3");
    assert_eq!(told[0]["receivers"], json!(["default"]));
    assert_eq!(told[0]["state"], "active");
    let one = house
        .read(&ada, "/api/v1/alerts?filter=n%3D~%22[12]%22")
        .await;
    assert_eq!(one.json()["total"], 2);
    let bad = house.read(&ada, "/api/v1/alerts?filter=x").await;
    assert_eq!(bad.problem(), (422, "invalid".into()));
}

#[tokio::test]
async fn silences_are_set_once_changed_and_ended() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let body = json!({ "matchers": ["job=\"shop\"", "instance=~\"web.*\""], "for_seconds": 3600,
        "comment": "planned work",
        "recurrence": { "rule": "FREQ=DAILY", "duration_seconds": 7200, "zone": "Europe/Berlin" } });
    let first = house.post(&ada, "k1", SILENCES, &body.to_string()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let again = house.post(&ada, "k1", SILENCES, &body.to_string()).await;
    assert_eq!(again.body, first.body);
    let id = first.json()["silence"].as_str().unwrap().to_owned();
    let all = house.read(&ada, SILENCES).await.json();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    let path = format!("{SILENCES}/{id}");
    let one = house.read(&ada, &path).await.json();
    assert_eq!(one["created_by"], "ada");
    assert_eq!(one["matchers"], body["matchers"]);
    assert_eq!(one["recurrence"], body["recurrence"]);
    assert_eq!(one["state"], "active");
    let bearer = format!("Bearer {ada}");
    let headers = [("authorization", bearer.as_str())];
    let ended = house
        .send(request(Method::DELETE, &path, &headers, ""))
        .await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.body);
    house.clock.advance(1);
    assert_eq!(house.read(&ada, &path).await.json()["state"], "expired");
    let check = async |key: &str, change: &str, value: serde_json::Value| {
        let mut body = body.clone();
        body[change] = value;
        let answer = house.post(&ada, key, SILENCES, &body.to_string()).await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{change}");
    };
    check("b1", "matchers", json!([])).await;
    check("b2", "matchers", json!(["job"])).await;
    check("b3", "for_seconds", json!(0)).await;
    check("b4", "ends_at", json!("2027-01-01T00:00:00Z")).await;
    check("b5", "starts_at", json!("soon")).await;
    check("b6", "comment", json!("")).await;
}

#[tokio::test]
async fn there_are_no_groups_to_note_anything_about_without_a_routing() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let group = format!("/api/v1/alert-groups/{}", "0".repeat(32));
    assert_eq!(
        house.read(&ada, &group).await.problem(),
        (404, "not-found".into())
    );
    let path = format!("{group}/acknowledge");
    let answer = house.post(&ada, "k", &path, r#"{"for_seconds":60}"#).await;
    assert_eq!(answer.problem(), (404, "not-found".into()));
}
