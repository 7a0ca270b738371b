//! Pages of other sites: kept away, unless the operator names them.

use super::drop_in::{DropIn, silence};
use super::sink::Sink;
use crate::support::http::{Answer, send};
use crate::support::listening;

const NAMED: &str = "https://dashboard.example.org";

async fn ask(drop_in: &DropIn, method: &str, path: &str, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("sec-fetch-site", "cross-site"),
        ("content-type", "application/json"),
        ("access-control-request-method", "POST"),
    ];
    let body = match method {
        "POST" => silence("alertname", "A").to_string(),
        _ => String::new(),
    };
    send(drop_in.address, method, path, &headers, body)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_page_uses_the_api_only_when_its_site_is_named() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let mut command = drop_in.command();
    command.arg(format!("--web.cors-origin={NAMED}"));
    let _server = listening(command).await;
    let check = async |method: &str, path: &str, origin: &str, status: u16, allowed: bool| {
        let answer = ask(&drop_in, method, path, origin).await;
        assert_eq!(
            answer.status, status,
            "{method} {path} {origin}: {answer:?}"
        );
        let told = answer.headers.get("access-control-allow-origin");
        let told = told.map(|value| value.to_str().unwrap());
        assert_eq!(
            told,
            allowed.then_some(origin),
            "{method} {path}: {answer:?}"
        );
    };
    let silences = "/api/v2/silences";
    check("GET", silences, NAMED, 200, true).await;
    check("OPTIONS", silences, NAMED, 204, true).await;
    check("POST", silences, NAMED, 200, true).await;
    // An error is readable, too.
    check("GET", "/api/v2/silence/none", NAMED, 422, true).await;
    let other = "https://evil.example.org";
    check("GET", silences, other, 200, false).await;
    check("OPTIONS", silences, other, 405, false).await;
    check("POST", silences, other, 403, false).await;
    // Only the API, and nothing that people see.
    check("POST", "/-/reload", NAMED, 403, false).await;
    check("GET", "/metrics", NAMED, 200, false).await;
}
