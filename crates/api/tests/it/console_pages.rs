//! What pages hold, whoever wrote it, and how large they are.

use http::StatusCode;

use crate::site::House;

const DOWN: [(&str, &str); 3] = [
    ("alertname", "Down"),
    ("job", "login"),
    ("severity", "critical"),
];

/// The most that a page may weigh with its style sheet, in bytes.
const PAGE_BYTES: usize = 50 * 1024;

const PATHS: [&str; 14] = [
    "/",
    "/alerts",
    "/alerts?view=groups",
    "/alerts?q=x",
    "/silences",
    "/silences?state=expired",
    "/silences/new",
    "/incidents/new",
    "/incidents/1",
    "/incidents/1/publish",
    "/mirrors",
    "/sources",
    "/drills",
    "/nowhere",
];

#[tokio::test]
async fn nothing_is_shown_to_whoever_is_not_signed_in() {
    let house = House::new().await;
    house.alert(&DOWN, "Nobody can log in", "").await;
    for path in PATHS.iter().filter(|path| **path != "/nowhere") {
        let page = house.get(path, "").await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(page.text.contains("Please sign in"), "{path}");
        assert!(!page.text.contains("Nobody can log in"), "{path}");
    }
}

#[tokio::test]
async fn pages_are_light_and_hold_no_script_or_style_within() {
    let house = House::new().await;
    house.alert(&DOWN, "Nobody can log in", "").await;
    let cookie = house.signed_in("ada").await;
    for n in 0..120 {
        let page = house.get("/incidents/1", &cookie).await;
        let note = format!("note {n}: restarted the backend and looked at the log of the proxy");
        house
            .post(
                &page.text,
                "/incidents/1/notes",
                &cookie,
                &[("text", &note)],
            )
            .await;
    }
    for path in PATHS {
        let page = house.get(path, &cookie).await;
        assert!(!page.status.is_server_error(), "{path}");
        let (_, css) = page.text.split_once("rel=\"stylesheet\" href=\"").unwrap();
        let css = css[..css.find('"').unwrap()].replace("&#x2f;", "/");
        let css = house.get(&css, "").await;
        assert_eq!(css.status, StatusCode::OK, "{path}");
        let bytes = page.text.len() + css.text.len();
        assert!(bytes < PAGE_BYTES, "{path} weighs {bytes} bytes");
        for banned in ["<style", " style=", "<script>", " onclick", "javascript:"] {
            assert!(!page.text.contains(banned), "{path}: {banned}");
        }
        assert!(
            page.text.contains("<html lang=\"en\">") && page.text.contains("href=\"#main\""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn naughty_text_stays_text() {
    let naughty = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "{{ 7 * 7 }}{% for x in range(9) %}x{% endfor %}",
        "${7*7} #{7*7} <%= 7*7 %>",
        "\u{202e}evil\u{202c} Z\u{0336}\u{0351} \u{0000}\u{0007}",
        "田中さんにあげて下さい 👩‍👩‍👧‍👦",
        "&lt;script&gt;",
        "]]><!--",
    ];
    let house = House::new().await;
    for (n, text) in naughty.iter().enumerate() {
        let name = format!("n{n}");
        // Nothing maps these: they are one unmapped incident with many alerts.
        let labels = [
            ("alertname", name.as_str()),
            ("instance", *text),
            ("severity", "critical"),
        ];
        house.alert(&labels, text, text).await;
    }
    let cookie = house.signed_in("ada").await;
    for path in [
        "/",
        "/incidents/1",
        "/incidents/1/publish",
        "/alerts",
        "/alerts?view=groups",
    ] {
        let page = house.get(path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for active in [
            "<script>alert",
            "<img",
            "onerror=alert(1)>\"",
            " onmouseover='",
            "xxxxxxxxx",
            "<!--",
        ] {
            assert!(!page.text.contains(active), "{path}: {active}");
        }
    }
    let page = house.get("/incidents/1", &cookie).await;
    assert!(
        page.text.contains("Unmapped") && page.text.contains("{{ 7 * 7 }}"),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("&amp;lt;script"),
        "what was escaped before is escaped again"
    );
    assert!(
        !page.text.contains("Where it comes from"),
        "no address of these is one of the web"
    );
}

#[tokio::test]
async fn who_asks_for_news_hears_only_of_news() {
    let house = House::new().await;
    house.alert(&DOWN, "Nobody can log in", "").await;
    let cookie = house.signed_in("ada").await;
    let now = format!("/incidents/1?seen={}", house.engine.seq());
    assert_eq!(
        house.get(&now, &cookie).await.status,
        StatusCode::NO_CONTENT
    );
    house
        .alert(
            &[
                ("alertname", "Other"),
                ("job", "login"),
                ("severity", "critical"),
            ],
            "more",
            "",
        )
        .await;
    assert_eq!(house.get(&now, &cookie).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_mirror_in_trouble_is_named_on_the_first_page() {
    let house = House::new().await;
    house.break_mirror("one");
    house.go_to_work();
    let cookie = house.signed_in("ada").await;
    let said = house
        .wait_for("/", &cookie, "Mirror one does not show the public word")
        .await;
    assert!(said.contains("role=\"alert\""), "{said}");
    let mirrors = house
        .wait_for("/mirrors", &cookie, "two: ✓ confirmed")
        .await;
    assert!(mirrors.contains("one: ✗ in trouble"), "{mirrors}");
    let root = house.get("/root.json", "").await;
    assert_eq!(root.status, StatusCode::OK);
    assert!(root.text.contains("\"root\""), "{}", root.text);
}

#[tokio::test]
async fn a_drill_is_one_and_its_status_page_may_not_run_anything() {
    let house = House::new().await;
    house.go_to_work();
    let cookie = house.signed_in("ada").await;
    let home = house.get("/", &cookie).await;
    let first = house.post(&home.text, "/drills", &cookie, &[]).await;
    assert_eq!(
        (first.status, first.location.as_str()),
        (StatusCode::SEE_OTHER, "/drills/1")
    );
    // The second press shows the drill that is under way.
    let second = house.post(&home.text, "/drills", &cookie, &[]).await;
    assert_eq!(second.location, "/drills/1");
    let page = house.wait_for("/drills/1/status/", &cookie, "DRILL").await;
    assert!(page.contains("<style"), "{page}");
    let answer = house.get("/drills/1/status/", &cookie).await;
    assert!(!answer.policy.contains("script-src"), "{}", answer.policy);
    assert!(
        answer.policy.starts_with("default-src 'none'"),
        "{}",
        answer.policy
    );
    for bad in [
        "..%2fkeys%2fx.json",
        "metadata/../../../stentor.db",
        "nothing.html",
    ] {
        let answer = house.get(&format!("/drills/1/status/{bad}"), &cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{bad}");
    }
    assert_eq!(
        house.get("/drills/1/status/", "").await.status,
        StatusCode::UNAUTHORIZED
    );
}
