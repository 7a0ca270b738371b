//! Announced work and false messages: what the page says, who may say it, and what nobody said (WORD-4, WORD-12).

use std::collections::BTreeMap;

use stentor_domain::announcement::{DenialWord, Filled, MaintenanceWord, Reason};
use stentor_domain::bulletin::{MaintenanceStatus, Standing, StatusPage};
use stentor_domain::command::Command;
use stentor_domain::decide::next_due_ms;
use stentor_domain::disclosure::Public;
use stentor_domain::ids::{DenialId, MaintenanceId};
use stentor_domain::notice::compose;
use stentor_domain::world::World;

use crate::example::example;
use crate::story::{Story, ms};

fn filled(template: &str, values: &[(&str, &str)]) -> Filled {
    let values = values
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Filled {
        template: template.into(),
        values: values.collect(),
    }
}

/// Cleo announces work on the website, from 10:00 to 12:00.
pub(crate) fn planned() -> MaintenanceWord {
    MaintenanceWord {
        id: None,
        services: vec!["website".into()],
        starts_ms: Some(ms("10:00")),
        ends_ms: Some(ms("12:00")),
        status: None,
        text: filled("maintenance", &[]),
        corrects: None,
        by: "cleo".into(),
    }
}

/// A further word about the first work.
fn further(template: &str, status: Option<MaintenanceStatus>) -> MaintenanceWord {
    MaintenanceWord {
        id: Some(MaintenanceId(1)),
        services: Vec::new(),
        starts_ms: None,
        ends_ms: None,
        status,
        text: filled(template, &[]),
        ..planned()
    }
}

/// Cleo denies a message.
pub(crate) fn denied() -> DenialWord {
    DenialWord {
        id: None,
        seen_at: vec!["a mail from supp0rt@examp1e.net\u{202e}".into(), " ".into()],
        circulates: None,
        text: filled(
            "denial",
            &[
                ("topic", "password reset"),
                ("claim", "It says that all passwords end today."),
                ("truth", "No password ends."),
            ],
        ),
        corrects: None,
        by: "cleo".into(),
    }
}

fn page(story: &Story) -> Public<StatusPage> {
    story.state.status_page(story.world, story.now_ms).unwrap()
}

fn under_maintenance(story: &Story) -> Vec<String> {
    let page = page(story);
    let under = page.components.iter().filter(|c| c.maintenance);
    under.map(|c| c.name.clone()).collect()
}

#[test]
fn work_is_announced_begun_watched_and_over() {
    use MaintenanceStatus::{Completed, InProgress, Verifying};
    let mut story = Story::new(example());
    let decision = story.must(Command::SpeakOfMaintenance(planned()));
    assert_eq!(decision.maintenance, Some(MaintenanceId(1)));
    let said = page(&story).maintenance[0].clone();
    assert_eq!(said.components, ["www.example.org"]);
    let when = &said.latest().wording.sections[1];
    assert_eq!(when.heading, "When");
    assert!(
        when.text
            .starts_with("From 2026-11-17 10:00 UTC to 2026-11-17 12:00 UTC."),
        "{}",
        when.text
    );
    assert_eq!(said.latest().translations.len(), 1);
    assert_eq!(under_maintenance(&story), Vec::<String>::new());
    // The announced begin passes: nobody said that it began.
    story.at("10:05");
    assert_eq!(under_maintenance(&story), Vec::<String>::new());
    story.must(Command::SpeakOfMaintenance(further(
        "maintenance-now",
        None,
    )));
    assert_eq!(under_maintenance(&story), ["www.example.org"]);
    let said = page(&story).maintenance[0].clone();
    assert_eq!(said.latest().status, InProgress);
    assert_eq!(
        (said.latest().starts_ms, said.latest().ends_ms),
        (ms("10:05"), ms("12:00"))
    );
    // Without an approved text in German there is none.
    assert!(said.latest().translations.is_empty());
    story.at("11:00");
    story.must(Command::SpeakOfMaintenance(further(
        "maintenance-now",
        Some(Verifying),
    )));
    assert_eq!(under_maintenance(&story), ["www.example.org"]);
    story.at("11:20");
    story.must(Command::SpeakOfMaintenance(further(
        "maintenance-over",
        None,
    )));
    assert_eq!(under_maintenance(&story), Vec::<String>::new());
    let said = page(&story).maintenance[0].clone();
    assert_eq!(
        (said.latest().status, said.latest().ends_ms),
        (Completed, ms("11:20"))
    );
    assert_eq!(said.updates.len(), 4);
    assert_eq!(next_due_ms(&story.state, story.world), None);
}

#[test]
fn whoever_announced_it_is_reminded_once_of_each_time_that_passes() {
    let mut story = Story::new(example());
    story.must(Command::SpeakOfMaintenance(planned()));
    let reminded = |story: &mut Story, at: &str, expected: usize| {
        story.forget().at(at);
        let kinds = story.kinds();
        let times = kinds
            .iter()
            .filter(|k| **k == "maintenance.reminded")
            .count();
        assert_eq!(times, expected, "until {at}");
    };
    reminded(&mut story, "09:59", 0);
    reminded(&mut story, "11:00", 1);
    let work = &story.here().maintenance[&MaintenanceId(1)];
    assert_eq!(work.reminded_ms, Some(ms("10:00")));
    // By a message, like the keeper of a promise, until somebody speaks.
    let page = story.page_of("cleo");
    let due = |story: &Story| story.here().page_due(page, "email").is_some();
    assert!(due(&story));
    let (known, about) = story.here().page_due(page, "email").unwrap();
    let organisation = story.state.organisation().unwrap();
    let notice = compose(organisation, story.world, about, known, "https://x/p/1");
    assert_eq!(
        notice.subject,
        "MNT-1: 2026-11-17 10:00 UTC passed without a word about MNT-1; say whether it has begun, or is over"
    );
    assert!(notice.text.contains("https://x/p/1"), "{}", notice.text);
    assert_eq!(notice.event["maintenance"]["id"], "MNT-1");
    assert!(story.lines().is_empty(), "no incident's timeline tells it");
    let answered = story.clone().answer(page, true, "");
    assert_eq!(answered.maintenance, Some(MaintenanceId(1)));
    let declined = story.clone().answer(page, false, "ill");
    assert_eq!(declined.events.len(), 1);
    // It is moved: the new begin counts.
    let mut moved = further("maintenance", None);
    (moved.starts_ms, moved.ends_ms) = (Some(ms("13:00")), Some(ms("14:00")));
    story.must(Command::SpeakOfMaintenance(moved));
    assert!(!due(&story), "somebody spoke");
    reminded(&mut story, "12:59", 0);
    reminded(&mut story, "13:00", 1);
    story.must(Command::SpeakOfMaintenance(further(
        "maintenance-now",
        None,
    )));
    // Its announced end passes as well.
    reminded(&mut story, "13:59", 0);
    reminded(&mut story, "20:00", 1);
    assert_eq!(under_maintenance(&story), ["www.example.org"]);
}

#[test]
fn what_was_announced_is_put_right() {
    let mut story = Story::new(example());
    story.must(Command::SpeakOfMaintenance(planned()));
    let mut wrong = further("maintenance", None);
    wrong.corrects = Some(1);
    wrong.services = vec!["login".into(), "website".into()];
    story.must(Command::SpeakOfMaintenance(wrong));
    let said = page(&story).maintenance[0].clone();
    assert_eq!(said.components, ["Accounts and login", "www.example.org"]);
    assert_eq!(said.standing(1), Standing::CorrectedBy(2));
    let withdraw = |number, by: &str| Command::WithdrawMaintenance {
        id: MaintenanceId(1),
        number,
        reason: Reason {
            text: "The work is not needed.".into(),
            translations: BTreeMap::new(),
        },
        by: by.into(),
    };
    story.refused(
        withdraw(2, "ben"),
        "only a liaison, a manager or whoever leads an open incident may speak in public; ask one of them",
    );
    story.must(withdraw(2, "cleo"));
    let said = page(&story).maintenance[0].clone();
    assert_eq!(said.standing(2), Standing::WithdrawnBy(3));
    // Nothing else holds, so nothing is announced any more.
    assert_eq!(said.latest().status, MaintenanceStatus::Cancelled);
    assert_eq!(next_due_ms(&story.state, story.world), None);
}

#[test]
fn what_cannot_be_is_refused() {
    let mut story = Story::new(example());
    story.at("09:00");
    let mut check = |change: &dyn Fn(&mut MaintenanceWord), words: &str| {
        let mut word = planned();
        change(&mut word);
        story.refused(Command::SpeakOfMaintenance(word), words);
    };
    check(&|w| w.starts_ms = None, "say when the work begins");
    check(&|w| w.ends_ms = None, "say when the work should be over");
    check(
        &|w| w.ends_ms = w.starts_ms,
        "the work ends before it begins; give another end",
    );
    check(
        &|w| w.starts_ms = Some(ms("08:00")),
        "the begin is past; give a later one, or say that the work is in progress",
    );
    check(
        &|w| w.ends_ms = Some(ms("40d 12:00")),
        "the work lasts longer than 30 days; announce parts of it",
    );
    check(
        &|w| (w.starts_ms, w.ends_ms) = (Some(ms("800d 00:00")), Some(ms("800d 01:00"))),
        "the work begins more than two years from now; announce it later",
    );
    check(
        &|w| w.status = Some(MaintenanceStatus::Completed),
        "new work is announced as scheduled or in progress, not as completed",
    );
    check(
        &|w| w.id = Some(MaintenanceId(3)),
        "MNT-3 is not on the page: it was never announced, or ended more than 90 days ago",
    );
    check(
        &|w| w.services = vec!["nobody".into()],
        "there is no service \"nobody\" in the configuration",
    );
    check(
        &|w| w.text.template = "first".into(),
        "the template \"first\" is about an incident; choose another one",
    );
    check(
        &|w| w.by = "eve".into(),
        "there is no person \"eve\" in the configuration",
    );
    check(
        &|w| w.corrects = Some(1),
        "there is no statement 1 to put right; look at what was said",
    );
    story.must(Command::SpeakOfMaintenance(planned()));
    story.refused(
        Command::SpeakOfMaintenance(further("maintenance-over", None)),
        "the work is scheduled, so it cannot be completed next; if something was said by mistake, correct that statement",
    );
    story.at("12:00");
    story.refused(
        Command::SpeakOfMaintenance(further("maintenance-now", None)),
        "the announced end is past; say when the work should be over",
    );
}

#[test]
fn a_false_message_is_denied_until_it_is_over() {
    let mut story = Story::new(example());
    let mut over = denied();
    (over.id, over.seen_at) = (Some(DenialId(1)), Vec::new());
    over.text.template = "denial-over".into();
    story.refused(
        Command::SpeakOfDenial(over.clone()),
        "DENIAL-1 is not on the page: it was never denied, or that ended more than 90 days ago",
    );
    let new = DenialWord {
        id: None,
        ..over.clone()
    };
    story.refused(
        Command::SpeakOfDenial(new),
        "nothing was said about this message yet, so it cannot be over; say first what is false",
    );
    let decision = story.must(Command::SpeakOfDenial(denied()));
    assert_eq!(decision.denial, Some(DenialId(1)));
    let said = page(&story).denials[0].clone();
    assert_eq!(said.seen_at, ["a mail from supp0rt@examp1e.net"]);
    assert!(!said.is_over());
    assert_eq!(
        said.latest().wording.title,
        "A false message in the name of Example Linux: password reset"
    );
    assert_eq!(said.latest().translations.len(), 1);
    let mut second = denied();
    second.by = "ben".into();
    story.refused(
        Command::SpeakOfDenial(second.clone()),
        "only a liaison, a manager or whoever leads an open incident may speak in public; ask one of them",
    );
    // Whoever leads an open incident may.
    story.fires("Down", "website", "page").take_command("ben");
    story.must(Command::SpeakOfDenial(second));
    story.must(Command::SpeakOfDenial(over));
    let denials = page(&story).denials.clone();
    let ids: Vec<_> = denials.iter().map(|d| (d.id.0, d.is_over())).collect();
    assert_eq!(ids, [(2, false), (1, true)]);
    story.must(Command::WithdrawDenial {
        id: DenialId(2),
        number: 1,
        reason: Reason {
            text: "The message was ours.".into(),
            translations: BTreeMap::new(),
        },
        by: "cleo".into(),
    });
    assert!(page(&story).denials.iter().all(|d| d.is_over()));
    let mut many = denied();
    many.seen_at = vec!["x".into(); 21];
    story.refused(
        Command::SpeakOfDenial(many),
        "at most 20 places are named; name the most visible ones",
    );
}

#[test]
fn what_ended_long_ago_leaves_the_page_also_when_nothing_is_said() {
    let mut story = Story::new(example());
    story.must(Command::SpeakOfMaintenance(planned()));
    story.must(Command::WithdrawMaintenance {
        id: MaintenanceId(1),
        number: 1,
        reason: Reason {
            text: "Not needed.".into(),
            translations: BTreeMap::new(),
        },
        by: "cleo".into(),
    });
    story.must(Command::SpeakOfDenial(denied()));
    let mut over = denied();
    over.id = Some(DenialId(1));
    over.circulates = Some(false);
    story.must(Command::SpeakOfDenial(over));
    story.must(Command::SpeakOfDenial(denied()));
    story.at("89d 00:00").fires("Odd", "website", "info");
    let counts = |story: &Story| {
        let page = page(story);
        (page.maintenance.len(), page.denials.len())
    };
    assert_eq!(counts(&story), (1, 2));
    story.at("91d 00:00").fires("Odd", "website", "info");
    assert_eq!(counts(&story), (0, 1), "what circulates stays");
    // Numbers are never used again.
    let decision = story.must(Command::SpeakOfDenial(denied()));
    assert_eq!(decision.denial, Some(DenialId(3)));
}

#[test]
fn a_drill_has_announcements_of_its_own() {
    let mut story = Story::new(example());
    let quiet = page(&story);
    story.world = World::Drill(1);
    story.must(Command::StartDrill {
        scenario: "first".into(),
        by: "ada".into(),
        pace: 1,
    });
    story.must(Command::SpeakOfMaintenance(planned()));
    story.must(Command::SpeakOfDenial(denied()));
    assert_eq!(page(&story).maintenance.len(), 1);
    story.world = World::Live;
    assert_eq!(page(&story), quiet);
}
