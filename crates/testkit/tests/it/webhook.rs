//! Whether the receiver notices what is wrong, asked with the raw wire and the standard's own library.

use std::net::SocketAddr;

use standardwebhooks::Webhook;
use stentor_testkit::webhook::{Answer, WebhookReceiver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const BODY: &str = r#"{"type":"a.b","timestamp":"2026-03-01T12:00:00Z","data":{}}"#;

/// Posts and gives the answer's first line; empty when the connection broke.
async fn post(to: SocketAddr, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST /hook HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer.lines().next().unwrap_or_default().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "tests are an outermost place")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[tokio::test]
async fn signatures_are_judged_strictly() {
    let receiver = WebhookReceiver::start(SECRET).await;
    let mut count = 0;
    let mut check = async |id: &str,
                           shift: i64,
                           signed: &str,
                           sent: &str,
                           extra: &str,
                           expect: bool| {
        count += 1;
        let second = now() + shift;
        let signature = Webhook::new(SECRET)
            .unwrap()
            .sign(id, second, signed.as_bytes())
            .unwrap();
        let headers = format!(
            "webhook-id: {id}\r\nwebhook-timestamp: {second}\r\nwebhook-signature: {signature}\r\n{extra}"
        );
        post(receiver.address, &headers, sent).await;
        let got = receiver.requests.wait_for(count).await;
        let verdict = &got[count - 1].verdict;
        assert_eq!(
            verdict.is_ok(),
            expect,
            "{id} {shift} {sent} {extra}: {verdict:?}"
        );
    };
    let json = "content-type: application/json\r\n";
    check("msg_1", 0, BODY, BODY, json, true).await;
    check("msg_1", -200, BODY, BODY, json, true).await;
    check("msg_1", -400, BODY, BODY, json, false).await;
    check("msg_1", 400, BODY, BODY, json, false).await;
    check("msg.1", 0, BODY, BODY, json, false).await;
    check("msg_1", 0, BODY, &BODY.replace("a.b", "a.c"), json, false).await;
    check("msg_1", 0, BODY, BODY, "", false).await;
    check(
        "msg_1",
        0,
        BODY,
        BODY,
        "content-type: text/plain\r\n",
        false,
    )
    .await;
    check(
        "msg_1",
        0,
        BODY,
        BODY,
        &format!("{json}webhook-id: msg_2\r\n"),
        false,
    )
    .await;
    check("msg_1", 0, "{}", "{}", json, false).await;
    check("msg_1", 0, "no json", "no json", json, false).await;
    let long = BODY.replace("{}", &format!("{{\"x\":\"{}\"}}", "x".repeat(20_000)));
    check("msg_1", 0, &long, &long, json, false).await;
}

#[tokio::test]
async fn answers_come_as_planned_then_200() {
    let receiver = WebhookReceiver::start(SECRET).await;
    receiver.plan([Answer::status(503), Answer::Close]);
    let to = receiver.address;
    assert!(post(to, "", BODY).await.contains("503"));
    assert_eq!(post(to, "", BODY).await, "");
    assert!(post(to, "", BODY).await.contains("200"));
    assert_eq!(receiver.requests.len(), 3);
}
