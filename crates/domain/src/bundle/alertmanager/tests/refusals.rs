//! What Alertmanager refuses is refused, at its place and with what to do.

use super::{LEAST, check, problems};

#[test]
fn the_least_file_is_enough() {
    check(LEAST, &[]);
}

#[test]
fn the_root_takes_every_alert_at_every_time() {
    check(
        "receivers: [{name: ops}]",
        &["1:1: \"route\" is missing; add \"route\""],
    );
    check(
        "route: {group_by: [a]}\nreceivers: [{name: ops}]",
        &[
            "1:8: the first route names no receiver; add receiver: NAME; it is told of what no other route takes",
        ],
    );
    check(
        "route:\n  receiver: ops\n  matchers: [a=b]\n  match: {a: b}\n  continue: true\n  active_time_intervals: [x]\n\
         receivers: [{name: ops}]\ntime_intervals: [{name: x}]\n",
        &[
            "3:3: the first route takes every alert and has no matchers; move them to a route below it",
            "4:3: the first route takes every alert and has no matchers; move them to a route below it",
            "5:3: the first route cannot continue; remove it; no route stands beside the first",
            "6:3: the first route has no time intervals; move them to a route below it",
        ],
    );
}

#[test]
fn names_must_be_declared_once() {
    check(
        "route:\n  receiver: obs\n  routes:\n  - {receiver: x, matchers: [a=b], mute_time_intervals: [night]}\n\
         receivers: [{name: ops}, {name: ops}]\n",
        &[
            "2:13: there is no receiver \"obs\"; did you mean \"ops\"?",
            "4:16: there is no receiver \"x\"; write \"ops\"",
            "4:58: there is no time interval \"night\"; declare it under time_intervals",
            "5:27: the receiver \"ops\" stands here twice; choose another name",
        ],
    );
    check(
        &format!(
            "{LEAST}time_intervals: [{{name: a}}, {{name: b}}]\nmute_time_intervals: [{{name: a}}]\n"
        ),
        &["3:19: the time interval \"a\" stands here twice; choose another name"],
    );
    check(
        "route: {receiver: ops}\nreceivers: [{name: ops}, {webhook_configs: []}]\n",
        &["2:26: \"name\" is missing; add \"name\""],
    );
}

#[test]
fn groups_and_periods_have_rules() {
    let route =
        |inner: &str| format!("route: {{receiver: ops, {inner}}}\nreceivers: [{{name: ops}}]\n");
    let check = |inner: &str, expected: &[&str]| check(&route(inner), expected);
    check("group_by: ['...'], group_wait: 0s", &[]);
    check(
        "group_by: ['...', a]",
        &[
            "1:34: '...' means all labels, so no other can stand beside it; write ['...'] alone, or only names",
        ],
    );
    check(
        "group_by: [a, a]",
        &["1:38: \"a\" stands here twice; keep one of the two"],
    );
    check(
        "group_by: ['']",
        &["1:35: a label's name is empty; write a name"],
    );
    check(
        "group_interval: 0s",
        &["1:40: \"group_interval\" cannot be zero; write for instance 5m"],
    );
    check(
        "repeat_interval: 0",
        &["1:41: \"repeat_interval\" cannot be zero; write for instance 5m"],
    );
    check(
        "group_wait: 1.5m",
        &["1:36: \"1.5m\" is not a period; write for instance 30s, 5m, 1h30m or 1d"],
    );
    check(
        "continue: maybe",
        &["1:34: \"maybe\" is not true or false; write for instance true"],
    );
    check(
        "continue: 'true'",
        &["1:34: \"true\" is not true or false; write for instance true"],
    );
}

#[test]
fn matchers_have_forms() {
    let below = |inner: &str| {
        format!("route: {{receiver: ops, routes: [{{{inner}}}]}}\nreceivers: [{{name: ops}}]\n")
    };
    for good in [
        "matchers: [a=b]",
        "match: {a: ''}",
        "match: {a: }",
        "match_re: {a: .*}",
        "matchers: ['\"a b\"=c']",
    ] {
        check(&below(good), &[]);
    }
    for bad in [
        "matchers: [a]",
        "matchers: ['a=~\"(\"']",
        "matchers: a=b",
        "matchers: [{a: b}]",
        "match: {'a b': c}",
        "match_re: {'a:b': c}",
        "match_re: {a: '('}",
        "match_re: {a: ')|('}",
        "match_re: {a: }",
    ] {
        assert_eq!(problems(&below(bad)).len(), 1, "{bad}");
    }
    check(
        &below("match_re: {a: '('}").replace("match_re", "\n  match_re"),
        &[
            "2:14: the pattern \"(\" cannot be used: regex parse error:\n    (\n    ^\nerror: unclosed group; write for instance team=\"web\"",
        ],
    );
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    check(
        "globl: {}\nroute: {receiver: ops, recever: x}\nreceivers:\n- name: ops\n  webhook_configs:\n  - {url: 'http://a/', max_alert: 1, \
         http_config: {basic_auth: {user: a}}}\n",
        &[
            "1:1: there is no key \"globl\" here; did you mean \"global\"?",
            "2:24: there is no key \"recever\" here; did you mean \"receiver\"?",
            "6:24: there is no key \"max_alert\" here; did you mean \"max_alerts\"?",
            "6:65: there is no key \"user\" here; write one of \"username\", \"username_file\", \"password\", \"password_file\"",
        ],
    );
}

/// A file with one integration; `global` and it.
fn with(global: &str, section: &str, inner: &str) -> String {
    format!(
        "global: {{{global}}}\nroute: {{receiver: ops}}\nreceivers:\n- name: ops\n  {section}:\n  - {{{inner}}}\n"
    )
}

#[test]
fn integrations_have_what_they_need() {
    for (section, global, good, bad) in [
        (
            "discord_configs",
            "",
            "webhook_url: 'https://a/'",
            "title: x",
        ),
        (
            "email_configs",
            "smtp_smarthost: 'a:25', smtp_from: b",
            "to: c",
            "text: x",
        ),
        (
            "email_configs",
            "",
            "to: c, smarthost: 'a:25', from: b",
            "to: c, smarthost: 'a:25'",
        ),
        (
            "email_configs",
            "",
            "to: c, smarthost: 'a:25', from: b",
            "to: c, smarthost: 'a', from: b",
        ),
        (
            "incidentio_configs",
            "",
            "url: 'https://a/', alert_source_token: b",
            "max_alerts: 1",
        ),
        (
            "jira_configs",
            "jira_api_url: 'https://a/'",
            "project: a, issue_type: b",
            "project: a",
        ),
        ("mattermost_configs", "", "webhook_url_file: a", "text: x"),
        (
            "msteams_configs",
            "",
            "webhook_url: 'https://a/'",
            "text: x",
        ),
        (
            "msteamsv2_configs",
            "",
            "webhook_url: 'https://a/'",
            "text: x",
        ),
        (
            "opsgenie_configs",
            "",
            "api_key: a",
            "api_key: a, api_key_file: b",
        ),
        (
            "opsgenie_configs",
            "opsgenie_api_key: a",
            "responders: [{name: a, type: Team}]",
            "responders: [{name: a, type: x}]",
        ),
        ("pagerduty_configs", "", "service_key: a", "client: x"),
        (
            "pushover_configs",
            "",
            "user_key: a, token: b",
            "user_key: a",
        ),
        (
            "rocketchat_configs",
            "rocketchat_token: a, rocketchat_token_id: b",
            "channel: c",
            "token: a, token_file: b",
        ),
        ("slack_configs", "", "api_url: 'https://a/'", "channel: x"),
        (
            "slack_configs",
            "slack_api_url: 'https://a/'",
            "fields: [{title: a, value: b}]",
            "fields: [{title: a}]",
        ),
        (
            "slack_configs",
            "slack_api_url: 'https://a/'",
            "actions: [{type: a, text: b, url: c}]",
            "actions: [{type: a, text: b}]",
        ),
        (
            "slack_configs",
            "slack_app_token: x",
            "channel: c",
            "api_url: 'https://a/', update_message: true",
        ),
        (
            "sns_configs",
            "",
            "topic_arn: a",
            "topic_arn: a, phone_number: b",
        ),
        (
            "telegram_configs",
            "",
            "bot_token: a, chat_id: -1",
            "bot_token: a, chat_id: x",
        ),
        (
            "telegram_configs",
            "",
            "bot_token: a, chat_id: 1, parse_mode: HTML",
            "bot_token: a, chat_id: 1, parse_mode: html",
        ),
        (
            "victorops_configs",
            "",
            "routing_key: a, api_key: b",
            "routing_key: a",
        ),
        (
            "webex_configs",
            "",
            "room_id: a, http_config: {authorization: {credentials: b}}",
            "room_id: a, http_config: {}",
        ),
        ("webhook_configs", "", "url_file: a", "max_alerts: 1"),
        ("webhook_configs", "", "url: 'http://a/'", "url: 'a'"),
        (
            "webhook_configs",
            "",
            "url: 'http://a/{{ .X }}'",
            "url: 'ftp://a/'",
        ),
        (
            "webhook_configs",
            "",
            "url_file: a, timeout: 1.5s",
            "url_file: a, timeout: 1d",
        ),
        (
            "webhook_configs",
            "",
            "url_file: a, max_alerts: 5",
            "url_file: a, max_alerts: -5",
        ),
        (
            "wechat_configs",
            "",
            "api_secret: a, corp_id: b",
            "api_secret: a",
        ),
        (
            "webhook_configs",
            "http_config: {proxy_url: foo}",
            "url_file: a",
            "url_file: a, http_config: {no_proxy: x}",
        ),
        (
            "webhook_configs",
            "",
            "url_file: a, http_config: {bearer_token: a}",
            "url_file: a, http_config: {bearer_token: a, basic_auth: {username: a}}",
        ),
        (
            "webhook_configs",
            "",
            "url_file: a, http_config: {authorization: {type: x}}",
            "url_file: a, http_config: {authorization: {type: Basic}}",
        ),
        (
            "webhook_configs",
            "",
            "url_file: a, http_config: {tls_config: {min_version: TLS12}}",
            "url_file: a, http_config: {tls_config: {min_version: 1.2}}",
        ),
    ] {
        assert_eq!(
            problems(&with(global, section, good)),
            [""; 0],
            "{section} {good}"
        );
        assert_eq!(
            problems(&with(global, section, bad)).len(),
            1,
            "{section} {bad}"
        );
    }
}

#[test]
fn what_is_missing_is_named_with_where_it_could_stand() {
    check(
        &with("", "opsgenie_configs", "message: x"),
        &[
            "6:5: \"api_key\" or \"api_key_file\" is missing; add \"api_key\" or \"api_key_file\", or opsgenie_api_key or opsgenie_api_key_file in global",
        ],
    );
    check(
        &with(
            "smtp_auth_password: a, smtp_auth_password_file: b",
            "email_configs",
            "to: c, from: d, smarthost: 'e:1'",
        ),
        &[
            "1:33: \"smtp_auth_password_file\" and \"smtp_auth_password\" exclude each other; keep one of the two",
        ],
    );
    check(
        &with(
            "",
            "email_configs",
            "to: c, from: d, smarthost: 'e:1', headers: {reply-to: a, Reply-To: b}",
        ),
        &["6:63: this header stands here twice, in other letters; keep one of the two"],
    );
}

#[test]
fn a_wrong_secret_is_not_repeated() {
    let text = with(
        "",
        "webhook_configs",
        "url: 'hunter2', http_config: {proxy_url: 'u:hunter2@x'}",
    );
    let found = problems(&text);
    assert_eq!(found.len(), 2);
    assert!(
        found.iter().all(|problem| !problem.contains("hunter2")),
        "{found:?}"
    );
}

#[test]
fn the_receivers_of_stentor_have_names_with_a_meaning() {
    let named = |name: &str, more: &str| {
        format!("route: {{receiver: '{name}'}}\nreceivers: [{{name: '{name}'{more}}}]\n")
    };
    check(&named("stentor:incident", ""), &[]);
    check(&named("stentor:policy:web", ""), &[]);
    check(
        &named("stentor:policy:Web!", ""),
        &[
            "2:14: \"Web!\" cannot be the name of a policy; write stentor:policy: and a name from oncall.toml",
        ],
    );
    check(
        &named("stentor:incidents", ""),
        &[
            "2:14: the name \"stentor:incidents\" is reserved; write stentor:incident, or stentor:policy: and the name of a policy",
        ],
    );
    check(
        &named("stentor:incident", ", webhook_configs: [{url_file: a}]"),
        &[
            "2:14: a receiver of Stentor has no integrations of its own; give them a receiver of their own, and route to both with continue: true",
        ],
    );
}

#[test]
fn time_intervals_have_forms() {
    let with = |inner: &str| {
        format!("{LEAST}time_intervals:\n- name: a\n  time_intervals: [{{{inner}}}]\n")
    };
    for good in [
        "times: [{start_time: '00:00', end_time: '24:00'}]",
        "weekdays: ['monday:friday', Sunday]",
        "days_of_month: ['1:31', '-31:-1', '1:-1', 15, -2]",
        "months: ['1:3', may, 'june:august', 12]",
        "years: [2030, '2030:2031']",
        "location: Europe/Berlin",
        "location: UTC",
    ] {
        check(&with(good), &[]);
    }
    for bad in [
        "times: [{start_time: '09:00', end_time: '09:00'}]",
        "times: [{start_time: '9:00', end_time: '10:00'}]",
        "times: [{start_time: '09:00', end_time: '24:01'}]",
        "times: [{start_time: '09:60', end_time: '10:00'}]",
        "times: [{start_time: '09:00'}]",
        "weekdays: ['friday:monday']",
        "weekdays: [mon]",
        "weekdays: [1]",
        "weekdays: monday",
        "days_of_month: [0]",
        "days_of_month: [32]",
        "days_of_month: ['-5:5']",
        "days_of_month: ['5:1']",
        "days_of_month: ['-1:-5']",
        "days_of_month: ['20:-20']",
        "days_of_month: ['1:2:3']",
        "months: ['march:january']",
        "months: [sommer]",
        "years: ['2031:2030']",
        "years: [x]",
        "location: Europe/Atlantis",
        "day: [1]",
    ] {
        assert_eq!(problems(&with(bad)).len(), 1, "{bad}");
    }
    check(
        &with("location: Europe/Atlantis"),
        &[
            "5:31: there is no time zone \"Europe/Atlantis\"; write a name of the IANA database, for instance Europe/Berlin or UTC",
        ],
    );
}
