//! API tokens.

use http::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, request};

const TOKENS: &str = "/api/v1/tokens";

#[tokio::test]
async fn an_operator_makes_lists_and_revokes_tokens() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let body = r#"{"person":"ben","label":"script","days":30}"#;
    let made = house.post(&ada, "k", TOKENS, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let again = house.post(&ada, "k", TOKENS, body).await;
    assert_eq!(again.body, made.body, "a repeat makes the same token");
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("stentor_"), "{secret}");
    assert_eq!(
        house.read(&secret, "/api/v1/mirrors").await.status,
        StatusCode::OK
    );
    let listed = house.read(&ada, TOKENS).await;
    assert!(!listed.body.contains(&secret));
    let listed = listed.json();
    let bens: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter(|t| t["person"] == "ben")
        .collect();
    assert_eq!(bens, [&made.json()["token"]]);
    let path = format!("{TOKENS}/{}", bens[0]["id"].as_str().unwrap());
    let bearer = format!("Bearer {ada}");
    let revoke = || request(Method::DELETE, &path, &[("authorization", &bearer)], "");
    assert_eq!(house.send(revoke()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        house.read(&secret, "/api/v1/mirrors").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        house.send(revoke()).await.problem(),
        (404, "not-found".into())
    );
}

#[tokio::test]
async fn others_have_no_business_with_tokens() {
    let house = House::new().await;
    let ben = house.token("ben").await;
    let body = r#"{"label":"mine","days":1}"#;
    assert_eq!(
        house.post(&ben, "k", TOKENS, body).await.problem(),
        (403, "not-allowed".into())
    );
    assert_eq!(
        house.read(&ben, TOKENS).await.problem(),
        (403, "not-allowed".into())
    );
    let bearer = format!("Bearer {ben}");
    let revoke = request(
        Method::DELETE,
        "/api/v1/tokens/x",
        &[("authorization", &bearer)],
        "",
    );
    assert_eq!(
        house.send(revoke).await.problem(),
        (403, "not-allowed".into())
    );
}

#[tokio::test]
async fn a_token_ends_and_bad_wishes_are_refused() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let check = async |body: serde_json::Value, expect: (u16, &str)| {
        let answer = house
            .post(&ada, &body.to_string()[..20], TOKENS, &body.to_string())
            .await;
        assert_eq!(answer.problem(), (expect.0, expect.1.to_owned()), "{body}");
    };
    check(json!({ "label": "", "days": 1 }), (422, "invalid")).await;
    check(
        json!({ "label": "x".repeat(101), "days": 1 }),
        (422, "invalid"),
    )
    .await;
    check(json!({ "label": "x", "days": 0 }), (422, "invalid")).await;
    check(json!({ "label": "x", "days": 366 }), (422, "invalid")).await;
    check(
        json!({ "person": "eve", "label": "x", "days": 1 }),
        (404, "not-found"),
    )
    .await;
    house.clock.advance(86_400_001);
    assert_eq!(
        house.read(&ada, "/api/v1/mirrors").await.status,
        StatusCode::UNAUTHORIZED
    );
}
