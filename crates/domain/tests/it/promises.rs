//! The public word and the promise of the next one (INC-4, INC-5, WORD-4).

use std::collections::BTreeMap;

use stentor_domain::bulletin::PublicStatus;
use stentor_domain::command::Command;
use stentor_domain::severity::Severity;

use crate::example::{changed, example};
use crate::story::{Story, ms};

/// Ada commands since midnight.
fn led(severity: &str) -> Story {
    let mut story = Story::new(example());
    story
        .fires("Down", "website", severity)
        .take_command("ada")
        .forget();
    story
}

#[test]
fn a_promise_is_made_reminded_and_kept() {
    let mut story = led("page");
    story.publish("first", "ada").tells(
        "00:00 Ada published (investigating): www.example.org: we are looking into a problem; \
         next word promised for 2026-11-17 02:00 UTC",
    );
    story.at("00:31").forget();
    story.at("01:55").publish("update", "ada").tells(
        "01:50 1 alert is over: nobody spoke for it any more
         01:50 Reminder: the next word is due at 2026-11-17 02:00 UTC
         01:50 Ada is told: the next public word is due at 2026-11-17 02:00 UTC
         01:55 The word promised for 2026-11-17 02:00 UTC came in time
         01:55 Ada published (identified): www.example.org: we are working on a repair; \
         next word promised for 2026-11-17 03:55 UTC",
    );
    let incident = story.incident();
    assert_eq!((incident.kept, incident.broken), (1, 0));
    assert_eq!(incident.promise.unwrap().due_ms, ms("03:55"));
}

#[test]
fn a_broken_promise_is_told_once_and_the_late_word_does_not_keep_it() {
    let mut story = led("page");
    story.publish("first", "ada").at("01:59").forget();
    story.at("03:00").publish("update", "ada").tells(
        "02:00 The word promised for 2026-11-17 02:00 UTC did not come
         02:00 Ada is told: the public word promised for 2026-11-17 02:00 UTC did not come
         02:00 Dora is told: the public word promised for 2026-11-17 02:00 UTC did not come
         03:00 Ada published (identified): www.example.org: we are working on a repair; \
         next word promised for 2026-11-17 05:00 UTC",
    );
    let incident = story.incident();
    assert_eq!((incident.kept, incident.broken), (0, 1));
}

#[test]
fn a_word_that_comes_before_the_clock_is_looked_at_is_late_all_the_same() {
    let check = |at: &str, kept, broken| {
        let mut story = led("page");
        story.publish("first", "ada");
        // Nobody ticked meanwhile: we were down.
        story.now_ms = ms(at);
        story.publish("update", "ada");
        let incident = story.incident();
        assert_eq!((incident.kept, incident.broken), (kept, broken), "at {at}");
        assert!(!incident.promise.unwrap().broken);
    };
    check("02:00", 1, 0);
    check("02:00:01", 0, 1);
}

#[test]
fn after_an_outage_of_ours_a_passed_promise_is_broken_without_a_reminder() {
    let mut story = led("warning");
    story.publish("first", "ada").forget();
    story.now_ms = ms("2d 00:00");
    story.tick();
    let lines = story.lines();
    let about = |words: &str| lines.iter().filter(|l| l.contains(words)).count();
    assert_eq!(about("did not come"), 3, "{lines:?}");
    assert_eq!(about("Reminder"), 0, "{lines:?}");
}

#[test]
fn a_short_promise_is_reminded_at_half_its_time() {
    let mut story = led("page");
    story.at("00:01");
    let soon = story.publishing("first", Some(ms("00:05")), "ada");
    story.must(soon);
    story.forget().at("00:04").tells(
        "00:03 Reminder: the next word is due at 2026-11-17 00:05 UTC
         00:03 Ada is told: the next public word is due at 2026-11-17 00:05 UTC",
    );
}

#[test]
fn the_rule_of_the_severity_holds_in_working_hours_where_it_says_so() {
    // The office works from 08:00 to 16:00 UTC, Monday to Friday; the story begins on a Tuesday.
    let check = |severity: Severity, at: &str, due: &str| {
        let mut story = Story::new(example());
        story.at(at).declare("website", severity);
        story.take_command("ada").publish("first", "ada");
        assert_eq!(
            story.incident().promise.unwrap().due_ms,
            ms(due),
            "{severity} at {at}"
        );
    };
    check(Severity::Sev1, "03:00", "04:00");
    check(Severity::Sev2, "03:00", "05:00");
    check(Severity::Sev3, "03:00", "11:00");
    check(Severity::Sev3, "14:30", "1d 09:30");
    check(Severity::Sev4, "12:00", "16:00");
    check(Severity::Sev4, "12:01", "1d 08:01");
    check(Severity::Sev3, "3d 15:00", "6d 10:00");
}

#[test]
fn who_may_speak() {
    let check = |by: &str, refusal: Option<&str>| {
        let mut story = led("page");
        let asked = story.ask(&story.publishing("first", None, by));
        assert_eq!(
            asked.err().map(|e| e.to_string()).as_deref(),
            refusal,
            "{by}"
        );
    };
    check("ada", None);
    check("cleo", None);
    check("dora", None);
    check(
        "ben",
        Some(
            "only the incident commander or a liaison may speak in public; take the command first",
        ),
    );
    check(
        "eve",
        Some("there is no person \"eve\" in the configuration"),
    );
}

#[test]
fn what_is_not_published() {
    let mut story = led("page");
    let command = |template: &str, values: &[(&str, &str)], status, next_update_ms| {
        let values = values
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Command::PublishUpdate {
            incident: stentor_domain::ids::IncidentId(1),
            template: template.into(),
            values: BTreeMap::from_iter(values),
            status,
            next_update_ms,
            by: "ada".into(),
        }
    };
    let data = [("data", "No.")];
    let open = "INC-1 is still open; resolve it before telling the public that it is over";
    for (command, words) in [
        (
            command("none", &[], None, None),
            "there is no template \"none\" in the configuration",
        ),
        (command("resolved", &data, None, None), open),
        (
            command("first", &[], Some(PublicStatus::Resolved), None),
            open,
        ),
        (
            command("first", &[("ip", "10.0.0.1")], None, None),
            "the template has no blank \"ip\"",
        ),
        (
            command("first", &[], None, Some(ms("00:00"))),
            "the next word is promised for a time that is past",
        ),
        (
            command("first", &[], None, Some(ms("30d 00:01"))),
            "the next word may be promised at most 30 days ahead",
        ),
    ] {
        story.refused(command, words);
    }
    story.resolve("ada");
    story.refused(
        command("resolved", &[], None, None),
        "fill in \"data\": Were data lost or seen by others? Say it also when not. No default: somebody has to know.",
    );
    assert!(story.here().disclosed.is_empty());
}

#[test]
fn the_promise_stands_until_the_closing_word() {
    let mut story = led("page");
    story.publish("first", "ada").resolve("ada").forget();
    story.at("02:30").tells(
        "01:50 1 alert is over: nobody spoke for it any more
         01:50 Reminder: the next word is due at 2026-11-17 02:00 UTC
         01:50 Ada is told: the next public word is due at 2026-11-17 02:00 UTC
         02:00 The word promised for 2026-11-17 02:00 UTC did not come
         02:00 Ada is told: the public word promised for 2026-11-17 02:00 UTC did not come
         02:00 Dora is told: the public word promised for 2026-11-17 02:00 UTC did not come",
    );
    story
        .publish("resolved", "ada")
        .at("9d 00:00")
        .tells("02:30 Ada published (resolved): www.example.org works again");
    assert_eq!(story.incident().promise, None);
}

#[test]
fn without_a_speaker_the_owner_keeps_the_promise() {
    let mut story = Story::new(example());
    story
        .fires("Slow", "package-mirror", "page")
        .publish("first", "cleo");
    story.at("01:49").forget().at("01:51").tells(
        "01:50 1 alert is over: nobody spoke for it any more
         01:50 Reminder: the next word is due at 2026-11-17 02:00 UTC
         01:50 Ben is told: the next public word is due at 2026-11-17 02:00 UTC",
    );
}

#[test]
fn the_unsolved_is_told_once_to_everybody_on_call() {
    let mut story = led("page");
    story.at("00:29:59").tells("");
    story.at("00:59").tells(
        "00:30 Still unsolved: the team and the project manager are told
         00:30 Ada is told: the incident is still unsolved
         00:30 Dora is told: the incident is still unsolved
         00:30 Ben is told: the incident is still unsolved",
    );
    let mut story = led("page");
    story
        .at("00:29")
        .resolve("ada")
        .forget()
        .at("03:00")
        .tells("");
    // Dora leads, manages and is on call, and is told once.
    let mut story = Story::new(example());
    story
        .fires("Down", "website", "page")
        .take_command("dora")
        .forget();
    story.at("00:30").tells(
        "00:30 Still unsolved: the team and the project manager are told
         00:30 Dora is told: the incident is still unsolved
         00:30 Ada is told: the incident is still unsolved
         00:30 Ben is told: the incident is still unsolved",
    );
    // Whoever leads is told though nobody has them on call; those on call are told though nobody was woken.
    let mut story = Story::new(example());
    story
        .fires("Slow", "website", "warning")
        .take_command("cleo")
        .forget();
    story.at("00:30").tells(
        "00:30 Still unsolved: the team and the project manager are told
         00:30 Cleo is told: the incident is still unsolved
         00:30 Dora is told: the incident is still unsolved
         00:30 Ada is told: the incident is still unsolved
         00:30 Ben is told: the incident is still unsolved",
    );
}

#[test]
fn a_calendar_without_working_time_asks_for_a_time() {
    let promise = ("stentor.toml", "sev1 = \"1h\"", "sev1 = \"1 working hour\"");
    let weekend = (
        "calendars.toml",
        "days = [\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\"]",
        "days = []",
    );
    let bundle = std::panic::catch_unwind(|| changed(&[promise, weekend]));
    // Such a calendar is refused where it is read, so nobody meets it here.
    assert!(bundle.is_err());
}
