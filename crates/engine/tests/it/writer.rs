//! The writer: durable first, then visible and answered; whatever happens to a commit.

use std::time::Duration;

use futures::future::join_all;
use stentor_domain::world::World::Live;
use stentor_engine::{Idempotency, SubmitError};
use stentor_testkit::simulated::{Fault, Rates};
use tokio::time::timeout;

use crate::lab::{Lab, declare, note, pass, write};
use crate::world::essence;

fn slow(delay_ms: u16) -> Rates {
    Rates {
        delay_ms,
        ..Rates::default()
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_answered_or_seen_before_it_is_durable() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    let before = engine.read(essence);
    // Writing fails for good, and nobody is told anything else than that.
    lab.database.set_outage(Some(Fault::FailedNotPersisted));
    assert!(write(&engine, incident, "lost").await.is_none());
    lab.database.set_outage(None);
    lab.database.set_rates(slow(60_000));
    let mut asked = Box::pin(write(&engine, incident, "slow"));
    loop {
        let answer = timeout(Duration::from_millis(100), &mut asked).await;
        lab.database.set_rates(slow(0));
        let durable = lab.notes("slow").await;
        lab.database.set_rates(slow(60_000));
        if let Ok(done) = answer {
            assert_eq!((durable, done.is_some()), (1, true));
            break;
        }
        if durable == 0 {
            assert_eq!(engine.read(essence), before);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn commands_that_wait_share_a_commit() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    let before = lab.database.writes();
    let notes: Vec<String> = (0..100).map(|n| format!("note {n}")).collect();
    let done = join_all(notes.iter().map(|text| write(&engine, incident, text))).await;
    let seqs: Vec<_> = done.into_iter().map(|done| done.unwrap().seq).collect();
    assert_eq!(lab.database.writes(), before + 1);
    assert_eq!(engine.seq(), *seqs.iter().max().unwrap());
    for text in &notes {
        assert_eq!(lab.notes(text).await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_fails_is_answered_by_what_became_of_it() {
    for fault in Fault::ALL {
        let lab = Lab::new();
        let (engine, incident) = lab.troubled_node("a").await;
        let (state, seq) = (engine.read(essence), engine.seq());
        lab.database.fail_next(fault);
        let answer = engine.submit(Live, note(incident, "it")).await;
        let persisted = fault == Fault::FailedButPersisted;
        assert_eq!(lab.notes("it").await, usize::from(persisted), "{fault:?}");
        assert_eq!(answer.is_ok(), persisted, "{fault:?}: {answer:?}");
        if !persisted {
            assert!(matches!(answer, Err(SubmitError::Unavailable(_))));
            assert_eq!((engine.read(essence), engine.seq()), (state, seq));
            assert!(!engine.health().accepting, "{fault:?}");
        }
        assert!(write(&engine, incident, "next").await.is_some());
        assert_eq!(lab.notes("next").await, 1);
        assert!(engine.health().accepting, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn trouble_ends_although_nobody_writes() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    lab.database.set_outage(Some(Fault::Unavailable));
    assert!(write(&engine, incident, "lost").await.is_none());
    pass(60).await;
    assert!(!engine.health().accepting);
    lab.database.set_outage(None);
    pass(12).await;
    assert!(engine.health().accepting);
}

#[tokio::test(start_paused = true)]
async fn another_nodes_entries_are_folded_before_deciding() {
    let lab = Lab::new();
    let first = lab.node("a").await;
    let (second, _) = lab.open("b").await.unwrap();
    first.submit(Live, declare("login")).await.unwrap();
    let refused = second.submit(Live, declare("login")).await;
    assert!(
        matches!(refused, Err(SubmitError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(second.read(essence), first.read(essence));
    // And what the second decides reaches the first without its asking for anything.
    let done = second.submit(Live, declare("website")).await.unwrap();
    first.wait_for(done.seq).await;
    assert_eq!(second.read(essence), first.read(essence));
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_lost_entries_is_folded_anew() {
    // The other node's entries after the loss, if any, make the new head as high or higher than the old one.
    for others in 0..4 {
        let lab = Lab::new();
        let (engine, incident) = lab.troubled_node("a").await;
        for text in ["one", "two", "three"] {
            assert!(write(&engine, incident, text).await.is_some());
        }
        lab.database.lose_after(engine.seq() - 2);
        let (other, _) = lab.open("b").await.unwrap();
        for n in 0..others {
            write(&other, incident, &format!("other {n}")).await;
        }
        let _ = write(&engine, incident, "refused").await;
        assert_eq!(engine.read(essence), other.read(essence), "{others}");
        let next = write(&engine, incident, "next").await;
        assert!(next.is_some(), "{others}: {:?}", engine.health());
        other.wait_for(engine.seq()).await;
        assert_eq!(engine.read(essence), other.read(essence), "{others}");
        let expect = [1, 0, 0, 1].map(|n: usize| n);
        let mut found = Vec::new();
        for text in ["one", "two", "three", "next"] {
            found.push(lab.notes(text).await);
        }
        assert_eq!(found, expect, "{others}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_commit_is_an_alarm() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    lab.database.lose_after(engine.seq() - 1);
    assert!(write(&engine, incident, "refused").await.is_none());
    let reason = engine.health().reason.unwrap();
    assert!(reason.contains("changed behind this node"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_repeated_acts_once() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    let (other, _) = lab.open("b").await.unwrap();
    let once = |request: &str| Idempotency::new("ada", "k", request.to_owned());
    let ask = |engine: stentor_engine::Engine, request: &'static str| {
        let (command, once) = (note(incident, "once"), once(request));
        async move { engine.submit_once(Live, command, once).await }
    };
    lab.database.fail_next(Fault::FailedNotPersisted);
    assert!(ask(engine.clone(), "r").await.is_err());
    assert_eq!(lab.notes("once").await, 0);
    // Twice in one group, then again, then by another node.
    let (first, second) = tokio::join!(ask(engine.clone(), "r"), ask(engine.clone(), "r"));
    let again = [
        second,
        ask(engine.clone(), "r").await,
        ask(other.clone(), "r").await,
    ];
    let incident = first.unwrap().incident;
    for answer in again {
        assert_eq!(answer.unwrap().incident, incident);
    }
    assert_eq!(lab.notes("once").await, 1);
    let reused = ask(other, "another request").await;
    assert!(matches!(reused, Err(SubmitError::KeyReused)), "{reused:?}");
}

#[tokio::test(start_paused = true)]
async fn too_many_are_told_so_and_the_others_are_served() {
    let lab = Lab::new();
    let (engine, incident) = lab.troubled_node("a").await;
    lab.database.set_rates(slow(50));
    let asked = (0..6000).map(|_| engine.submit(Live, note(incident, "many")));
    let answers = join_all(asked).await;
    let busy = |a: &&Result<_, _>| matches!(a, Err(SubmitError::Busy));
    let (busy, done) = (
        answers.iter().filter(busy).count(),
        answers.iter().filter(|a| a.is_ok()).count(),
    );
    assert!(busy > 0);
    assert_eq!(busy + done, answers.len());
    assert_eq!(lab.notes("many").await, done);
}
