//! Alertmanager's API v2 beyond the intake: what is told of alerts, and silences.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http::{Method, StatusCode};
use serde_json::{Value, json};
use stentor_api::{Options, Reload, Surface};

use crate::house::{Answer, House, request};

const V2: &str = "/api/v2";

async fn put(house: &House, body: &Value) -> Answer {
    let kind = [("content-type", "application/json")];
    let path = format!("{V2}/silences");
    house
        .send(request(Method::POST, &path, &kind, body.to_string()))
        .await
}

fn time(house: &House, seconds: i64) -> String {
    let now = house.engine.clock().now() + jiff::SignedDuration::from_secs(seconds);
    now.to_string()
}

/// A silence of a job for an hour.
fn silence(house: &House, job: &str) -> Value {
    json!({ "matchers": [{ "name": "job", "value": job, "isRegex": false, "isEqual": true }],
        "startsAt": time(house, 0), "endsAt": time(house, 3600), "createdBy": "ada", "comment": "planned work" })
}

async fn fire(house: &House, jobs: &[&str]) {
    let alerts: Vec<Value> = jobs
        .iter()
        .enumerate()
        .map(
            |(n, job)| json!({ "labels": { "alertname": "Down", "job": job, "n": n.to_string() } }),
        )
        .collect();
    let answer = house.alert(json!(alerts).to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

async fn jobs(house: &House, query: &str) -> Vec<String> {
    let listed = house.get(&format!("{V2}/alerts?{query}"), &[]).await.json();
    let listed = listed.as_array().unwrap().iter();
    listed
        .map(|a| a["labels"]["job"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_silenced_alert_says_so_and_is_left_out_when_asked() {
    let house = House::new().await;
    fire(&house, &["a", "b"]).await;
    let answer = put(&house, &silence(&house, "a")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let id = answer.json()["silenceID"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("warning"), "");
    let listed = house
        .get(&format!("{V2}/alerts?filter=job%3Da"), &[])
        .await
        .json();
    assert_eq!(
        listed[0]["status"],
        json!({ "state": "suppressed", "silencedBy": [id], "inhibitedBy": [], "mutedBy": [] })
    );
    assert_eq!(jobs(&house, "silenced=false").await, ["b"]);
    assert_eq!(jobs(&house, "active=false").await, ["a"]);
    let end = format!("{V2}/silence/{id}");
    let ended = house.send(request(Method::DELETE, &end, &[], "")).await;
    assert_eq!((ended.status, ended.body.as_str()), (StatusCode::OK, ""));
    house.clock.advance(1);
    let told = house.get(&end, &[]).await.json();
    assert_eq!(told["status"]["state"], "expired");
    assert_eq!(jobs(&house, "active=false").await, [""; 0]);
    // Once more changes nothing.
    let ended = house.send(request(Method::DELETE, &end, &[], "")).await;
    assert_eq!(ended.status, StatusCode::OK);
}

#[tokio::test]
async fn silences_are_listed_by_state_and_by_their_matchers() {
    let house = House::new().await;
    let mut later = silence(&house, "later");
    later["startsAt"] = time(&house, 60).into();
    for body in [silence(&house, "now"), later] {
        assert_eq!(put(&house, &body).await.status, StatusCode::OK);
    }
    let check = async |query: &str, expect: &[&str]| {
        let listed = house
            .get(&format!("{V2}/silences?{query}"), &[])
            .await
            .json();
        let states = listed.as_array().unwrap().iter();
        let states: Vec<_> = states
            .map(|s| s["status"]["state"].as_str().unwrap())
            .collect();
        assert_eq!(states, expect, "{query}");
    };
    check("", &["active", "pending"]).await;
    check("filter=job%3D%22now%22", &["active"]).await;
    check("filter=job%3D~%22l.*%22", &["pending"]).await;
    check("active=false", &["pending"]).await;
    check("pending=false&expired=false", &["active"]).await;
}

#[tokio::test]
async fn what_cannot_be_done_is_told_as_a_text() {
    let house = House::new().await;
    let check = async |change: &str, value: Value, status: u16| {
        let mut body = silence(&house, "a");
        body[change] = value;
        let answer = put(&house, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{change}: {}", answer.body);
        assert!(answer.json().is_string(), "{}", answer.body);
    };
    check("matchers", json!([]), 400).await;
    check("endsAt", time(&house, -7200).into(), 400).await;
    check("startsAt", time(&house, 7200).into(), 400).await;
    check("comment", "".into(), 400).await;
    check("id", "abababab-abab-4bab-abab-abababababab".into(), 404).await;
    check("id", "7".into(), 400).await;
    let gone = format!("{V2}/silence/abababab-abab-4bab-abab-abababababab");
    assert_eq!(house.get(&gone, &[]).await.status, StatusCode::NOT_FOUND);
    let ended = house.send(request(Method::DELETE, &gone, &[], "")).await;
    assert_eq!(ended.status, StatusCode::NOT_FOUND);
    let odd = house.get(&format!("{V2}/silence/7"), &[]).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(odd.json()["code"], 601);
}

#[tokio::test]
async fn a_silence_of_everything_is_taken_with_a_warning() {
    let house = House::new().await;
    let mut body = silence(&house, "a");
    body["matchers"] =
        json!([{ "name": "alertname", "value": ".*", "isRegex": true, "isEqual": true }]);
    let answer = put(&house, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.header("warning").contains("every alert"));
}

#[tokio::test]
async fn pages_are_cut_after_sorting_and_say_how_many_there_are() {
    let house = House::new().await;
    fire(&house, &["c", "a", "d", "b", "e"]).await;
    assert_eq!(jobs(&house, "sort=job").await, ["a", "b", "c", "d", "e"]);
    assert_eq!(jobs(&house, "sort=-job&limit=2&offset=1").await, ["d", "c"]);
    assert_eq!(jobs(&house, "sort=job&offset=4&limit=9").await, ["e"]);
    assert_eq!(jobs(&house, "offset=9").await, [""; 0]);
    let page = house
        .get(
            &format!("{V2}/alerts?limit=1&filter=job%3D~%22[ab]%22"),
            &[],
        )
        .await;
    assert_eq!(page.header("x-total-count"), "2");
    let bad = house.get(&format!("{V2}/alerts?limit=-1"), &[]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn groups_are_told_where_nothing_groups_too() {
    let house = House::new().await;
    fire(&house, &["a", "b"]).await;
    let groups = house.get(&format!("{V2}/alerts/groups"), &[]).await.json();
    assert_eq!(groups.as_array().unwrap().len(), 1, "{groups}");
    let group = &groups[0];
    assert_eq!(group["receiver"], json!({ "name": "default" }));
    assert_eq!(group["labels"], json!({}));
    assert_eq!(group["routeLabels"], json!({}));
    assert_eq!(group["alerts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn in_an_alertmanagers_place_every_name_is_ours_and_no_page_is_private() {
    let options = Options {
        surface: Surface::Alertmanager,
        route_prefix: "/am/".into(),
        ..Options::default()
    };
    let house = House::with(options).await;
    let headers = [("host", "alertmanager.example.net:9093")];
    let check = async |path: &str, status: u16| {
        let answer = house.get(path, &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
    };
    check("/am/api/v2/status", 200).await;
    check("/am/-/healthy", 200).await;
    check("/am/-/ready", 200).await;
    check("/am/metrics", 200).await;
    check("/", 307).await;
    check("/am", 307).await;
    check("/api/v2/status", 404).await;
    check("/am/api/v1/worlds/live/incidents", 404).await;
    check("/am/sign-in/x", 404).await;
}

/// Fails every second time.
struct Flaky(AtomicU32);

impl Reload for Flaky {
    fn reload(&self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>> {
        let fails = self.0.fetch_add(1, Ordering::SeqCst) % 2 == 1;
        Box::pin(async move {
            if fails {
                return Err("line 3: no such receiver".to_owned());
            }
            Ok(())
        })
    }
}

#[tokio::test]
async fn the_configuration_is_read_again_on_request() {
    let options = Options {
        reload: Some(Arc::new(Flaky(AtomicU32::new(0)))),
        ..Options::default()
    };
    let house = House::with(options).await;
    let reload = async || {
        let request = request(Method::POST, "/-/reload", &[], "");
        house.send(request).await
    };
    let check = async |expect: &str| {
        let metrics = house.get("/metrics", &[]).await.body;
        let line = format!("alertmanager_config_last_reload_successful {expect}");
        assert!(metrics.lines().any(|l| l == line), "{line} in {metrics}");
    };
    let done = reload().await;
    assert_eq!((done.status, done.body.as_str()), (StatusCode::OK, ""));
    check("1").await;
    let failed = reload().await;
    assert_eq!(failed.problem(), (500, "not-reloaded".into()));
    assert!(failed.body.contains("line 3: no such receiver"));
    check("0").await;
    let none = House::new().await;
    let asked = request(Method::POST, "/-/reload", &[], "");
    assert_eq!(none.send(asked).await.problem(), (404, "not-found".into()));
}
