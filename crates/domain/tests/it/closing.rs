//! Resolving, confirming, reporting, closing (INC-11, INC-12).

use stentor_domain::command::Command;
use stentor_domain::ids::IncidentId;
use stentor_domain::incident::{Action, Report};

use crate::example::{changed, example};
use crate::story::{Story, report};

const ID: IncidentId = IncidentId(1);

/// Ada commands an incident of the website.
fn led() -> Story {
    let mut story = Story::new(example());
    story.fires("Down", "website", "page").ack("ada").forget();
    story
}

fn write(report: Report) -> Command {
    let (incident, by) = (ID, "ada".into());
    Command::WriteReport {
        incident,
        report,
        by,
    }
}

fn confirm(representative: &str) -> Command {
    Command::Confirm {
        incident: ID,
        representative: representative.into(),
        by: "ada".into(),
    }
}

fn close() -> Command {
    let (incident, by) = (ID, "ben".into());
    Command::Close { incident, by }
}

#[test]
fn only_who_leads_or_manages_resolves() {
    let check = |by: &str, refusal: Option<&str>| {
        let mut story = led();
        let by = by.into();
        let asked = story.ask(&Command::Resolve { incident: ID, by });
        assert_eq!(asked.err().map(|e| e.to_string()).as_deref(), refusal);
        assert_eq!(story.incident().is_open(), refusal.is_some());
    };
    check("ada", None);
    check("dora", None);
    check(
        "ben",
        Some(
            "only the incident commander or the project manager may resolve INC-1; take the command first",
        ),
    );
}

#[test]
fn from_the_end_of_the_trouble_to_the_end_of_the_incident() {
    let mut story = led();
    story.publish("first", "ada").forget();
    story.refused(close(), "INC-1 is not resolved yet");
    story.refused(confirm("Mo"), "INC-1 is not resolved yet");
    story.at("00:10").resolve("ada").resolve("ada");
    story.refused(
        close(),
        "fill the report first: summary, causes, mitigation, detection gaps, where we got lucky, \
         actions, or the reason why there are none",
    );
    story.must(write(report()));
    story.must(write(report()));
    story.refused(close(), "tell the public first that it is over");
    story.publish("resolved", "ada");
    story.refused(
        close(),
        "nobody of those affected has confirmed that it is over; record who did or wait until 2026-11-24 16:00 UTC",
    );
    story.refused(confirm(" "), "say who confirmed that it is over for them");
    story.must(confirm(" Mo "));
    story.must(confirm("Mo"));
    story.must(close());
    story.tells(
        "00:10 Ada resolved it
         00:10 Ada wrote the report
         00:10 The word promised for 2026-11-17 02:00 UTC came in time
         00:10 Ada published (resolved): www.example.org works again
         00:10 Mo confirmed that it is over
         00:10 Ben closed it",
    );
    assert!(story.here().incidents.is_empty() && story.here().pages.is_empty());
    let gone = "INC-1 does not exist or is closed; closed incidents do not change";
    story.refused(close(), gone);
    story.refused(write(report()), gone);
    let answer = Command::AnswerPage {
        page: stentor_domain::ids::PageId(1),
        accept: true,
        reason: String::new(),
        via: stentor_domain::page::Via::Link,
    };
    story.refused(answer, "this page is over: its incident was closed");
}

#[test]
fn silence_for_48_working_hours_closes_too() {
    // Six days of eight hours: from Tuesday's opening at 08:00 to Tuesday's end at 16:00.
    let mut story = led();
    story.at("08:00").resolve("ada").must(write(report()));
    story.at("7d 15:59").refused(
        close(),
        "nobody of those affected has confirmed that it is over; record who did or wait until 2026-11-24 16:00 UTC",
    );
    story.at("7d 16:00").forget().must(close());
    story.tells("7d 16:00 Ben closed it after nobody objected");
}

#[test]
fn a_service_without_representatives_has_nobody_to_ask() {
    let nobody = (
        "services/website.toml",
        "representatives = [\"Documentation team\"]",
        "",
    );
    let mut story = Story::new(changed(&[nobody]));
    story
        .fires("Down", "website", "page")
        .ack("ada")
        .resolve("ada");
    story.must(write(report()));
    story.must(close());
}

#[test]
fn a_report_says_what_is_missing() {
    let check = |change: fn(&mut Report), missing: &[&str]| {
        let mut report = report();
        change(&mut report);
        assert_eq!(report.missing(), missing);
    };
    check(|_| {}, &[]);
    check(|r| r.summary.clear(), &["summary"]);
    check(|r| r.causes = " \n".into(), &["causes"]);
    check(|r| r.mitigation.clear(), &["mitigation"]);
    check(|r| r.detection_gaps.clear(), &["detection gaps"]);
    check(|r| r.lucky.clear(), &["where we got lucky"]);
    let actions = "actions, or the reason why there are none";
    check(|r| r.no_action_reason.clear(), &[actions]);
}

#[test]
fn an_action_has_an_owner_and_a_day() {
    let mut story = led();
    let with = |owner: &str, due: &str| {
        let action = Action {
            what: "Watch".into(),
            owner: owner.into(),
            due: due.into(),
        };
        let (actions, no_action_reason) = (vec![action], String::new());
        write(Report {
            actions,
            no_action_reason,
            ..report()
        })
    };
    story.must(with("cleo", "2026-12-01"));
    assert!(story.incident().report.missing().is_empty());
    story.refused(
        with("eve", "2026-12-01"),
        "action \"Watch\" needs an owner from the configuration; there is no \"eve\"",
    );
    story.refused(
        with("cleo", "soon"),
        "action \"Watch\" needs a day as YYYY-MM-DD, not \"soon\"",
    );
    story.refused(
        with("cleo", "2026-02-30"),
        "action \"Watch\" needs a day as YYYY-MM-DD, not \"2026-02-30\"",
    );
}

#[test]
fn a_note_has_a_length() {
    let mut story = led();
    let note = |text: &str| Command::AddNote {
        incident: ID,
        text: text.into(),
        by: "ben".into(),
    };
    story.must(note(" rebooted it "));
    story.tells("00:00 rebooted it");
    story.refused(note("\n"), "the note is empty");
    story.must(note(&"ä".repeat(10_000)));
    story.refused(
        note(&"ä".repeat(10_001)),
        "a note has at most 10000 characters",
    );
}

#[test]
fn declaring_needs_a_service_a_title_and_no_open_incident() {
    let mut story = led();
    let declare = |service: &str, title: &str| Command::Declare {
        service: service.into(),
        title: title.into(),
        severity: None,
        impact: stentor_domain::bulletin::Impact::Total,
        cause: stentor_domain::incident::CauseClass::Attack,
        by: "ben".into(),
    };
    story.refused(
        declare("website", "x"),
        "INC-1 is already open for Website; add a note there",
    );
    story.refused(
        declare("unmapped", "x"),
        "there is no service \"unmapped\" in the catalogue",
    );
    story.refused(declare("login", " "), "say in one line what is broken");
    // Unsure means the higher severity.
    story.must(declare("login", "odd\nlogins"));
    story.tells(
        "00:00 INC-2 declared by Ben as SEV1: odd logins
         00:00 Level 1 of policy default is paged
         00:00 Ada is told: paged at level 1",
    );
}
