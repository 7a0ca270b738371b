use std::time::Duration;

use stentor_channels::email::{Email, Login, Settings, Tls};
use stentor_channels::secret::SecretRef;
use stentor_channels::{Address, Channel, Outcome};
use stentor_testkit::smtp::{Fault, Options, Smtp, Stage};
use tempfile::TempDir;

use crate::{now, page, secret, secrets};

/// Settings without encryption or login.
pub(crate) fn settings(port: u16) -> Settings {
    Settings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        login: None,
        from: "stentor@example.org".to_owned(),
        from_name: Some("Stentor".to_owned()),
        ca_pem: None,
        helo: None,
        timeout: Duration::from_secs(30),
    }
}

/// A login whose password stands in a file of `folder`.
pub(crate) fn login(folder: &TempDir, password: &str) -> Login {
    secret::write(&folder.path().join("smtp"), password.as_bytes(), 0o600);
    Login {
        username: "stentor".to_owned(),
        password: SecretRef::File("smtp".into()),
        allow_unencrypted: false,
    }
}

pub(crate) fn channel(settings: Settings, folder: &TempDir) -> Email {
    Email::new(settings, secrets(folder.path())).unwrap()
}

pub(crate) fn ada() -> Address {
    Address::email("ada@example.org").unwrap()
}

#[track_caller]
pub(crate) fn assert_retry(outcome: &Outcome, part: &str) {
    match outcome {
        Outcome::Retry { error, .. } => assert!(error.contains(part), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_arrives_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let server = Smtp::start(Options::default()).await;
    let email = channel(settings(server.port), &folder);
    let mut message = page("key-one-1");
    message.text = "Ümlaut, a line.\n.a dot first\nFrom here\n".to_owned();
    let outcome = email.send(&ada(), &message, now()).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");

    let mails = server.wait_for_mails(1).await;
    let mail = &mails[0];
    assert_eq!(mail.mail_from, "stentor@example.org");
    assert_eq!(mail.rcpt_to, ["ada@example.org"]);
    assert_eq!(mail.helo, "example.org");
    assert_eq!(mail.message_id(), "<key-one-1@example.org>");
    assert_eq!(mail.header("Subject"), ["The shop does not answer"]);
    assert_eq!(mail.header("From"), ["Stentor <stentor@example.org>"]);
    assert_eq!(mail.header("To"), ["Ada <ada@example.org>"]);
    assert_eq!(mail.header("Date"), ["Sun, 01 Mar 2026 12:00:00 +0000"]);
    assert_eq!(mail.header("Auto-Submitted"), ["auto-generated"]);
    assert!(mail.header("Content-Type")[0].starts_with("text/plain"));
    assert_eq!(mail.text.replace("\r\n", "\n"), message.text);
    assert!(!mail.tls);
}

#[tokio::test]
async fn hostile_text_stays_in_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let server = Smtp::start(Options::default()).await;
    let email = channel(settings(server.port), &folder);
    let cases = [
        "down\r\nBcc: eve@example.org",
        "down\nBcc: eve@example.org\n\nforged body",
        "down\rBcc: eve@example.org",
        "down\u{85}Bcc: eve@example.org\u{2028}X: y",
        "dówn\r\nBcc: eve@example.org",
        "=?utf-8?q?down=0D=0ABcc:_eve@example.org?=",
        &format!("{}\r\nBcc: eve@example.org", "long ".repeat(100)),
        "\u{202e}nwod\0\u{7}",
        "<script>alert(1)</script> \"quoted\" \\ , ; : @",
    ];
    for (n, hostile) in cases.iter().enumerate() {
        let mut message = page(&format!("key-hostile-{n}"));
        message.subject = (*hostile).to_owned();
        message.person_name = (*hostile).to_owned();
        message.text = format!("text\r\n.\r\nMAIL FROM:<eve@example.org>\r\n{hostile}");
        let outcome = email.send(&ada(), &message, now()).await;
        assert!(
            matches!(outcome, Outcome::Delivered { .. }),
            "{hostile:?}: {outcome:?}"
        );

        let mails = server.wait_for_mails(n + 1).await;
        assert_eq!(mails.len(), n + 1, "{hostile:?}: one mail each");
        let mail = &mails[n];
        assert_eq!(mail.rcpt_to, ["ada@example.org"], "{hostile:?}");
        let names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
        for name in &names {
            let known = [
                "message-id",
                "date",
                "from",
                "to",
                "subject",
                "auto-submitted",
                "mime-version",
                "content-type",
                "content-transfer-encoding",
            ];
            assert!(
                known.contains(&name.to_lowercase().as_str()),
                "{hostile:?} made {name}"
            );
        }
        assert!(
            mail.text.contains("MAIL FROM:<eve@example.org>"),
            "{hostile:?}: the text is whole: {}",
            mail.raw
        );
        let subject = mail.header("Subject")[0];
        assert!(
            subject.chars().count() <= 200 && !subject.contains(['\r', '\n', '\0']),
            "{subject:?}"
        );
        let head = mail.raw.split("\r\n\r\n").next().unwrap();
        assert!(head.is_ascii(), "{head}");
        assert!(head.lines().all(|line| line.len() <= 998), "{head}");
    }
}

#[tokio::test]
async fn every_repeat_is_the_same_mail() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Smtp::start(Options::default()).await;
    let email = channel(settings(server.port), &folder);
    server
        .plan(Stage::Data, Fault::Reply("451 4.7.1 greylisted"), Some(2))
        .await;
    server.plan(Stage::Data, Fault::Lose, Some(1)).await;
    let message = page("key-repeat");
    for reason in ["greylisted", "greylisted", "127.0.0.1"] {
        assert_retry(&email.send(&ada(), &message, now()).await, reason);
    }
    let outcome = email.send(&ada(), &message, now()).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");

    let refused = server.refused();
    assert_eq!(refused.len(), 2);
    for refusal in refused {
        assert_eq!(refusal["message_id"], "<key-repeat@example.org>");
    }
    // One was kept although its answer was lost: the receiver can tell that the second is the same.
    let mails = server.wait_for_mails(2).await;
    assert_eq!(mails[0].message_id(), "<key-repeat@example.org>");
    assert_eq!(mails[0].raw, mails[1].raw);
}

#[tokio::test]
async fn answers_decide_between_retry_and_failure() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Smtp::start(Options::default()).await;
    let email = channel(settings(server.port), &folder);
    let mut n = 0;
    let mut check = async |stage: Stage, fault: Fault, permanent: bool| {
        n += 1;
        server.plan(stage, fault.clone(), Some(1)).await;
        let outcome = email
            .send(&ada(), &page(&format!("key-number-{n}")), now())
            .await;
        let failed = matches!(outcome, Outcome::Failed { .. });
        let retry = matches!(outcome, Outcome::Retry { after: None, .. });
        assert_eq!(
            (failed, retry),
            (permanent, !permanent),
            "{stage:?} {fault:?}: {outcome:?}"
        );
        let (Outcome::Failed { error } | Outcome::Retry { error, .. }) = outcome else {
            unreachable!()
        };
        assert!(error.contains("127.0.0.1"), "it says who refused: {error}");
    };
    check(Stage::Mail, Fault::Reply("451 4.3.0 later"), false).await;
    check(Stage::Mail, Fault::Reply("553 5.1.8 bad sender"), true).await;
    check(Stage::Rcpt, Fault::Reply("450 4.2.1 mailbox busy"), false).await;
    check(Stage::Rcpt, Fault::Reply("452 4.2.2 mailbox full"), false).await;
    check(Stage::Rcpt, Fault::Reply("550 5.1.1 no such user"), true).await;
    check(Stage::Data, Fault::Reply("421 4.3.2 shutting down"), false).await;
    check(Stage::Data, Fault::Reply("554 5.7.1 looks like spam"), true).await;
    check(Stage::Rcpt, Fault::Drop, false).await;
    check(Stage::Data, Fault::Drop, false).await;
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_and_does_not_spoil_the_next_mail() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Smtp::start(Options::default()).await;
    server.plan(Stage::Data, Fault::Hang, None).await;
    let patient = channel(settings(server.port), &folder);
    let hasty = channel(
        Settings {
            timeout: Duration::from_millis(300),
            ..settings(server.port)
        },
        &folder,
    );
    assert_retry(
        &hasty.send(&ada(), &page("key-hangs"), now()).await,
        "did not finish within",
    );
    server.forget_plans().await;
    let outcome = patient.send(&ada(), &page("key-after"), now()).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    assert_eq!(
        server.wait_for_mails(1).await[0].message_id(),
        "<key-after@example.org>"
    );
}

#[tokio::test]
async fn a_closed_port_is_worth_another_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let email = channel(settings(1), &folder); // tcpmux, which nobody runs
    assert_retry(
        &email.send(&ada(), &page("key-closed"), now()).await,
        "127.0.0.1:1",
    );
}

#[tokio::test]
async fn drills_and_other_addresses_stay_inside() {
    let folder = tempfile::tempdir().unwrap();
    let server = Smtp::start(Options::default()).await;
    let email = channel(settings(server.port), &folder);
    let mut drill = page("key-drill");
    drill.drill = true;
    let outcome = email.send(&ada(), &drill, now()).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");

    let other = Address::webhook("http://127.0.0.1/", SecretRef::File("x".into())).unwrap();
    assert_eq!(email.destination(&other), None);
    let outcome = email.send(&other, &page("key-other"), now()).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    assert!(server.mails().is_empty());
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let check = |change: fn(&mut Settings), expect: &str| {
        let mut settings = settings(25);
        change(&mut settings);
        let error = Email::new(settings, secrets(folder.path())).err().unwrap();
        assert!(error.to_string().contains(expect), "{error}");
    };
    check(|s| s.from = "stentor".to_owned(), "`from`");
    check(|s| s.from = "a@b\r\nX: y".to_owned(), "`from`");
    check(|s| s.host = "mail example".to_owned(), "`host`");
    check(|s| s.helo = Some("x\r\nMAIL".to_owned()), "`helo`");
    check(
        |s| {
            s.tls = Tls::Starttls;
            s.ca_pem = Some(b"no certificate".to_vec());
        },
        "`ca`",
    );
}
