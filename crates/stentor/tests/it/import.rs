//! `stentor import alertmanager`: the report, the copy, and how it ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::{Engine, House, Ran, run, stentor};

const WHOLE: &str = "route:\n  receiver: ops\n  routes:\n  - matchers: [team=a]\n    receiver: ops\n    mute_time_intervals: [weekend]\n\
     inhibit_rules:\n- source_matchers: [severity=critical]\n  target_matchers: [severity=warning]\n\
     time_intervals:\n- name: weekend\n  time_intervals: [{weekdays: [saturday]}]\n\
     receivers:\n- name: ops\n  webhook_configs:\n  - url: http://hooks.example.org/secret-path\n";

const LOOK: &str = "templates: ['*.tmpl']\nroute: {receiver: ops}\nreceivers:\n- name: ops\n  slack_configs:\n  \
     - api_url: http://hooks.example.org/secret-path\n    title: 'Now {{ .Status }}'\n    text: '{{ nonesuch }}'\n  \
     pagerduty_configs:\n  - routing_key: secret-key\n";

async fn import(house: &House, text: &str, more: &[&str]) -> Ran {
    let file = house.beside("old.yml");
    fs::write(&file, text).unwrap();
    let mut command = stentor();
    command
        .args(["import", "alertmanager"])
        .arg(file)
        .args(more);
    let ran = run(command).await;
    assert!(!ran.stdout.contains("secret-"), "{ran:?}");
    assert!(!ran.stderr.contains("secret-"), "{ran:?}");
    ran
}

#[tokio::test]
async fn the_report_says_what_becomes_of_a_file() {
    let house = House::new(Engine::Sqlite).await;
    let ran = import(&house, WHOLE, &[]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let expected = [
        "taken over: 2 routes",
        "taken over: 1 receivers: ops (webhook[0])",
        "taken over: 1 inhibition rules",
        "taken over: 1 time intervals: weekend",
    ];
    assert_eq!(lines, expected);
    let ran = import(&house, LOOK, &[]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    for part in [
        "translated: old.yml:7:12: receivers/0/slack_configs/0/title",
        "look at: old.yml:1:13: no template file is found by \"*.tmpl\"; ",
        "look at: old.yml:8:11: receivers/0/slack_configs/0/text: the template is not translated: ",
        "look at: old.yml:10:5: pagerduty[0] of \"ops\" is not delivered yet; ",
    ] {
        assert!(ran.stdout.contains(part), "{part:?} in {}", ran.stdout);
    }
    let ran = import(&house, LOOK, &["--output", "json"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["look_at"].as_array().unwrap().len(), 3, "{report:#}");
    assert_eq!(report["look_at"][0]["line"], 1, "{report:#}");
    assert_eq!(report["taken_over"][1]["names"][0], "ops (slack[0])");
    let ran = import(&house, "route: {receiver: nobody}\n", &[]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("old.yml:1:"), "{ran:?}");
}

#[tokio::test]
async fn template_files_are_taken_over() {
    let house = House::new(Engine::Sqlite).await;
    let dir = house.dir().display().to_string();
    let elsewhere = house.beside("elsewhere.tmpl");
    fs::write(&elsewhere, "{{ define \"c\" }}c{{ end }}").unwrap();
    let folder = elsewhere.parent().unwrap().join("mine");
    fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "templates: ['mine/*.tmpl', '{}']\nroute: {{receiver: ops}}\nreceivers:\n- name: ops\n  slack_configs:\n  \
         - api_url: http://hooks.example.org/secret-path\n    title: '{{{{ template \"a\" . }}}}'\n    \
         text: '{{{{ template \"c\" . }}}}'\n",
        elsewhere.display()
    );
    fs::write(
        folder.join("a.tmpl"),
        "{{ define \"a\" }}\n{{ humanize 1 }}{{ end }}",
    )
    .unwrap();
    let ran = import(&house, &text, &[]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr
            .contains("mine/a.tmpl:2:4: the function \"humanize\""),
        "{ran:?}"
    );

    let good = "{{ define \"a\" }}{{ .Status }}{{ end }}";
    fs::write(folder.join("a.tmpl"), good).unwrap();
    let ran = import(&house, &text, &["--into", &dir]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("taken over: 2 template files: "),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("is read where it is"), "{ran:?}");
    let copied = house.dir().join("config/mine/a.tmpl");
    assert_eq!(fs::read_to_string(&copied).unwrap(), good);
    let mut check = stentor();
    check.arg("check").arg(house.dir());
    let ran = run(check).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    fs::write(&copied, "{{ if }}").unwrap();
    let mut check = stentor();
    check.arg("check").arg(house.dir());
    let ran = run(check).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("config/mine/a.tmpl:1:6: "), "{ran:?}");
}

#[tokio::test]
async fn the_copy_is_private_and_replaces_nothing_unasked() {
    let house = House::new(Engine::Sqlite).await;
    let dir = house.dir().display().to_string();
    let copied = house.dir().join("config/alertmanager.yml");
    let ran = import(&house, WHOLE, &[]).await;
    assert!(ran.stderr.contains("Nothing was written"), "{ran:?}");
    assert!(!copied.exists());
    let ran = import(&house, WHOLE, &["--into", &dir]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("stentor check"), "{ran:?}");
    assert_eq!(fs::read_to_string(&copied).unwrap(), WHOLE);
    let mode = fs::metadata(&copied).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ran = import(&house, LOOK, &["--into", &dir]).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(fs::read_to_string(&copied).unwrap(), WHOLE);
    let ran = import(&house, LOOK, &["--into", &dir, "--force"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(fs::read_to_string(&copied).unwrap(), LOOK);
    let ran = import(&house, WHOLE, &["--into", "/nonexistent"]).await;
    assert_eq!(ran.code, 2, "{ran:?}");
}
