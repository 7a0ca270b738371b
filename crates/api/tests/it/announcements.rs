//! The public word by the API: put right, announced, denied; by whom it may be done, once, in the world that is named.

use http::StatusCode;
use serde_json::json;

use crate::house::House;

const LIVE: &str = "/api/v1/worlds/live";

/// A house in which Ada leads an incident and spoke once.
async fn spoken() -> (House, String) {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let incidents = format!("{LIVE}/incidents");
    let declared =
        r#"{"service":"website","title":"It is gone","impact":"total","severity":"sev1"}"#;
    house.post(&ada, "k1", &incidents, declared).await;
    let command = format!("{incidents}/1/command");
    house.post(&ada, "k2", &command, "{}").await;
    let updates = format!("{incidents}/1/updates");
    let said = house
        .post(&ada, "k3", &updates, r#"{"template":"first"}"#)
        .await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.body);
    (house, ada)
}

#[tokio::test]
async fn statements_are_corrected_and_taken_back() {
    let (house, ada) = spoken().await;
    let updates = format!("{LIVE}/incidents/1/updates");
    let correct = format!("{updates}/1/correct");
    let body = r#"{"template":"update","values":{"known":"It is the disk."}}"#;
    let answer = house.post(&ada, "k4", &correct, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let seq = house.engine.seq();
    let again = house.post(&ada, "k4", &correct, body).await;
    assert_eq!((again.status, again.body), (answer.status, answer.body));
    assert_eq!(house.engine.seq(), seq, "nothing was recorded again");
    let withdraw = format!("{updates}/2/withdraw");
    let body = r#"{"reason":"Not so.","translations":{"de":"Nicht so."}}"#;
    let answer = house.post(&ada, "k5", &withdraw, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let told = house
        .read(&ada, &format!("{LIVE}/incidents/1"))
        .await
        .json();
    let updates = told["updates"].as_array().unwrap();
    assert_eq!(updates.len(), 3);
    assert_eq!(updates[0]["mended"]["corrected_by"], 2);
    assert_eq!(updates[1]["mended"]["withdrawn_by"], 3);
    assert_eq!(updates[2]["mended"]["withdraws"], 2);
    let german = &updates[2]["translations"]["de"]["sections"][0];
    assert_eq!(german["text"], "Nicht so.");
    assert_eq!(german["heading"], "Warum wir es zurücknehmen");
    let check = async |key: &str, who: &str, path: &str, body: &str, expect: (u16, &str)| {
        let token = house.token(who).await;
        let answer = house.post(&token, key, path, body).await;
        let (status, code) = answer.problem();
        assert_eq!((status, &*code), expect, "{path} {body}: {}", answer.body);
    };
    let reason = r#"{"reason":"x"}"#;
    check("a", "ben", &withdraw, reason, (403, "not-allowed")).await;
    check("b", "ada", &withdraw, reason, (409, "conflict")).await;
    let nowhere = format!("{LIVE}/incidents/1/updates/9/withdraw");
    check("c", "ada", &nowhere, reason, (404, "not-found")).await;
    let empty = r#"{"reason":" "}"#;
    let first = format!("{LIVE}/incidents/1/updates/1/withdraw");
    check("d", "ada", &first, empty, (422, "invalid")).await;
    let french = r#"{"reason":"x","translations":{"fr":"x"}}"#;
    check("e", "ada", &first, french, (422, "invalid")).await;
    let no_language = r#"{"reason":"x","translations":{"<b>":"x"}}"#;
    check("f", "ada", &first, no_language, (422, "invalid")).await;
}

#[tokio::test]
async fn work_and_false_messages_are_spoken_of() {
    let (house, ada) = spoken().await;
    let now_ms = house.engine.clock().now_ms();
    let at = |ms: i64| {
        jiff::Timestamp::from_millisecond(now_ms + ms)
            .unwrap()
            .to_string()
    };
    let work = format!("{LIVE}/maintenance");
    let plan = json!({
        "template": "maintenance", "services": ["website"],
        "starts_at": at(3_600_000), "ends_at": at(7_200_000),
    });
    let answer = house.post(&ada, "m1", &work, &plan.to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.json()["maintenance"], 1);
    let further = format!("{work}/1/updates");
    let begun = r#"{"template":"maintenance-now"}"#;
    let answer = house.post(&ada, "m2", &further, begun).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let wrong = r#"{"template":"maintenance-now","status":"scheduled"}"#;
    let answer = house.post(&ada, "m3", &further, wrong).await;
    assert_eq!(answer.problem(), (409, "conflict".into()));
    let withdraw = format!("{further}/2/withdraw");
    let answer = house
        .post(&ada, "m4", &withdraw, r#"{"reason":"Not yet."}"#)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let told = house.read(&ada, &work).await.json();
    let updates = told[0]["updates"].as_array().unwrap();
    let statuses: Vec<_> = updates
        .iter()
        .map(|u| u["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["scheduled", "in_progress", "scheduled"]);
    assert_eq!(told[0]["components"], json!(["www.example.org"]));
    assert!(updates[0]["translations"]["de"].is_object());

    let denials = format!("{LIVE}/denials");
    let body = json!({
        "template": "denial", "seen_at": ["a mail"],
        "values": { "topic": "passwords", "claim": "They end.", "truth": "They do not." },
    });
    let answer = house.post(&ada, "d1", &denials, &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.json()["denial"], 1);
    let mut over = body.clone();
    over["template"] = "denial-over".into();
    let answer = house
        .post(
            &ada,
            "d2",
            &format!("{denials}/1/updates"),
            &over.to_string(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let told = house.read(&ada, &denials).await.json();
    assert_eq!(told[0]["updates"][1]["circulates"], false);
    let answer = house
        .post(
            &ada,
            "d3",
            &format!("{denials}/1/updates/2/withdraw"),
            r#"{"reason":"It is back."}"#,
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let told = house.read(&ada, &denials).await.json();
    assert_eq!(told[0]["updates"][2]["circulates"], true);
    // Who leads nothing and is no liaison may not, and another world knows nothing of it.
    let ben = house.token("ben").await;
    let answer = house.post(&ben, "d4", &denials, &body.to_string()).await;
    assert_eq!(answer.problem(), (403, "not-allowed".into()));
    let elsewhere = house.read(&ada, "/api/v1/worlds/drill-1/denials").await;
    assert_eq!(elsewhere.problem(), (404, "not-found".into()));
    let directory = house.read(&ada, "/api/v1/directory").await.json();
    assert_eq!(directory["channels"][0]["kind"], "website");
    assert_eq!(directory["security"][0], "mailto:security@example.org");
}
