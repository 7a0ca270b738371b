//! What is said in public from the console: put right, taken back, announced, denied; previewed, and said once.

use http::StatusCode;
use stentor_domain::announcement::{Filled, MaintenanceWord};
use stentor_domain::bulletin::{MaintenanceStatus, Standing, StatusPage};
use stentor_domain::command::Command;
use stentor_domain::disclosure::Public;
use stentor_domain::world::World;

use crate::site::{Answer, House};

const DOWN: [(&str, &str); 3] = [
    ("alertname", "Down"),
    ("job", "login"),
    ("severity", "critical"),
];

fn page(house: &House) -> Public<StatusPage> {
    page_in(house, World::Live)
}

fn page_in(house: &House, world: World) -> Public<StatusPage> {
    let now_ms = house.engine.clock().now_ms();
    let page = house.engine.read(|state| state.status_page(world, now_ms));
    page.unwrap()
}

/// Cleo, a liaison, spoke once about an incident.
async fn spoken() -> (House, String) {
    let house = House::new().await;
    house.alert(&DOWN, "Nobody can log in", "").await;
    let cookie = house.signed_in("cleo").await;
    said(
        &house,
        &cookie,
        "/incidents/1/publish",
        "/incidents/1/publish",
        &[],
    )
    .await;
    (house, cookie)
}

/// Opens a form, sees the preview, publishes it, and presses the button a second time.
async fn said(
    house: &House,
    cookie: &str,
    form: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> (Answer, Answer) {
    let form = house.get(form, cookie).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    let preview = house
        .post(&form.text, &format!("{path}/preview"), cookie, fields)
        .await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    let answer = house.post(&preview.text, path, cookie, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let again = house.post(&preview.text, path, cookie, &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text);
    assert_eq!(again.location, answer.location);
    (preview, answer)
}

#[tokio::test]
async fn a_statement_is_corrected_and_taken_back_in_view_of_everybody() {
    let (house, cookie) = spoken().await;
    let incident = house.get("/incidents/1", &cookie).await.text;
    for link in ["/publish?corrects=1", "/withdraw/1"] {
        assert!(incident.contains(link), "{link}: {incident}");
    }
    let fields = [
        ("blank_known", "It is <b>the disk</b>."),
        ("template", "update"),
    ];
    let (preview, _) = said(
        &house,
        &cookie,
        "/incidents/1/publish?corrects=1&template=update",
        "/incidents/1/publish",
        &fields[..1],
    )
    .await;
    for words in [
        "Statement 1 is then marked as corrected",
        "It is &lt;b&gt;the disk&lt;",
        "Was wir wissen",
        "lang=\"de\"",
    ] {
        assert!(preview.text.contains(words), "{words}: {}", preview.text);
    }
    let public = page(&house).current[0].clone();
    assert_eq!(public.updates.len(), 2, "said once");
    assert_eq!(public.standing(1), Standing::CorrectedBy(2));
    assert_eq!(public.latest().status.name(), "investigating");
    let fields = [("reason", "It was <our> test."), ("reason_de", "")];
    let path = "/incidents/1/withdraw/2";
    let (preview, answer) = said(&house, &cookie, path, path, &fields).await;
    assert_eq!(answer.location, "/incidents/1");
    for words in ["It was &lt;our&gt; test.", "Not said in de"] {
        assert!(preview.text.contains(words), "{words}: {}", preview.text);
    }
    let public = page(&house).past[0].clone();
    assert_eq!(public.standing(2), Standing::WithdrawnBy(3));
    assert_eq!(public.updates.len(), 3, "taken back once");
    let incident = house.get("/incidents/1", &cookie).await.text;
    assert!(incident.contains("taken back by statement 3"), "{incident}");
    // Refused, and what was written is kept.
    let form = house.get("/incidents/1/withdraw/1", &cookie).await;
    let ben = house.signed_in("ben").await;
    let theirs = house.get("/incidents/1/withdraw/1", &ben).await;
    let refused = [("reason", "I say so.")];
    let answer = house
        .post(
            &theirs.text,
            "/incidents/1/withdraw/1/preview",
            &ben,
            &refused,
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("I say so."), "{}", answer.text);
    let forged = house
        .post(&form.text, "/incidents/1/withdraw/1", &ben, &refused)
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let missing = house.get("/incidents/1/withdraw/9", &cookie).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn work_is_announced_begun_and_over() {
    let (house, cookie) = spoken().await;
    let new = "/public/maintenance/new/say";
    let window = [
        ("service_website", "on"),
        ("begins", "2099-01-01T10:00"),
        ("ends", "2099-01-01T12:00"),
    ];
    // Too far away: refused, and kept.
    let form = house.get(new, &cookie).await;
    let answer = house
        .post(
            &form.text,
            "/public/maintenance/new/say/preview",
            &cookie,
            &window,
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("2099-01-01T10:00"), "{}", answer.text);
    let later = |ms: i64| {
        let at = house.engine.clock().now_ms() + ms;
        let at = jiff::Timestamp::from_millisecond(at).unwrap();
        at.strftime("%Y-%m-%dT%H:%M").to_string()
    };
    let (begins, ends) = (later(3_600_000), later(7_200_000));
    let fields = [
        ("service_website", "on"),
        ("begins", &*begins),
        ("ends", &*ends),
        ("blank_effect", "Pages may <i>stall</i>."),
    ];
    let (preview, answer) = said(&house, &cookie, new, new, &fields).await;
    assert!(
        preview.text.contains("geplante Arbeiten"),
        "{}",
        preview.text
    );
    assert_eq!(answer.location, "/public/maintenance/1");
    let public = page(&house).maintenance.clone();
    assert_eq!(public.len(), 1, "announced once");
    assert_eq!(public[0].components, ["www.example.org"]);
    let one = house.get("/public/maintenance/1", &cookie).await.text;
    assert!(one.contains("Pages may &lt;i&gt;stall"), "{one}");
    assert!(
        one.contains("It begins") && one.contains("by Cleo"),
        "{one}"
    );
    let say = "/public/maintenance/1/say";
    let (preview, _) = said(
        &house,
        &cookie,
        &format!("{say}?status=in_progress"),
        say,
        &[],
    )
    .await;
    assert!(preview.text.contains("Not said in de"), "{}", preview.text);
    assert!(page(&house).components.iter().any(|c| c.maintenance));
    let overview = house.get("/public", &cookie).await.text;
    assert!(
        overview.contains("in progress") && overview.contains("MNT-1"),
        "{overview}"
    );
    said(
        &house,
        &cookie,
        &format!("{say}?status=completed"),
        say,
        &[],
    )
    .await;
    let public = page(&house).maintenance[0].clone();
    assert_eq!(public.latest().status, MaintenanceStatus::Completed);
    assert!(page(&house).components.iter().all(|c| !c.maintenance));
    let withdraw = "/public/maintenance/1/withdraw/3";
    let reason = [
        ("reason", "It is not over yet."),
        ("reason_de", "Es ist noch nicht vorbei."),
    ];
    said(&house, &cookie, withdraw, withdraw, &reason).await;
    let public = page(&house).maintenance[0].clone();
    assert_eq!(public.latest().status, MaintenanceStatus::InProgress);
    assert_eq!(public.latest().translations.len(), 1);
    let (_, answer) = said(&house, &cookie, &format!("{say}?corrects=2"), say, &[]).await;
    assert_eq!(answer.location, "/public/maintenance/1");
    let public = page(&house).maintenance[0].clone();
    assert_eq!(public.standing(2), Standing::CorrectedBy(5));
}

#[tokio::test]
async fn a_false_message_is_denied_and_ended() {
    let (house, cookie) = spoken().await;
    let new = "/public/denials/new/say";
    let fields = [
        ("seen_at", "javascript:alert(1)\r\n<img src=x>"),
        ("blank_topic", "passwords"),
        ("blank_claim", "It says that passwords end."),
        ("blank_truth", "They do not."),
    ];
    let (preview, answer) = said(&house, &cookie, new, new, &fields).await;
    assert!(
        preview.text.contains("&lt;img src=x&gt;"),
        "{}",
        preview.text
    );
    assert_eq!(answer.location, "/public/denials/1");
    let public = page(&house).denials.clone();
    assert_eq!((public.len(), public[0].seen_at.len()), (1, 2));
    let overview = house.get("/public", &cookie).await.text;
    assert!(overview.contains("circulates"), "{overview}");
    assert!(!overview.contains("href=\"javascript"), "{overview}");
    let say = "/public/denials/1/say";
    let (_, answer) = said(
        &house,
        &cookie,
        &format!("{say}?status=ended"),
        say,
        &fields[1..],
    )
    .await;
    assert_eq!(answer.location, "/public/denials/1");
    assert!(page(&house).denials[0].is_over());
    let one = house.get("/public/denials/1", &cookie).await.text;
    assert!(one.contains("circulates no more"), "{one}");
    for nowhere in [
        "/public/denials/7",
        "/public/gossip/1",
        "/public/denials/x",
        "/worlds/drill-9/public",
    ] {
        let answer = house.get(nowhere, &cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

#[tokio::test]
async fn what_is_ours_is_shown_as_it_is_published() {
    let (house, cookie) = spoken().await;
    let overview = house.get("/public", &cookie).await.text;
    for words in [
        "Announcements",
        "We never ask for passwords",
        "tel:+49-30-555-0100",
        "in en, de",
    ] {
        let escaped = words.replace('/', "&#x2f;");
        assert!(
            overview.contains(words) || overview.contains(&escaped),
            "{words}: {overview}"
        );
    }
    let stranger = house.get("/public", "").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_right_reaches_the_mirrors() {
    let (house, cookie) = spoken().await;
    house.go_to_work();
    house
        .wait_for_mirror("one", "status.json", "looking into a problem")
        .await;
    let form = "/incidents/1/publish?corrects=1&template=update";
    let fields = [("blank_known", "It is the disk.")];
    said(&house, &cookie, form, "/incidents/1/publish", &fields).await;
    house
        .wait_for_mirror("two", "status.json", "It is the disk.")
        .await;
    let withdraw = "/incidents/1/withdraw/2";
    let reason = [("reason", "It was another disk.")];
    said(&house, &cookie, withdraw, withdraw, &reason).await;
    house
        .wait_for_mirror("one", "status.json", "It was another disk.")
        .await;
}

#[tokio::test]
async fn a_drill_has_a_public_word_of_its_own() {
    let (house, cookie) = spoken().await;
    let start = Command::StartDrill {
        scenario: "first".into(),
        by: "cleo".into(),
        pace: 1,
    };
    let world = World::Drill(1);
    house.engine.submit(world, start).await.unwrap();
    let overview = house.get("/worlds/drill-1/public", &cookie).await.text;
    assert!(overview.contains("DRILL 1"), "{overview}");
    let new = "/worlds/drill-1/public/denials/new/say";
    let fields = [
        ("blank_topic", "passwords"),
        ("blank_claim", "They end."),
        ("blank_truth", "They do not."),
    ];
    let (preview, answer) = said(&house, &cookie, new, new, &fields).await;
    assert!(preview.text.contains("own page only"), "{}", preview.text);
    assert_eq!(answer.location, "/worlds/drill-1/public/denials/1");
    assert!(page(&house).denials.is_empty());
    let rehearsed = page_in(&house, world);
    assert_eq!(rehearsed.denials.len(), 1);
}

#[tokio::test]
async fn a_time_that_passed_without_a_word_is_on_every_page_until_somebody_speaks() {
    let (house, cookie) = spoken().await;
    let now_ms = house.engine.clock().now_ms();
    let word = MaintenanceWord {
        id: None,
        services: vec!["website".into()],
        starts_ms: Some(now_ms + 60_000),
        ends_ms: Some(now_ms + 3_600_000),
        status: None,
        text: Filled {
            template: "maintenance".into(),
            values: std::collections::BTreeMap::new(),
        },
        corrects: None,
        by: "cleo".into(),
    };
    let command = Command::SpeakOfMaintenance(word);
    house.engine.submit(World::Live, command).await.unwrap();
    house.clock.advance(60_001);
    let tick = Command::Tick {
        silent: Vec::new(),
        released: Vec::new(),
    };
    house.engine.submit(World::Live, tick).await.unwrap();
    let home = house.get("/", &cookie).await.text;
    assert!(
        home.contains("Announced work MNT-1 should have begun"),
        "{home}"
    );
    assert!(page(&house).components.iter().all(|c| !c.maintenance));
    let one = house.get("/public/maintenance/1", &cookie).await.text;
    assert!(one.contains("nobody said what became of it"), "{one}");
    // Whoever announced it is told by a message whose link leads there.
    let reminder = house
        .live(|w| w.pages.values().next_back().cloned())
        .unwrap();
    assert_eq!(reminder.person.as_str(), "cleo");
    let link = format!("/p/{}", house.engine.link_of(World::Live, &reminder));
    let shown = house.get(&link, "").await.text;
    assert!(
        shown.contains("passed without a word about MNT-1"),
        "{shown}"
    );
    let answer = house.post(&shown, &link, "", &[("answer", "yes")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let shown = house.get(&link, "").await.text;
    assert!(shown.contains("You have seen it."), "{shown}");
    let say = "/public/maintenance/1/say";
    said(
        &house,
        &cookie,
        &format!("{say}?status=in_progress"),
        say,
        &[],
    )
    .await;
    let home = house.get("/", &cookie).await.text;
    assert!(!home.contains("should have begun"), "{home}");
}
