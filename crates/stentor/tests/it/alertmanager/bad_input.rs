//! What strangers may send: everything is answered, and what is good is taken.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::drop_in::{DropIn, silence};
use super::sink::Sink;
use crate::support::alerts::{firing, firing_names, now, post, try_post};
use crate::support::http::{Answer, get, send};

/// A batch of this text, as it is.
async fn raw(drop_in: &DropIn, body: impl AsRef<[u8]>) -> Answer {
    let headers = [("content-type", "application/json")];
    let answer = send(drop_in.address, "POST", "/api/v2/alerts", &headers, body);
    answer.await.unwrap()
}

#[tokio::test]
async fn bad_batches_are_refused_and_their_good_alerts_taken() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let _server = drop_in.start().await;

    let mixed = [
        json!({ "labels": {} }),
        firing("Good", "shop"),
        json!({ "labels": { "alertname": "Bad" }, "startsAt": "yesterday" }),
        json!({ "labels": { "": "nameless" } }),
        json!("no alert"),
        firing("Good-2", "shop"),
    ];
    let answer = try_post(drop_in.address, &mixed).await.unwrap();
    assert_eq!(answer.status, 400, "{answer:?}");
    let named = answer.json()["alerts"].as_array().unwrap().clone();
    let named: Vec<&Value> = named.iter().map(|a| &a["index"]).collect();
    assert_eq!(named, [0, 2, 3, 4]);
    assert_eq!(firing_names(drop_in.address).await, ["Good", "Good-2"]);
    sink.wait("Good-2", "firing", 1).await;

    let long = "x".repeat(10_000_000);
    let body = format!("[{{\"labels\":{{\"alertname\":\"{long}\"}}}}]");
    let answer = raw(&drop_in, body).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.body.len() < 1_000, "what is long is not repeated");
    // What is announced as too long is refused before it is read: the rest of it may meet a closed connection.
    let headers = [("content-type", "application/json")];
    let to = drop_in.address;
    let answer = send(to, "POST", "/api/v2/alerts", &headers, long.repeat(2)).await;
    assert!(
        answer.is_err() || answer.as_ref().unwrap().status == 413,
        "{answer:?}"
    );
    assert_eq!(raw(&drop_in, "[".repeat(100_000)).await.status, 400);
    assert_eq!(raw(&drop_in, "").await.status, 400);
    assert_eq!(raw(&drop_in, "null").await.status, 400);

    let bytes =
        b"[{\"labels\":{\"alertname\":\"\xff\xfe\"}},{\"labels\":{\"alertname\":\"Beside\"}}]";
    let answer = raw(&drop_in, bytes).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    let twice = "[{\"labels\":{\"alertname\":\"First\",\"alertname\":\"Second\"}}]";
    let answer = raw(&drop_in, twice).await;
    assert_eq!(answer.status, 200, "of two the last counts: {answer:?}");
    let names = firing_names(drop_in.address).await;
    assert!(names.contains(&"Second".to_owned()), "{names:?}");
    assert!(!names.contains(&"First".to_owned()), "{names:?}");
    let twice = "[{\"labels\":{\"alertname\":\"Third\"},\"labels\":{\"alertname\":\"Fourth\"}}]";
    let answer = raw(&drop_in, twice).await;
    assert!([200, 400].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn times_far_off_are_taken_as_alertmanager_takes_them() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let _server = drop_in.start().await;
    let alert = |name: &str, start: &str, end: &str| {
        let labels = json!({ "alertname": name });
        json!({ "labels": labels, "startsAt": start, "endsAt": end })
    };
    let day = SignedDuration::from_hours(24);
    let (ahead, behind) = (now() + day, now() - day);
    let until = |from: jiff::Timestamp| (from + SignedDuration::from_mins(4)).to_string();
    let none = "0001-01-01T00:00:00Z";
    let batch = [
        alert("Absent", none, none),
        alert("Ancient", "0001-01-02T00:00:00Z", "9999-12-31T23:59:59Z"),
        alert("Early", "0001-01-02T00:00:00Z", "2999-01-01T00:00:00Z"),
        alert("Ahead", &ahead.to_string(), &until(ahead)),
        alert("Behind", &behind.to_string(), &until(behind)),
    ];
    post(drop_in.address, &batch).await;
    let expect = ["Absent", "Ahead", "Ancient", "Early"];
    assert_eq!(firing_names(drop_in.address).await, expect);
    for name in expect {
        sink.wait(name, "firing", 1).await;
    }
    assert!(sink.about("Behind").is_empty());
}

#[tokio::test]
async fn silences_of_every_kind_are_answered() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let server = drop_in.start().await;
    let regex = |text: &str| {
        let mut wanted = silence("alertname", text);
        wanted["matchers"][0]["isRegex"] = true.into();
        wanted
    };
    // What makes other engines try for ever.
    for text in ["(a+)+$", "(a|aa)+$", "(.*a){20}"] {
        let answer = drop_in
            .post("/api/v2/silences", &regex(text))
            .await
            .unwrap();
        assert_eq!(answer.status, 200, "{text}: {answer:?}");
    }
    let hard = "a".repeat(2_000) + "!";
    post(drop_in.address, &[firing(&hard, "shop")]).await;
    let found = get(
        drop_in.address,
        "/api/v2/alerts?filter=alertname%3D~%22%28a%2B%29%2B%24%22",
    );
    assert_eq!(found.await.json(), json!([]));
    for text in ["((a{1000}){1000}){1000}", "(", "a{9999999}"] {
        let answer = drop_in
            .post("/api/v2/silences", &regex(text))
            .await
            .unwrap();
        assert_eq!(answer.status, 400, "{text}: {answer:?}");
    }

    let answer = drop_in
        .post("/api/v2/silences", &regex(".*"))
        .await
        .unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let warning = answer.headers.get("warning").map(|w| w.to_str().unwrap());
    assert!(
        warning.is_some_and(|w| w.contains("every alert")),
        "{answer:?}"
    );
    server.wait_for_stderr("a silence fits every alert").await;

    for broken in ["{", "[]", "{\"matchers\":[]}", "null"] {
        let headers = [("content-type", "application/json")];
        let to = drop_in.address;
        let answer = send(to, "POST", "/api/v2/silences", &headers, broken);
        let status = answer.await.unwrap().status;
        assert!([400, 422].contains(&status), "{broken}: {status}");
    }
}

#[tokio::test]
async fn twenty_thousand_alerts_come_in_one_batch_and_stay() {
    let sink = Sink::start().await;
    let drop_in = DropIn::new(&sink.config(0, 300));
    let mut server = drop_in.start().await;
    let mut batch: Vec<Value> = Vec::new();
    for number in 0..=20_000 {
        let mut alert = firing("Storm", "shop");
        alert["labels"]["instance"] = format!("host-{number}.example.org").into();
        batch.push(alert);
    }
    let answer = try_post(drop_in.address, &batch).await.unwrap();
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.body.contains("20000"), "{answer:?}");
    batch.pop();
    post(drop_in.address, &batch).await;
    server.kill9().await;
    let _server = drop_in.start().await;
    let active = "alertmanager_alerts{state=\"active\"}";
    assert_eq!(drop_in.metric(active).await, Some(20_000.0));
    let told = crate::support::until("all are told of", async || {
        let told = sink.told();
        told.into_iter().find(|t| t.names.len() == 20_000)
    })
    .await;
    assert_eq!(told.status, "firing");
}
