use std::time::Duration;

use serde_json::json;
use stentor_channels::secret::SecretRef;
use stentor_channels::webhook::Webhook;
use stentor_channels::{Address, Channel, Outcome};
use stentor_egress::{Client, Guard, Limits};
use stentor_testkit::webhook::{Answer, WebhookReceiver};
use tempfile::TempDir;

use crate::{now, page, secret, secrets};

/// 32 bytes.
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct Setup {
    receiver: WebhookReceiver,
    channel: Webhook,
    address: Address,
    _folder: TempDir,
}

async fn setup(total: Duration) -> Setup {
    let folder = tempfile::tempdir().unwrap();
    secret::write(&folder.path().join("hook"), SECRET.as_bytes(), 0o600);
    let receiver = WebhookReceiver::start(SECRET).await;
    let guard = Guard::allowing(["127.0.0.0/8".parse().unwrap()]);
    let limits = Limits {
        total,
        ..Limits::default()
    };
    let client = Client::new(guard, limits, None).unwrap();
    Setup {
        channel: Webhook::new(client, secrets(folder.path())),
        address: Address::webhook(&receiver.url(), SecretRef::File("hook".into())).unwrap(),
        receiver,
        _folder: folder,
    }
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_page_arrives_signed() {
    let it = setup(LONG).await;
    let outcome = it
        .channel
        .send(&it.address, &page("key-one-1"), now())
        .await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    let got = &it.receiver.requests.wait_for(1).await[0];
    assert_eq!(got.verdict, Ok(()));
    assert_eq!(got.method, "POST");
    assert_eq!(got.id(), "msg_key-one-1");
    let expect = json!({
        "type": "page.requested",
        "timestamp": "2026-03-01T12:00:00Z",
        "data": {
            "person": "Ada",
            "subject": "The shop does not answer",
            "text": "Shop: down since 12:00 UTC.\n\nhttp://stentor.example.org/a/token\n",
            "link": "http://stentor.example.org/a/token",
            "event": { "incident": "INC-1", "severity": "sev1" },
        },
    });
    assert_eq!(got.json(), expect);
}

#[tokio::test]
async fn every_repeat_has_the_same_id_and_body_and_its_own_timestamp() {
    let it = setup(LONG).await;
    it.receiver.plan([Answer::Close, Answer::status(500)]);
    let (message, start) = (page("key-repeat"), now());
    for second in 0..3 {
        let now = start + Duration::from_secs(second);
        it.channel.send(&it.address, &message, now).await;
    }
    let got = it.receiver.requests.wait_for(3).await;
    for request in &got {
        assert_eq!(request.verdict, Ok(()));
        assert_eq!(request.id(), "msg_key-repeat");
        assert_eq!(request.body, got[0].body);
    }
    assert_ne!(
        got[0].header("webhook-timestamp"),
        got[2].header("webhook-timestamp")
    );
}

#[tokio::test]
async fn a_wrong_key_or_a_changed_body_is_noticed_by_the_receiver() {
    let it = setup(LONG).await;
    let other = WebhookReceiver::start("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    let address = Address::webhook(&other.url(), SecretRef::File("hook".into())).unwrap();
    it.channel.send(&address, &page("key-wrong"), now()).await;
    assert!(other.requests.wait_for(1).await[0].verdict.is_err());
}

#[tokio::test]
async fn answers_decide_between_success_retry_and_failure() {
    #[derive(Debug, PartialEq)]
    enum Kind {
        Delivered,
        Retry(Option<u64>),
        Failed,
    }
    use Kind::{Delivered, Failed, Retry};
    let it = setup(LONG).await;
    let check = async |answer: Answer, expect: Kind| {
        it.receiver.plan([answer.clone()]);
        let outcome = it
            .channel
            .send(&it.address, &page("key-answer"), now())
            .await;
        let kind = match &outcome {
            Outcome::Delivered { .. } => Delivered,
            Outcome::Retry { after, .. } => Retry(after.map(|after| after.as_secs())),
            Outcome::Failed { .. } => Failed,
        };
        assert_eq!(kind, expect, "{answer:?}: {outcome:?}");
    };
    let after =
        |status, value: &str| Answer::Status(status, vec![("retry-after", value.to_owned())]);
    let to = |status, place: &str| Answer::Status(status, vec![("location", place.to_owned())]);
    check(Answer::status(200), Delivered).await;
    check(Answer::status(202), Delivered).await;
    check(Answer::status(204), Delivered).await;
    check(to(301, "/elsewhere"), Failed).await;
    check(to(302, "/elsewhere"), Failed).await;
    check(to(307, &it.receiver.url()), Failed).await;
    check(Answer::status(304), Failed).await;
    check(Answer::status(410), Failed).await;
    check(Answer::status(400), Retry(None)).await;
    check(Answer::status(401), Retry(None)).await;
    check(Answer::status(404), Retry(None)).await;
    check(Answer::status(429), Retry(None)).await;
    check(after(429, "7"), Retry(Some(7))).await;
    check(after(502, "8"), Retry(Some(8))).await;
    check(after(504, "9"), Retry(Some(9))).await;
    check(after(503, "never"), Retry(None)).await;
    check(Answer::status(500), Retry(None)).await;
    check(Answer::Close, Retry(None)).await;
    assert_eq!(it.receiver.requests.len(), 18, "no redirect was followed");
}

#[tokio::test]
async fn silence_is_worth_another_attempt() {
    let it = setup(Duration::from_millis(200)).await;
    it.receiver.plan([Answer::Hang]);
    let outcome = it
        .channel
        .send(&it.address, &page("key-silence"), now())
        .await;
    assert!(
        matches!(&outcome, Outcome::Retry { error, .. } if error.contains("200ms")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn what_is_too_long_is_left_out_and_the_page_still_goes() {
    let it = setup(LONG).await;
    let mut n = 0;
    let mut check = async |text: &str, event: usize, kept_text: usize, kept_event: bool| {
        n += 1;
        let mut message = page(&format!("key-long-{n}"));
        message.subject = text.to_owned();
        message.person_name = text.to_owned();
        message.text = text.to_owned();
        message.event = json!({ "padding": "x".repeat(event) });
        let outcome = it.channel.send(&it.address, &message, now()).await;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
        let got = it.receiver.requests.wait_for(n).await;
        assert_eq!(got[n - 1].verdict, Ok(()));
        let data = &got[n - 1].json()["data"];
        assert_eq!(data["text"].as_str().unwrap().chars().count(), kept_text);
        assert_eq!(data["event"].is_object(), kept_event);
    };
    let wide = "\u{1f600}".repeat(10_000);
    check(&"long ".repeat(10_000), 10, 4000, true).await;
    check(&"\"\\\n".repeat(10_000), 10, 4000, true).await;
    check(&wide, 10, 4000, true).await;
    check(&wide, 10_000, 1000, true).await;
    check(&wide, 30_000, 1000, false).await;
    check("short", 30_000, 5, false).await;
}

#[tokio::test]
async fn secrets_that_cannot_be_used_are_the_operators_to_mend() {
    let it = setup(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    secret::write(&folder.path().join("short"), b"whsec_AAAA", 0o600);
    secret::write(&folder.path().join("open"), SECRET.as_bytes(), 0o644);
    let channel = Webhook::new(
        Client::new(Guard::public_only(), Limits::default(), None).unwrap(),
        secrets(folder.path()),
    );
    for (file, part) in [
        ("short", "24 to 64 bytes"),
        ("open", "chmod 600"),
        ("none", "cannot be read"),
    ] {
        let address = Address::webhook(&it.receiver.url(), SecretRef::File(file.into())).unwrap();
        let outcome = channel.send(&address, &page("key-secret"), now()).await;
        assert!(
            matches!(&outcome, Outcome::Retry { error, .. } if error.contains(part)),
            "{outcome:?}"
        );
    }
    assert!(it.receiver.requests.is_empty());
}

#[tokio::test]
async fn drills_and_refused_networks_are_not_contacted() {
    let it = setup(LONG).await;
    let mut drill = page("key-drill");
    drill.drill = true;
    let outcome = it.channel.send(&it.address, &drill, now()).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");

    let folder = tempfile::tempdir().unwrap();
    secret::write(&folder.path().join("hook"), SECRET.as_bytes(), 0o600);
    let strict = Webhook::new(
        Client::new(Guard::public_only(), Limits::default(), None).unwrap(),
        secrets(folder.path()),
    );
    let outcome = strict.send(&it.address, &page("key-strict"), now()).await;
    assert!(
        matches!(&outcome, Outcome::Failed { error } if error.contains("allow")),
        "{outcome:?}"
    );
    assert!(it.receiver.requests.is_empty());
}
