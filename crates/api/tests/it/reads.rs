//! Reading: incidents from beginning to end, drills, lanes; and seeing what one has written.

use http::StatusCode;
use serde_json::json;
use stentor_domain::command::Command;
use stentor_domain::world::World;

use crate::house::House;

const INCIDENTS: &str = "/api/v1/worlds/live/incidents";

#[tokio::test]
async fn nobody_reads_without_signing_in() {
    let house = House::new().await;
    let paths = [
        INCIDENTS,
        "/api/v1/mirrors",
        "/api/v1/sources",
        "/api/v1/worlds/live/lanes",
        "/api/v1/drills",
        "/api/v1/tokens",
    ];
    for path in paths {
        let answer = house.get(path, &[]).await;
        assert_eq!(answer.problem(), (401, "sign-in-needed".into()), "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        let bearer = [("authorization", "Bearer stentor_wrong")];
        assert_eq!(
            house.get(path, &bearer).await.status,
            StatusCode::UNAUTHORIZED
        );
        assert_eq!(
            house.get(path, &[("cookie", "stentor=x")]).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn an_incident_is_led_to_its_end() {
    let house = House::new().await;
    let dora = house.token("dora").await;
    let act = async |rest: &str, body: &str| {
        let path = format!("{INCIDENTS}{rest}");
        let answer = house
            .post(&dora, &format!("{rest}{}", body.len()), &path, body)
            .await;
        assert!(answer.status.is_success(), "{rest}: {}", answer.body);
        answer.json()
    };
    let declared = r#"{"service":"website","title":"It is gone","impact":"partial"}"#;
    assert_eq!(act("", declared).await["incident"], 1);
    act("/1/command", "").await;
    act("/1/help", "").await;
    act(
        "/1/severity",
        r#"{"severity":"sev2","reason":"not all of it"}"#,
    )
    .await;
    act("/1/cause", r#"{"cause":"human-error"}"#).await;
    let offered = act("/1/handoffs", r#"{"role":"scribe","to":"cleo"}"#).await;
    assert_eq!(offered["handoff"], 1);
    act("/1/handoffs/1/answer", r#"{"accept":true}"#).await;
    act("/1/updates", r#"{"template":"first"}"#).await;
    act("/1/resolve", "").await;
    act(
        "/1/updates",
        r#"{"template":"resolved","values":{"data":"No data were lost."}}"#,
    )
    .await;
    act(
        "/1/confirmations",
        r#"{"representative":"Documentation team"}"#,
    )
    .await;
    let report = json!({
        "summary": "s", "causes": "c", "mitigation": "m", "detection_gaps": "d", "lucky": "l",
        "actions": [{ "what": "w", "owner": "ada", "due": "2026-12-01" }],
    });
    act("/1/report", &report.to_string()).await;
    let open = house.read(&dora, &format!("{INCIDENTS}/1")).await.json();
    assert_eq!(open["phase"], "resolved");
    assert_eq!(open["updates"].as_array().unwrap().len(), 2);
    assert_eq!(open["report"]["missing"], json!([]));
    act("/1/close", "").await;
    let closed = house.read(&dora, &format!("{INCIDENTS}/1")).await.json();
    assert_eq!(closed["phase"], "closed");
    assert_eq!(closed["severity"], "sev2");
    assert_eq!(closed["cause"], "human-error");
    assert_eq!(closed["report"]["actions"][0]["owner"], "ada");
    assert_eq!(closed["promises_kept"], 1);
    let last = closed["timeline"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (&last["kind"], &last["actor"]),
        (&json!("incident.closed"), &json!("dora"))
    );
    let list = house.read(&dora, INCIDENTS).await.json();
    assert_eq!(list["incidents"][0]["phase"], "closed");
}

#[tokio::test]
async fn a_list_is_read_in_parts() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    for (n, service) in ["website", "login", "package-mirror"].iter().enumerate() {
        let body = json!({ "service": service, "title": "x", "impact": "partial" }).to_string();
        house.post(&ada, &n.to_string(), INCIDENTS, &body).await;
    }
    let read = async |query: &str| house.read(&ada, &format!("{INCIDENTS}?{query}")).await;
    let part = read("limit=2").await.json();
    assert_eq!(part["incidents"][0]["id"], 3);
    assert_eq!(part["before"], 2);
    let rest = read("limit=2&before=2").await.json();
    assert_eq!(rest["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(rest["before"], json!(null));
    assert_eq!(read("limit=many").await.problem(), (422, "invalid".into()));
}

#[tokio::test]
async fn drills_are_worlds_of_their_own() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    assert_eq!(house.read(&ada, "/api/v1/drills").await.json(), json!([]));
    // Whoever plays a drill needs workers, which this node has none of: it says so.
    let refused = house.post(&ada, "k", "/api/v1/drills", "").await;
    assert_eq!(refused.problem(), (503, "unavailable".into()));
    assert_eq!(refused.header("retry-after"), "1");
    let start = Command::StartDrill {
        scenario: "first drill".into(),
        by: "ada".into(),
        pace: 100,
    };
    house.engine.submit(World::Drill(1), start).await.unwrap();
    let started = house.post(&ada, "k", "/api/v1/drills", "").await;
    assert_eq!(
        started.json(),
        json!({ "world": "drill-1" }),
        "the one that runs"
    );
    let drill = house.read(&ada, "/api/v1/drills/1").await.json();
    assert_eq!(drill["drill"]["scorecard"], json!(null));
    assert_eq!(drill["inbox"], json!([]));
    let path = "/api/v1/worlds/drill-1/incidents";
    let declared = r#"{"service":"website","title":"Only a drill","impact":"partial"}"#;
    assert_eq!(
        house.post(&ada, "k2", path, declared).await.status,
        StatusCode::CREATED
    );
    let live = house.read(&ada, INCIDENTS).await.json();
    assert_eq!(live["incidents"], json!([]));
    let lanes = house.read(&ada, "/api/v1/worlds/live/lanes").await.json();
    assert_eq!(
        lanes[0],
        json!({ "lane": "pages", "waiting": 0, "oldest_seconds": 0, "last_error": null })
    );
    assert_eq!(house.read(&ada, "/api/v1/drills/2").await.problem().0, 404);
}

#[tokio::test]
async fn a_read_that_names_a_position_waits_for_it_but_not_for_ever() {
    let house = House::new().await;
    let ada = house.token("ada").await;
    let bearer = format!("Bearer {ada}");
    let far = (house.engine.seq() + 1_000_000).to_string();
    for headers in [
        [
            ("authorization", bearer.as_str()),
            ("stentor-seq", far.as_str()),
        ],
        [("authorization", bearer.as_str()), ("stentor-seq", "-1")],
        [
            ("authorization", bearer.as_str()),
            ("cookie", "stentor-seq=x"),
        ],
    ] {
        assert_eq!(
            house.get(INCIDENTS, &headers).await.status,
            StatusCode::OK,
            "{headers:?}"
        );
    }
    let next = (house.engine.seq() + 1).to_string();
    let headers = [
        ("authorization", bearer.as_str()),
        ("stentor-seq", next.as_str()),
    ];
    let declared = r#"{"service":"website","title":"x","impact":"partial"}"#;
    let (read, _) = tokio::join!(
        house.get(INCIDENTS, &headers),
        house.post(&ada, "k", INCIDENTS, declared)
    );
    assert_eq!(read.json()["incidents"].as_array().unwrap().len(), 1);
}
