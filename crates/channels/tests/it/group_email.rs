//! Mail about groups, against a real SMTP server.

use std::collections::BTreeMap;

use stentor_domain::routing::{EmailIntegration, Integration, Kind, Settings};
use stentor_testkit::smtp::{Fault, Options, Smtp, Stage};

use crate::email::assert_retry;
use crate::group::{assert_delivered, assert_failed, at, integration, send, sender, try_sender};
use crate::notification::{START, alert, labels, notification};

fn email(port: u16, change: impl FnOnce(&mut EmailIntegration)) -> Integration {
    let mut settings = EmailIntegration {
        to: "ada@example.org, Grace <grace@example.org>".to_owned(),
        from: "alerts@example.org".to_owned(),
        smarthost: ("127.0.0.1".to_owned(), port),
        hello: "alerts.example.org".to_owned(),
        login: None,
        require_tls: false,
        ca_file: None,
        headers: BTreeMap::new(),
        text: None,
        html: None,
    };
    change(&mut settings);
    integration(Kind::Email, Settings::Email(settings))
}

#[tokio::test]
async fn a_group_arrives_as_one_mail_to_all() {
    let server = Smtp::start(Options::default()).await;
    let sender = sender(&email(server.port, |_| {}));
    assert_eq!(sender.problems(), [""; 0]);
    assert_eq!(sender.destination(), format!("127.0.0.1:{}", server.port));
    assert_delivered(&send(&sender, &notification(), "key-one-1").await);
    assert_delivered(&send(&sender, &notification(), "key-two-2").await);
    let mails = server.wait_for_mails(2).await;
    assert_eq!(mails.len(), 2);
    let mail = &mails[0];
    assert_eq!(mail.mail_from, "alerts@example.org");
    assert_eq!(mail.rcpt_to, ["ada@example.org", "grace@example.org"]);
    assert_eq!(mail.helo, "alerts.example.org");
    assert_eq!(
        mail.header("To"),
        ["ada@example.org, Grace <grace@example.org>"]
    );
    assert_eq!(mail.header("Subject"), ["[FIRING:2] ShopDown eu-1 (page)"]);
    assert_eq!(mail.header("Auto-Submitted"), ["auto-generated"]);
    assert_eq!(mail.message_id(), "<key-one-1@example.org>");
    assert_eq!(mails[1].message_id(), "<key-two-2@example.org>");
    // One group, one thread.
    let thread = mail.header("References");
    assert!(thread[0].starts_with("<group-") && thread[0].ends_with("@example.org>"));
    assert_eq!(mail.header("In-Reply-To"), thread);
    assert_eq!(mails[1].header("References"), thread);

    let kind = mail.header("Content-Type")[0];
    assert!(kind.starts_with("multipart/alternative"), "{kind}");
    for part in ["text/plain", "text/html"] {
        assert!(
            mail.raw
                .contains(&format!("Content-Type: {part}; charset=utf-8")),
            "{}",
            mail.raw
        );
    }
    for body in [&mail.text, &mail.html] {
        for (text, times) in [
            ("2 firing", 1),
            ("1 resolved", 1),
            ("a.example.org:9100", 2),
            ("2026-03-01 12:00:00 UTC", 3),
            ("2026-03-01 12:01:30 UTC", 1),
            ("https://alerts.example.org", 1),
            ("http://prom.example.org/", 3),
        ] {
            assert_eq!(body.matches(text).count(), times, "{text}: {body}");
        }
    }
    assert!(
        mail.html.contains("&lt;is&gt; down &amp; &#34;out&#34;"),
        "{}",
        mail.html
    );
    assert!(mail.text.contains("<is> down & \"out\""), "{}", mail.text);
}

#[tokio::test]
async fn the_configured_header_lines_and_parts_are_sent() {
    let server = Smtp::start(Options::default()).await;
    let sender = sender(&email(server.port, |settings| {
        settings.headers = [
            (
                "Subject",
                "{{ .Status | toUpper }} {{ .CommonLabels.cluster }}",
            ),
            ("X-Priority", "{{ if .Alerts.Firing }}1{{ else }}5{{ end }}"),
            ("Reply-To", "ops@example.org"),
            ("Content-Type", "text/html"),
            ("Bcc", "eve@example.org"),
        ]
        .map(|(n, t)| (n.to_owned(), t.to_owned()))
        .into();
        settings.text = Some("{{ len .Alerts }} alerts".to_owned());
        settings.html = Some("<p>{{ .CommonAnnotations.summary }}</p>{{ unknown }}".to_owned());
    }));
    let problems = sender.problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(
        problems
            .iter()
            .any(|p| p.starts_with("html: line 1, column ")),
        "{problems:?}"
    );
    assert_delivered(&send(&sender, &notification(), "key-one-1").await);
    let mail = &server.wait_for_mails(1).await[0];
    assert_eq!(mail.header("Subject"), ["FIRING eu-1"]);
    assert_eq!(mail.header("X-Priority"), ["1"]);
    assert_eq!(mail.header("Reply-To"), ["ops@example.org"]);
    assert!(mail.header("Bcc").is_empty());
    assert_eq!(mail.rcpt_to.len(), 2);
    assert_eq!(mail.text.trim(), "3 alerts");
    assert!(mail.html.contains("<h1"), "ours instead: {}", mail.html);
}

#[tokio::test]
async fn hostile_labels_make_no_header_and_no_markup() {
    let server = Smtp::start(Options::default()).await;
    let sender = sender(&email(server.port, |settings| {
        settings.headers = BTreeMap::from([(
            "X-Name".to_owned(),
            "{{ .CommonLabels.alertname }}".to_owned(),
        )]);
    }));
    let cases = [
        "down\r\nBcc: eve@example.net",
        "down\nBcc: eve@example.net\n\nforged body",
        "down\u{85}Bcc: eve@example.net\u{2028}X: y",
        "=?utf-8?q?down=0D=0ABcc:_eve@example.net?=",
        "<script>alert(1)</script><img src=x onerror=alert(1)>\"'",
        "dówn\r\nBcc: eve@example.net\r\n.\r\nMAIL FROM:<eve@example.net>",
    ];
    for (n, hostile) in cases.iter().enumerate() {
        let mut of = notification();
        of.group_labels = labels(&[("alertname", hostile), (hostile, "x")]);
        let bad = [("alertname", *hostile), (*hostile, *hostile)];
        let mut bad_alert = alert(&bad, &[("summary", hostile)], Some(START));
        std::sync::Arc::make_mut(&mut bad_alert.alert).generator_url = "javascript:alert(1)".into();
        of.alerts = vec![alert(&bad, &[("summary", hostile)], None), bad_alert];
        of.external_url = "javascript:alert(1)".to_owned();
        assert_delivered(&send(&sender, &of, &format!("key-hostile-{n}")).await);
        let mails = server.wait_for_mails(n + 1).await;
        assert_eq!(mails.len(), n + 1, "{hostile:?}: one mail each");
        let mail = &mails[n];
        assert_eq!(mail.rcpt_to, ["ada@example.org", "grace@example.org"]);
        let known = [
            "message-id",
            "in-reply-to",
            "references",
            "date",
            "from",
            "to",
            "subject",
            "auto-submitted",
            "mime-version",
            "content-type",
            "x-name",
        ];
        for (name, value) in &mail.headers {
            assert!(
                known.contains(&name.to_lowercase().as_str()),
                "{hostile:?} made {name}"
            );
            assert!(
                !value.contains(['\r', '\n']) || name == "Content-Type",
                "{value:?}"
            );
        }
        for tag in ["<script", "<img", "href=\"javascript", "onerror=\""] {
            assert!(!mail.html.contains(tag), "{hostile:?}: {}", mail.html);
        }
        assert_eq!(
            mail.html.matches("<a ").count(),
            1,
            "only the first source is a link"
        );
        assert!(!mail.text.contains("javascript"), "{}", mail.text);
    }
}

#[tokio::test]
async fn encryption_is_required_and_the_password_needs_it() {
    let plain = Smtp::start(Options::default()).await;
    let required = sender(&email(plain.port, |s| s.require_tls = true));
    assert_retry(
        &send(&required, &notification(), "key-one-1").await,
        "STARTTLS",
    );
    assert!(plain.mails().is_empty());

    let login = Some(("ada".to_owned(), "pass word".to_owned()));
    let options = Options {
        tls: "starttls",
        login,
        ..Options::default()
    };
    let server = Smtp::start(options).await;
    let settings = email(server.port, |settings| {
        settings.require_tls = true;
        settings.login = Some(("ada".to_owned(), at("pass word")));
        settings.ca_file = Some("ca".to_owned());
    });
    let sender = try_sender(&settings, server.ca_pem()).unwrap();
    assert_delivered(&send(&sender, &notification(), "key-one-1").await);
    let mail = &server.wait_for_mails(1).await[0];
    assert!(mail.tls);
    assert_eq!(mail.user.as_deref(), Some("ada"));
}

#[tokio::test]
async fn a_refusal_is_for_ever_and_trouble_is_not() {
    let mut server = Smtp::start(Options::default()).await;
    let sender = sender(&email(server.port, |_| {}));
    server
        .plan(Stage::Rcpt, Fault::Reply("550 5.1.1 no such user"), Some(1))
        .await;
    assert_failed(
        &send(&sender, &notification(), "key-one-1").await,
        "no such user",
    );
    server
        .plan(Stage::Data, Fault::Reply("451 4.7.1 try later"), Some(1))
        .await;
    assert_retry(
        &send(&sender, &notification(), "key-one-1").await,
        "try later",
    );
    assert_delivered(&send(&sender, &notification(), "key-one-1").await);
    assert_eq!(
        server.wait_for_mails(1).await[0].message_id(),
        "<key-one-1@example.org>"
    );
}

#[tokio::test]
async fn addresses_are_all_read_or_none() {
    for to in [
        "",
        "ada",
        "a@example.org b@example.org",
        "a@example.org, b@",
        "a@example.org\r\nb@example.org",
    ] {
        let sender = sender(&email(1, |settings| settings.to = to.to_owned()));
        assert_failed(
            &send(&sender, &notification(), "key-one-1").await,
            "`to` is not a list",
        );
    }
}
