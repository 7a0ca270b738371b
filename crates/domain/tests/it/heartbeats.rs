//! What has to be heard of again and again: its silence, its failures and its odd figures are alerts.

use proptest::prelude::*;
use stentor_domain::alert::Alert;
use stentor_domain::command::Command;
use stentor_domain::decide::{Hearing, heartbeat_due_ms, missed_heartbeats};
use stentor_domain::event::Event;
use stentor_domain::heartbeat::{Beat, Signal};
use stentor_domain::state::State;
use stentor_domain::world::World;

use crate::example::{example, with_sources};
use crate::story::{Story, ms};

const BACKUP: &str = r#"
[sources.backup]
kind = "healthchecks"
token = { file = "secrets/backup" }
labels = { site = "two" }
service = "login"
every = "1 day"
grace = "1 hour"
severity = "sev2"
expect_duration = ["1 minute", "2 hours"]
expect_size = ["1 GB", "5 GB"]
"#;

const PLAIN: &str = r#"
[sources.job]
kind = "heartbeat"
token = { file = "secrets/job" }
service = "website"
every = "1 hour"
grace = "10 minutes"
severity = "sev3"
summary = "Mail is not sorted"
"#;

/// Heard since the beginning, here only.
const ALWAYS: Hearing = Hearing {
    since_ms: i64::MIN,
    shared: false,
};

/// Lets time pass as the engine's timekeeper does.
fn wait(story: &mut Story, when: &str, hearing: Hearing) {
    let end = ms(when);
    while let Some(due) =
        heartbeat_due_ms(&story.state, story.world, hearing).filter(|due| *due <= end)
    {
        story.until(story.now_ms.max(due));
        let missed = missed_heartbeats(&story.state, story.world, story.now_ms, hearing, 100);
        assert!(!missed.is_empty(), "due, and nothing is missed");
        story.must(Command::JudgeHeartbeats(missed));
        let next = heartbeat_due_ms(&story.state, story.world, hearing);
        assert!(
            next.is_none_or(|next| next > story.now_ms),
            "due at once again"
        );
    }
    story.until(end);
}

fn beat(story: &mut Story, source: &str, beat: Beat) {
    story.must(Command::Beat {
        source: source.into(),
        beat,
        heard_since_ms: i64::MIN / 2,
    });
}

fn says(story: &mut Story, source: &str, signal: Signal) {
    beat(story, source, Beat::new(signal));
}

/// The names of the alerts that fire, in order.
fn firing(story: &Story) -> Vec<String> {
    let open = story.here().alerts.values();
    let mut names: Vec<String> = open
        .map(|open| open.alert.labels.get("alertname").unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn the_alert(story: &Story) -> Alert {
    let mut open = story.here().alerts.values();
    let found = Alert::clone(&open.next().unwrap().alert);
    assert_eq!(open.count(), 0);
    found
}

#[test]
fn silence_is_an_alert_and_a_success_ends_it() {
    let mut story = Story::new(with_sources(PLAIN));
    story.at("00:20");
    says(&mut story, "job", Signal::Success);
    wait(&mut story, "01:29:59", ALWAYS);
    assert!(firing(&story).is_empty());
    wait(&mut story, "01:30", ALWAYS);
    assert_eq!(firing(&story), ["HeartbeatMissed"]);
    let alert = the_alert(&story);
    let labels: Vec<_> = alert.labels.iter().collect();
    assert_eq!(
        labels,
        [
            ("alertname", "HeartbeatMissed"),
            ("service", "website"),
            ("severity", "warning"),
            ("source", "job")
        ]
    );
    assert_eq!(alert.headline(), "Mail is not sorted");
    let text = alert.annotations.get("description").unwrap();
    assert_eq!(
        text,
        "It was heard last at 2026-11-17 00:20 UTC. It speaks every 1 h and may be 10 min late."
    );
    // Of the declared severity, for the declared service; and it fires however long it takes.
    let incident = story.newest();
    let opened = &story.here().incidents[&incident];
    assert_eq!(
        (opened.service.as_str(), opened.severity.name()),
        ("website", "sev3")
    );
    wait(&mut story, "3d 00:00", ALWAYS);
    assert_eq!(firing(&story), ["HeartbeatMissed"]);
    says(&mut story, "job", Signal::Success);
    assert!(firing(&story).is_empty());
    assert_eq!(story.here().incidents[&incident].firing, 0);
    wait(&mut story, "3d 01:10", ALWAYS);
    assert_eq!(firing(&story), ["HeartbeatMissed"]);
}

#[test]
fn what_was_never_heard_is_missed_from_its_declaration_on() {
    let mut story = Story::new(example());
    assert_eq!(heartbeat_due_ms(&story.state, World::Live, ALWAYS), None);
    story.at("02:00").apply(with_sources(PLAIN));
    wait(&mut story, "03:09:59", ALWAYS);
    assert!(firing(&story).is_empty());
    // Another configuration that expects the same changes nothing.
    story.apply(with_sources(&(PLAIN.to_owned() + BACKUP)));
    wait(&mut story, "03:10", ALWAYS);
    assert_eq!(firing(&story), ["HeartbeatMissed"]);
    let text = the_alert(&story);
    let text = text.annotations.get("description").unwrap();
    assert!(
        text.starts_with("It was never heard since it was declared at 2026-11-17 02:00"),
        "{text}"
    );
}

#[test]
fn an_alert_ends_with_the_declaration_of_its_source() {
    let mut story = Story::new(with_sources(PLAIN));
    wait(&mut story, "02:00", ALWAYS);
    assert_eq!(firing(&story), ["HeartbeatMissed"]);
    story.apply(example());
    wait(&mut story, "02:01", ALWAYS);
    assert!(firing(&story).is_empty());
    assert!(story.here().heartbeats.is_empty());
    story.refused(
        Command::Beat {
            source: "job".into(),
            beat: Beat::new(Signal::Success),
            heard_since_ms: 0,
        },
        "there is no heartbeat \"job\" in sources.toml",
    );
}

#[test]
fn a_failure_is_an_alert_of_its_own_and_starts_the_wait_anew() {
    let check = |signal: Signal, what: &str| {
        let mut story = Story::new(with_sources(PLAIN));
        wait(&mut story, "02:00", ALWAYS);
        let said = Beat {
            message: "tar: disk full".into(),
            ..Beat::new(signal)
        };
        beat(&mut story, "job", said);
        assert_eq!(firing(&story), ["HeartbeatFailed"], "{signal:?}");
        let alert = the_alert(&story);
        assert_eq!(alert.annotations.get("description"), Some(what));
        assert_eq!(alert.annotations.get("message"), Some("tar: disk full"));
        wait(&mut story, "03:09:59", ALWAYS);
        assert_eq!(firing(&story), ["HeartbeatFailed"]);
        wait(&mut story, "03:10", ALWAYS);
        assert_eq!(firing(&story), ["HeartbeatFailed", "HeartbeatMissed"]);
        says(&mut story, "job", Signal::Log);
        assert_eq!(firing(&story).len(), 2);
        says(&mut story, "job", Signal::Exit(0));
        assert!(firing(&story).is_empty());
    };
    check(Signal::Fail, "It said so itself.");
    check(Signal::Exit(3), "It ended with exit status 3.");
}

#[test]
fn figures_out_of_range_are_told_with_what_was_expected() {
    let check = |minutes: Option<i64>, size: Option<u64>, expect: Option<&str>| {
        let mut story = Story::new(with_sources(BACKUP));
        let said = Beat {
            duration_ms: minutes.map(|m| m * 60_000),
            size,
            ..Beat::new(Signal::Success)
        };
        beat(&mut story, "backup", said);
        let Some(expect) = expect else {
            assert!(firing(&story).is_empty(), "{:?}", the_alert(&story));
            return;
        };
        assert_eq!(firing(&story), ["HeartbeatOutOfRange"]);
        let alert = the_alert(&story);
        assert_eq!(alert.annotations.get("description"), Some(expect));
        assert_eq!(alert.labels.get("site"), Some("two"));
        let good = Beat {
            duration_ms: Some(60_000),
            size: Some(1_000_000_000),
            ..Beat::new(Signal::Success)
        };
        beat(&mut story, "backup", good);
        assert!(firing(&story).is_empty());
    };
    let gb = 1_000_000_000;
    check(Some(30), Some(2 * gb), None);
    check(
        Some(30),
        Some(12_000),
        Some("It yielded 12 kB, where 1 GB to 5 GB were expected."),
    );
    check(
        Some(180),
        Some(2 * gb),
        Some("It took 3 h, where 1 min to 2 h were expected."),
    );
    check(
        None,
        None,
        Some(
            "It took nobody knows how much: it did not say, where 1 min to 2 h were expected. \
             It yielded nobody knows how much: it did not say, where 1 GB to 5 GB were expected.",
        ),
    );
}

#[test]
fn a_run_is_timed_by_its_beginning_unless_that_may_be_lost() {
    let gb = 1_000_000_000;
    let run = |id: &str, signal| Beat {
        run: Some(id.into()),
        size: Some(gb),
        ..Beat::new(signal)
    };
    let mut story = Story::new(with_sources(BACKUP));
    beat(&mut story, "backup", run("a", Signal::Start));
    story.at("00:30");
    beat(&mut story, "backup", run("b", Signal::Start));
    story.at("01:00");
    beat(&mut story, "backup", run("b", Signal::Success));
    assert!(firing(&story).is_empty());
    story.at("02:30");
    beat(&mut story, "backup", run("a", Signal::Success));
    assert_eq!(firing(&story), ["HeartbeatOutOfRange"]);
    let text = the_alert(&story);
    let text = text.annotations.get("description").unwrap();
    assert_eq!(
        text,
        "It took 2 h 30 min, where 1 min to 2 h were expected."
    );
    // Whoever was not heard an hour ago may have begun then.
    story.must(Command::Beat {
        source: "backup".into(),
        beat: run("c", Signal::Success),
        heard_since_ms: ms("01:30"),
    });
    assert!(firing(&story).is_empty());
}

#[test]
fn a_run_that_does_not_end_is_missed() {
    let mut story = Story::new(with_sources(PLAIN));
    says(&mut story, "job", Signal::Start);
    story.at("00:50");
    let other = Beat {
        run: Some("other".into()),
        ..Beat::new(Signal::Success)
    };
    beat(&mut story, "job", other.clone());
    wait(&mut story, "01:09:59", ALWAYS);
    assert!(firing(&story).is_empty());
    wait(&mut story, "01:10", ALWAYS);
    assert_eq!(firing(&story), ["HeartbeatMissed"]);
    let text = the_alert(&story);
    let text = text.annotations.get("description").unwrap();
    assert!(
        text.starts_with("A run began at 2026-11-17 00:00 UTC and has not ended."),
        "{text}"
    );
    // It is told once.
    beat(&mut story, "job", other);
    assert!(firing(&story).is_empty());
    wait(&mut story, "02:19", ALWAYS);
    assert!(firing(&story).is_empty());
}

#[test]
fn our_own_outage_is_no_missing_heartbeat() {
    let check = |heard: &str, back: &str, missed: &str| {
        let mut story = Story::new(with_sources(PLAIN));
        story.at(heard);
        says(&mut story, "job", Signal::Success);
        let hearing = Hearing {
            since_ms: ms(back),
            shared: false,
        };
        story.at(back);
        let due = heartbeat_due_ms(&story.state, World::Live, hearing).unwrap();
        assert_eq!(due, ms(missed), "{heard} {back}");
        wait(&mut story, missed, hearing);
        assert_eq!(firing(&story), ["HeartbeatMissed"]);
    };
    // Back before the next was due: only a quarter of an hour is added, for what may have been forgotten.
    check("00:20", "00:30", "01:45");
    check("00:20", "01:10", "01:45");
    // Back when it may have come in vain: the one after it counts.
    check("00:20", "01:20", "02:30");
    check("00:20", "05:00", "06:10");
    // Other nodes may know of a later one than is on record.
    let mut story = Story::new(with_sources(PLAIN));
    says(&mut story, "job", Signal::Success);
    let shared = Hearing {
        shared: true,
        ..ALWAYS
    };
    let due = heartbeat_due_ms(&story.state, World::Live, shared);
    assert_eq!(due, Some(ms("01:25")));
}

#[test]
fn what_tells_nothing_new_is_not_journaled() {
    let mut story = Story::new(with_sources(PLAIN));
    let mut check = |at: &str, signal: Signal, journaled: bool| {
        wait(&mut story, at, ALWAYS);
        let before = story.journal.len();
        says(&mut story, "job", signal);
        let entries = story.journal[before..].iter();
        let beats = entries.filter(|(.., e)| matches!(e, Event::HeartbeatReceived(_)));
        assert_eq!(beats.count(), usize::from(journaled), "{at} {signal:?}");
        let known = &story.here().heartbeats["job"];
        assert_eq!(known.last.as_ref().unwrap().0, ms(at));
    };
    check("00:01", Signal::Success, true);
    check("00:02", Signal::Success, false);
    check("00:15", Signal::Success, false);
    check("00:16", Signal::Success, true);
    check("00:17", Signal::Log, false);
    check("00:18", Signal::Fail, true);
    check("00:19", Signal::Fail, true);
    check("00:20", Signal::Success, true);
    check("00:21", Signal::Start, true);
    check("00:22", Signal::Success, true);
    check("00:23", Signal::Success, false);
    // Memory is what counts while it lasts.
    wait(&mut story, "01:32:59", ALWAYS);
    assert!(firing(&story).is_empty());
    wait(&mut story, "01:33", ALWAYS);
    assert_eq!(firing(&story), ["HeartbeatMissed"]);
    says(&mut story, "job", Signal::Success);
    assert!(firing(&story).is_empty());
}

#[test]
fn an_alert_that_a_stranger_ended_fires_again() {
    let mut story = Story::new(with_sources(PLAIN));
    wait(&mut story, "02:00", ALWAYS);
    let mut over = the_alert(&story);
    over.ends_ms = story.now_ms;
    story.receive(&[over.into()]);
    assert!(firing(&story).is_empty());
    wait(&mut story, "02:01", ALWAYS);
    assert_eq!(firing(&story), ["HeartbeatMissed"]);
}

#[test]
fn a_drill_hears_no_heartbeats() {
    let mut story = Story::new(with_sources(PLAIN));
    story.world = World::Drill(1);
    story.must(Command::StartDrill {
        scenario: "first".into(),
        by: "ada".into(),
        pace: 60,
    });
    assert_eq!(heartbeat_due_ms(&story.state, story.world, ALWAYS), None);
    story.refused(
        Command::Beat {
            source: "job".into(),
            beat: Beat::new(Signal::Success),
            heard_since_ms: 0,
        },
        "a drill hears no heartbeats; they belong to the live world",
    );
}

#[test]
fn runs_under_way_are_bounded() {
    let mut story = Story::new(with_sources(PLAIN));
    for n in 0..100 {
        let start = Beat {
            run: Some(format!("{n}")),
            ..Beat::new(Signal::Start)
        };
        beat(&mut story, "job", start);
    }
    let runs = &story.here().heartbeats["job"].runs;
    assert_eq!(runs.len(), 64);
    assert_eq!(runs[0].id.as_deref(), Some("36"));
}

fn signal() -> impl Strategy<Value = Signal> {
    prop_oneof![
        8 => Just(Signal::Success),
        2 => Just(Signal::Start),
        1 => Just(Signal::Fail),
        1 => Just(Signal::Log),
        1 => any::<u8>().prop_map(Signal::Exit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is forgotten in a power cut is less than a quarter of the time between two, and no alert is.
    #[test]
    fn the_journal_holds_what_matters(
        words in proptest::collection::vec((0_i64..40, signal(), proptest::option::of(0_u8..3)), 1..60)
    ) {
        let mut story = Story::new(with_sources(PLAIN));
        let mut minute = 0;
        for (passed, signal, run) in words {
            minute += passed;
            let when = format!("{}d {:02}:{:02}", minute / 1440, minute / 60 % 24, minute % 60);
            wait(&mut story, &when, ALWAYS);
            let said = Beat { run: run.map(|n: u8| n.to_string()), ..Beat::new(signal) };
            beat(&mut story, "job", said);
            let mut after = State::default();
            for (world, at, event) in &story.journal {
                after.fold(*world, *at, event);
            }
            let bytes = postcard::to_stdvec(&after).unwrap();
            let after: State = postcard::from_bytes(&bytes).unwrap();
            let after = &after.worlds[&World::Live];
            let (then, now) = (&after.heartbeats["job"], &story.here().heartbeats["job"]);
            prop_assert_eq!(&then.firing, &now.firing);
            prop_assert_eq!(&then.runs, &now.runs);
            prop_assert_eq!(then.failed_ms, now.failed_ms);
            prop_assert!(now.waits_since_ms() - then.waits_since_ms() < 15 * 60_000);
            prop_assert!(then.firing.iter().all(|f| after.alerts.contains_key(&f.alert)));
            prop_assert_eq!(after.alerts.len(), now.firing.len());
        }
    }
}
