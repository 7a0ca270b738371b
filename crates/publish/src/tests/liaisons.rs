//! People who speak with a key of their own, and a server that has none: what is said waits for them, and nothing else does.

use jiff::SignedDuration;
use stentor_verify::Verdict;

use super::assembly::Assembly;
use super::python::Visitor;
use super::render::troubled;
use super::support::{assert_everywhere, files, hours, now, word};
use crate::ceremony::armour;
use crate::waiting::signature_file;
use crate::{CeremonyError, Change, Publisher, Signer, WordRequest, leave_signature};

const QUORUM: [&str; 2] = ["Fay", "Hal"];

/// Dora may speak, and the server has no key that may any more.
async fn house() -> Assembly {
    let house = Assembly::new();
    let said = house.publisher("one").say(word("a"), now()).await.unwrap();
    assert_everywhere(&said);
    delegate(&house);
    std::fs::remove_file(house.path("online/status.key")).unwrap();
    house
}

fn delegate(house: &Assembly) {
    let (mut names, dora) = (house.names(), house.make("Dora"));
    names.set(dora.id(), "Dora", "");
    let change = Change::Delegate(dora);
    let mut ceremony =
        crate::Ceremony::change(&house.path("repository"), &change, &names, now()).unwrap();
    for name in QUORUM {
        ceremony.sign(&house.holder(name)).unwrap();
    }
    house.finish(&ceremony, now()).unwrap();
}

fn asked(house: &Assembly) -> WordRequest {
    WordRequest::load(&house.path("repository"))
        .unwrap()
        .unwrap()
}

/// Dora signs what waits, and leaves it for the server.
fn sign(house: &Assembly) {
    let signature = asked(house).sign(&house.holder("Dora")).unwrap();
    leave_signature(&house.path("repository"), &signature).unwrap();
}

fn shows(house: &Assembly, what: &str) -> bool {
    let page = std::fs::read_to_string(house.path("one/index.html")).unwrap();
    page == format!("index.html: {what}")
}

async fn fresh(house: &Assembly, at: i64) {
    let report = house.verify("one", Some("memory"), hours(at)).await;
    assert_eq!(report.verdict, Verdict::Fresh, "{at}");
}

/// Nothing is left of what waited.
fn tidy(house: &Assembly) -> bool {
    let left = files(&house.path("repository"));
    !left
        .iter()
        .any(|f| f.starts_with("waiting") || f.starts_with("signature"))
}

#[tokio::test]
async fn a_word_waits_for_the_liaison_and_the_time_is_signed_meanwhile() {
    let house = house().await;
    let mut publisher = house.publisher("one");
    let said = publisher.say(word("b"), hours(2)).await.unwrap();
    let waits = said.waits.clone().unwrap();
    assert!(waits.of.contains("Dora ("), "{waits}");
    assert!(waits.changed.contains(&"status.txt".to_owned()) && waits.since == hours(2));
    assert_everywhere(&said);
    assert!(shows(&house, "a") && said.fresh_until == hours(8));
    fresh(&house, 7).await;
    let said = publisher.resign_timestamp(hours(10)).await.unwrap();
    assert_eq!(said.waits, Some(waits));
    fresh(&house, 15).await;

    // Killed and started again: what was authorised is still there, and a signature from before still fits.
    let signature = asked(&house).sign(&house.holder("Dora")).unwrap();
    drop(publisher);
    let mut publisher = house.publisher("one");
    let said = publisher.push_spooled(hours(16)).await.unwrap();
    assert!(said.waits.is_some() && shows(&house, "a") && !publisher.has_change());
    let shown = asked(&house).shown();
    for part in [
        "Dora (",
        "Example <Org>",
        ": 3 pages change, 0 go, 0 stay",
        "+ status.txt: b",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    leave_signature(&house.path("repository"), &signature).unwrap();
    assert!(publisher.has_change());
    let said = publisher.push_spooled(hours(17)).await.unwrap();
    assert_everywhere(&said);
    assert!(said.waits.is_none() && shows(&house, "b") && tidy(&house));
    assert!(!publisher.has_change());
    fresh(&house, 17).await;
    let (root, state) = (house.path("repository/root.json"), house.path("python"));
    std::fs::create_dir_all(&state).unwrap();
    let visitor = Visitor {
        root: &root,
        state: &state,
    };
    let visited = visitor.visit(&house.path("one"), &hours(17).to_string(), &["status.txt"]);
    assert_eq!(visited, Ok(()));
    // Nothing is asked for that is signed already.
    let said = publisher.push_spooled(hours(18)).await.unwrap();
    assert!(
        said.waits.is_none()
            && WordRequest::load(&house.path("repository"))
                .unwrap()
                .is_none()
    );
}

#[tokio::test]
async fn a_signature_counts_for_exactly_what_waits() {
    let house = house().await;
    let repository = house.path("repository");
    let mut publisher = house.publisher("one");
    publisher.say(word("b"), hours(1)).await.unwrap();
    house.make("Mallory");
    let mute = asked(&house).sign(&house.holder("Mallory")).unwrap_err();
    assert!(matches!(mute, CeremonyError::Mute { .. }), "{mute}");
    assert!(mute.to_string().contains("these may: Dora"), "{mute}");
    let old = asked(&house).sign(&house.holder("Dora")).unwrap();
    publisher.say(word("c"), hours(2)).await.unwrap();
    assert_eq!(publisher.waits().await.unwrap().unwrap().since, hours(1));
    let stale = leave_signature(&repository, &old).unwrap_err();
    assert!(matches!(stale, CeremonyError::Stale), "{stale}");

    // It came between our look and the server's: the server says so, and waits on.
    let left = repository.join(signature_file(&house.holder("Dora").id()));
    std::fs::write(&left, &old).unwrap();
    let said = publisher.push_spooled(hours(3)).await.unwrap();
    let refused = said.waits.unwrap().refused.unwrap();
    assert!(
        refused.contains("something newer was authorised"),
        "{refused}"
    );
    assert!(!left.exists() && shows(&house, "a"));
    std::fs::write(&left, "nonsense").unwrap();
    assert!(
        publisher
            .push_spooled(hours(3))
            .await
            .unwrap()
            .waits
            .unwrap()
            .refused
            .is_some()
    );
    sign(&house);
    let said = publisher.push_spooled(hours(4)).await.unwrap();
    assert!(said.waits.is_none() && shows(&house, "c"));
    fresh(&house, 4).await;
    let nothing = leave_signature(&repository, &old).unwrap_err().to_string();
    assert!(nothing.contains("nothing waits"), "{nothing}");
}

#[tokio::test]
async fn a_liaison_elsewhere_signs_a_text_and_sees_what_it_says() {
    let house = house().await;
    let mut publisher = house.publisher("one");
    publisher.say(word("b"), hours(1)).await.unwrap();
    let text = asked(&house).to_text().unwrap();
    let there = WordRequest::from_text(&format!("> Hello Dora,\n{text}\nBye")).unwrap();
    assert_eq!(there.shown(), asked(&house).shown());
    assert!(
        there
            .pages()
            .any(|(path, text)| path == "index.html" && text == "index.html: b")
    );
    let refuse = |text: &str, part: &str| {
        let why = WordRequest::from_text(text).unwrap_err().to_string();
        assert!(why.contains(part), "{part}: {why}");
    };
    // A letter that was changed on its way.
    let at = text.len() / 2;
    let other = if text.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    refuse(
        &format!("{}{other}{}", &text[..at], &text[at + 1..]),
        "changed on its way",
    );
    refuse(&"x".repeat(9_000_000), "too long");
    // Made anew by somebody who shows one thing and has another signed.
    let forged = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut content = serde_json::to_value(asked(&house)).unwrap();
        change(&mut content);
        armour("WORD REQUEST", &content).unwrap()
    };
    assert_eq!(forged(&|_| {}), text);
    let lie = forged(&|c| c["pages"]["status.txt"] = "all is well".into());
    refuse(
        &lie,
        "the text of status.txt in it is not what would be signed",
    );
    let blind = forged(&|c| drop(c["pages"].as_object_mut().unwrap().remove("status.txt")));
    refuse(&blind, "the text that would be signed is not in it");
    let root = forged(&|c| {
        let roles = c["waiting"]["roles"].as_object_mut().unwrap();
        let status = roles.remove("status").unwrap();
        roles.insert("root".into(), status);
    });
    refuse(&root, "something else than a word");
    let beyond = forged(&|c| {
        let listed = &mut c["waiting"]["roles"]["status"]["listed"];
        listed["root.json"] = listed["index.html"].clone();
    });
    refuse(&beyond, "something else than a word");
    let named = forged(&|c| c["waiting"]["organisation"] = "Us\u{1b}[2J".into());
    refuse(&named, "see something else");

    let signature = there.sign(&house.holder("Dora")).unwrap();
    leave_signature(&house.path("repository"), &format!("> {signature}")).unwrap();
    publisher.push_spooled(hours(2)).await.unwrap();
    assert!(shows(&house, "b"));
    fresh(&house, 2).await;
}

async fn publish(publisher: &mut Publisher, what: &str, at: i64) -> Option<crate::Waits> {
    let mut page = troubled();
    page.organisation = what.to_owned();
    // What was recorded for a few seconds only shows every part of one.
    let recorded = hours(0).as_millisecond() + 3_600_000 - 1_234;
    page.recorded_since_ms = Some(recorded);
    page.current[0].updates[0].published_ms = recorded + 333;
    let at = hours(at) + SignedDuration::from_millis(789);
    let said = publisher.publish_page(&page, at).await.unwrap();
    assert_everywhere(&said);
    said.waits
}

#[tokio::test]
async fn nobody_is_asked_to_sign_a_page_on_which_only_the_time_is_new() {
    let house = house().await;
    let mut publisher = house.publisher("one");
    assert!(publish(&mut publisher, "We", 1).await.is_some());
    let signature = asked(&house).sign(&house.holder("Dora")).unwrap();
    // An hour later, and after a start.
    assert!(publish(&mut publisher, "We", 2).await.is_some());
    drop(publisher);
    let mut publisher = house.publisher("one");
    assert!(publish(&mut publisher, "We", 3).await.is_some());
    leave_signature(&house.path("repository"), &signature).unwrap();
    assert_eq!(publish(&mut publisher, "We", 4).await, None);
    assert_eq!(publish(&mut publisher, "We", 100).await, None);
    // Something else, and back again: then nothing waits.
    assert!(publish(&mut publisher, "They", 101).await.is_some());
    assert_eq!(publish(&mut publisher, "We", 102).await, None);
    assert!(tidy(&house));
    // When half of the time is over for which it was signed, it is asked for again, once.
    let half = 15 * 24 + 1;
    assert!(publish(&mut publisher, "We", half).await.is_some());
    let signature = asked(&house).sign(&house.holder("Dora")).unwrap();
    assert!(publish(&mut publisher, "We", half + 1).await.is_some());
    leave_signature(&house.path("repository"), &signature).unwrap();
    assert_eq!(publish(&mut publisher, "We", half + 2).await, None);
    fresh(&house, half + 2).await;
}

#[tokio::test]
async fn a_key_that_comes_back_speaks_at_once() {
    let house = house().await;
    let dora = house.holder("Dora");
    house
        .publisher("one")
        .say(word("b"), hours(1))
        .await
        .unwrap();
    // A key of somebody else's server is none.
    let other = Assembly::new();
    let key = house.path("online/status.key");
    std::fs::copy(other.path("online/status.key"), &key).unwrap();
    assert!(
        house
            .publisher("one")
            .push_spooled(hours(2))
            .await
            .unwrap()
            .waits
            .is_some()
    );
    std::fs::copy(house.path("holders/Dora.key"), &key).unwrap();
    let said = house.publisher("one").push_spooled(hours(2)).await.unwrap();
    assert!(said.waits.is_none() && shows(&house, "b") && tidy(&house));
    assert_eq!(house.roster().status.keys.len(), 2);
    drop::<Signer>(dora);
}

#[tokio::test]
async fn a_servers_key_is_taken_away_only_when_somebody_else_has_signed_what_stands() {
    let house = Assembly::new();
    let mut running = house.publisher("one");
    running.say(word("a"), now()).await.unwrap();
    drop(running);
    delegate(&house);
    let [.., server] = crate::server_keys(&house.path("online")).unwrap();
    let server = server.unwrap().id();
    let finished = house.change(&Change::Undelegate(server), &QUORUM, hours(1));
    let held = finished.held.unwrap();
    assert!(held.changed.is_empty() && held.of.contains("Dora") && !held.of.contains("status.key"));
    let mut publisher = house.publisher("one");
    let said = publisher.push_spooled(hours(2)).await.unwrap();
    assert!(said.waits.is_some() && !publisher.has_change());
    fresh(&house, 2).await;
    assert_eq!(house.roster().status.keys.len(), 2, "not in force yet");
    sign(&house);
    assert!(publisher.has_change());
    let said = publisher.push_spooled(hours(3)).await.unwrap();
    assert_everywhere(&said);
    assert!(said.waits.is_none() && tidy(&house));
    assert_eq!(house.roster().status.keys.len(), 1);
    fresh(&house, 3).await;
    // From now on it is Dora's word, and once she has signed all of it a change of keys waits for nobody.
    publisher.say(word("b"), hours(4)).await.unwrap();
    assert!(shows(&house, "a"));
    sign(&house);
    publisher.push_spooled(hours(5)).await.unwrap();
    assert!(shows(&house, "b"));
    drop(publisher);
    let another = house.make("Emil");
    let finished = house.change(&Change::Delegate(another), &QUORUM, hours(6));
    assert!(finished.held.is_none());
    house.publisher("one").push_spooled(hours(6)).await.unwrap();
    fresh(&house, 6).await;
}
