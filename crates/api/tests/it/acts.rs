//! What people do by the API: once, by whom it may be done, in the world that is named.

use http::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, request};

const INCIDENTS: &str = "/api/v1/worlds/live/incidents";
const DECLARED: &str =
    r#"{"service":"website","title":"It is gone","impact":"total","severity":"sev1"}"#;

#[tokio::test]
async fn a_repeated_request_acts_once_and_gets_the_same_answer() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let first = house.post(&ada, "k1", INCIDENTS, DECLARED).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(
        first.json(),
        json!({ "incident": 1, "handoff": null, "maintenance": null, "denial": null })
    );
    let notes = format!("{INCIDENTS}/1/notes");
    let note = house.post(&ada, "k2", &notes, r#"{"text":"looking"}"#);
    assert_eq!(note.await.status, StatusCode::OK);
    let seq = house.engine.seq();
    let again = house.post(&ada, "k1", INCIDENTS, DECLARED).await;
    assert_eq!((again.status, again.body), (first.status, first.body));
    assert_eq!(house.engine.seq(), seq, "nothing was recorded again");
}

#[tokio::test]
async fn requests_repeated_at_the_same_time_act_once() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let sent = (0..20).map(|_| house.post(&ada, "same", INCIDENTS, DECLARED));
    let answers = futures::future::join_all(sent).await;
    for answer in answers {
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        assert_eq!(answer.json()["incident"], 1);
    }
    let list = house.read(&ada, INCIDENTS).await.json();
    assert_eq!(list["incidents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_person() {
    let house = House::new().await;
    let (ada, ben) = (house.token("ada").await, house.token("ben").await);
    assert_eq!(
        house.post(&ada, "k", INCIDENTS, DECLARED).await.status,
        StatusCode::CREATED
    );
    let notes = format!("{INCIDENTS}/1/notes");
    let other = house.post(&ada, "k", &notes, r#"{"text":"x"}"#).await;
    assert_eq!(other.problem(), (422, "key-reused".into()));
    let other = house
        .post(&ada, "k", INCIDENTS, &DECLARED.replace("gone", "slow"))
        .await;
    assert_eq!(other.problem(), (422, "key-reused".into()));
    let of_ben = house.post(&ben, "k", &notes, r#"{"text":"x"}"#).await;
    assert_eq!(of_ben.status, StatusCode::OK, "{}", of_ben.body);
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let resolve = format!("{INCIDENTS}/1/resolve");
    let early = house.post(&ada, "r", &resolve, "").await;
    assert_eq!(early.problem(), (404, "not-found".into()));
    house.post(&ada, "d", INCIDENTS, DECLARED).await;
    house
        .post(&ada, "c", &format!("{INCIDENTS}/1/command"), "")
        .await;
    let now = house.post(&ada, "r", &resolve, "").await;
    assert_eq!(now.status, StatusCode::OK, "{}", now.body);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    house.post(&ada, "d", INCIDENTS, DECLARED).await;
    let check = async |path: &str, body: &str, expect: (u16, &str)| {
        let answer = house.post(&ada, path, path, body).await;
        assert_eq!(
            answer.problem(),
            (expect.0, expect.1.to_owned()),
            "{path} {body}"
        );
    };
    let live = |rest: &str| format!("{INCIDENTS}{rest}");
    check(&live("/1/notes"), r#"{"text":" "}"#, (422, "invalid")).await;
    check(&live("/1/notes"), r#"{"txt":"x"}"#, (422, "invalid")).await;
    check(&live("/1/notes"), "{", (422, "invalid")).await;
    check(&live("/1/notes"), &"[".repeat(10_000), (422, "invalid")).await;
    check(
        &live("/1/severity"),
        r#"{"severity":"sev9"}"#,
        (422, "invalid"),
    )
    .await;
    let long = json!({ "severity": "sev2", "reason": "x".repeat(2001) }).to_string();
    check(&live("/1/severity"), &long, (422, "invalid")).await;
    check(&live("/9/help"), "", (404, "not-found")).await;
    check(&live("/x/help"), "", (404, "not-found")).await;
    check(
        "/api/v1/worlds/mars/incidents",
        DECLARED,
        (404, "not-found"),
    )
    .await;
    check(
        "/api/v1/worlds/drill-7/incidents/1/help",
        "",
        (404, "not-found"),
    )
    .await;
    check(INCIDENTS, DECLARED, (409, "conflict")).await;
    check(&live("/1/close"), "", (409, "conflict")).await;
    let huge = format!("{{\"text\":\"{}\"}}", "x".repeat(600_000));
    check(&live("/1/notes"), &huge, (413, "too-large")).await;
    let update = r#"{"template":"first","next_update":"soon"}"#;
    check(&live("/1/updates"), update, (422, "invalid")).await;
}

#[tokio::test]
async fn a_key_and_a_marked_body_are_needed() {
    let house = House::new().await;
    let bearer = format!("Bearer {}", house.token("ada").await);
    let check = async |headers: &[(&str, &str)], expect: (u16, &str)| {
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        let answer = house
            .send(request(Method::POST, INCIDENTS, &all, DECLARED))
            .await;
        assert_eq!(
            answer.problem(),
            (expect.0, expect.1.to_owned()),
            "{headers:?}"
        );
    };
    let json = ("content-type", "application/json");
    check(&[json], (400, "key-needed")).await;
    check(&[json, ("idempotency-key", "")], (400, "key-needed")).await;
    check(
        &[json, ("idempotency-key", &"x".repeat(101))],
        (400, "key-needed"),
    )
    .await;
    check(&[("idempotency-key", "k")], (415, "not-json")).await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    check(&[form, ("idempotency-key", "k")], (415, "not-json")).await;
}

#[tokio::test]
async fn a_session_writes_only_with_its_token() {
    let house = House::new().await;
    let (ada, ben) = (house.browser("ada").await, house.browser("ben").await);
    let declare = async |csrf: &str| {
        let headers = [
            ("cookie", ada.cookie.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", "k"),
            ("x-csrf-token", csrf),
        ];
        house
            .send(request(Method::POST, INCIDENTS, &headers, DECLARED))
            .await
    };
    for wrong in ["", "x", &ben.csrf] {
        assert_eq!(declare(wrong).await.problem(), (403, "forged".into()));
    }
    let done = declare(&ada.csrf).await;
    assert_eq!(done.status, StatusCode::CREATED);
    let cookie = done.header("set-cookie");
    let seq = done.header("stentor-seq");
    assert!(
        cookie.starts_with(&format!("stentor-seq={seq};")),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_page_is_answered_by_its_person() {
    let house = House::new().await;
    let dora = house.token("dora").await;
    house.post(&dora, "d", INCIDENTS, DECLARED).await;
    let incident = house.read(&dora, &format!("{INCIDENTS}/1")).await.json();
    let paged = incident["pages"][0]["person"].as_str().unwrap().to_owned();
    let other = ["ada", "ben"].into_iter().find(|p| *p != paged).unwrap();
    let answer = "/api/v1/worlds/live/pages/1/answer";
    let stranger = house.token(other).await;
    let refused = house
        .post(&stranger, "a", answer, r#"{"accept":true}"#)
        .await;
    assert_eq!(refused.problem(), (403, "not-allowed".into()));
    let own = house.token(&paged).await;
    let taken = house.post(&own, "a", answer, r#"{"accept":true}"#).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let incident = house.read(&dora, &format!("{INCIDENTS}/1")).await.json();
    assert_eq!(incident["pages"][0]["answer"], "acknowledged");
    assert_eq!(incident["roles"][0]["role"], "commander");
    assert_eq!(incident["roles"][0]["person"], paged.as_str());
    assert_eq!(incident["escalation"]["progress"], "stopped");
}
