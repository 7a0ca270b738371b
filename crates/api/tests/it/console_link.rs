//! The page behind the link in a message.

use http::StatusCode;
use stentor_domain::command::Command;
use stentor_domain::ids::PersonId;
use stentor_domain::incident::Role;
use stentor_domain::page::{PageAnswer, PageCause};
use stentor_domain::world::World;

use crate::site::House;

const DOWN: [(&str, &str); 3] = [
    ("alertname", "Down"),
    ("job", "login"),
    ("severity", "critical"),
];

#[tokio::test]
async fn opening_it_changes_nothing_and_the_button_acknowledges() {
    let house = House::new().await;
    let incident = house.alert(&DOWN, "Nobody can log in", "").await;
    let (person, link) = house.first_page(incident);
    let before = house.engine.seq();
    for _ in 0..3 {
        let page = house.get(&link, "").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.text.contains("Nobody can log in") && page.text.contains("I have it"),
            "{}",
            page.text
        );
        // A one-line summary: nothing of who else is paged, of notes or alerts.
        assert!(!page.text.contains("Timeline"), "{}", page.text);
    }
    assert_eq!(house.engine.seq(), before);

    let page = house.get(&link, "").await;
    let answer = house
        .post(&page.text, &link, "", &[("answer", "yes")])
        .await;
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (StatusCode::SEE_OTHER, link.as_str())
    );
    let once = house.engine.seq();
    house.live(|w| assert_eq!(w.incidents[&incident].commander(), Some(&person)));
    // The same button pressed twice.
    house
        .post(&page.text, &link, "", &[("answer", "yes")])
        .await;
    assert_eq!(house.engine.seq(), once);
    let page = house.get(&link, "").await;
    assert!(page.text.contains("You lead INC-1"), "{}", page.text);
}

#[tokio::test]
async fn not_me_pages_the_next_people_with_the_reason_on_record() {
    let house = House::new().await;
    let incident = house.alert(&DOWN, "Nobody can log in", "").await;
    let (_, link) = house.first_page(incident);
    let page = house.get(&link, "").await;
    let fields = [("answer", "no"), ("reason", "on a <b>train</b>")];
    house.post(&page.text, &link, "", &fields).await;
    house.live(|w| assert_eq!(w.incidents[&incident].escalation.as_ref().unwrap().level, 1));
    let cookie = house.signed_in("dora").await;
    let page = house.get("/incidents/1", &cookie).await;
    assert!(
        page.text.contains("on a &lt;b&gt;train&lt;"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_handoff_is_accepted_by_its_link() {
    let house = House::new().await;
    let incident = house.alert(&DOWN, "Nobody can log in", "").await;
    let by = PersonId::from("dora");
    let (to, reason) = (PersonId::from("ben"), "I must sleep".to_owned());
    let offer = Command::OfferHandoff {
        incident,
        role: Role::Commander,
        to,
        reason,
        by,
    };
    house.engine.submit(World::Live, offer).await.unwrap();
    let page = house.live(|w| {
        let mut pages = w.pages.values();
        pages
            .find(|p| matches!(p.cause, PageCause::Handoff { .. }))
            .unwrap()
            .clone()
    });
    let link = format!("/p/{}", house.engine.link_of(World::Live, &page));
    let shown = house.get(&link, "").await;
    assert!(
        shown.text.contains("Accept: I am incident commander"),
        "{}",
        shown.text
    );
    house
        .post(&shown.text, &link, "", &[("answer", "yes")])
        .await;
    house.live(|w| {
        assert_eq!(w.incidents[&incident].commander().unwrap().as_str(), "ben");
        assert!(matches!(
            w.pages[&page.id].answer,
            PageAnswer::Acknowledged { .. }
        ));
    });
}

#[tokio::test]
async fn a_wrong_link_opens_nothing() {
    let house = House::new().await;
    let incident = house.alert(&DOWN, "Nobody can log in", "").await;
    let (_, link) = house.first_page(incident);
    for bad in [
        &link[..link.len() - 2],
        "/p/live.1.AAAAAAAAAAAAAAAAAAAAAA",
        "/p/x",
        &link.replace("live", "drill-1"),
    ] {
        let page = house.get(bad, "").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{bad}");
        assert!(!page.text.contains("Nobody can log in"), "{bad}");
    }
}
