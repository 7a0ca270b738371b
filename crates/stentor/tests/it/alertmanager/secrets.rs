//! Secrets of the configuration file stand nowhere else.

use stentor_testkit::webhook::Answer;

use super::drop_in::DropIn;
use super::sink::Sink;
use crate::support::files::read;
use crate::support::http::send;
use crate::support::{alerts, listening};

const IN_URL: &str = "k7urltoken4Qx";
const BEARER: &str = "b3arertoken9Zp";
const SECOND: &str = "s3condtoken2Wv";
const MAIL: &str = "m4ilpassw0rd5Y";

fn config(sink: &Sink, bearer: &str) -> String {
    let url = sink.url();
    format!(
        "route:\n  receiver: sink\n  group_by: [alertname]\n  group_wait: 0s\n\
         receivers:\n- name: sink\n  webhook_configs:\n  - url: {url}/{IN_URL}?token={IN_URL}\n    http_config:\n      \
         authorization:\n        credentials: {bearer}\n\
         - name: mail\n  email_configs:\n  - to: ops@example.org\n    from: am@example.org\n    smarthost: localhost:25\n    \
         auth_username: am\n    auth_password: {MAIL}\n"
    )
}

#[tokio::test]
async fn secrets_are_used_and_neither_shown_nor_stored() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&config(&sink, BEARER));
    let mut command = drop_in.command();
    command.arg("--log.level=debug");
    let mut server = listening(command).await;
    sink.plan([
        Answer::status(503),
        Answer::Close,
        Answer::status(200),
        Answer::status(404),
    ]);
    for name in ["Delayed", "Failed"] {
        alerts::post(drop_in.address, &[alerts::firing(name, "shop")]).await;
        sink.wait(name, "firing", if name == "Delayed" { 3 } else { 1 })
            .await;
    }
    drop_in.write(&config(&sink, SECOND));
    let answer = send(drop_in.address, "POST", "/-/reload", &[], "").await;
    assert_eq!(answer.unwrap().status, 200);
    alerts::post(drop_in.address, &[alerts::firing("Other", "shop")]).await;
    sink.wait("Other", "firing", 1).await;
    let used: Vec<String> = sink.headers("authorization");
    assert_eq!(used.first().unwrap(), &format!("Bearer {BEARER}"));
    assert_eq!(used.last().unwrap(), &format!("Bearer {SECOND}"));

    // A reload that is refused must not repeat the file either.
    drop_in.write(&(config(&sink, SECOND) + "nonsense: true\n"));
    let answer = send(drop_in.address, "POST", "/-/reload", &[], "")
        .await
        .unwrap();
    assert_eq!(answer.status, 500);
    let status = drop_in.get("/api/v2/status").await.to_string();
    assert!(status.contains("<secret>"), "{status}");
    let metrics = send(drop_in.address, "GET", "/metrics", &[], "").await;
    server.kill9().await;
    let log = server.stderr.all().join("\n") + server.stdout.all().join("\n").as_str();
    assert!(
        log.contains("sink/webhook[0]"),
        "the failures are in the log: {log}"
    );
    let files = read(&drop_in.storage());
    assert!(
        files.keys().any(|name| name.ends_with("-wal")),
        "{:?}",
        files.keys()
    );
    for secret in [IN_URL, BEARER, SECOND, MAIL] {
        assert!(!status.contains(secret), "{status}");
        assert!(!answer.body.contains(secret), "{answer:?}");
        assert!(!metrics.as_ref().unwrap().body.contains(secret));
        assert!(!log.contains(secret), "{secret} in {log}");
        for (name, bytes) in &files {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{secret} in {name}");
        }
    }
}
