//! Who is woken, in what order, and what their answers do (REACH-2, INC-2).

use stentor_domain::bundle::Bundle;
use stentor_domain::command::Command;
use stentor_domain::event::DeliveryOutcome;
use stentor_domain::ids::PageId;
use stentor_domain::incident::{Progress, Role};
use stentor_domain::page::PageCause;
use stentor_domain::severity::Severity;

use crate::example::{changed, example, without_dora};
use crate::story::Story;

const ONE_ROUND: (&str, &str, &str) = ("oncall.toml", "rounds = 3", "rounds = 1");
const STEWARD: (&str, &str, &str) = (
    "stentor.toml",
    "default_commander = \"first-acknowledger\"",
    "default_commander = \"support-steward\"",
);

fn woken(bundle: Bundle) -> Story {
    let mut story = Story::new(bundle);
    story.fires("Down", "website", "page").forget();
    story
}

fn progress(story: &Story) -> Progress {
    story.incident().escalation.as_ref().unwrap().progress
}

#[test]
fn without_an_answer_level_after_level_is_paged_and_giving_up_is_on_record() {
    let mut story = woken(changed(&[("oncall.toml", "rounds = 3", "rounds = 2")]));
    story.at("00:25").tells(
        "00:05 Level 2 of policy default is paged
         00:05 Ben is told: paged at level 2
         00:05 Dora is told: paged at level 2
         00:10 Level 1 of policy default is paged, round 2
         00:10 Ada is told: paged at level 1
         00:15 Level 2 of policy default is paged, round 2
         00:15 Ben is told: paged at level 2
         00:15 Dora is told: paged at level 2
         00:20 Nobody is left to page, and nobody has answered",
    );
    assert_eq!(progress(&story), Progress::Exhausted);
}

#[test]
fn an_acknowledgement_stops_the_escalation_and_makes_the_commander() {
    let mut story = woken(example());
    story.at("00:03").ack("ada").at("00:29").tells(
        "00:03 Ada acknowledged
         00:03 Ada is incident commander",
    );
    assert_eq!(progress(&story), Progress::Stopped);
    assert_eq!(story.incident().leaderless_ms, 180_000);
    // Once is enough.
    story.ack("ada").tells("");
}

#[test]
fn the_first_acknowledger_stays_commander_when_a_second_one_answers() {
    let mut story = woken(example());
    story.at("00:06").forget().ack("ben").ack("dora").tells(
        "00:06 Ben acknowledged
         00:06 Ben is incident commander
         00:06 Dora acknowledged",
    );
}

#[test]
fn an_old_page_may_still_be_answered() {
    let mut story = woken(example());
    story.at("00:06").forget().ack("ada").at("00:20").tells(
        "00:06 Ada acknowledged
         00:06 Ada is incident commander",
    );
}

#[test]
fn when_the_last_one_waited_for_declines_it_goes_on_at_once() {
    let mut story = woken(example());
    story.at("00:01").decline("ada", " on a train ").tells(
        "00:01 Ada declined: on a train
         00:01 Level 2 of policy default is paged
         00:01 Ben is told: paged at level 2
         00:01 Dora is told: paged at level 2",
    );
    story
        .at("00:02")
        .decline("ben", "")
        .tells("00:02 Ben declined");
    story.at("00:03").decline("dora", "").tells(
        "00:03 Dora declined
         00:03 Level 1 of policy default is paged, round 2
         00:03 Ada is told: paged at level 1",
    );
    // A page that was passed over moves nothing any more, and twice says nothing new.
    story.answer(PageId(1), false, "still on a train");
    story.answer(PageId(2), false, "");
    story.tells("");
}

#[test]
fn i_have_it_after_not_me_counts() {
    let mut story = woken(example());
    story.at("00:01").decline("ada", "").forget();
    story.at("00:02");
    story.answer(PageId(1), true, "");
    story.at("00:20").tells(
        "00:02 Ada acknowledged
         00:02 Ada is incident commander",
    );
}

#[test]
fn a_level_without_anybody_is_skipped_and_the_owner_stands_in_for_all() {
    let later = ("start = 2026-01-05T09:00:00", "start = 2030-01-07T09:00:00");
    let empty = ("oncall.toml", later.0, later.1);
    // Both schedules begin in 2030: only Dora is named.
    let mut story = Story::new(changed(&[empty]));
    story.fires("Down", "website", "page").tells(
        "00:00 INC-1 opened by an alert as SEV2: Website: Down
         00:00 Alert: Down
         00:00 Level 2 of policy default is paged
         00:00 Dora is told: paged at level 2",
    );
    let nobody = ("oncall.toml", ", { person = \"dora\" }", "");
    let mut story = Story::new(changed(&[empty, nobody]));
    story.fires("Down", "website", "page").tells(
        "00:00 INC-1 opened by an alert as SEV2: Website: Down
         00:00 Alert: Down
         00:00 Level 1 of policy default is paged
         00:00 Cleo is told: paged at level 1",
    );
    story.fires("Down too", "website", "critical").tells(
        "00:00 Alert: Down too
         00:00 Severity is now SEV1: a more severe alert was attached",
    );
    // There is nobody after the owner, and nobody else to tell but the manager.
    story.at("00:30").help("ben").tells(
        "00:05 Nobody is left to page, and nobody has answered
         00:30 Still unsolved: the team and the project manager are told
         00:30 Dora is told: the incident is still unsolved
         00:30 Cleo is told: the incident is still unsolved
         00:30 Nobody is left to page, and nobody has answered",
    );
    assert_eq!(progress(&story), Progress::Exhausted);
    // The owner's answer counts like that of anybody on call.
    story.answer(PageId(1), true, "");
    story.tells(
        "00:30 Cleo acknowledged
         00:30 Cleo is incident commander",
    );
    assert_eq!(progress(&story), Progress::Stopped);
    // What no service claims has an owner too.
    let mut story = Story::new(changed(&[empty, nobody]));
    story.fires("Odd", "unheard", "page").tells(
        "00:00 INC-1 opened by an alert as SEV2: unmapped: Odd
         00:00 Alert: Odd
         00:00 Level 1 of policy default is paged
         00:00 Dora is told: paged at level 1",
    );
}

#[test]
fn an_answer_after_everybody_was_paged_in_vain_is_welcome() {
    let mut story = woken(changed(&[ONE_ROUND]));
    story.at("00:12").forget();
    assert_eq!(progress(&story), Progress::Exhausted);
    assert!(story.here().page_due(PageId(1), "email").is_some());
    story.ack("ben").tells(
        "00:12 Ben acknowledged
         00:12 Ben is incident commander",
    );
    assert_eq!(progress(&story), Progress::Stopped);
    assert!(story.here().page_due(PageId(1), "email").is_none());
}

#[test]
fn the_steward_is_offered_the_command_where_that_is_the_rule() {
    let mut story = woken(changed(&[STEWARD]));
    story.at("00:01").ack("ada").tells(
        "00:01 Ada acknowledged
         00:01 By rule: Ben offered to be incident commander: the support steward on duty commands by default
         00:01 Ben is told: HANDOFF-1 is offered",
    );
    assert_eq!(story.commander(), None);
    // The link in the message answers the offer.
    story.at("00:02").ack("ben").tells(
        "00:02 Ben acknowledged
         00:02 Ben is incident commander, accepting HANDOFF-1",
    );
    // The steward who acknowledges commands at once.
    let mut story = woken(changed(&[STEWARD]));
    story.at("00:06").forget().ack("ben").tells(
        "00:06 Ben acknowledged
         00:06 Ben is incident commander",
    );
}

#[test]
fn when_the_steward_declines_the_first_acknowledger_leads() {
    let offered = |story: &mut Story| {
        story
            .at("00:06")
            .ack("dora")
            .at("00:07")
            .ack("ada")
            .forget();
        assert_eq!(story.commander(), None);
    };
    let mut story = woken(changed(&[STEWARD]));
    offered(&mut story);
    story.at("00:08").decline("ben", "asleep").tells(
        "00:08 Ben declined: asleep
         00:08 Ben declined HANDOFF-1: asleep
         00:08 Dora is incident commander",
    );
    assert_eq!(story.incident().leaderless_ms, 8 * 60_000);
    // Who has declined since, or has left the organisation, is passed over.
    let mut story = woken(changed(&[STEWARD]));
    offered(&mut story);
    story.decline("dora", "").decline("ben", "").tells(
        "00:07 Dora declined
         00:07 Ben declined
         00:07 Ben declined HANDOFF-1
         00:07 Ada is incident commander",
    );
    let mut story = woken(changed(&[STEWARD]));
    offered(&mut story);
    story.apply(without_dora());
    story.decline("ben", "");
    assert_eq!(story.commander(), Some("ada"));
    // An offer that a person made is theirs to make again.
    let mut story = woken(changed(&[STEWARD]));
    story.must(Command::OfferHandoff {
        incident: story.newest(),
        role: Role::Commander,
        to: "cleo".into(),
        reason: String::new(),
        by: "ben".into(),
    });
    story.ack("ada").decline("cleo", "");
    assert_eq!(story.commander(), None);
}

#[test]
fn a_steward_who_alone_is_awake_and_declines_wakes_the_next() {
    let mut story = woken(changed(&[STEWARD]));
    story.at("00:06").ack("dora");
    let (dora, ben) = (story.page_of("dora"), PageId(2));
    // Ben has it, but will not lead; Dora, who had it first, has gone.
    story.answer(ben, true, "");
    story.answer(dora, false, "");
    story.forget().decline("ben", "").tells(
        "00:06 Ben declined
         00:06 Ben declined HANDOFF-1
         00:06 Level 1 of policy default is paged, round 2
         00:06 Ada is told: paged at level 1",
    );
    assert_eq!(progress(&story), Progress::Running);
}

#[test]
fn whoever_has_it_and_declines_leaves_nobody_asleep() {
    // The commander.
    let mut story = woken(changed(&[ONE_ROUND]));
    story
        .ack("ada")
        .at("00:10")
        .forget()
        .decline("ada", "ill")
        .tells(
            "00:10 Ada declined: ill
         00:10 Ada is no longer incident commander: ill
         00:10 Level 2 of policy default is paged
         00:10 Ben is told: paged at level 2
         00:10 Dora is told: paged at level 2",
        );
    // At the policy's end it begins anew.
    story.at("00:11").ack("dora").at("00:12").forget();
    story.decline("dora", "").tells(
        "00:12 Dora declined
         00:12 Dora is no longer incident commander
         00:12 Level 1 of policy default is paged, round 2
         00:12 Ada is told: paged at level 1",
    );
    assert_eq!(progress(&story), Progress::Running);
    // Who acknowledged while the steward has not answered.
    let mut story = woken(changed(&[STEWARD]));
    story.ack("ada").at("00:01").forget();
    story.answer(PageId(1), false, "");
    story.tells(
        "00:01 Ada declined
         00:01 Level 2 of policy default is paged
         00:01 Ben is told: paged at level 2
         00:01 Dora is told: paged at level 2",
    );
}

#[test]
fn declining_what_others_have_wakes_nobody() {
    let mut story = woken(example());
    story.at("00:06").ack("ben").ack("dora").forget();
    story.at("00:07").decline("dora", "").decline("ada", "");
    story.tells(
        "00:07 Dora declined
         00:07 Ada declined",
    );
    assert_eq!(story.commander(), Some("ben"));
}

#[test]
fn help_is_the_next_level_and_after_the_last_everybody_anew() {
    let mut story = woken(changed(&[ONE_ROUND]));
    story.at("00:01").ack("ada").forget().help("ada").tells(
        "00:01 Level 2 of policy default is paged
         00:01 Ben is told: paged at level 2
         00:01 Dora is told: paged at level 2",
    );
    story.help("ada").tells(
        "00:01 Level 1 of policy default is paged, round 2
         00:01 Ada is told: paged at level 1",
    );
    story.at("00:12").tells(
        "00:06 Level 2 of policy default is paged, round 2
         00:06 Ben is told: paged at level 2
         00:06 Dora is told: paged at level 2
         00:11 Nobody is left to page, and nobody has answered",
    );
    story.help("ada").tells(
        "00:12 Level 1 of policy default is paged, round 3
         00:12 Ada is told: paged at level 1",
    );
    story.ack("ada").at("00:29").tells("00:12 Ada acknowledged");
}

#[test]
fn a_policy_that_begins_anew_goes_all_its_rounds() {
    let mut story = woken(changed(&[("oncall.toml", "rounds = 3", "rounds = 2")]));
    story.at("00:22").forget().help("cleo").at("00:29").forget();
    story.at("00:43");
    let kinds = story.kinds();
    let count = |kind| kinds.iter().filter(|k| **k == kind).count();
    // Levels 1 and 2 were paged at 00:22 and 00:27; both again at 00:32 and 00:37.
    assert_eq!(count("escalation.moved"), 2);
    assert_eq!(count("escalation.exhausted"), 1);
}

#[test]
fn no_page_is_repeated_under_the_same_number() {
    let mut story = woken(changed(&[ONE_ROUND]));
    for minute in 1..20 {
        story.until(story.now_ms + 150_000);
        story.help("cleo");
        if minute % 5 == 0 {
            story.ack("ben");
            story.decline("ben", "");
        }
    }
    let mut seen = Vec::new();
    for page in story.here().pages.values() {
        if let PageCause::Escalation { level, round } = page.cause {
            let page = (round, level, page.person.clone());
            assert!(!seen.contains(&page), "{page:?}");
            seen.push(page);
        }
    }
    assert!(seen.len() > 20);
}

#[test]
fn who_takes_the_command_answers_for_those_being_woken() {
    let mut story = woken(example());
    story
        .at("00:01")
        .take_command("cleo")
        .at("00:20")
        .tells("00:01 Cleo is incident commander");
    assert_eq!(progress(&story), Progress::Stopped);
    let by = "dora".into();
    let incident = story.newest();
    story.refused(
        Command::TakeCommand { incident, by },
        "Cleo commands INC-1; ask them, or the project manager, for a handoff",
    );
    // It acknowledges what they were paged for.
    let mut story = woken(example());
    story.take_command("ada").tells(
        "00:00 Ada acknowledged
         00:00 Ada is incident commander",
    );
    story.take_command("ada").tells("");
}

#[test]
fn a_raised_severity_wakes_and_a_lowered_one_does_not_wake_again() {
    let mut story = Story::new(example());
    let incident = story.declare("website", Severity::Sev3);
    story.tells("00:00 INC-1 declared by Ada as SEV3: It is slow");
    let set = |severity, by: &str| Command::SetSeverity {
        incident,
        severity,
        reason: " it spreads ".into(),
        by: by.into(),
    };
    story.must(set(Severity::Sev1, "ben"));
    story.tells(
        "00:00 Severity is now SEV1: it spreads
         00:00 Level 1 of policy default is paged
         00:00 Ada is told: paged at level 1",
    );
    story.must(set(Severity::Sev3, "ben"));
    story.must(set(Severity::Sev2, "ben"));
    story.must(set(Severity::Sev2, "ben"));
    story.tells(
        "00:00 Severity is now SEV3: it spreads
         00:00 Severity is now SEV2: it spreads",
    );
    story.refused(
        set(Severity::Sev1, "eve"),
        "there is no person \"eve\" in the configuration",
    );
}

#[test]
fn a_page_is_due_until_it_arrived_or_lost_its_purpose() {
    let mut story = woken(example());
    let page = PageId(1);
    let due = |story: &Story, channel| story.here().page_due(page, channel).is_some();
    let deliver = |story: &mut Story, outcome| {
        story.must(Command::RecordDelivery {
            page,
            key: "key".into(),
            channel: "email".into(),
            outcome,
        });
    };
    let error = || "refused".to_owned();
    deliver(&mut story, DeliveryOutcome::Delayed { error: error() });
    assert!(due(&story, "email"));
    for _ in 0..2 {
        let detail = "250 ok".into();
        deliver(&mut story, DeliveryOutcome::Delivered { detail });
    }
    assert!(!due(&story, "email") && due(&story, "webhook"));
    story.tells(
        "00:00 PAGE-1 not yet delivered by email: refused
         00:00 PAGE-1 delivered by email",
    );
    // The next level does not end the first one's.
    story.at("00:06");
    assert!(due(&story, "webhook"));
    story.ack("ben");
    assert!(!due(&story, "webhook"));
    assert!(story.here().page_due(PageId(99), "email").is_none());
}

#[test]
fn policies_may_change_while_somebody_is_being_woken() {
    let mut story = woken(example());
    story.at("00:06").forget();
    // The second level goes away: it has waited long enough, and its policy's rounds go on.
    let second = "[[policies.default.levels]]\ntargets = [{ schedule = \"secondary\" }, { person = \"dora\" }]\nwait = \"5m\"";
    story.apply(changed(&[("oncall.toml", second, "")]));
    story.at("00:30").tells(
        "00:06 Level 1 of policy default is paged, round 2
         00:06 Ada is told: paged at level 1
         00:11 Level 1 of policy default is paged, round 3
         00:11 Ada is told: paged at level 1
         00:16 Nobody is left to page, and nobody has answered
         00:30 Still unsolved: the team and the project manager are told
         00:30 Dora is told: the incident is still unsolved
         00:30 Ada is told: the incident is still unsolved",
    );
}
