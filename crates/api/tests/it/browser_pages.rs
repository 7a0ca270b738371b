//! The pages in a real browser: small screens, light and dark, without script, and with hostile text.

use crate::site::House;
use stentor_testkit::browser::{Browser, DESK, Kind, PHONE};

const DOWN: [(&str, &str); 3] = [
    ("alertname", "Down"),
    ("job", "login"),
    ("severity", "critical"),
];

async fn sign_in(browser: &Browser, house: &House, person: &str) {
    browser.open(&house.sign_in_path(person).await).await;
    browser.press("Sign in").await;
    browser.wait_for("On call now").await;
}

/// Every page, as it is while an incident is led from its first alert to its end.
async fn walk(kind: Kind) {
    let house = House::at_work().await;
    let browser = Browser::start(&house.listen().await, kind).await;
    browser.open("/").await;
    browser.inspect("not-signed-in").await;
    browser.open(&house.sign_in_path("ada").await).await;
    browser.inspect("sign-in").await;
    browser.press("Sign in").await;
    browser.wait_for("Run a first drill").await;
    browser.inspect("home-first").await;
    browser.open("/incidents/new").await;
    browser.inspect("declare").await;
    browser.open("/drills").await;
    browser.inspect("drills").await;
    browser.open("/nowhere").await;
    browser.inspect("error").await;

    house
        .alert(
            &[("alertname", "Odd"), ("instance", "db7:9100")],
            "disk of db7 is slow",
            "",
        )
        .await;
    let incident = house
        .alert(
            &DOWN,
            "Nobody can log in: 502 from all backends",
            "http://prometheus.example.org/graph",
        )
        .await;
    let (person, link) = house.first_page(incident);
    browser.open(&link).await;
    browser.inspect("link").await;
    browser.open("/").await;
    browser.inspect("home-open").await;
    sign_in(&browser, &house, person.as_str()).await;
    let page = format!("/incidents/{}", incident.0);
    browser.open(&page).await;
    browser.wait_for("Nobody leads yet").await;
    browser.inspect("incident-new").await;
    browser.press("I have it").await;
    browser.wait_for("You have it").await;
    browser.press("Tell people").await;
    browser.inspect("publish").await;
    browser
        .fill("blank-symptoms", "Logging in fails with an error.")
        .await;
    browser.press("Show me what will be public").await;
    browser.wait_for("This will be public").await;
    browser.inspect("preview").await;
    browser.press("Publish it").await;
    browser.wait_for("Next public word").await;
    browser
        .fill("note", "Restarted backend 3. No change.")
        .await;
    browser.press("Add note").await;
    browser.wait_for("Restarted backend 3").await;
    browser.inspect("incident-led").await;
    speak(&browser, &page).await;
    browser.open(&link).await;
    browser.inspect("link-answered").await;
    browser.open(&page).await;
    browser.press("Resolve").await;
    browser.wait_for("Before it is closed").await;
    browser.inspect("incident-resolved").await;
    for (path, name) in [
        ("/sources", "sources"),
        ("/mirrors", "mirrors"),
        ("/alerts", "alerts"),
        ("/alerts?view=groups", "alert-groups"),
        ("/alerts?q=x", "alerts-bad-filter"),
        ("/silences/new", "silence-form"),
    ] {
        browser.open(path).await;
        browser.inspect(name).await;
    }
    browser.fill("matchers", "alertname=~\".*\"").await;
    browser.fill("comment", "The data centre moves.").await;
    browser.press("Silence them").await;
    browser.wait_for("It means EVERY alert").await;
    browser.inspect("silence").await;
    browser.open("/silences").await;
    browser.inspect("silences").await;
    browser.press("End now").await;
    browser.wait_for("Expired: 1").await;
    browser.open("/").await;
    browser.inspect("home-resolved").await;
    browser.driver.quit().await.unwrap();
}

/// Everything that is said in public beside a first word; whoever is signed in leads an incident or is a liaison.
async fn speak(browser: &Browser, incident: &str) {
    browser.open("/public").await;
    browser.inspect("public").await;
    browser.press("Deny a false message").await;
    browser.inspect("deny").await;
    browser
        .fill("seen_at", "a mail from supp0rt@example.net")
        .await;
    browser.fill("blank-topic", "passwords").await;
    browser
        .fill("blank-claim", "It says that passwords end.")
        .await;
    browser.fill("blank-truth", "They do not.").await;
    browser.press("Show me what will be public").await;
    browser.wait_for("This will be public").await;
    browser.inspect("deny-preview").await;
    browser.press("Publish it").await;
    browser.wait_for("What was said").await;
    browser.inspect("denial").await;
    browser.press("Take it back").await;
    browser.inspect("withdraw").await;
    browser.fill("reason", "The message was ours.").await;
    browser.press("Show me what will be public").await;
    browser.wait_for("Not said in de").await;
    browser.inspect("withdraw-preview").await;
    browser.press("Take it back in public").await;
    browser.wait_for("taken back by statement 2").await;
    browser.open("/public/maintenance/new/say").await;
    browser.inspect("announce-work").await;
    browser.press("Show me what will be public").await;
    browser.wait_for("Say when the work begins").await;
    browser.inspect("announce-work-refused").await;
    browser
        .open(&format!("{incident}/publish?corrects=1"))
        .await;
    browser.inspect("correct").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_for_everybody_on_a_telephone() {
    walk(PHONE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_for_everybody_on_a_desk() {
    walk(DESK).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drill_is_followed_to_its_scorecard() {
    let house = House::at_work().await;
    let browser = Browser::start(&house.listen().await, PHONE).await;
    sign_in(&browser, &house, "ada").await;
    browser.press("Run a first drill").await;
    browser.wait_for("DRILL 1").await;
    // The page refreshes its parts by itself.
    browser.wait_for("Scorecard").await;
    browser.inspect("drill").await;
    browser.press("Open the link in this message").await;
    browser.wait_for("DRILL 1").await;
    browser.inspect("drill-link").await;
    browser.open("/drills/1").await;
    browser.press("INC-1").await;
    browser.wait_for("DRILL 1").await;
    browser.inspect("drill-incident").await;
    browser.open("/drills/1/status/").await;
    browser.wait_for("DRILL").await;
    browser.picture("drill-status", false).await;
    browser.driver.quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_works_without_script() {
    let house = House::new().await;
    let incident = house.alert(&DOWN, "Nobody can log in", "").await;
    let (person, link) = house.first_page(incident);
    let browser = Browser::start(
        &house.listen().await,
        Kind {
            script: false,
            ..PHONE
        },
    )
    .await;
    browser.open(&link).await;
    browser.press("I have it").await;
    browser.wait_for("You lead INC-1").await;
    sign_in(&browser, &house, person.as_str()).await;
    browser.press("Nobody can log in").await;
    let script = "//html[@data-script]";
    let scripted = browser
        .driver
        .find_all(thirtyfour::By::XPath(script))
        .await
        .unwrap();
    assert!(scripted.is_empty(), "the script must not run in this test");
    browser.press("Get help").await;
    browser.press("Page them now").await;
    browser.wait_for("Level 2 of policy default is paged").await;
    browser.press("Tell people").await;
    browser.press("Show me what will be public").await;
    browser.press("Publish it").await;
    browser.wait_for("Next public word").await;
    browser.press("Severity: SEV1").await;
    browser
        .fill("severity-why", "one of three backends answers")
        .await;
    browser.press("Set severity").await;
    browser.press("Resolve").await;
    browser.wait_for("Before it is closed").await;
    browser.driver.quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_countdown_ticks_and_news_appears_by_itself() {
    let house = House::new().await;
    let incident = house.alert(&DOWN, "Nobody can log in", "").await;
    let browser = Browser::start(&house.listen().await, PHONE).await;
    sign_in(&browser, &house, "dora").await;
    browser.open("/incidents/1").await;
    let shown = "return document.querySelector('#what [data-until]').textContent";
    let before = browser.run(shown).await;
    assert!(before.as_str().unwrap().starts_with("in "), "{before}");
    let changed = format!(
        "const done = arguments[arguments.length - 1];
         const look = () => document.querySelector('#what [data-until]').textContent !== {before} ? done(true) : setTimeout(look, 50);
         look()"
    );
    browser
        .driver
        .execute_async(changed, Vec::new())
        .await
        .unwrap();
    let note = stentor_domain::command::Command::AddNote {
        incident,
        text: "written elsewhere".into(),
        by: "ben".into(),
    };
    let world = stentor_domain::world::World::Live;
    house.engine.submit(world, note).await.unwrap();
    browser.wait_for("Ben: written elsewhere").await;
    browser.driver.quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_text_is_shown_and_not_run() {
    let house = House::new().await;
    let hostile = "</title><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{ 7*7 }}";
    let labels = [
        DOWN[0],
        DOWN[1],
        DOWN[2],
        ("instance", "'\"><svg onload=document.title='owned'>"),
    ];
    let incident = house
        .alert(&labels, hostile, "javascript:document.title='owned'")
        .await;
    let (_, link) = house.first_page(incident);
    let browser = Browser::start(&house.listen().await, PHONE).await;
    sign_in(&browser, &house, "ada").await;
    let everywhere = [
        "/",
        "/incidents/1",
        "/incidents/1/publish",
        "/alerts",
        "/alerts?view=groups",
        &link,
    ];
    for path in everywhere {
        browser.open(path).await;
        browser.wait_for("onerror=").await;
        assert_eq!(
            browser.run("return document.images.length").await,
            0,
            "{path}"
        );
        assert!(
            !browser.driver.title().await.unwrap().starts_with("owned"),
            "{path}"
        );
        let links = "return [...document.links].filter(a => !/^https?:$/.test(a.protocol)).length";
        assert_eq!(browser.run(links).await, 0, "{path}");
    }
    browser.driver.quit().await.unwrap();
}
