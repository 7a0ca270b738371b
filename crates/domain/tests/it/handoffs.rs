//! Handing over: offered, accepted or declined, all on record (INC-3).

use stentor_domain::command::Command;
use stentor_domain::ids::HandoffId;
use stentor_domain::incident::Role;
use stentor_domain::page::{PageCause, Via};

use crate::example::{example, without_dora};
use crate::story::Story;

/// Ada commands since midnight.
fn led() -> Story {
    let mut story = Story::new(example());
    story.fires("Down", "website", "page").ack("ada").forget();
    story
}

fn offer(story: &Story, role: Role, to: &str, by: &str) -> Command {
    Command::OfferHandoff {
        incident: story.newest(),
        role,
        to: to.into(),
        reason: " my shift ends ".into(),
        by: by.into(),
    }
}

fn answer(story: &Story, handoff: u32, accept: bool, by: &str) -> Command {
    Command::AnswerHandoff {
        incident: story.newest(),
        handoff: HandoffId(handoff),
        accept,
        reason: "asleep".into(),
        by: by.into(),
    }
}

#[test]
fn an_offer_is_accepted_or_declined_and_both_are_told() {
    let mut story = led();
    story.at("00:10");
    let decision = story.must(offer(&story, Role::Commander, "ben", "ada"));
    assert_eq!(decision.handoff, Some(HandoffId(1)));
    story.must(answer(&story, 1, false, "ben"));
    story.must(offer(&story, Role::Commander, "cleo", "ada"));
    assert_eq!(story.commander(), Some("ada"), "until somebody accepts");
    story.at("00:12");
    story.must(answer(&story, 2, true, "cleo"));
    story.tells(
        "00:10 Ada: Ben offered to be incident commander: my shift ends
         00:10 Ben is told: HANDOFF-1 is offered
         00:10 Ben declined HANDOFF-1: asleep
         00:10 Ada: Cleo offered to be incident commander: my shift ends
         00:10 Cleo is told: HANDOFF-2 is offered
         00:12 Cleo is incident commander, accepting HANDOFF-2",
    );
    assert_eq!(
        story.incident().leaderless_ms,
        0,
        "the command was never vacant"
    );
    story.refused(
        answer(&story, 2, true, "cleo"),
        "HANDOFF-2 does not wait for an answer any more",
    );
}

#[test]
fn an_offer_is_answered_by_its_link_too() {
    let mut story = led();
    story.must(offer(&story, Role::Liaison, "cleo", "ada"));
    story.forget().ack("cleo").tells(
        "00:00 Cleo acknowledged
         00:00 Cleo is external liaison, accepting HANDOFF-1",
    );
    story.must(offer(&story, Role::Scribe, "ben", "ada"));
    story.forget().decline("ben", "busy").tells(
        "00:00 Ben declined: busy
         00:00 Ben declined HANDOFF-2: busy",
    );
    // Answered in the console, the page asks for nothing any more.
    story.must(offer(&story, Role::Scribe, "ben", "ada"));
    let page = story.page_of("ben");
    assert!(story.here().page_due(page, "email").is_some());
    story.must(answer(&story, 3, true, "ben"));
    assert!(story.here().page_due(page, "email").is_none());
    story.forget().ack("ben").tells("00:00 Ben acknowledged");
}

#[test]
fn who_may_offer() {
    let check = |role, by: &str, may: bool| {
        let mut story = led();
        story.must(offer(&story, Role::Liaison, "cleo", "ada"));
        story.ack("cleo");
        let asked = story.ask(&offer(&story, role, "ben", by));
        let refusal = format!(
            "only who is {}, the incident commander or the project manager may hand it over",
            role.title()
        );
        match asked {
            Ok(_) => assert!(may, "{by} offers {role:?}"),
            Err(words) => assert_eq!((may, words.to_string()), (false, refusal), "{by}"),
        }
    };
    check(Role::Commander, "ada", true);
    check(Role::Liaison, "ada", true);
    check(Role::Liaison, "cleo", true);
    check(Role::Commander, "cleo", false);
    check(Role::Scribe, "cleo", false);
    check(Role::Commander, "ben", false);
    // The project manager may delegate on anybody's behalf.
    check(Role::Commander, "dora", true);
}

#[test]
fn while_nobody_leads_anybody_may_find_somebody() {
    let mut story = Story::new(example());
    story.fires("Down", "website", "page").forget();
    story.must(offer(&story, Role::Commander, "ben", "cleo"));
    story.at("00:02").ack("ben").at("00:20").tells(
        "00:00 Cleo: Ben offered to be incident commander: my shift ends
         00:00 Ben is told: HANDOFF-1 is offered
         00:02 Ben acknowledged
         00:02 Ben is incident commander, accepting HANDOFF-1",
    );
    assert_eq!(story.incident().leaderless_ms, 120_000);
}

#[test]
fn who_may_answer() {
    let check = |by: &str, refusal: Option<&str>| {
        let mut story = led();
        story.must(offer(&story, Role::Commander, "ben", "ada"));
        let answered = story.ask(&answer(&story, 1, true, by));
        assert_eq!(answered.err().map(|e| e.to_string()).as_deref(), refusal);
        let expected = if refusal.is_none() { "ben" } else { "ada" };
        assert_eq!(story.commander(), Some(expected), "answered by {by}");
    };
    check("ben", None);
    check("dora", None);
    check("ada", Some("HANDOFF-1 was offered to Ben"));
    check("cleo", Some("HANDOFF-1 was offered to Ben"));
    check("eve", Some("HANDOFF-1 was offered to Ben"));
}

#[test]
fn what_cannot_be_offered() {
    let mut story = led();
    story.must(offer(&story, Role::Commander, "ben", "ada"));
    let mut check = |to: &str, words: &str| {
        let command = offer(&story, Role::Commander, to, "ada");
        story.refused(command, words);
    };
    check("ada", "Ada is incident commander already");
    check("ben", "HANDOFF-1 waits for an answer already");
    check("eve", "there is no person \"eve\" in the configuration");
    story.resolve("ada");
    let command = offer(&story, Role::Commander, "cleo", "ada");
    story.refused(command, "INC-1 is resolved");
    let command = answer(&story, 1, true, "ben");
    story.refused(command, "INC-1 is resolved");
    // Its link does nothing either.
    story.forget().ack("ben").tells("00:00 Ben acknowledged");
    assert_eq!(story.commander(), Some("ada"));
}

#[test]
fn who_left_the_organisation_takes_no_role() {
    let mut story = led();
    story.must(offer(&story, Role::Scribe, "dora", "ada"));
    story.must(offer(&story, Role::Liaison, "dora", "ada"));
    story.apply(without_dora());
    story.forget();
    let gone = "there is no person \"dora\" in the configuration";
    story.refused(answer(&story, 1, true, "dora"), gone);
    let page = story.page_of("dora");
    let (reason, via) = (String::new(), Via::Link);
    let link = |accept| Command::AnswerPage {
        page,
        accept,
        reason: reason.clone(),
        via,
    };
    story.refused(link(true), gone);
    assert!(story.incident().holder(Role::Liaison).is_none());
    // Whoever declines leaves nothing behind.
    story.must(link(false));
    let waiting: Vec<_> = story.incident().handoffs.keys().copied().collect();
    assert_eq!(waiting, [HandoffId(1)]);
}

#[test]
fn taking_a_role_ends_its_other_offers() {
    let mut story = led();
    for (role, to) in [
        (Role::Commander, "ben"),
        (Role::Liaison, "ben"),
        (Role::Commander, "cleo"),
    ] {
        story.must(offer(&story, role, to, "ada"));
    }
    let page = story.page_of("cleo");
    assert!(story.here().page_due(page, "email").is_some());
    story.must(answer(&story, 1, true, "ben"));
    story.refused(
        answer(&story, 3, true, "cleo"),
        "HANDOFF-3 does not wait for an answer any more",
    );
    assert!(story.here().page_due(page, "email").is_none());
    story.forget().ack("cleo").tells("00:00 Cleo acknowledged");
    assert_eq!(story.commander(), Some("ben"));
    // That of another role still waits.
    story.must(answer(&story, 2, true, "ben"));
    // Who takes a vacant command ends the offers of it as well.
    let mut story = Story::new(example());
    story.fires("Down", "website", "page");
    story.must(offer(&story, Role::Commander, "ben", "cleo"));
    story.take_command("dora").ack("ben");
    assert_eq!(story.commander(), Some("dora"));
    assert!(story.incident().handoffs.is_empty());
}

#[test]
fn minutes_without_a_commander_are_counted() {
    let mut story = Story::new(example());
    story.fires("Down", "website", "page");
    story.at("00:03").ack("ada");
    story.at("00:10").decline("ada", "ill");
    story.at("00:14");
    let minutes = |story: &Story| story.incident().leaderless_until(story.now_ms) / 60_000;
    assert_eq!(minutes(&story), 3 + 4);
    story.ack("dora");
    story.at("00:20");
    assert_eq!(minutes(&story), 7);
    story.decline("dora", "").at("00:22").forget();
    story.must(Command::Resolve {
        incident: story.newest(),
        by: "dora".into(),
    });
    story.at("01:00");
    assert_eq!(minutes(&story), 9, "after the end nobody needs to lead");
}

#[test]
fn a_handoff_is_suggested_once_to_who_leads_for_long() {
    let mut story = led();
    story.at("00:31").forget().at("23:00").tells(
        "04:00 1 alert is over: nobody spoke for it any more
         04:00 Ada leads for long; a handoff was suggested
         04:00 Ada is told: you lead for long; hand over",
    );
    let page = story.page_of("ada");
    assert_eq!(story.here().pages[&page].cause, PageCause::HandoffSuggested);
    // The next commander's time counts anew.
    story.must(offer(&story, Role::Commander, "ben", "ada"));
    story.ack("ben").forget().at("1d 03:01").tells(
        "1d 03:00 Ben leads for long; a handoff was suggested
         1d 03:00 Ben is told: you lead for long; hand over",
    );
}
