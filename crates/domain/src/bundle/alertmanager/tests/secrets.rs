//! Secrets: all are found, none stays in the text, and none is printed.

use super::{LEAST, NAME, check};
use crate::bundle::alertmanager::{Defaults, cut, read};

/// Every place of a secret holds a text that ends with `hunter2`.
const FULL: &str = r#"# hunter2
global:
  smtp_auth_password: hunter2
  smtp_auth_secret: hunter2
  slack_api_url: https://slack.example.org/hunter2
  opsgenie_api_key: hunter2
  wechat_api_secret: hunter2
  victorops_api_key: hunter2
  telegram_bot_token: hunter2
  rocketchat_token: hunter2
  rocketchat_token_id: hunter2
  mattermost_webhook_url: https://chat.example.org/hunter2
  http_config:
    oauth2: {client_id: a, client_secret: hunter2, token_url: "https://u:hunter2@t/"}
    proxy_url: "socks5://u:hunter2@proxy:1080"
    proxy_connect_header: {X-A: [hunter2]}
    http_headers: {X-B: {values: [b], secrets: [hunter2, hunter2], files: [c]}}
    tls_config: {key: hunter2}
route: {receiver: ops}
receivers:
- name: ops
  webhook_configs:
  - url: https://u:hunter2@hooks.example.org:8443/hunter2?t=hunter2#hunter2
    http_config: {authorization: {type: X, credentials: hunter2}}
  - url: 'https://hooks.example.org/{{ "hunter2" }}'
    http_config: {basic_auth: {username: a, password: hunter2}}
  - {url_file: a, http_config: {bearer_token: hunter2}}
  email_configs: [{to: a, from: b, smarthost: 'c:25', auth_password: hunter2, auth_secret: hunter2}]
  slack_configs: [{api_url: 'https://a/hunter2'}, {app_token: hunter2}]
  discord_configs: [{webhook_url: 'https://a/hunter2'}]
  incidentio_configs: [{url: 'https://u:hunter2@a/', alert_source_token: hunter2}]
  mattermost_configs: [{webhook_url: 'https://a/hunter2'}]
  msteams_configs: [{webhook_url: 'https://a/hunter2'}]
  msteamsv2_configs: [{webhook_url: 'https://a/hunter2'}]
  opsgenie_configs: [{api_key: hunter2, api_url: 'https://u:hunter2@a/'}]
  pagerduty_configs: [{routing_key: hunter2}, {service_key: hunter2}]
  pushover_configs: [{user_key: hunter2, token: hunter2}]
  rocketchat_configs: [{token: hunter2, token_id: hunter2}]
  sns_configs: [{topic_arn: a, sigv4: {access_key: b, secret_key: hunter2}}]
  telegram_configs: [{bot_token: hunter2, chat_id: 1}]
  victorops_configs: [{api_key: hunter2, routing_key: a}]
  wechat_configs: [{api_secret: hunter2, corp_id: a}]
tracing: {endpoint: a, headers: {X-A: {secrets: [hunter2]}}}
event_recorder: {webhook_outputs: [{url: 'https://a/hunter2'}]}
"#;

#[test]
fn no_secret_stays_and_each_has_its_path() {
    let cut = cut(NAME, FULL).unwrap();
    assert!(!cut.text.contains("hunter2"), "{}", cut.text);
    assert!(!format!("{cut:?}").contains("hunter2"));
    // Some addresses hold it several times, and the comment once.
    let lines: Vec<&str> = FULL.lines().skip(1).collect();
    let places = lines.join("\n").matches("hunter2").count() - 3;
    assert_eq!(cut.secrets.len(), places);
    assert!(
        cut.secrets
            .values()
            .all(|secret| secret.reveal().contains("hunter2"))
    );
    for path in [
        "global/http_config/http_headers/X-B/secrets/1",
        "global/http_config/oauth2/token_url",
        "receivers/0/webhook_configs/0/url",
        "receivers/0/webhook_configs/2/http_config/bearer_token",
        "receivers/0/sns_configs/0/sigv4/secret_key",
        "tracing/headers/X-A/secrets/0",
        "event_recorder/webhook_outputs/0/url",
    ] {
        assert!(cut.secrets.contains_key(path), "{path}");
    }
    for line in [
        "- url: \"https://hooks.example.org:8443/<secret>\"",
        "proxy_url: \"socks5://%3Csecret%3E@proxy:1080\"",
        "slack_api_url: \"<secret>\"",
        "- api_url: \"<secret>\"",
    ] {
        assert!(cut.text.contains(line), "{line}\n{}", cut.text);
    }
    assert!(read(NAME, &cut.text, Defaults::default()).is_ok());
}

#[test]
fn what_is_read_holds_no_secret() {
    let error = read(NAME, FULL, Defaults::default()).unwrap_err();
    let places = cut(NAME, FULL).unwrap().secrets.len();
    assert_eq!(error.len(), places);
    assert!(
        error
            .iter()
            .all(|problem| !problem.to_string().contains("hunter2"))
    );
}

#[test]
fn what_was_cut_already_is_not_taken_for_a_secret() {
    let global = |inner: &str| format!("global: {{{inner}}}\n{LEAST}");
    let todo = "the secret was cut out of this file; write the secret itself, or use the key that ends with _file";
    check(
        &global("slack_api_url: <secret>"),
        &[&format!("1:25: {todo}")],
    );
    check(
        &global("smtp_auth_password: <secret>"),
        &[&format!("1:30: {todo}")],
    );
    check(&global("smtp_auth_password: ''"), &[]);
    check(
        &global("http_config: {proxy_url: 'http://%3Csecret%3E@a/'}"),
        &[
            "1:35: the password was cut out of this address; write the address with its user and password",
        ],
    );
}

#[test]
fn a_file_of_several_has_its_name_before_its_paths() {
    let text = format!("global: {{smtp_auth_password: a}}\n{LEAST}");
    let cut = cut("alertmanager/web.yml", &text).unwrap();
    let paths: Vec<&str> = cut.secrets.keys().map(String::as_str).collect();
    assert_eq!(paths, ["alertmanager/web.yml#global/smtp_auth_password"]);
}
