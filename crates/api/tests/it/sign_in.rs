//! Sign-in links, sessions, sign-out, and requests that other sites make browsers send.

use http::{Method, StatusCode};
use stentor_api::Options;
use stentor_domain::ids::PersonId;
use stentor_engine::{SESSION_AT_MOST_MS, SESSION_MS, SIGN_IN_MS};

use crate::house::{House, request};

const ANY: &str = "/api/v1/mirrors";

#[tokio::test]
async fn a_scanner_that_opens_the_link_changes_nothing() {
    let house = House::new().await;
    let link = house
        .engine
        .issue_sign_in(&PersonId::from("ada"))
        .await
        .unwrap();
    let path = format!("/sign-in/{}", link.reveal());
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let answer = house.send(request(method, &path, &[], "")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("set-cookie"), "");
        assert!(
            !answer.body.contains(link.reveal()),
            "the token stays in the address"
        );
    }
    let answer = house.send(request(Method::POST, &path, &[], "")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/");
}

#[tokio::test]
async fn a_link_works_once_and_not_for_ever() {
    let house = House::new().await;
    let ada = PersonId::from("ada");
    let link = house.engine.issue_sign_in(&ada).await.unwrap();
    let path = format!("/sign-in/{}", link.reveal());
    let post = || request(Method::POST, &path, &[], "");
    assert_eq!(house.send(post()).await.status, StatusCode::SEE_OTHER);
    let again = house.send(post()).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(again.header("set-cookie"), "");
    let old = house.engine.issue_sign_in(&ada).await.unwrap();
    house.clock.advance(SIGN_IN_MS + 1);
    let path = format!("/sign-in/{}", old.reveal());
    let answer = house.send(request(Method::POST, &path, &[], "")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let long = format!("/sign-in/{}", "x".repeat(5000));
    let answer = house.send(request(Method::POST, &long, &[], "")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn somebody_who_is_not_configured_cannot_come_in() {
    let house = House::new().await;
    let link = house
        .engine
        .issue_sign_in(&PersonId::from("eve"))
        .await
        .unwrap();
    let path = format!("/sign-in/{}", link.reveal());
    let answer = house.send(request(Method::POST, &path, &[], "")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_session_is_renewed_by_use_and_ends_without() {
    let house = House::new().await;
    let browser = house.browser("ada").await;
    let status = async || house.get(ANY, &[("cookie", &browser.cookie)]).await.status;
    assert_eq!(status().await, StatusCode::OK);
    for _ in 0..3 {
        house.clock.advance(SESSION_MS - 60_000);
        assert_eq!(status().await, StatusCode::OK, "used in time");
    }
    house.clock.advance(SESSION_MS + 60_000);
    assert_eq!(status().await, StatusCode::UNAUTHORIZED, "left alone");

    let browser = house.browser("ada").await;
    for _ in 0..SESSION_AT_MOST_MS / (SESSION_MS / 2) {
        house.clock.advance(SESSION_MS / 2);
        house.get(ANY, &[("cookie", &browser.cookie)]).await;
    }
    let answer = house.get(ANY, &[("cookie", &browser.cookie)]).await;
    assert_eq!(
        answer.problem(),
        (401, "sign-in-needed".into()),
        "however much it is used"
    );
}

#[tokio::test]
async fn cookies_cannot_be_read_by_scripts_and_are_bound_to_the_host() {
    let check = async |console_url: &str, expect: &str| {
        let options = Options {
            console_url: console_url.to_owned(),
            ..Options::default()
        };
        let house = House::with(options).await;
        let link = house
            .engine
            .issue_sign_in(&PersonId::from("ada"))
            .await
            .unwrap();
        let path = format!("/sign-in/{}", link.reveal());
        let answer = house.send(request(Method::POST, &path, &[], "")).await;
        let cookie = answer.header("set-cookie");
        let (name, rest) = cookie.split_once('=').unwrap();
        let (_, attributes) = rest.split_once("; ").unwrap();
        assert_eq!(format!("{name} {attributes}"), expect);
    };
    let plain = "stentor Path=/; HttpOnly; SameSite=Lax";
    check("http://127.0.0.1:8080", plain).await;
    let bound = "__Host-stentor Path=/; HttpOnly; SameSite=Lax; Secure";
    check("https://stentor.example.org/", bound).await;
}

#[tokio::test]
async fn signing_out_needs_the_forms_token_and_ends_the_session() {
    let house = House::new().await;
    let browser = house.browser("ada").await;
    let other = house.browser("ben").await;
    let sign_out = async |csrf: &str, cookie: &str| {
        let body = format!("csrf={csrf}&idempotency_key=1");
        let kind = "application/x-www-form-urlencoded";
        let headers = [
            ("cookie", cookie),
            ("content-type", kind),
            ("origin", "null"),
        ];
        house
            .send(request(Method::POST, "/sign-out", &headers, body))
            .await
            .status
    };
    for wrong in ["", "x", &other.csrf] {
        assert_eq!(
            sign_out(wrong, &browser.cookie).await,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(sign_out(&browser.csrf, "").await, StatusCode::UNAUTHORIZED);
    let seen = async || house.get(ANY, &[("cookie", &browser.cookie)]).await.status;
    assert_eq!(seen().await, StatusCode::OK);
    assert_eq!(
        sign_out(&browser.csrf, &browser.cookie).await,
        StatusCode::SEE_OTHER
    );
    assert_eq!(seen().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_other_sites_make_browsers_send_is_refused() {
    let house = House::new().await;
    let check = async |headers: &[(&str, &str)], refused: bool| {
        let link = house
            .engine
            .issue_sign_in(&PersonId::from("ada"))
            .await
            .unwrap();
        let path = format!("/sign-in/{}", link.reveal());
        let status = house
            .send(request(Method::POST, &path, headers, ""))
            .await
            .status;
        let expect = if refused {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::SEE_OTHER
        };
        assert_eq!(status, expect, "{headers:?}");
    };
    check(&[], false).await;
    check(
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        false,
    )
    .await;
    check(&[("sec-fetch-site", "none")], false).await;
    check(&[("sec-fetch-site", "cross-site")], true).await;
    check(&[("sec-fetch-site", "same-site")], true).await;
    check(&[("origin", "http://127.0.0.1:8080")], false).await;
    check(&[("origin", "http://127.0.0.1:9999")], true).await;
    check(&[("origin", "https://evil.example.com")], true).await;
    check(&[("origin", "null"), ("content-type", "text/plain")], true).await;
}
