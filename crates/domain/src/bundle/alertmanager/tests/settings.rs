//! Integrations: settings of those that are delivered, and what a person should look at.

use super::{NAME, routing};
use crate::bundle::alertmanager::{Note, cut};
use crate::routing::{
    EmailIntegration, Kind, SecretAt, Settings, SlackIntegration, WebhookIntegration,
};

/// The settings of the only integration of a file.
fn settings(global: &str, section: &str, inner: &str) -> (bool, Settings) {
    let text = format!(
        "global: {{{global}}}\nroute: {{receiver: ops}}\nreceivers: [{{name: ops, {section}: [{{{inner}}}]}}]\n"
    );
    let mut routing = routing(&text);
    let one = routing.receivers.remove(0).integrations.remove(0);
    (one.send_resolved, one.settings)
}

fn at(path: &str) -> SecretAt {
    SecretAt::Yaml(path.to_owned())
}

fn webhook(global: &str, inner: &str) -> WebhookIntegration {
    match settings(global, "webhook_configs", inner) {
        (true, Settings::Webhook(webhook)) => webhook,
        other => panic!("{other:?}"),
    }
}

#[test]
fn webhooks() {
    let one = webhook("", "url: 'https://a/b', max_alerts: 5, timeout: 1.5s");
    assert_eq!(one.url, at("receivers/0/webhook_configs/0/url"));
    assert_eq!((one.max_alerts, one.timeout_ms), (5, 1_500));
    let one = webhook(
        "http_config: {basic_auth: {username: a, password_file: b}}",
        "url_file: c",
    );
    assert_eq!(one.url, SecretAt::File("c".into()));
    assert_eq!(
        one.http.basic,
        Some(("a".into(), SecretAt::File("b".into())))
    );
    let one = webhook(
        "http_config: {bearer_token: a}",
        "url_file: c, http_config: {proxy_url: 'http://u:p@x:1', http_headers: {A: {values: [b, c], secrets: [d], files: [/e]}}, \
         tls_config: {ca_file: ca.pem, insecure_skip_verify: true}}",
    );
    // The section is taken over as a whole or not at all.
    assert_eq!(one.http.authorization, None);
    let path = "receivers/0/webhook_configs/0/http_config";
    assert_eq!(
        one.http.proxy_url.as_deref(),
        Some("http://%3Csecret%3E@x:1")
    );
    assert_eq!(
        one.http.proxy_secret,
        Some(at(&format!("{path}/proxy_url")))
    );
    assert_eq!(one.http.headers["A"], "b, c");
    let secret = at(&format!("{path}/http_headers/A/secrets/0"));
    let secrets = [
        ("A".to_owned(), secret),
        ("A".to_owned(), SecretAt::File("/e".into())),
    ];
    assert_eq!(one.http.secret_headers, secrets);
    assert_eq!(one.http.ca_file.as_deref(), Some("ca.pem"));
    assert!(one.http.insecure_skip_verify);
    let one = webhook(
        "",
        "url_file: c, http_config: {authorization: {credentials_file: x}}",
    );
    assert_eq!(
        one.http.authorization,
        Some(("Bearer".into(), SecretAt::File("x".into())))
    );
}

fn email(global: &str, inner: &str) -> EmailIntegration {
    match settings(global, "email_configs", inner) {
        (false, Settings::Email(email)) => email,
        other => panic!("{other:?}"),
    }
}

#[test]
fn mail_takes_over_what_is_said_for_all() {
    let global = "smtp_smarthost: 'mail:587', smtp_from: f, smtp_hello: h, smtp_auth_username: u, smtp_auth_password: p, \
                  smtp_require_tls: false, smtp_tls_config: {ca_file: ca.pem}";
    let one = email(global, "to: 'a, b'");
    assert_eq!(one.to, "a, b");
    assert_eq!((one.from.as_str(), one.hello.as_str()), ("f", "h"));
    assert_eq!(one.smarthost, ("mail".into(), 587));
    assert_eq!(
        one.login,
        Some(("u".into(), at("global/smtp_auth_password")))
    );
    assert!(!one.require_tls);
    assert_eq!(one.ca_file.as_deref(), Some("ca.pem"));
    assert_eq!((one.text, one.html), (None, None));
    let one = email(
        global,
        "to: a, from: x, hello: y, smarthost: '[::1]:smtp', auth_username: v, auth_password_file: q, require_tls: yes, \
         tls_config: {}, text: t, html: '', headers: {subject: s, x-team: b}",
    );
    assert_eq!((one.from.as_str(), one.hello.as_str()), ("x", "y"));
    assert_eq!(one.smarthost, ("::1".into(), 25));
    assert_eq!(one.login, Some(("v".into(), SecretAt::File("q".into()))));
    assert!(one.require_tls);
    assert_eq!(one.ca_file, None);
    assert_eq!(
        (one.text.as_deref(), one.html.as_deref()),
        (Some("t"), Some(""))
    );
    let headers: Vec<_> = one
        .headers
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(headers, [("Subject", "s"), ("X-Team", "b")]);
    let one = email("", "to: a, from: x, smarthost: 'mail:25'");
    assert_eq!(one.hello, "localhost");
    assert!(one.require_tls && one.login.is_none());
}

fn slack(global: &str, inner: &str) -> SlackIntegration {
    match settings(global, "slack_configs", inner) {
        (false, Settings::Slack(slack)) => slack,
        other => panic!("{other:?}"),
    }
}

#[test]
fn slack_has_texts_flags_fields_and_actions() {
    let one = slack(
        "slack_api_url: 'https://a/'",
        "channel: '#c', title: t, short_fields: true, mrkdwn_in: [text], fields: [{title: a, value: b, short: false}], \
         actions: [{type: button, text: go, name: n, confirm: {text: sure}}]",
    );
    assert_eq!(one.url, at("global/slack_api_url"));
    assert_eq!(one.channel, "#c");
    assert_eq!(one.texts.len(), 1);
    assert_eq!(one.texts["title"], "t");
    assert!(one.flags["short_fields"]);
    assert_eq!(one.fields, [("a".into(), "b".into(), Some(false))]);
    assert_eq!(one.actions[0]["confirm.text"], "sure");
    assert_eq!(one.mrkdwn_in, ["text"]);
    let one = slack("slack_api_url: 'https://a/'", "api_url_file: b");
    assert_eq!(one.url, SecretAt::File("b".into()));
}

#[test]
fn what_cannot_be_delivered_as_asked_is_not_delivered() {
    for (section, global, inner) in [
        ("webhook_configs", "", "url_file: a, payload: {a: b}"),
        (
            "webhook_configs",
            "",
            "url_file: a, http_config: {oauth2: {client_id: a, token_url: b}}",
        ),
        (
            "webhook_configs",
            "",
            "url_file: a, http_config: {tls_config: {cert_file: a, key_file: b}}",
        ),
        (
            "webhook_configs",
            "http_config: {tls_config: {server_name: a}}",
            "url_file: a",
        ),
        (
            "email_configs",
            "",
            "to: a, from: b, smarthost: 'c:25', auth_secret: d",
        ),
        (
            "email_configs",
            "",
            "to: a, from: b, smarthost: 'c:25', tls_config: {insecure_skip_verify: true}",
        ),
        (
            "email_configs",
            "",
            "to: a, from: b, smarthost: 'c:25', force_implicit_tls: true",
        ),
        ("slack_configs", "", "app_token: a"),
        ("slack_configs", "slack_app_token: a", "channel: b"),
        ("discord_configs", "", "webhook_url_file: a"),
    ] {
        let (_, found) = settings(global, section, inner);
        assert!(matches!(found, Settings::NotDelivered), "{section} {inner}");
    }
}

#[test]
fn every_kind_has_its_place_and_its_word_on_ends() {
    for kind in Kind::ALL {
        let inner = match kind {
            Kind::Email => "to: a, from: b, smarthost: 'c:25'",
            Kind::IncidentIo | Kind::Webhook => "url_file: a",
            Kind::Jira => "project: a, issue_type: b, api_url: 'https://a/'",
            Kind::OpsGenie => "api_key: a",
            Kind::PagerDuty => "routing_key: a",
            Kind::Pushover => "user_key: a, token: b",
            Kind::RocketChat => "token: a, token_id: b",
            Kind::Slack => "api_url_file: a",
            Kind::Sns => "topic_arn: a",
            Kind::Telegram => "bot_token: a, chat_id: 1",
            Kind::VictorOps => "api_key: a, routing_key: b",
            Kind::Webex => "room_id: a, http_config: {authorization: {credentials: b}}",
            Kind::WeChat => "api_secret: a, corp_id: b",
            Kind::Discord | Kind::Mattermost | Kind::MsTeams | Kind::MsTeamsV2 => {
                "webhook_url_file: a"
            }
        };
        let (resolved, found) = settings("", kind.section(), inner);
        assert_eq!(resolved, kind.send_resolved(), "{kind:?}");
        let delivered = matches!(kind, Kind::Email | Kind::Slack | Kind::Webhook);
        assert_eq!(
            !matches!(found, Settings::NotDelivered),
            delivered,
            "{kind:?}"
        );
        let said = format!("send_resolved: {}, {inner}", !resolved);
        assert_eq!(settings("", kind.section(), &said).0, !resolved, "{kind:?}");
    }
}

#[test]
fn a_person_is_told_what_is_different() {
    let cut = cut(
        NAME,
        "global: {http_config: {no_proxy: x, proxy_url: 'http://p/'}}\ntemplates: [/etc/*.tmpl]\nroute: {receiver: ops, labels: {a: b}}\n\
         receivers:\n- name: ops\n  slack_configs:\n  - api_url_file: a\n    title: '{{ template \"slack.default.title\" . }}'\n    \
         text: 'x {{ .Status }}'\n    fields: [{title: '{{ a }}', value: b}]\n  discord_configs:\n  - {webhook_url_file: a, title: '{{ b }}'}\n\
         tracing: {endpoint: a}\nevent_recorder: {}\n",
    );
    let cut = cut.unwrap();
    let shown = |notes: &[Note]| -> Vec<String> { notes.iter().map(ToString::to_string).collect() };
    assert_eq!(
        shown(&cut.translated),
        ["alertmanager.yml:9:11: receivers/0/slack_configs/0/text: the template is translated"]
    );
    assert_eq!(
        shown(&cut.notes),
        [
            "alertmanager.yml:1:24: no_proxy is left out",
            "alertmanager.yml:3:24: labels of routes are left out",
            "alertmanager.yml:10:22: receivers/0/slack_configs/0/fields/0/title: the template is not translated: line 1, column 4: the function \"a\" is not known",
            "alertmanager.yml:12:5: discord[0] of \"ops\" is not delivered yet",
            "alertmanager.yml:13:1: tracing is not configured here, and is left out",
            "alertmanager.yml:14:1: the journal records events; this is left out",
        ]
    );
}
