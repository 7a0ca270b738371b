//! What forms do, once, and by whom.

use http::StatusCode;
use stentor_domain::state::Disclosed;

use crate::site::{House, hidden};

const DOWN: [(&str, &str); 3] = [
    ("alertname", "Down"),
    ("job", "login"),
    ("severity", "critical"),
];

/// A house with one incident, and the cookie of whoever is paged first.
async fn with_incident() -> (House, String) {
    let house = House::new().await;
    let incident = house.alert(&DOWN, "Nobody can log in", "").await;
    let (person, _) = house.first_page(incident);
    let cookie = house.signed_in(person.as_str()).await;
    (house, cookie)
}

async fn act(house: &House, cookie: &str, what: &str, fields: &[(&str, &str)]) {
    let page = house.get("/incidents/1", cookie).await;
    let path = format!("/incidents/1/{what}");
    let answer = house.post(&page.text, &path, cookie, fields).await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "{what}: {}",
        answer.text
    );
    assert_eq!(answer.location, "/incidents/1", "{what}");
}

fn said(house: &House) -> Option<Disclosed> {
    house.live(|w| w.disclosed.values().next().cloned())
}

#[tokio::test]
async fn a_form_of_another_session_is_refused() {
    let (house, cookie) = with_incident().await;
    let page = house.get("/incidents/1", &cookie).await;
    let other = house.signed_in("dora").await;
    let answer = house
        .post(&page.text, "/incidents/1/have-it", &other, &[])
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    house.live(|w| assert!(w.incidents.values().all(|i| i.commander().is_none())));
}

#[tokio::test]
async fn what_is_previewed_is_what_is_published_once() {
    let (house, cookie) = with_incident().await;
    act(&house, &cookie, "have-it", &[]).await;
    let form = house.get("/incidents/1/publish", &cookie).await;
    assert!(form.text.contains("What do users notice?"), "{}", form.text);
    let fields = [
        ("blank_symptoms", "Log-in <fails>."),
        ("status", "identified"),
        ("next", "30"),
    ];
    let preview = house
        .post(&form.text, "/incidents/1/publish/preview", &cookie, &fields)
        .await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    assert!(
        preview
            .text
            .contains("Accounts and login: Log-in &lt;fails&gt;."),
        "{}",
        preview.text
    );
    assert!(said(&house).is_none(), "a preview publishes nothing");

    let publish = "/incidents/1/publish";
    let answer = house.post(&preview.text, publish, &cookie, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let again = house.post(&preview.text, publish, &cookie, &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text);
    let said = said(&house).unwrap();
    assert_eq!(said.updates.len(), 1);
    let next = hidden(&preview.text, publish)
        .into_iter()
        .find(|(name, _)| name == "next_ms");
    assert_eq!(said.updates[0].next_update_ms, next.unwrap().1.parse().ok());
    assert_eq!(said.updates[0].status.name(), "identified");
}

#[tokio::test]
async fn a_refused_update_keeps_what_was_written() {
    let (house, cookie) = with_incident().await;
    let form = house
        .get("/incidents/1/publish?template=resolved", &cookie)
        .await;
    let fields = [
        ("blank_cause", "A <full> disk."),
        ("blank_data", ""),
        ("status", "monitoring"),
        ("next", "60"),
    ];
    let answer = house
        .post(&form.text, "/incidents/1/publish/preview", &cookie, &fields)
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("take the command first"),
        "{}",
        answer.text
    );
    assert!(
        answer.text.contains("A &lt;full&gt; disk."),
        "{}",
        answer.text
    );
    act(&house, &cookie, "have-it", &[]).await;
    let answer = house
        .post(&form.text, "/incidents/1/publish/preview", &cookie, &fields)
        .await;
    assert!(answer.text.contains("Were data lost"), "{}", answer.text);
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_incident_is_led_to_its_close() {
    let (house, cookie) = with_incident().await;
    act(&house, &cookie, "have-it", &[]).await;
    act(&house, &cookie, "help", &[]).await;
    act(
        &house,
        &cookie,
        "severity",
        &[("severity", "sev2"), ("reason", "one backend answers")],
    )
    .await;
    act(&house, &cookie, "cause", &[("cause", "hardware")]).await;
    act(&house, &cookie, "notes", &[("text", "a\r\nb")]).await;
    act(
        &house,
        &cookie,
        "handoffs",
        &[
            ("role", "scribe"),
            ("to", "dora"),
            ("reason", "please write"),
        ],
    )
    .await;
    let dora = house.signed_in("dora").await;
    let page = house.get("/incidents/1", &dora).await;
    assert!(
        page.text.contains("You are asked to be scribe"),
        "{}",
        page.text
    );
    act(&house, &dora, "handoffs/1", &[("answer", "accept")]).await;
    act(&house, &cookie, "resolve", &[]).await;
    let page = house.get("/incidents/1", &cookie).await;
    assert!(
        page.text.contains("a confirmation by Contributors"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("Close INC-1"), "{}", page.text);
    act(
        &house,
        &cookie,
        "confirm",
        &[("representative", "Contributors' council")],
    )
    .await;
    let report = [
        ("summary", "It broke."),
        ("causes", "A disk."),
        ("mitigation", "Another disk."),
        ("detection_gaps", "None."),
        ("lucky", "It was Sunday."),
        ("what_0", "Watch the disk"),
        ("owner_0", "ben"),
        ("due_0", "2026-12-01"),
    ];
    act(&house, &cookie, "report", &report).await;
    act(&house, &cookie, "close", &[]).await;
    house.live(|w| assert!(w.incidents.is_empty()));
    let page = house.get("/incidents/1", &cookie).await;
    assert!(
        page.text.contains("Watch the disk: Ben, until 2026-12-01"),
        "{}",
        page.text
    );
    assert!(page.text.contains("one backend answers"), "{}", page.text);
    let home = house.get("/", &cookie).await;
    assert!(
        home.text.contains("Nothing is open") && home.text.contains("closed"),
        "{}",
        home.text
    );
}

#[tokio::test]
async fn not_me_in_the_console_pages_the_next_level() {
    let (house, cookie) = with_incident().await;
    act(&house, &cookie, "have-it", &[]).await;
    act(&house, &cookie, "pass-on", &[("reason", "no computer")]).await;
    house.live(|w| {
        let incident = w.incidents.values().next().unwrap();
        assert_eq!(incident.commander(), None);
        assert_eq!(incident.escalation.as_ref().unwrap().level, 1);
    });
}

#[tokio::test]
async fn somebody_declares_an_incident() {
    let house = House::new().await;
    let cookie = house.signed_in("cleo").await;
    let form = house.get("/incidents/new", &cookie).await;
    let fields = [
        ("title", "The <front> page is empty"),
        ("service", "website"),
        ("severity", ""),
        ("impact", "total"),
        ("cause", "unknown"),
    ];
    let answer = house.post(&form.text, "/incidents", &cookie, &fields).await;
    assert_eq!(answer.location, "/incidents/1", "{}", answer.text);
    let page = house.get("/incidents/1", &cookie).await;
    assert!(
        page.text.contains("The &lt;front&gt; page is empty"),
        "{}",
        page.text
    );
    assert!(page.text.contains("not usable"), "{}", page.text);
}
