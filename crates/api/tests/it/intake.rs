//! `POST /api/v2/alerts`, and what is told of them.

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::json;
use stentor_api::{IntakeToken, Options};

use crate::house::{House, alerts, request};

const LIMIT: usize = 10 * 1024 * 1024;

#[tokio::test]
async fn an_alert_is_durable_opens_an_incident_and_is_listed() {
    let house = House::new().await;
    let body = r#"[{"labels":{"alertname":"Down","job":"website","severity":"critical"},
        "annotations":{"summary":"<b>gone</b>"},"generatorURL":"http://p.example.org/"}]"#;
    let answer = house.alert(body).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    let seq: u64 = answer.header("stentor-seq").parse().unwrap();
    assert_eq!(seq, house.engine.seq());
    let listed = house
        .get("/api/v2/alerts?filter=alertname%3D%22Down%22", &[])
        .await
        .json();
    assert_eq!(listed[0]["annotations"]["summary"], "<b>gone</b>");
    assert_eq!(listed[0]["receivers"], json!([{ "name": "default" }]));
    assert_eq!(listed[0]["status"]["state"], "active");
    let check = async |query: &str, expect: usize| {
        let listed = house
            .get(&format!("/api/v2/alerts?{query}"), &[])
            .await
            .json();
        assert_eq!(listed.as_array().unwrap().len(), expect, "{query}");
    };
    check("filter=job!%3Dwebsite", 0).await;
    check("active=false&silenced=true", 0).await;
    check("receiver=def.*&inhibited=false", 1).await;
    check("receiver=other", 0).await;
    for bad in ["filter=x", "active=perhaps", "receiver=("] {
        let answer = house.get(&format!("/api/v2/alerts?{bad}"), &[]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(
            answer.json().is_string(),
            "as Alertmanager's clients read it"
        );
    }
    let status = house.get("/api/v2/status", &[]).await.json();
    assert_eq!(status["cluster"]["status"], "disabled");
    let receivers = house.get("/api/v2/receivers", &[]).await.json();
    assert_eq!(receivers, json!([{ "name": "default" }]));
}

#[tokio::test]
async fn bad_alerts_are_named_by_their_index_and_good_ones_kept() {
    let house = House::new().await;
    let body =
        r#"[{"labels":{"alertname":"A"}},{"labels":{}},{"labels":{"alertname":"B"}},{"labels":7}]"#;
    let answer = house.alert(body).await;
    assert_eq!(answer.problem(), (400, "bad-alerts".into()));
    let json = answer.json();
    assert_eq!(json["alerts"][0]["index"], 1);
    assert_eq!(json["alerts"][1]["index"], 3);
    let message = json["message"].as_str().unwrap();
    assert!(
        message.starts_with("alert 1: at least one label"),
        "{message}"
    );
    let listed = house.get("/api/v2/alerts", &[]).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_body_beyond_the_limits_is_refused_and_changes_nothing() {
    let house = House::new().await;
    let before = house.engine.seq();
    let check = async |body: Vec<u8>, announced: bool, expect: (u16, &str)| {
        let mut request = alerts(if announced {
            Body::from(body.clone())
        } else {
            let chunks = futures::stream::iter([Ok::<_, std::io::Error>(body.clone())]);
            Body::from_stream(chunks)
        });
        if announced {
            let length = body.len().to_string().parse().unwrap();
            request.headers_mut().insert("content-length", length);
        }
        let answer = house.send(request).await;
        assert_eq!(answer.problem(), (expect.0, expect.1.to_owned()));
    };
    for announced in [true, false] {
        check(vec![b' '; LIMIT + 1], announced, (413, "too-large")).await;
        check(vec![b'['; 1 << 20], announced, (400, "not-a-batch")).await;
        check(b"{}".to_vec(), announced, (400, "not-a-batch")).await;
        check(b"[{}".to_vec(), announced, (400, "not-a-batch")).await;
        check(
            "[{},".repeat(30_000).into_bytes(),
            announced,
            (400, "not-a-batch"),
        )
        .await;
        check(vec![0xff; 100], announced, (400, "not-a-batch")).await;
    }
    assert_eq!(house.engine.seq(), before);
    let mut compressed = alerts("[]");
    compressed
        .headers_mut()
        .insert("content-encoding", "gzip".parse().unwrap());
    assert_eq!(
        house.send(compressed).await.problem(),
        (415, "compressed".into())
    );
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let house = House::new().await;
    let strings = [
        "</script><script>alert(1)</script>",
        "'; DROP TABLE entries; --",
        "{{ 7 * 7 }} ${jndi:ldap://x} %s %n",
        "a\r\nSet-Cookie: x=1",
        "\u{0}\u{202e}\u{feff}\u{1f4a9}",
        "\u{7f}\u{1b}[31m",
    ];
    let batch: Vec<_> = strings
        .iter()
        .map(|s| json!({ "labels": { "alertname": s, *s: "v" }, "annotations": { "summary": s } }))
        .collect();
    let answer = house.alert(serde_json::to_vec(&batch).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let listed = house.get("/api/v2/alerts", &[]).await.json();
    let mut told: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["annotations"]["summary"].as_str().unwrap())
        .collect();
    let mut expect = strings.to_vec();
    told.sort_unstable();
    expect.sort_unstable();
    assert_eq!(told, expect);
}

#[tokio::test]
async fn without_a_token_only_names_of_this_machine_are_answered() {
    let house = House::new().await;
    let check = async |host: &str, expect: StatusCode| {
        let headers = [("host", host)];
        let sent = house
            .send(request(Method::POST, "/api/v2/alerts", &headers, "[]"))
            .await;
        assert_eq!(sent.status, expect, "{host}");
        let read = house.get("/api/v2/alerts", &headers).await;
        assert_eq!(read.status, expect, "{host}");
    };
    for ours in [
        "127.0.0.1:8080",
        "127.0.0.1",
        "localhost:1",
        "[::1]:8080",
        "192.0.2.1:9093",
    ] {
        check(ours, StatusCode::OK).await;
    }
    for strange in ["evil.example.com", "localhost.example.com:8080", ""] {
        check(strange, StatusCode::MISDIRECTED_REQUEST).await;
    }
}

#[tokio::test]
async fn with_a_token_it_must_be_shown() {
    let options = Options {
        console_url: "https://stentor.example.org".to_owned(),
        intake_token: Some(IntakeToken::new("correct horse")),
        ..Options::default()
    };
    assert!(!format!("{options:?}").contains("horse"));
    let house = House::with(options).await;
    let api = format!("Bearer {}", house.token("ben").await);
    let check = async |authorization: &str, expect: StatusCode| {
        let headers = [
            ("authorization", authorization),
            ("host", "any.example.net"),
        ];
        let answer = house
            .send(request(Method::POST, "/api/v2/alerts", &headers, "[]"))
            .await;
        assert_eq!(answer.status, expect, "{authorization}");
    };
    check("", StatusCode::UNAUTHORIZED).await;
    check("Bearer wrong", StatusCode::UNAUTHORIZED).await;
    check("Bearer correct horse", StatusCode::OK).await;
    // "any:correct horse"
    check("Basic YW55OmNvcnJlY3QgaG9yc2U=", StatusCode::OK).await;
    check("Basic ?", StatusCode::UNAUTHORIZED).await;
    check(&api, StatusCode::OK).await;
    let browser = house.browser("ada").await;
    let read = house
        .get("/api/v2/alerts", &[("cookie", &browser.cookie)])
        .await;
    assert_eq!(
        read.status,
        StatusCode::OK,
        "people look with their session"
    );
    let headers = [("cookie", browser.cookie.as_str())];
    let sent = house
        .send(request(Method::POST, "/api/v2/alerts", &headers, "[]"))
        .await;
    assert_eq!(sent.problem(), (401, "token-needed".into()));
}

#[tokio::test]
async fn alerts_from_other_sites_are_refused() {
    let house = House::new().await;
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("origin", "https://evil.example.com")],
        [("origin", "null")],
    ] {
        let answer = house
            .send(request(Method::POST, "/api/v2/alerts", &headers, "[]"))
            .await;
        assert_eq!(answer.problem(), (403, "forged".into()), "{headers:?}");
    }
}

#[tokio::test]
async fn what_is_not_durable_is_not_answered_ok() {
    let house = House::on(Options::default(), 60).await;
    let text = "x".repeat(20_000);
    let mut refused = None;
    for n in 0..100 {
        // Text that does not compress to nothing.
        let noise: String = (0..400).map(|i| fresh(n * 400 + i)).collect();
        let body =
            json!([{ "labels": { "n": n.to_string() }, "annotations": { "a": noise, "b": text } }]);
        let answer = house.alert(body.to_string()).await;
        if answer.status != StatusCode::OK {
            refused = Some((n, answer));
            break;
        }
    }
    let (taken, answer) = refused.unwrap();
    assert_eq!(answer.problem(), (503, "unavailable".into()));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.body.contains("Nothing was recorded"));
    let listed = house.get("/api/v2/alerts", &[]).await.json();
    assert_eq!(
        listed.as_array().unwrap().len(),
        taken,
        "those that were answered ok"
    );
    assert_eq!(
        house.get("/-/ready", &[]).await.problem(),
        (503, "unavailable".into())
    );
    assert_eq!(house.get("/-/healthy", &[]).await.status, StatusCode::OK);
}

/// Different text for each number.
fn fresh(n: usize) -> String {
    format!(
        "{:016x}",
        (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    )
}
