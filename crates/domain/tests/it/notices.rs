//! What a page says to its person, and to machines.

use serde_json::json;

use stentor_domain::command::Command;
use stentor_domain::duty::PageAbout;
use stentor_domain::notice::{Notice, compose};
use stentor_domain::page::Page;
use stentor_domain::world::World;

use crate::example::example;
use crate::story::{Story, ms};

/// Every page of the story so far, as it is worded.
fn notices(story: &Story) -> Vec<Notice> {
    let organisation = story.state.organisation().unwrap();
    let word = |page: &Page| {
        let incident = &story.here().incidents[&page.incident];
        compose(
            organisation,
            story.world,
            PageAbout::Incident(incident),
            page,
            "https://x/p/1",
        )
    };
    story.here().pages.values().map(word).collect()
}

#[test]
fn each_cause_has_its_subject_and_its_form_for_machines() {
    let mut story = Story::new(example());
    story
        .fires("Down", "website", "page")
        .at("00:05")
        .ack("ben");
    story.must(Command::OfferHandoff {
        incident: story.newest(),
        role: stentor_domain::incident::Role::Commander,
        to: "ada".into(),
        reason: String::new(),
        by: "ben".into(),
    });
    let soon = story.publishing("first", Some(ms("00:20")), "ben");
    story.must(soon);
    story.at("04:05");
    let notices = notices(&story);
    let causes: Vec<_> = notices.iter().map(|n| n.event["cause"].clone()).collect();
    let due_ms = ms("00:20");
    let twice = json!({ "cause": "promise-broken", "due_ms": due_ms });
    let unsolved = json!({ "cause": "unsolved" });
    assert_eq!(
        causes,
        [
            json!({ "cause": "escalation", "level": 0, "round": 0 }),
            json!({ "cause": "escalation", "level": 1, "round": 0 }),
            json!({ "cause": "escalation", "level": 1, "round": 0 }),
            json!({ "cause": "handoff", "handoff": 1 }),
            json!({ "cause": "promise-due", "due_ms": due_ms }),
            twice.clone(),
            twice,
            unsolved.clone(),
            unsolved.clone(),
            unsolved,
            json!({ "cause": "handoff-suggested" }),
        ]
    );
    let subjects: Vec<_> = notices.iter().map(|n| n.subject.as_str()).collect();
    assert_eq!(subjects[0], "INC-1 SEV2: Website: Down");
    assert_eq!(subjects[3], "INC-1: HANDOFF-1 is offered");
    assert!(notices.iter().all(|n| n.text.contains("https://x/p/1")));
    assert!(
        notices
            .iter()
            .all(|n| !n.subject.contains(char::is_control))
    );
}

#[test]
fn a_drill_cannot_be_taken_for_life() {
    let mut story = Story::new(example());
    story.world = World::Drill(1);
    story.must(Command::StartDrill {
        scenario: "first".into(),
        by: "ada".into(),
        pace: 1,
    });
    story.fires("Down", "website", "page");
    let notice = &notices(&story)[0];
    assert!(notice.subject.starts_with("[DRILL] "));
    assert!(notice.text.starts_with("THIS IS A DRILL."));
    assert_eq!(notice.event["drill"], json!(true));
    assert_eq!(notice.event["world"], json!("drill-1"));
}
