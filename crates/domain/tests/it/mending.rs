//! Statements are put right in view of everybody: corrected or taken back, never edited (WORD-12).

use std::collections::BTreeMap;

use stentor_domain::announcement::{Filled, Reason};
use stentor_domain::bulletin::{Language, Mends, PublicIncident, PublicStatus, Standing};
use stentor_domain::command::Command;

use crate::example::example;
use crate::story::{Story, ms};

/// Ada commands since midnight and spoke once.
fn spoken() -> Story {
    let mut story = Story::new(example());
    story
        .fires("Down", "website", "page")
        .take_command("ada")
        .publish("first", "ada")
        .forget();
    story
}

fn correct(story: &Story, number: u32, known: &str, by: &str) -> Command {
    Command::CorrectUpdate {
        incident: story.newest(),
        number,
        text: Filled {
            template: "update".into(),
            values: BTreeMap::from([("known".to_owned(), known.to_owned())]),
        },
        status: None,
        next_update_ms: None,
        by: by.into(),
    }
}

fn withdraw(story: &Story, number: u32, reason: &str, by: &str) -> Command {
    Command::WithdrawUpdate {
        incident: story.newest(),
        number,
        reason: Reason {
            text: reason.into(),
            translations: BTreeMap::new(),
        },
        by: by.into(),
    }
}

fn public(story: &Story) -> PublicIncident {
    let page = story.state.status_page(story.world, story.now_ms).unwrap();
    page.current
        .iter()
        .chain(&page.past)
        .next()
        .unwrap()
        .clone()
}

#[test]
fn a_correction_is_a_further_word_and_keeps_where_the_incident_stands() {
    let mut story = spoken();
    story.at("00:30").publish("update", "ada").forget();
    story.at("01:00").forget();
    let command = correct(&story, 1, "It is the disk.", "ada");
    story.must(command);
    story.tells(
        "01:00 The word promised for 2026-11-17 02:30 UTC came in time
         01:00 Ada corrected statement 1 (identified): www.example.org: we are working on a repair; \
         next word promised for 2026-11-17 03:00 UTC",
    );
    let said = public(&story);
    assert_eq!(said.standing(1), Standing::CorrectedBy(3));
    assert_eq!(said.standing(2), Standing::Holds);
    assert_eq!(said.updates[2].mends, Some(Mends::Corrects(1)));
    assert_eq!(said.updates[2].sections[2].text, "It is the disk.");
    // The first one is still there, as it was.
    assert_eq!(said.updates[0].number, 1);
    let incident = story.incident();
    assert_eq!((incident.kept, incident.broken), (2, 0));
    assert_eq!(incident.promise.unwrap().due_ms, ms("03:00"));
    // What was mended is mended again.
    let command = correct(&story, 1, "It is the controller.", "ada");
    story.must(command);
    let command = withdraw(&story, 1, "It was another site.", "ada");
    story.must(command);
    assert_eq!(public(&story).standing(1), Standing::WithdrawnBy(5));
    let command = correct(&story, 1, "It was ours after all.", "ada");
    story.must(command);
    assert_eq!(public(&story).standing(1), Standing::CorrectedBy(6));
}

#[test]
fn a_withdrawal_says_why_and_leaves_the_promise_as_it_is() {
    let mut story = spoken();
    story.at("00:30").publish("update", "ada").forget();
    story.at("00:40");
    let command = withdraw(&story, 2, "The cause is not known yet.", "ada");
    story.must(command);
    story.tells("00:40 Ada took back statement 2: The cause is not known yet.");
    let said = public(&story);
    assert_eq!(said.standing(2), Standing::WithdrawnBy(3));
    // Where the incident stood before is where it stands.
    assert_eq!(said.latest().status, PublicStatus::Investigating);
    assert_eq!(
        said.latest().title,
        "Withdrawn: www.example.org: we are working on a repair"
    );
    assert_eq!(
        said.latest().sections[0].text,
        "The cause is not known yet."
    );
    assert_eq!(said.latest().next_update_ms, Some(ms("02:30")));
    let incident = story.incident();
    assert_eq!((incident.kept, incident.broken), (1, 0));
    assert_eq!(incident.promise.unwrap().made_ms, ms("00:30"));
}

#[test]
fn when_nothing_holds_any_more_nothing_is_known_to_be_wrong() {
    let mut story = spoken();
    story.at("00:10");
    let command = withdraw(&story, 1, "It was a false alarm.", "ada");
    story.must(command);
    story.tells(
        "00:10 The word promised for 2026-11-17 02:00 UTC came in time
         00:10 Ada took back statement 1: It was a false alarm.",
    );
    assert_eq!(story.incident().promise, None);
    let page = story.state.status_page(story.world, story.now_ms).unwrap();
    assert!(page.current.is_empty());
    assert!(page.components.iter().all(|c| c.impact.is_none()));
    // And when it is something after all, the next word says so.
    story.publish("first", "ada");
    let page = story.state.status_page(story.world, story.now_ms).unwrap();
    assert_eq!(page.current[0].latest().number, 3);
}

#[test]
fn a_withdrawal_after_the_promised_time_makes_a_new_promise() {
    let mut story = spoken();
    story.publish("update", "ada");
    story.at("02:30").forget();
    let command = withdraw(&story, 2, "Not so.", "ada");
    story.must(command);
    let incident = story.incident();
    assert_eq!((incident.kept, incident.broken), (1, 1));
    assert_eq!(incident.promise.unwrap().due_ms, ms("04:30"));
}

#[test]
fn what_was_said_of_a_closed_incident_can_still_be_put_right() {
    let mut story = spoken();
    story.resolve("ada").publish("resolved", "ada");
    let incident = story.newest();
    let mut finish = |command| story.must(command);
    finish(Command::Confirm {
        incident,
        representative: "Documentation team".into(),
        by: "ada".into(),
    });
    finish(Command::WriteReport {
        incident,
        report: crate::story::report(),
        by: "ada".into(),
    });
    let correct = |status, by: &str| Command::CorrectUpdate {
        incident,
        number: 2,
        text: Filled {
            template: "resolved".into(),
            values: BTreeMap::from([("data".to_owned(), "Some were lost.".to_owned())]),
        },
        status,
        next_update_ms: None,
        by: by.into(),
    };
    finish(Command::Close {
        incident,
        by: "dora".into(),
    });
    story.refused(
        correct(None, "ada"),
        "the incident is closed; only a liaison or a manager may say more about it in public",
    );
    story.refused(
        correct(Some(PublicStatus::Monitoring), "cleo"),
        "INC-1 is closed; a correction of what was said about it says that it is over",
    );
    story.must(correct(None, "cleo"));
    let said = public(&story);
    assert_eq!(said.standing(2), Standing::CorrectedBy(3));
    assert_eq!(said.latest().title, "www.example.org works again");
    assert!(said.is_over());
    story.must(Command::WithdrawUpdate {
        incident,
        number: 1,
        reason: Reason {
            text: "It was not us.".into(),
            translations: BTreeMap::new(),
        },
        by: "cleo".into(),
    });
    assert!(public(&story).is_over());
}

#[test]
fn refusals_say_why() {
    let mut story = spoken();
    let nothing = "there is no statement 7 to put right; look at what was said";
    let command = correct(&story, 7, "x", "ada");
    story.refused(command, nothing);
    let command = withdraw(&story, 7, "x", "ada");
    story.refused(command, nothing);
    let command = withdraw(&story, 1, " ", "ada");
    story.refused(command, "say why it is taken back; the reason is published");
    let speak =
        "only the incident commander or a liaison may speak in public; take the command first";
    let command = withdraw(&story, 1, "x", "ben");
    story.refused(command, speak);
    let command = correct(&story, 1, "x", "ben");
    story.refused(command, speak);
    let long = "x".repeat(2_001);
    let command = withdraw(&story, 1, &long, "ada");
    story.refused(command, "the reason is longer than 2000 characters");
    story.publish("update", "ada");
    let command = withdraw(&story, 1, "x", "ada");
    story.must(command);
    let command = withdraw(&story, 1, "x", "ada");
    story.refused(
        command,
        "statement 1 was taken back already, by statement 3; to say more about it, correct it",
    );
    let command = withdraw(&story, 3, "x", "ada");
    story.refused(
        command,
        "statement 3 takes another one back and cannot be taken back itself; say what holds now in a further one",
    );
    let mut wrong = correct(&story, 1, "x", "ada");
    if let Command::CorrectUpdate { text, .. } = &mut wrong {
        text.template = "denial".into();
    }
    story.refused(
        wrong,
        "the template \"denial\" is about a false message; choose another one",
    );
    let mut french = withdraw(&story, 2, "x", "ada");
    if let Command::WithdrawUpdate { reason, .. } = &mut french {
        let french = Language::try_from("fr".to_owned()).unwrap();
        reason.translations.insert(french, "non".into());
    }
    story.refused(
        french,
        "fr is not a further language of the page; they are declared in [page] of stentor.toml",
    );
    story.fires("Slow", "login", "page").take_command("ada");
    let command = correct(&story, 1, "x", "ada");
    story.refused(
        command,
        "nothing that was said in public about INC-2 is on the page, so there is nothing to put right",
    );
}

#[test]
fn a_word_is_said_in_every_language_that_has_an_approved_text() {
    let mut story = spoken();
    let german = Language::try_from("de".to_owned()).unwrap();
    let first = public(&story).updates[0].clone();
    let text = &first.translations[&german];
    assert_eq!(text.title, "www.example.org: Wir untersuchen ein Problem");
    assert_eq!(text.sections[4].heading, "Wie es weitergeht");
    assert_eq!(
        text.sections[4].text,
        "Wir schreiben hier wieder bis 2026-11-17 02:00 UTC, auch wenn es nichts Neues gibt."
    );
    let mut command = withdraw(&story, 1, "A false alarm.", "ada");
    if let Command::WithdrawUpdate { reason, .. } = &mut command {
        let text = "Ein Fehlalarm.".to_owned();
        reason.translations.insert(german.clone(), text);
    }
    story.must(command);
    let last = public(&story).latest().clone();
    assert_eq!(
        last.translations[&german].title,
        "Zurückgezogen: www.example.org: Wir untersuchen ein Problem"
    );
    assert_eq!(
        last.translations[&german].sections[0].text,
        "Ein Fehlalarm."
    );
}
