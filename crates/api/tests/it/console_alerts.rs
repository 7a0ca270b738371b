//! The pages about alerts and silences: what they show, their forms, CSV, and the console in an Alertmanager's place.

use http::{Method, StatusCode};
use stentor_api::{Options, Surface};

use crate::house;
use crate::site::House;

const NAUGHTY: &str =
    "\"><img src=x onerror=alert(1)></title><script>alert(1)</script>{{ 7 * 7 }}' onload='x";

fn active(page: &str) -> Vec<&'static str> {
    ["<script>alert", "<img", " onload='", "49"]
        .into_iter()
        .filter(|text| page.contains(text))
        .collect()
}

#[tokio::test]
async fn alerts_are_filtered_sorted_and_paged() {
    let house = House::new().await;
    for n in 0..30 {
        let (name, job) = (format!("A{n:02}"), if n < 3 { "few" } else { "many" });
        let labels = [("alertname", name.as_str()), ("job", job)];
        house
            .alert(&labels, &format!("number {n:02} is down"), "")
            .await;
    }
    let cookie = house.signed_in("ada").await;
    let page = house.get("/alerts?sort=alertname", &cookie).await.text;
    assert!(page.contains("30 alerts"), "{page}");
    assert!(page.contains("number 24 is down") && !page.contains("number 25 is down"));
    assert!(page.contains(">More<") && !page.contains(">Before<"));
    let page = house
        .get("/alerts?sort=alertname&page=1", &cookie)
        .await
        .text;
    assert!(
        page.contains("number 29 is down") && page.contains(">Before<"),
        "{page}"
    );
    let page = house.get("/alerts?q=job%3D%22few%22", &cookie).await.text;
    assert!(page.contains("3 alerts"), "{page}");
    let page = house.get("/alerts?q=job%3D~%22(%22", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains("This filter cannot be used"),
        "{}",
        page.text
    );
    let page = house.get("/alerts?state=quiet", &cookie).await.text;
    assert!(page.contains("Nothing fires that was asked for"), "{page}");
    let page = house.get("/alerts?view=groups", &cookie).await.text;
    assert!(page.contains("1 group<"), "{page}");
}

#[tokio::test]
async fn a_silence_is_set_from_an_alert_changed_and_ended() {
    let house = House::new().await;
    house
        .alert(
            &[("alertname", "Down"), ("job", "shop")],
            "shop is down",
            "",
        )
        .await;
    let cookie = house.signed_in("ada").await;
    let page = house.get("/alerts", &cookie).await.text;
    let (_, rest) = page.split_once("/silences/new?alert=").unwrap();
    let path = format!("/silences/new?alert={}", &rest[..16]);
    let form = house.get(&path, &cookie).await.text;
    assert!(form.contains("job=&quot;shop&quot;"), "{form}");
    let fields = [
        ("matchers", "job=\"shop\"\nalertname=Down"),
        ("minutes", "60"),
        ("comment", "planned work"),
        ("rule", "FREQ=DAILY"),
        ("each", "1440"),
        ("zone", "Europe/Berlin"),
    ];
    let answer = house.post(&form, "/silences", &cookie, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = house.get(&answer.location, &cookie).await.text;
    assert!(page.contains("Comes back: every day"), "{page}");
    assert!(page.contains("fits 1 alert now"), "{page}");
    let list = house.get("/silences", &cookie).await.text;
    assert!(
        list.contains("Active: 1") && list.contains("and its alerts still fire"),
        "{list}"
    );
    let quiet = house.get("/alerts?state=quiet", &cookie).await.text;
    assert!(quiet.contains("Silenced by"), "{quiet}");
    let edit = format!("{}/edit", answer.location);
    let form = house.get(&edit, &cookie).await.text;
    assert!(
        form.contains("planned work")
            && form.contains("FREQ&#x3d;DAILY") | form.contains("FREQ=DAILY")
    );
    let fields = [
        ("matchers", "job=\"shop\"\nalertname=Down"),
        ("until", "2036-01-01T00:00"),
        ("comment", "longer"),
    ];
    let answer = house.post(&form, &edit, &cookie, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = house.get(&answer.location, &cookie).await.text;
    assert!(page.contains("2036-01-01 00:00 UTC"), "{page}");
    let end = format!("{}/end", answer.location);
    let ended = house.post(&page, &end, &cookie, &[]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.text);
    let list = house
        .wait_for("/silences?state=expired", &cookie, "Active: 0")
        .await;
    assert!(list.contains("longer"), "{list}");
}

#[tokio::test]
async fn one_that_means_everything_is_shown_loudly() {
    let house = House::new().await;
    let cookie = house.signed_in("ada").await;
    let form = house.get("/silences/new", &cookie).await.text;
    let fields = [
        ("matchers", "alertname=~\".*\""),
        ("minutes", "30"),
        ("comment", "why"),
    ];
    let answer = house.post(&form, "/silences", &cookie, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    for path in ["/silences", "/silences?state=expired", &answer.location] {
        let page = house.get(path, &cookie).await.text;
        assert!(
            page.contains("EVERY alert") && page.contains("role=\"alert\""),
            "{path}"
        );
    }
    for (name, value) in [
        ("matchers", ""),
        ("matchers", "x"),
        ("comment", ""),
        ("until", "soon"),
    ] {
        let mut fields = fields.to_vec();
        fields.push(("until", ""));
        fields
            .iter_mut()
            .filter(|f| f.0 == name)
            .for_each(|f| f.1 = value);
        let form = house.get("/silences/new", &cookie).await.text;
        let answer = house.post(&form, "/silences", &cookie, &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{name}={value}"
        );
    }
}

#[tokio::test]
async fn hostile_text_stays_text_in_every_page() {
    let house = House::new().await;
    let labels = [("alertname", NAUGHTY), ("instance", NAUGHTY), ("job", "j")];
    house.alert(&labels, NAUGHTY, "javascript:alert(1)").await;
    let cookie = house.signed_in("ada").await;
    let form = house.get("/silences/new", &cookie).await.text;
    let rule = format!("FREQ={NAUGHTY}");
    let fields = [
        ("matchers", "job=~\"<script>alert|j|<img src=x>\""),
        ("minutes", "60"),
        ("comment", NAUGHTY),
        ("rule", rule.as_str()),
        ("each", "5"),
        ("zone", NAUGHTY),
    ];
    let answer = house.post(&form, "/silences", &cookie, &fields).await;
    let one = match answer.status {
        StatusCode::SEE_OTHER => answer.location.clone(),
        // Where such a rule is refused, the rest is still as hostile.
        _ => {
            house
                .post(&form, "/silences", &cookie, &fields[..3])
                .await
                .location
        }
    };
    assert!(one.starts_with("/silences/"), "{}", answer.text);
    let alerts = house.get("/alerts", &cookie).await.text;
    let (_, rest) = alerts.split_once("/silences/new?alert=").unwrap();
    let fresh = format!("/silences/new?alert={}", &rest[..16]);
    let edit = format!("{one}/edit");
    let query = "/alerts?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&state=%27%20onload%3D%27x&view=%22%3E%3Cimg&sort=%22%3E%3Cimg";
    for path in [
        "/alerts",
        "/alerts?view=groups",
        "/silences",
        &one,
        &fresh,
        &edit,
        query,
    ] {
        let page = house.get(path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        let found: Vec<_> = active(&page.text)
            .into_iter()
            .filter(|t| *t != "49")
            .collect();
        assert!(found.is_empty(), "{path}: {found:?} in {}", page.text);
        assert!(!page.text.contains("href=\"javascript"), "{path}");
        assert!(
            page.text.len() < 40_000,
            "{path} weighs {}",
            page.text.len()
        );
    }
}

#[tokio::test]
async fn a_page_full_of_the_longest_texts_is_light() {
    let house = House::new().await;
    let long = "all words & no end ".repeat(200);
    for n in 0..40 {
        let name = format!("A{n}");
        let labels = [
            ("alertname", name.as_str()),
            ("a", &long),
            ("b", &long),
            ("c", &long),
        ];
        house.alert(&labels, &long, "").await;
    }
    let cookie = house.signed_in("ada").await;
    let css = include_str!("../../assets/console.css").len();
    for path in ["/alerts", "/alerts?view=groups"] {
        let page = house.get(path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        let bytes = page.text.len() + css;
        assert!(bytes < 50 * 1024, "{path} weighs {bytes} bytes");
    }
}

#[tokio::test]
async fn csv_holds_no_formula() {
    let house = House::new().await;
    let labels = [("alertname", "=1+1"), ("job", "@x")];
    house
        .alert(&labels, "-2+3 \"quoted\", and\nmore", "+http")
        .await;
    let cookie = house.signed_in("ada").await;
    let file = house.get("/alerts.csv", &cookie).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.text.contains("\"'=1+1\""), "{}", file.text);
    assert!(
        file.text.contains("\"'-2+3 \"\"quoted\"\", and\nmore\""),
        "{}",
        file.text
    );
    assert!(file.text.contains("\"'+http\""), "{}", file.text);
    assert_eq!(
        house.get("/alerts.csv", "").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn in_an_alertmanagers_place_anybody_reads_and_silences() {
    let options = Options {
        surface: Surface::Alertmanager,
        route_prefix: "/am".into(),
        ..Options::default()
    };
    let house = house::House::with(options).await;
    let body = r#"[{"labels":{"alertname":"Down","job":"shop"}}]"#;
    let kind = [("content-type", "application/json")];
    let sent = house::request(Method::POST, "/am/api/v2/alerts", &kind, body);
    assert_eq!(house.send(sent).await.status, StatusCode::OK);
    let home = house.get("/am/", &[]).await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.body);
    assert!(
        home.body.contains("1 alert<") && home.body.contains("Down"),
        "{}",
        home.body
    );
    assert!(!home.body.contains("Drills") && !home.body.contains("Sign out"));
    assert!(home.body.contains("href=\"/am/") | home.body.contains("href=\"&#x2f;am/"));
    let (_, css) = home.body.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let css = css[..css.find('"').unwrap()].replace("&#x2f;", "/");
    assert_eq!(house.get(&css, &[]).await.status, StatusCode::OK, "{css}");
    let form = house.get("/am/silences/new", &[]).await.body;
    let mut fields = crate::site::hidden(&form, "/am/silences");
    for (name, value) in [
        ("matchers", "job=shop"),
        ("minutes", "60"),
        ("comment", "x"),
        ("by", "kim"),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let post = async |fields: &[(String, String)]| {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let request = house::request(Method::POST, "/am/silences", &kind, body);
        house.send(request).await
    };
    let forged: Vec<_> = fields.iter().filter(|f| f.0 != "csrf").cloned().collect();
    assert_eq!(post(&forged).await.status, StatusCode::FORBIDDEN);
    let answer = post(&fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = house.get(answer.header("location"), &[]).await.body;
    assert!(
        page.contains("kim") && page.contains("fits 1 alert now"),
        "{page}"
    );
    let error = house.get("/am/nowhere", &[]).await;
    assert_eq!(error.status, StatusCode::NOT_FOUND);
    assert!(error.body.contains("Go to the alerts"), "{}", error.body);
}
