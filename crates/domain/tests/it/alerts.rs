//! From alerts to incidents: mapping, deduplication, attaching, ending (DET-4, INC-1).

use stentor_domain::command::Command;
use stentor_domain::decide::silent_alerts;
use stentor_domain::event::Event;
use stentor_domain::ids::IncidentId;
use stentor_domain::organisation::UNMAPPED;
use stentor_domain::severity::Severity;
use stentor_domain::timeline;
use stentor_domain::world::World;

use crate::example::{changed, example};
use crate::story::{Story, alert, ms};

#[test]
fn an_alert_belongs_to_the_service_that_describes_it_best() {
    let bundle = changed(&[(
        "services/login.toml",
        "labels = { job = \"login\" }",
        "labels = { job = \"website\", part = \"sso\" }",
    )]);
    let organisation = bundle.organisation().unwrap();
    let check = |labels: &[(&str, &str)], service: &str| {
        let alert = alert(labels, "x", 1);
        assert_eq!(
            organisation.service_of(&alert).as_str(),
            service,
            "{labels:?}"
        );
    };
    check(&[("job", "website")], "website");
    check(&[("job", "website"), ("part", "sso")], "login");
    check(&[("job", "website"), ("part", "news")], "website");
    check(&[("job", "website"), ("service", "login")], "website");
    check(&[("service", "login")], "login");
    check(&[("job", "blackbox"), ("service", "login")], "login");
    let pages = "https://docs.example.org/x";
    check(&[("job", "blackbox"), ("instance", pages)], "website");
    // An equality weighs more than a pattern.
    let mirror = ("instance", "mirror-7.example.org:443");
    check(&[mirror], "package-mirror");
    check(&[mirror, ("job", "website")], "website");
    check(&[("job", "unheard")], UNMAPPED);
    check(&[("service", "unheard")], UNMAPPED);
    check(&[("service", "Login")], UNMAPPED);
    check(&[], UNMAPPED);
}

#[test]
fn what_nobody_claims_goes_to_the_default_owner_visibly() {
    let mut story = Story::new(example());
    story.fires("Odd", "unheard", "page").tells(
        "00:00 INC-1 opened by an alert as SEV2: unmapped: Odd
         00:00 Alert: Odd
         00:00 Level 1 of policy default is paged
         00:00 Ada is told: paged at level 1",
    );
    // Nobody speaks for it, so its owner keeps its promise.
    story.take_command("ben").publish("first", "ben").forget();
    assert_eq!(story.incident().service.as_str(), UNMAPPED);
}

#[test]
fn severity_decides_what_opens_and_what_pages() {
    let check = |label: &str, severity: Severity, opens: bool, pages: bool| {
        let mut story = Story::new(example());
        story.fires("Down", "website", label);
        let organisation = story.state.organisation().unwrap();
        let down = alert(&[("severity", label)], "x", 1);
        assert_eq!(organisation.severity_of(&down), severity, "{label}");
        assert_eq!(story.here().alerts.len(), 1);
        assert_eq!(!story.here().incidents.is_empty(), opens, "{label}");
        assert_eq!(!story.here().pages.is_empty(), pages, "{label}");
    };
    check("critical", Severity::Sev1, true, true);
    check("page", Severity::Sev2, true, true);
    check("warning", Severity::Sev3, true, false);
    check("info", Severity::Sev4, false, false);
    // Unsure means the higher.
    check("nonsense", Severity::Sev2, true, true);
    check("", Severity::Sev2, true, true);
}

#[test]
fn a_re_send_changes_memory_only() {
    let labels = [("job", "website"), ("severity", "page")];
    let end = ms("00:05");
    let minutes = 60_000;
    let check = |summary: &str, ends_ms: i64, journaled: Option<&str>| {
        let mut story = Story::new(example());
        story.receive(&[alert(&labels, "Down", end)]);
        story.forget();
        let again = alert(&labels, summary, ends_ms);
        // An end that was named is not cut short by another (Alertmanager's rule).
        let ends_ms = ends_ms.max(end);
        let decision = story.receive(std::slice::from_ref(&again));
        let kinds = story.kinds();
        if let Some(kind) = journaled {
            assert_eq!(kinds, [kind], "{summary} {ends_ms}");
            assert!(decision.resent.is_empty());
        } else {
            assert!(kinds.is_empty(), "{summary} {ends_ms}");
            assert_eq!(decision.resent, [(again.fingerprint, ends_ms)]);
        }
        let open = &story.here().alerts[&again.fingerprint];
        assert_eq!(open.ends_ms, ends_ms);
        assert_eq!(open.incident, Some(IncidentId(1)));
        assert_eq!(story.incident().firing, 1);
        assert_eq!(story.incident().alerts, 1);
        assert_eq!(story.here().pages.len(), 1, "nobody is paged again");
    };
    check("Down", end, None);
    check("Down", end + minutes, None);
    check("Down", end - minutes, None);
    check("Down", end + 10 * minutes, None);
    check("Down", end + 10 * minutes + 1, Some("alerts.prolonged"));
    check("Down, and worse", end, Some("alerts.changed"));
}

#[test]
fn ends_that_move_little_by_little_are_journaled_once_in_ten_minutes() {
    let mut story = Story::new(example());
    let labels = [("job", "website"), ("severity", "warning")];
    for minute in 0..=60 {
        story.until(ms("00:00") + minute * 60_000);
        let end = story.now_ms + 4 * 60_000;
        story.receive(&[alert(&labels, "Down", end)]);
    }
    let kinds = story.kinds();
    let count = |kind: &str| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!(count("alerts.changed"), 1, "at 00:00");
    assert_eq!(
        count("alerts.prolonged"),
        5,
        "at 00:11, 00:22, 00:33, 00:44, 00:55"
    );
}

#[test]
fn alerts_of_a_service_attach_to_its_one_open_incident() {
    let mut story = Story::new(example());
    story.fires("Slow", "website", "warning").tells(
        "00:00 INC-1 opened by an alert as SEV3: Website: Slow
         00:00 Alert: Slow",
    );
    story.at("00:01").fires("Slower", "website", "warning");
    story.tells("00:01 Alert: Slower");
    // Too light to open an incident, it still belongs to the one there is.
    story.at("00:02").fires("Odd", "website", "info");
    story.tells("00:02 Alert: Odd");
    // A more severe one wakes somebody now.
    story
        .at("00:03")
        .fires("Down", "website", "critical")
        .tells(
            "00:03 Alert: Down
         00:03 Severity is now SEV1: a more severe alert was attached
         00:03 Level 1 of policy default is paged
         00:03 Ada is told: paged at level 1",
        );
    story.at("00:04").fires("Down too", "website", "page");
    story.tells("00:04 Alert: Down too");
    story.fires("Down", "login", "page");
    assert_eq!(story.here().incidents.len(), 2);
    assert_eq!(story.here().incidents[&IncidentId(1)].firing, 5);
}

#[test]
fn a_new_rule_wakes_somebody_for_the_next_alert() {
    let mut story = Story::new(example());
    story.fires("Slow", "website", "warning").forget();
    let rule = ("stentor.toml", "page_at = \"sev2\"", "page_at = \"sev3\"");
    story.apply(changed(&[rule]));
    story.at("00:01").fires("Slower", "website", "warning");
    story.tells(
        "00:01 Alert: Slower
         00:01 Level 1 of policy default is paged
         00:01 Ada is told: paged at level 1",
    );
}

#[test]
fn one_batch_opens_what_it_must_in_order() {
    let mut story = Story::new(example());
    story.fires("Slow", "package-mirror", "warning").forget();
    let of = |job, severity, name| {
        let labels = [("alertname", name), ("job", job), ("severity", severity)];
        alert(&labels, name, ms("01:00"))
    };
    story.receive(&[
        of("website", "warning", "a"),
        of("login", "page", "b"),
        of("website", "critical", "c"),
        of("package-mirror", "page", "d"),
        of("login", "info", "e"),
    ]);
    story.tells(
        "00:00 INC-2 opened by an alert as SEV1: Website: a
         00:00 INC-3 opened by an alert as SEV2: Login: b
         00:00 2 alerts, the first: a
         00:00 2 alerts, the first: b
         00:00 Alert: d
         00:00 Level 1 of policy default is paged
         00:00 Ada is told: paged at level 1
         00:00 Level 1 of policy default is paged
         00:00 Ada is told: paged at level 1
         00:00 Severity is now SEV2: a more severe alert was attached
         00:00 Level 1 of policy default is paged
         00:00 Ada is told: paged at level 1",
    );
    let pages: Vec<_> = story.here().pages.values().map(|p| p.incident.0).collect();
    assert_eq!(pages.len(), 3, "each incident has its page: {pages:?}");
}

#[test]
fn an_alert_ends_when_its_source_says_so_or_falls_silent() {
    let mut story = Story::new(example());
    story.fires("Down", "website", "warning").forget();
    story.at("00:10").ends("Down", "website", "warning");
    story.tells("00:10 Alert over: Down");
    assert_eq!(story.incident().firing, 0);
    assert!(story.incident().is_open(), "people resolve incidents");
    story.ends("Down", "website", "warning");
    assert!(
        story.kinds().is_empty(),
        "an unknown alert's end is nothing"
    );

    story.fires("Down", "website", "warning").forget();
    let silent = |story: &Story, grace_ms| {
        silent_alerts(&story.state, World::Live, story.now_ms, grace_ms, 10)
    };
    story.now_ms = ms("01:09:59");
    assert!(silent(&story, 0).is_empty());
    story.now_ms = ms("01:10");
    assert_eq!(silent(&story, 0).len(), 1);
    assert!(silent(&story, 1).is_empty(), "another node may know better");
    // What the caller found is checked again: a re-send may have come between.
    let found = silent(&story, 0);
    let resent = [(found[0], ms("02:00"))];
    story.state.resend(World::Live, &resent);
    story.must(Command::Tick {
        silent: found.clone(),
        released: Vec::new(),
    });
    assert_eq!(story.here().alerts.len(), 1);
    story.now_ms = ms("02:00");
    story.must(Command::Tick {
        silent: found,
        released: Vec::new(),
    });
    assert!(story.here().alerts.is_empty());
    assert_eq!(story.incident().firing, 0);
}

#[test]
fn alerts_that_fall_silent_make_one_line_for_each_incident() {
    let mut story = Story::new(example());
    story.fires("Odd", "package-mirror", "info");
    for (name, job) in [("a", "website"), ("b", "login"), ("c", "website")] {
        story.fires(name, job, "warning");
    }
    story.forget().now_ms = ms("01:00");
    story.tick();
    let told = story.journal.iter().flat_map(|(_, at, event)| {
        let organisation = story.state.organisation().unwrap();
        match event {
            Event::AlertsExpired(_) => timeline::lines(organisation, *at, event),
            _ => Vec::new(),
        }
    });
    let told: Vec<_> = told
        .map(|l| format!("{}: {}", l.incident, l.text))
        .collect();
    assert_eq!(
        told,
        [
            "INC-1: 2 alerts are over: nobody spoke for them any more",
            "INC-2: 1 alert is over: nobody spoke for it any more",
        ],
        "what belongs to no incident is on no timeline"
    );
    assert!(story.here().alerts.is_empty());
}

#[test]
fn an_alert_without_end_is_never_silent() {
    let mut story = Story::new(example());
    story.receive(&[alert(&[("job", "website")], "Down", i64::MAX)]);
    let silent = silent_alerts(&story.state, World::Live, story.now_ms, i64::MAX, 10);
    assert!(silent.is_empty());
}

#[test]
fn an_alert_stays_with_the_incident_it_was_attached_to() {
    let mut story = Story::new(example());
    story
        .fires("Down", "website", "page")
        .ack("ada")
        .resolve("ada");
    // It still fires: that is no new incident. What begins afterwards is.
    story.at("00:10").fires("Down", "website", "page").forget();
    assert!(story.here().open_by_service.is_empty());
    story.fires("Other", "website", "warning").tells(
        "00:10 INC-2 opened by an alert as SEV3, after INC-1: Website: Other
         00:10 Alert: Other",
    );
    assert_eq!(story.here().incidents[&IncidentId(1)].firing, 1);
}

#[test]
fn hostile_text_makes_one_short_line() {
    let long = "x".repeat(100_000);
    let check = |summary: &str, title: &str| {
        let mut story = Story::new(example());
        let labels = [("job", "website"), ("severity", "page")];
        story.receive(&[alert(&labels, summary, ms("01:00"))]);
        assert_eq!(story.incident().title, title);
        for line in story.lines() {
            let fits = line.chars().count() < 400 && !line.contains(char::is_control);
            assert!(fits, "{line:?}");
        }
    };
    let controls = "a\r\nBcc: eve@example.org\0\u{1b}[2J";
    check(controls, "Website: a  Bcc: eve@example.org  [2J");
    check("\u{202e}gpj.exe", "Website: gpj.exe");
    check("{{ 7 * 7 }}<script>", "Website: {{ 7 * 7 }}<script>");
    let cut = format!("Website: {}…", "x".repeat(160 - 9));
    check(&long, &cut);
    // Without a summary its other texts are used, and without any of them it says so.
    check("", "Website: an alert without a name");
}

#[test]
fn ten_thousand_alerts_make_one_line_and_one_page() {
    let mut story = Story::new(example());
    let names: Vec<_> = (0..10_000).map(|n| format!("host-{n}")).collect();
    let all: Vec<_> = names
        .iter()
        .map(|name| alert(&[("job", "website"), ("host", name)], "Down", ms("01:00")))
        .collect();
    story.receive(&all);
    story.tells(
        "00:00 INC-1 opened by an alert as SEV2: Website: Down
         00:00 10000 alerts, the first: Down
         00:00 Level 1 of policy default is paged
         00:00 Ada is told: paged at level 1",
    );
    assert_eq!(story.incident().firing, 10_000);
    let (_, at, event) = story
        .journal
        .iter()
        .find(|(_, _, e)| matches!(e, Event::AlertsChanged(_)))
        .unwrap();
    let organisation = story.state.organisation().unwrap();
    assert_eq!(timeline::lines(organisation, *at, event).len(), 1);
    assert!(event.encode().len() < 200_000, "it is journaled compressed");
}
