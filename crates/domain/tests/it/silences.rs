//! Silences keep alerts from opening incidents, and give them back when they end (DET-4).

use stentor_domain::command::Command;
use stentor_domain::decide::{Decision, silences_ending};
use stentor_domain::event::Event;
use stentor_domain::matcher::{Matcher, Op};
use stentor_domain::recurrence::Recurrence;
use stentor_domain::silence::{SilenceId, SilenceState, Wanted};

use crate::example::example;
use crate::story::{Story, ms};

/// A wish for alerts of a job to be quiet.
fn wanted(job: &str, from: &str, to: &str) -> Wanted {
    Wanted {
        matchers: vec![Matcher::new("job", Op::Equal, job).unwrap()],
        starts_ms: ms(from),
        ends_ms: ms(to),
        recurrence: None,
        created_by: "ada".into(),
        comment: "planned work".into(),
    }
}

fn set(id: Option<SilenceId>, fresh: u8, wanted: Wanted) -> Command {
    Command::SetSilence {
        id,
        fresh: SilenceId::from_random([fresh; 16]),
        wanted,
        by: "ada".into(),
    }
}

fn name(decision: &Decision) -> SilenceId {
    decision.silence.unwrap()
}

#[test]
fn a_silenced_alert_opens_no_incident_until_the_silence_ends() {
    let mut story = Story::new(example());
    let id = name(&story.must(set(None, 1, wanted("website", "00:00", "02:00"))));
    story.at("00:10").fires("Down", "website", "page");
    assert!(story.here().incidents.is_empty());
    assert_eq!(story.here().alerts.len(), 1);
    // While it holds, nothing is released; when it ends, the alert speaks.
    story.tick();
    assert!(story.here().incidents.is_empty());
    story.at("00:20");
    story.must(Command::EndSilence {
        id,
        by: "ben".into(),
    });
    story.now_ms += 1;
    story.tick();
    assert_eq!(story.incident().firing, 1);
    assert!(story.incident().escalation.is_some(), "somebody is paged");
    let silence = &story.here().silences[&id];
    assert_eq!(silence.wanted.state(story.now_ms), SilenceState::Expired);
}

#[test]
fn other_alerts_are_not_touched_by_it() {
    let mut story = Story::new(example());
    story.must(set(None, 1, wanted("website", "00:00", "02:00")));
    story.fires("Down", "login", "page");
    assert_eq!(story.incident().service.as_str(), "login");
}

#[test]
fn a_change_keeps_what_was_readable() {
    let check = |from: &str, to: &str, at: &str, job: &str, new: (&str, &str), same: bool| {
        let mut story = Story::new(example());
        let first = name(&story.must(set(None, 1, wanted("website", from, to))));
        story.at(at);
        let changed = set(Some(first), 2, wanted(job, new.0, new.1));
        let second = name(&story.must(changed));
        assert_eq!(second == first, same, "{at} {job} {new:?}");
        let old = &story.here().silences[&first];
        let over = old.wanted.ends_ms <= story.now_ms;
        assert_eq!(over, !same, "the old one ends when it is replaced");
    };
    check(
        "00:00",
        "02:00",
        "01:00",
        "website",
        ("00:00", "03:00"),
        true,
    );
    check(
        "00:00",
        "02:00",
        "01:00",
        "login",
        ("00:00", "03:00"),
        false,
    );
    check(
        "00:00",
        "02:00",
        "01:00",
        "website",
        ("00:30", "03:00"),
        false,
    );
    check(
        "03:00",
        "04:00",
        "01:00",
        "website",
        ("02:00", "03:00"),
        true,
    );
    check(
        "00:00",
        "00:30",
        "01:00",
        "website",
        ("00:00", "03:00"),
        false,
    );
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let mut story = Story::new(example());
    story.at("01:00");
    let good = wanted("website", "01:00", "02:00");
    let mut check = |change: fn(&mut Wanted), words: &str| {
        let mut bad = good.clone();
        change(&mut bad);
        story.refused(set(None, 1, bad), words);
    };
    check(
        |w| w.matchers.clear(),
        "a silence needs at least one matcher",
    );
    check(
        |w| w.matchers = vec![Matcher::new("a", Op::Equal, "").unwrap()],
        "at least one matcher must not match the empty string",
    );
    check(
        |w| w.ends_ms = w.starts_ms - 1,
        "the end must not be before the start",
    );
    check(
        |w| (w.starts_ms, w.ends_ms) = (0, 1),
        "the end is in the past; give one in the future",
    );
    check(
        |w| w.created_by = " ".into(),
        "say whose silence it is (createdBy)",
    );
    check(|w| w.comment = String::new(), "say why (comment)");
    check(
        |w| w.comment = "x".repeat(9000),
        "the texts of a silence have at most 8192 bytes in all",
    );
    let nowhere = SilenceId::from_random([9; 16]);
    story.refused(
        set(Some(nowhere), 1, good),
        "there is no silence 09090909-0909-4909-8909-090909090909",
    );
}

#[test]
fn it_begins_no_earlier_than_now_and_ends_once() {
    let mut story = Story::new(example());
    story.at("01:00");
    let id = name(&story.must(set(None, 1, wanted("website", "00:00", "02:00"))));
    assert_eq!(story.here().silences[&id].wanted.starts_ms, ms("01:00"));
    let end = Command::EndSilence {
        id,
        by: "ada".into(),
    };
    let ended = |d: Decision| d.events.iter().any(|e| matches!(e, Event::SilenceEnded(_)));
    assert!(ended(story.must(end.clone())));
    story.now_ms += 1;
    assert!(!ended(story.must(end)), "it is over already");
}

/// A wish that comes back every day for an hour.
fn daily(job: &str, rule: &str, from: &str, to: &str) -> Wanted {
    Wanted {
        recurrence: Some(Recurrence::new(rule, 3_600_000, "UTC").unwrap()),
        ..wanted(job, from, to)
    }
}

#[test]
fn one_that_comes_back_holds_only_at_its_times() {
    let mut story = Story::new(example());
    story.at("12:00");
    let wish = daily("website", "FREQ=DAILY", "02:00", "9d 00:00");
    let id = name(&story.must(set(None, 1, wish)));
    let silence = &story.here().silences[&id];
    assert_eq!(
        silence.wanted.starts_ms,
        ms("02:00"),
        "its time of day stays"
    );
    story.at("1d 02:30").fires("Down", "website", "page");
    story.tick();
    assert!(story.here().incidents.is_empty());
    story.at("1d 03:00").tick();
    assert_eq!(story.incident().firing, 1, "its hour is over");
}

#[test]
fn one_that_cannot_come_back_is_refused_in_words() {
    let mut story = Story::new(example());
    story.at("12:00");
    let mut check = |rule: &str, to: &str, words: &str| {
        story.refused(set(None, 1, daily("website", rule, "02:00", to)), words);
    };
    check(
        "FREQ=DAILY",
        "1d 01:59",
        "the recurrence does not come again before the end; give a later end",
    );
    check(
        "FREQ=DAILY;COUNT=1",
        "9d 00:00",
        "the recurrence does not come again before the end; give a later end",
    );
    check(
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "9d 00:00",
        "the recurrence cannot be used: no time of the rule comes in the hundred years after the start; check its \
         days, its UNTIL and the start",
    );
}

#[test]
fn those_that_end_soon_while_their_alerts_fire_are_known() {
    let mut story = Story::new(example());
    let once = name(&story.must(set(None, 1, wanted("website", "00:00", "02:00"))));
    let daily = daily("website", "FREQ=DAILY", "01:00", "9d 00:00");
    let daily = name(&story.must(set(None, 2, daily)));
    story.must(set(None, 3, wanted("login", "00:00", "02:00")));
    let ending = |story: &Story, minutes: i64| {
        silences_ending(&story.state, story.world, story.now_ms, minutes * 60_000)
    };
    let both = {
        let mut both = vec![once, daily];
        both.sort_unstable();
        both
    };
    story.at("01:30");
    assert!(ending(&story, 60).is_empty(), "nothing fires");
    story.fires("Down", "website", "page");
    assert!(ending(&story, 29).is_empty(), "there is time");
    assert_eq!(ending(&story, 30), [daily]);
    assert_eq!(ending(&story, 31), both);
    story.ends("Down", "website", "page");
    assert!(ending(&story, 31).is_empty(), "it is over");
    story.at("02:01").fires("Down", "website", "page");
    assert!(ending(&story, 31).is_empty(), "they ended already");
}
