//! Alertmanager's own tool accepts what is left of a file without its secrets, and finds the same routes in it.

use std::io::Write;
use std::process::{Command, Stdio};

use stentor_domain::bundle::Bundle;
use stentor_domain::bundle::alertmanager::{Defaults, cut, read};
use stentor_domain::labels::Labels;
use stentor_domain::routing::Routing;

/// Asks amtool (version 0.25 or newer) about a file; its answer, or what it complains about.
fn amtool(args: &[&str], text: &str) -> Result<String, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let args = args
        .iter()
        .map(|arg| if *arg == "FILE" { path } else { *arg });
    let done = Command::new("amtool")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|e| {
            panic!("amtool does not run ({e}); run: apt-get install prometheus-alertmanager")
        });
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (said(done.stdout), said(done.stderr));
    if done.status.success() {
        Ok(out)
    } else {
        Err(out + &err)
    }
}

/// A file with every form that the version in Debian knows.
const FULL: &str = r##"
global:
  resolve_timeout: 7m
  smtp_smarthost: localhost:25
  smtp_from: alerts@example.org
  smtp_auth_username: alerts
  smtp_auth_password: hunter2
  smtp_auth_secret: hunter2
  slack_api_url: https://slack.example.org/hunter2
  opsgenie_api_key: hunter2
  victorops_api_key: hunter2
  wechat_api_secret: hunter2
  wechat_api_corp_id: corporation
  http_config: {proxy_url: "http://u:hunter2@proxy:3128", bearer_token: hunter2}
templates: ["/etc/alertmanager/*.tmpl"]
route:
  receiver: ops
  group_by: [alertname, cluster]
  group_wait: 30s
  routes:
  - match_re: {service: ^(web|db)$}
    receiver: web
    continue: yes
    routes: [{match: {severity: critical}, receiver: pagers}]
  - matchers: ['team="x"', "a=~\"b|c\", d!=e"]
    mute_time_intervals: [off]
    group_by: ['...']
  - matchers: [ "{ quote = \"She said: \\\"Hi, all!\\\"\" , }" ]
    receiver: "a: b"
mute_time_intervals: [{name: old, time_intervals: [{years: [2030]}]}]
time_intervals:
- name: "off"
  time_intervals:
  - times: [{start_time: 17:00, end_time: '24:00'}]
    weekdays: ['monday:friday', Sunday]
    days_of_month: ['1:5', -3:-1]
    months: [1:3, may]
    years: [2030, 2031:2032]
    location: Europe/Berlin
inhibit_rules:
- source_matchers: [severity="critical"]
  target_match: {severity: warning}
  target_match_re: {x: .+}
  equal: [alertname]
receivers:
- name: ops
  email_configs:
  - to: ops@example.org
    headers: {Subject: '{{ template "email.default.subject" . }}'}
    text: "é\ttwo\nlines \"quoted\" \\ #no comment"
    html: |
      <p>{{ .Status }}</p>
      : "x"
- name: web
  webhook_configs:
  - url: http://u:hunter2@127.0.0.1:9000/hunter2?token=hunter2#hunter2
    http_config: &http {basic_auth: {username: x, password: hunter2}}
  - {url: "http://[::1]:9000", http_config: *http, max_alerts: 5}
  - url: https://hooks.example.org
    http_config: {<<: *http, follow_redirects: no}
  - url: https://hooks.example.org/
    http_config: {oauth2: {client_id: a, client_secret: hunter2, token_url: "https://t/"}}
  slack_configs:
  - channel: '#alerts'
    fields: [{title: a, value: b, short: true}]
    actions: [{type: button, text: c, url: d}]
  - {api_url: "https://slack.example.org/hunter2", send_resolved: true}
- name: pagers
  pagerduty_configs: [{routing_key: hunter2, details: {a: "1", b: "on"}}, {service_key: hunter2}]
  opsgenie_configs: [{}, {api_key: hunter2, responders: [{name: a, type: team}]}]
  victorops_configs: [{routing_key: x}]
  wechat_configs: [{}]
  pushover_configs: [{user_key: hunter2, token: hunter2, retry: 1m}]
  sns_configs: [{topic_arn: a, sigv4: {access_key: x, secret_key: hunter2}}]
  telegram_configs: [{bot_token: hunter2, chat_id: -5, api_url: "https://api.telegram.org"}]
  discord_configs: [{webhook_url: "https://discord.example.org/hunter2"}]
  webex_configs: [{room_id: x, http_config: {authorization: {credentials: hunter2}}}]
- name: "a: b"
"##;

fn routing(text: &str) -> Routing {
    let cut = cut("alertmanager.yml", text).unwrap();
    read("alertmanager.yml", &cut.text, Defaults::default()).unwrap()
}

#[test]
fn the_text_without_secrets_is_a_configuration() {
    let answer = amtool(&["check-config", "FILE"], FULL);
    assert!(answer.is_ok(), "{answer:?}");
    let cut = cut("alertmanager.yml", FULL).unwrap();
    assert!(!cut.text.contains("hunter2"), "{}", cut.text);
    let answer = amtool(&["check-config", "FILE"], &cut.text);
    let answer = answer.unwrap_or_else(|e| panic!("{e}\n{}", cut.text));
    for found in ["1 inhibit rules", "4 receivers", "1 templates"] {
        assert!(answer.contains(found), "{answer}");
    }
    let answer = amtool(&["check-config", "FILE"], "route: {receiver: x}");
    assert!(answer.is_err(), "the judge refuses nothing: {answer:?}");
}

/// The receivers of an alert, by amtool and by us.
fn receivers(text: &str, labels: &[(&str, &str)]) -> (String, String) {
    let pairs: Vec<String> = labels.iter().map(|(a, b)| format!("{a}={b}")).collect();
    let mut args = vec!["config", "routes", "test", "--config.file", "FILE"];
    args.extend(pairs.iter().map(String::as_str));
    let theirs = amtool(&args, text).unwrap().trim().to_owned();
    let routing = read("alertmanager.yml", text, Defaults::default()).unwrap();
    let taken = routing.routes_of(&Labels::from_pairs(&mut labels.to_vec()));
    let ours: Vec<&str> = taken
        .iter()
        .map(|route| &*routing.receivers[routing.routes[*route].receiver].name)
        .collect();
    (theirs, ours.join(","))
}

#[test]
fn alerts_are_told_to_the_same_receivers() {
    let text = routing(FULL).original;
    for (labels, expected) in [
        (&[("service", "x")][..], "ops"),
        (&[("service", "web")], "web"),
        (&[("service", "web"), ("team", "x"), ("a", "b")], "web,ops"),
        (&[("service", "db"), ("severity", "critical")], "pagers"),
        (&[("team", "x"), ("a", "b"), ("d", "e")], "ops"),
    ] {
        let (theirs, ours) = receivers(&text, labels);
        assert_eq!(theirs, ours, "{labels:?}");
        assert_eq!(ours, expected, "{labels:?}");
    }
}

#[test]
fn what_is_shown_of_several_files_is_a_configuration() {
    let part = "route: {receiver: ops, group_by: ['...'], routes: [{matchers: ['a=\"b\\n\"'], receiver: 'x: y'}]}\n\
                receivers: [{name: ops}, {name: 'x: y'}]\n";
    let files = [
        ("alertmanager/one.yml", part),
        ("alertmanager/two.yml", part),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let organisation = Bundle::new(files.into()).unwrap().organisation().unwrap();
    let shown = &organisation.routing.unwrap().original;
    let answer = amtool(&["check-config", "FILE"], shown);
    assert!(answer.unwrap().contains("4 receivers"), "{shown}");
    let (theirs, ours) = receivers(shown, &[("a", "x")]);
    assert_eq!(theirs, ours);
    assert_eq!(ours, "one/ops,two/ops");
}
