//! Drills: worlds of their own, at their own pace (DRILL-1).

use stentor_domain::command::Command;
use stentor_domain::decide::{decide, next_due_ms, silent_alerts};
use stentor_domain::drill::{Evidence, Scorecard, Verdict, score};
use stentor_domain::ids::IncidentId;
use stentor_domain::world::World;

use crate::example::example;
use crate::story::{Story, ms};

fn start(pace: u32) -> Command {
    Command::StartDrill {
        scenario: "first".into(),
        by: "ada".into(),
        pace,
    }
}

#[test]
fn drills_are_numbered_one_after_the_other() {
    let mut story = Story::new(example());
    let mut check = |world, refusal: Option<&str>| {
        story.world = world;
        let asked = story.ask(&start(1));
        let words = asked.err().map(|e| e.to_string());
        assert_eq!(words.as_deref(), refusal, "{world}");
    };
    check(World::Live, Some("the live world cannot become a drill"));
    check(
        World::Drill(2),
        Some("drill-2 was started already; try again"),
    );
    check(World::Drill(1), None);
    check(
        World::Drill(1),
        Some("drill-1 was started already; try again"),
    );
    check(World::Drill(2), None);
    assert_eq!(story.state.last_drill(), 2);
    story.world = World::Drill(3);
    let tick = Command::Tick {
        silent: Vec::new(),
        released: Vec::new(),
    };
    story.refused(tick, "there is no drill-3");
}

#[test]
fn a_drill_changes_nothing_of_the_node() {
    let mut story = Story::new(example());
    story.world = World::Drill(1);
    story.must(start(1));
    let refusal = "a drill changes neither configuration nor journal";
    for command in [
        Command::Found {
            key_fingerprint: "11".into(),
        },
        Command::Apply {
            bundle: example(),
            by: "ada".into(),
            reason: String::new(),
        },
        Command::Erase {
            seq: 1,
            reason: String::new(),
            by: "ada".into(),
        },
    ] {
        story.refused(command, refusal);
    }
}

#[test]
fn its_clocks_run_as_much_faster_as_it_says() {
    let check = |pace: u32, real: i64| {
        let mut story = Story::new(example());
        story.world = World::Drill(1);
        story.must(start(pace));
        story.fires("Down", "website", "page").forget();
        let start_ms = story.now_ms;
        // The second level after five minutes, the third round's end after thirty, and so is "unsolved".
        story.until(start_ms + 300_000 / real - 1);
        story.tells("");
        story.until(start_ms + 300_000 / real);
        assert_eq!(story.kinds().len(), 3);
        story.until(start_ms + 1_800_000 / real);
        let kinds = story.kinds();
        assert_eq!(kinds.iter().filter(|k| **k == "page.issued").count(), 9);
        assert!(kinds.contains(&"escalation.exhausted"));
        assert!(kinds.contains(&"incident.unsolved"));
        story.take_command("ada").publish("first", "ada");
        let due_ms = story.incident().promise.unwrap().due_ms;
        assert_eq!(due_ms - story.now_ms, 7_200_000 / real);
    };
    check(1, 1);
    check(60, 60);
    check(0, 1);
    check(1_000_000, 1000);
}

#[test]
fn an_alert_of_a_drill_neither_finds_nor_hides_a_live_one() {
    let mut story = Story::new(example());
    story.world = World::Drill(1);
    story.must(start(1));
    story.fires("Down", "website", "page").ack("ada");
    story.world = World::Live;
    story.fires("Down", "website", "page").forget();
    assert_eq!(story.commander(), None);
    assert_eq!(
        story.newest(),
        IncidentId(1),
        "each world counts for itself"
    );
    // An end in the drill is no end in life, and a live page is not answered there.
    story.world = World::Drill(1);
    story.at("00:01").ends("Down", "website", "page");
    story.world = World::Live;
    assert_eq!(story.here().alerts.len(), 1);
    assert_eq!(story.here().pages.len(), 1);
    assert!(
        story
            .here()
            .page_due(story.page_of("ada"), "email")
            .is_some()
    );
}

#[test]
fn it_ends_once_and_life_does_not_end_like_one() {
    let mut story = Story::new(example());
    let finish = || Command::FinishDrill {
        scorecard: Scorecard::default(),
    };
    story.fires("Slow", "website", "warning");
    story.refused(finish(), "this world is not a drill");
    story.world = World::Drill(1);
    story.must(start(1));
    story.forget().must(finish());
    story.must(finish());
    assert_eq!(story.kinds(), ["drill.finished"]);
}

#[test]
fn a_finished_drill_wakes_nobody_and_ends_no_alert() {
    let check = |finished: bool| {
        let mut story = Story::new(example());
        story.world = World::Drill(1);
        story.must(start(1));
        story.fires("Down", "website", "page");
        story.publish("first", "cleo");
        let silent_at = |story: &Story, at: &str| {
            silent_alerts(&story.state, World::Drill(1), ms(at), 0, usize::MAX)
        };
        let found = silent_at(&story, "03:00");
        assert_eq!(found.len(), 1);
        if finished {
            let scorecard = Scorecard::default();
            story.must(Command::FinishDrill { scorecard });
        }
        assert_eq!(next_due_ms(&story.state, story.world).is_none(), finished);
        assert_eq!(silent_at(&story, "03:00").is_empty(), finished);
        // Whoever looked before it was finished moves nothing either.
        story.now_ms = ms("03:00");
        story.forget().must(Command::Tick {
            silent: found,
            released: Vec::new(),
        });
        assert_eq!(story.kinds().is_empty(), finished);
        assert_eq!(story.here().alerts.len(), usize::from(finished));
    };
    check(false);
    check(true);
}

#[test]
fn whoever_the_drill_paged_for_any_cause_is_no_stranger() {
    let mut story = Story::new(example());
    story.world = World::Drill(1);
    story.must(start(1));
    story.fires("Down", "website", "page").ack("ada");
    story.at("00:30");
    let verdict = |to: &str| {
        let evidence = Evidence {
            messages: vec![(to.to_owned(), "email".to_owned(), ms("00:30"))],
            ..Evidence::default()
        };
        let checks = score(story.here(), &evidence).checks;
        checks.last().unwrap().verdict
    };
    // Ben was told only that it is still unsolved.
    assert_eq!(verdict("ben"), Verdict::Passed);
    assert_eq!(verdict("cleo"), Verdict::Failed);
}

#[test]
fn without_a_configuration_nothing_is_decided() {
    let none = stentor_domain::state::State::default();
    let words = "no configuration is in force; apply one with `stentor apply`";
    for (world, command) in [
        (World::Drill(1), start(1)),
        (World::Live, Command::ReceiveAlerts(Vec::new())),
    ] {
        let refusal = decide(&none, world, &command, ms("00:00")).unwrap_err();
        assert_eq!(refusal.to_string(), words);
    }
}
