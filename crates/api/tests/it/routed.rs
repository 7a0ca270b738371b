//! Alerts, their groups and what people note about them, where alertmanager.yml routes them.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use stentor_domain::ids::PersonId;

use crate::house::{Answer, House, request};

const ROUTING: &str = r#"
route:
  receiver: ops
  group_by: [alertname]
  routes:
  - matchers: ['team="db"']
    receiver: db
    mute_time_intervals: [always]
    continue: true
  - matchers: ['team="db"']
    receiver: audit
inhibit_rules:
- source_matchers: ['severity="critical"']
  target_matchers: ['severity="warning"']
  equal: [cluster]
time_intervals:
- name: always
  time_intervals:
  - years: ['2000:2100']
receivers:
- name: ops
- name: db
- name: audit
"#;

async fn fire(house: &House) -> [String; 3] {
    let alerts = json!([
        { "labels": { "alertname": "Down", "cluster": "a", "severity": "critical" } },
        { "labels": { "alertname": "Slow", "cluster": "a", "severity": "warning" } },
        { "labels": { "alertname": "Full", "team": "db", "cluster": "b", "severity": "warning" } },
    ]);
    let answer = house.alert(alerts.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let mut names = [String::new(), String::new(), String::new()];
    let listed = house.get("/api/v2/alerts", &[]).await.json();
    for alert in listed.as_array().unwrap() {
        let at = match alert["labels"]["alertname"].as_str().unwrap() {
            "Down" => 0,
            "Slow" => 1,
            _ => 2,
        };
        names[at] = alert["fingerprint"].as_str().unwrap().to_owned();
    }
    names
}

async fn names(house: &House, query: &str) -> Vec<String> {
    let listed = house.get(&format!("/api/v2/alerts?{query}"), &[]).await;
    let listed = listed.json();
    let listed = listed.as_array().unwrap().iter();
    let mut names: Vec<_> = listed
        .map(|a| a["labels"]["alertname"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn receivers_and_what_keeps_alerts_quiet_come_from_the_routing() {
    let house = House::routed(ROUTING).await;
    let [down, ..] = fire(&house).await;
    assert_eq!(names(&house, "receiver=ops").await, ["Down", "Slow"]);
    assert_eq!(names(&house, "receiver=d.*").await, ["Full"]);
    assert_eq!(names(&house, "inhibited=false").await, ["Down", "Full"]);
    assert_eq!(names(&house, "active=false").await, ["Slow"]);
    let slow = house
        .get("/api/v2/alerts?filter=alertname%3DSlow", &[])
        .await;
    let status = &slow.json()[0]["status"];
    assert_eq!(
        *status,
        json!({ "state": "suppressed", "silencedBy": [], "inhibitedBy": [down], "mutedBy": [] })
    );
    let full = house
        .get("/api/v2/alerts?filter=alertname%3DFull", &[])
        .await;
    assert_eq!(
        full.json()[0]["receivers"],
        json!([{ "name": "db" }, { "name": "audit" }])
    );
    let receivers = house.get("/api/v2/receivers", &[]).await.json();
    assert_eq!(
        receivers,
        json!([{ "name": "ops" }, { "name": "db" }, { "name": "audit" }])
    );
    let status = house.get("/api/v2/status", &[]).await.json();
    assert!(
        status["config"]["original"]
            .as_str()
            .unwrap()
            .contains("receiver: ops")
    );
    let metrics = house.get("/metrics", &[]).await.body;
    for line in [
        "alertmanager_alerts{state=\"active\"} 2",
        "alertmanager_alerts{state=\"suppressed\"} 1",
        "alertmanager_dispatcher_aggregation_groups 4",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn groups_are_those_of_the_routing() {
    let house = House::routed(ROUTING).await;
    fire(&house).await;
    let check = async |query: &str, expect: &[(&str, &str)]| {
        let groups = house
            .get(&format!("/api/v2/alerts/groups?{query}"), &[])
            .await;
        let groups = groups.json();
        let groups = groups.as_array().unwrap().iter();
        let found: Vec<_> = groups
            .map(|g| {
                let name = g["labels"]["alertname"].as_str().unwrap().to_owned();
                (name, g["receiver"]["name"].as_str().unwrap().to_owned())
            })
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(found, expect, "{query}");
    };
    check(
        "",
        &[
            ("Down", "ops"),
            ("Full", "audit"),
            ("Full", "db"),
            ("Slow", "ops"),
        ],
    )
    .await;
    check(
        "muted=false",
        &[("Down", "ops"), ("Full", "audit"), ("Slow", "ops")],
    )
    .await;
    check("receiver=db", &[("Full", "db")]).await;
    check("inhibited=false&receiver=ops", &[("Down", "ops")]).await;
    check("filter=cluster%3Da&limit=1&offset=1", &[("Slow", "ops")]).await;
    let muted = house
        .get("/api/v2/alerts/groups?receiver=db", &[])
        .await
        .json();
    let alert = &muted[0]["alerts"][0];
    assert_eq!(alert["status"]["mutedBy"], json!(["always"]));
    assert_eq!(alert["status"]["state"], "suppressed");
    assert_eq!(
        alert["receivers"],
        json!([{ "name": "audit" }, { "name": "db" }])
    );
}

async fn group(house: &House, token: &str) -> (String, Value) {
    let path = "/api/v1/alert-groups?receiver=ops&filter=alertname%3DDown";
    let groups = house.read(token, path).await.json();
    assert_eq!(groups["total"], 1, "{groups}");
    let group = groups["groups"][0].clone();
    (
        format!("/api/v1/alert-groups/{}", group["id"].as_str().unwrap()),
        group,
    )
}

fn done(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_group_is_acknowledged_assigned_commented_and_given_back() {
    let house = House::routed(ROUTING).await;
    fire(&house).await;
    let ada = house.token("ada").await;
    let (path, group) = group(&house, &ada).await;
    assert_eq!(group["acknowledged"], Value::Null);
    let acknowledge = format!("{path}/acknowledge");
    let body = r#"{"for_seconds":3600,"comment":"looking"}"#;
    done(&house.post(&ada, "k1", &acknowledge, body).await);
    done(&house.post(&ada, "k1", &acknowledge, body).await);
    done(
        &house
            .post(&ada, "k2", &format!("{path}/assign"), r#"{"to":"ben"}"#)
            .await,
    );
    done(
        &house
            .post(
                &ada,
                "k3",
                &format!("{path}/comments"),
                r#"{"text":"<b>disk</b>"}"#,
            )
            .await,
    );
    let told = house.read(&ada, &path).await.json();
    assert_eq!(told["acknowledged"]["by"], "ada");
    assert_eq!(told["assignee"], "ben");
    let said: Vec<_> = told["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["text"].clone())
        .collect();
    assert_eq!(said, ["looking", "<b>disk</b>"]);
    let bearer = format!("Bearer {ada}");
    let headers = [("authorization", bearer.as_str())];
    done(
        &house
            .send(request(Method::DELETE, &acknowledge, &headers, ""))
            .await,
    );
    assert_eq!(
        house.read(&ada, &path).await.json()["acknowledged"],
        Value::Null
    );
    for (key, path, body) in [
        ("b1", &acknowledge, r#"{}"#),
        ("b2", &acknowledge, r#"{"until":"soon"}"#),
        ("b3", &acknowledge, r#"{"for_seconds":99999999}"#),
        ("b4", &format!("{path}/comments"), r#"{"text":" "}"#),
    ] {
        let answer = house.post(&ada, key, path, body).await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{body}");
    }
}

#[tokio::test]
async fn the_console_shows_groups_and_takes_what_is_done_to_them() {
    let house = House::routed(ROUTING).await;
    fire(&house).await;
    let browser = house.browser("ada").await;
    let cookie = [("cookie", browser.cookie.as_str())];
    let list = house.get("/alerts?view=groups", &cookie).await.body;
    assert!(
        list.contains("4 groups") && list.contains("muted by always"),
        "{list}"
    );
    let list = house
        .get("/alerts?view=groups&q=alertname%3DDown", &cookie)
        .await
        .body;
    let (_, rest) = list.split_once("/alert-groups/").unwrap();
    let path = format!("/alert-groups/{}", &rest[..32]);
    let act = async |what: &str, fields: &[(&str, &str)]| {
        let mut all = vec![("csrf", browser.csrf.as_str()), ("idempotency_key", what)];
        all.extend(fields);
        let headers = [
            cookie[0],
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = serde_urlencoded::to_string(&all).unwrap();
        let request = request(Method::POST, &format!("{path}/{what}"), &headers, body);
        let answer = house.send(request).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{what}: {}",
            answer.body
        );
        house.get(&path, &cookie).await.body
    };
    let page = act(
        "acknowledge",
        &[("minutes", "60"), ("comment", "<i>mine</i>")],
    )
    .await;
    assert!(
        page.contains("Give it back") && page.contains("&lt;i&gt;mine"),
        "{page}"
    );
    let person = house.engine.read(|s| {
        s.organisation()
            .unwrap()
            .person_name(&PersonId::from("ben"))
            .to_owned()
    });
    let page = act("assign", &[("to", "ben")]).await;
    assert!(
        page.contains(&format!("<strong>{person}</strong> works on it")),
        "{page}"
    );
    let page = act("comments", &[("text", "seen \"it\"")]).await;
    assert!(page.contains("seen &quot;it&quot;"), "{page}");
    let page = act("release", &[]).await;
    assert!(page.contains("I have it"), "{page}");
    let form = house
        .get(&format!("/silences/new?group={}", &path[14..]), &cookie)
        .await;
    assert!(
        form.body.contains("alertname=&quot;Down&quot;"),
        "{}",
        form.body
    );
}
