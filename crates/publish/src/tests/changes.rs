//! What happens to keys: signing, thresholds, and what is refused.

use stentor_domain::world::World;

use super::assembly::{Assembly, ROOT};
use super::support::{hours, now};
use crate::{Ceremony, CeremonyError, Change, Holders, OfflineRole, Sheet};

const YEAR: i64 = 365 * 24;

fn renewal(house: &Assembly) -> Ceremony {
    house.draft(&Change::Renew, hours(1)).unwrap()
}

#[track_caller]
fn refused(result: Result<impl std::fmt::Debug, CeremonyError>, part: &str) {
    let why = result.unwrap_err().to_string();
    assert!(why.contains(part), "{why:?} does not speak of {part:?}");
}

#[test]
fn nothing_counts_before_enough_have_signed_and_it_is_said_who_still_could() {
    let house = Assembly::new();
    let mut ceremony = renewal(&house);
    assert_eq!(ceremony.sign(&house.holder("Ada")).unwrap(), ["root"]);
    assert_eq!(ceremony.sign(&house.holder("Fay")).unwrap(), ["targets"]);
    // Twice with one key does not count twice.
    ceremony.sign(&house.holder("Ada")).unwrap();
    ceremony.sign(&house.holder("Fay")).unwrap();
    let missing = ceremony.missing().unwrap();
    let root = missing.lines().next().unwrap();
    assert!(root.starts_with("root lacks 2 of 3 signatures"), "{root}");
    let (signed, open) = root.split_once("could still sign").unwrap();
    assert!(signed.contains("Ada") && !open.contains("Ada"), "{root}");
    assert!(
        ["Bo", "Cy", "Dee", "Eli"].iter().all(|n| open.contains(n)),
        "{root}"
    );
    assert!(missing.contains("targets lacks 1 of 2"), "{missing}");
    refused(house.finish(&ceremony, hours(1)), "could still sign");
    for name in ["Bo", "Cy", "Gus"] {
        ceremony.sign(&house.holder(name)).unwrap();
    }
    assert_eq!(ceremony.missing().unwrap(), "");
    let finished = house.finish(&ceremony, hours(1)).unwrap();
    assert_eq!(
        (finished.root, finished.targets, finished.waiting),
        (2, 2, false)
    );
    // Doing it again is harmless.
    house.finish(&ceremony, hours(2)).unwrap();
}

#[test]
fn a_key_of_somebody_else_counts_for_nothing() {
    let house = Assembly::new();
    house.make("Mallory");
    let mut ceremony = renewal(&house);
    let before = ceremony.clone();
    refused(
        ceremony.sign(&house.holder("Mallory")),
        "counts for nothing",
    );
    assert_eq!(ceremony.needs().unwrap(), before.needs().unwrap());
    // Fay's key is one of targets: for the root it does not count.
    assert_eq!(ceremony.sign(&house.holder("Fay")).unwrap(), ["targets"]);
}

#[test]
fn who_is_cut_off_signs_by_carrying_text() {
    let house = Assembly::new();
    let mut ceremony = renewal(&house);
    for name in ["Ada", "Bo", "Fay", "Gus"] {
        ceremony.sign(&house.holder(name)).unwrap();
    }
    let request = ceremony.request().unwrap();
    let there = Ceremony::from_request(&format!("Dear Cy,\n\n{request}\nyours")).unwrap();
    assert_eq!(there.difference().unwrap(), ceremony.difference().unwrap());
    let answer = there.answer(&house.holder("Cy")).unwrap();
    let quoted: String = answer.lines().map(|line| format!("> {line}\r\n")).collect();
    let (who, files) = ceremony.add_signature(&quoted).unwrap();
    assert_eq!((who, files), (house.holder("Cy").id(), vec!["root"]));
    assert_eq!(ceremony.missing().unwrap(), "");

    // Cut, changed, of another ceremony, or no signature at all.
    let line = answer.lines().nth(2).unwrap();
    let bent = answer.replace(line, &line.to_lowercase());
    for bad in ["", "hello", &answer[..answer.len() / 2], &bent, &request] {
        refused(ceremony.clone().add_signature(bad), "signature is damaged");
    }
    let mut other = house.draft(&Change::Renew, hours(2)).unwrap();
    let before = other.needs().unwrap();
    refused(other.add_signature(&answer), "another ceremony");
    assert_eq!(other.needs().unwrap(), before);
    assert!(Ceremony::from_request(&answer).is_err());
}

#[test]
fn who_signs_sees_everything_that_is_signed() {
    let house = Assembly::new();
    let names = house.names();
    let bo = house.holder("Bo").id();
    let new = house.make("Ida");
    let mut named = names.clone();
    named.set(new.id(), "Ida", "bank");
    let lost = Change::Lost {
        key: bo.clone(),
        instead: Some(new),
        threshold: Some(4),
    };
    let repository = house.path("repository");
    let ceremony = Ceremony::change(&repository, &lost, &named, hours(1)).unwrap();
    let shown = ceremony.difference().unwrap();
    for part in [
        "root 2 follows root 1",
        "root: 4 of 5 instead of 3 of 5",
        &format!("+ added  Ida  {}", new.id().short()),
        &format!("- removed Bo  {}", bo.short()),
        "timestamp: 1 of 1, unchanged",
        "expires 2027-11-20",
        "world live",
    ] {
        assert!(shown.contains(part), "{part:?} is missing in\n{shown}");
    }

    // What would not be shown is not signed.
    let folder = house.path("folder");
    ceremony.create(&folder).unwrap();
    Ceremony::load(&folder).unwrap();
    let path = folder.join("root.json");
    let good = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [
        (
            "\"consistent_snapshot\":true",
            "\"consistent_snapshot\":false",
        ),
        ("\"_type\":\"root\"", "\"_type\":\"root\",\"more\":1"),
        ("\"version\":2", "\"version\":7"),
        ("\"threshold\":4", "\"threshold\":40"),
        ("\"scheme\":\"ed25519\"", "\"scheme\":\"rot13\""),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        std::fs::write(&path, bad).unwrap();
        refused(Ceremony::load(&folder), "");
    }
    std::fs::write(&path, &good[..good.len() / 2]).unwrap();
    refused(Ceremony::load(&folder), "no TUF metadata");
    std::fs::write(&path, &good).unwrap();
    // Nor what could draw over it.
    let paper = folder.join("ceremony.json");
    let honest = std::fs::read_to_string(&paper).unwrap();
    for trick in ["\\u001b[2J", "\\n  root: 5 of 5", "\\u202e"] {
        let bad = honest.replacen("Ada", &format!("Ada{trick}"), 1);
        std::fs::write(&paper, bad).unwrap();
        refused(Ceremony::load(&folder), "something else than is there");
    }
    std::fs::write(&paper, honest).unwrap();
    Ceremony::load(&folder).unwrap();
    // A folder is used once.
    refused(ceremony.create(&folder), "not empty");
}

#[test]
fn a_ceremony_is_kept_in_its_folder_with_each_signature() {
    let house = Assembly::new();
    let folder = house.path("folder");
    renewal(&house).create(&folder).unwrap();
    for (done, name) in ROOT.iter().take(3).enumerate() {
        let mut ceremony = Ceremony::load(&folder).unwrap();
        assert_eq!(ceremony.needs().unwrap()[0].signed.len(), done);
        ceremony.sign(&house.holder(name)).unwrap();
        ceremony.save(&folder).unwrap();
    }
    assert_eq!(
        Ceremony::load(&folder).unwrap().needs().unwrap()[0].missing(),
        0
    );
}

#[test]
fn rosters_that_would_lock_out_or_not_protect_are_refused() {
    let house = Assembly::new();
    let roster = house.roster();
    let hand = |role, keys: Vec<_>, threshold| Change::Hand {
        role,
        to: Holders { keys, threshold },
    };
    let root = roster.root.keys.clone();
    let twice = [root.clone(), vec![root[0]]].concat();
    for (change, part) in [
        (hand(OfflineRole::Root, root.clone(), 6), "choose 1 to 5"),
        (hand(OfflineRole::Root, root.clone(), 0), "choose 1 to 5"),
        (hand(OfflineRole::Targets, Vec::new(), 1), "of 0 keys"),
        (hand(OfflineRole::Root, twice, 3), "twice"),
        (
            hand(OfflineRole::Targets, roster.status.keys.clone(), 1),
            "offline and online",
        ),
        (Change::Delegate(root[0]), "offline and online"),
        (Change::Delegate(roster.status.keys[0]), "already"),
        (Change::Undelegate(roster.status.keys[0].id()), "only key"),
        (
            Change::RemoveBeacon(roster.timestamp.keys[0].id()),
            "only key",
        ),
        (Change::Undelegate(root[0].id()), "only key"),
        (
            Change::Lost {
                key: roster.status.keys[0].id(),
                instead: None,
                threshold: None,
            },
            "holds no offline key",
        ),
        (
            hand(OfflineRole::Root, root.clone(), 3),
            "nothing would change",
        ),
    ] {
        refused(house.draft(&change, hours(1)), part);
    }
    // One person with two keys.
    let second = house.make("Ada again");
    let mut names = house.names();
    names.set(second.id(), "ada", "");
    let change = hand(OfflineRole::Root, [root, vec![second]].concat(), 3);
    let drafted = Ceremony::change(&house.path("repository"), &change, &names, hours(1));
    refused(drafted, "one holder with two keys");
}

#[test]
fn with_too_few_left_a_loss_is_refused_before_anybody_signs() {
    let house = Assembly::new();
    let lost = |name: &str, threshold| Change::Lost {
        key: house.holder(name).id(),
        instead: None,
        threshold,
    };
    house.change(&lost("Ada", None), &["Bo", "Cy", "Dee"], hours(1));
    house.change(&lost("Bo", None), &["Cy", "Dee", "Eli"], hours(2));
    refused(house.draft(&lost("Cy", None), hours(3)), "without Cy");
    let mut ceremony = house.draft(&lost("Cy", Some(2)), hours(3)).unwrap();
    // The two who stay suffice for the new root, but not for the one in force: the old threshold was three.
    for name in ["Dee", "Eli"] {
        ceremony.sign(&house.holder(name)).unwrap();
    }
    let missing = ceremony.missing().unwrap();
    assert!(
        missing.contains("1 of 3 signatures of the holders until now")
            && !missing.contains("new holders"),
        "{missing}"
    );
    ceremony.sign(&house.holder("Cy")).unwrap();
    house.finish(&ceremony, hours(3)).unwrap();
    assert_eq!(house.roster().root.threshold, 2);
}

#[test]
fn what_was_signed_too_long_ago_or_for_another_state_is_refused() {
    let house = Assembly::new();
    let signed = |at| {
        let mut ceremony = house.draft(&Change::Renew, at).unwrap();
        for name in ["Ada", "Bo", "Cy", "Fay", "Gus"] {
            ceremony.sign(&house.holder(name)).unwrap();
        }
        ceremony
    };
    // Good signatures, but a root whose time is over.
    let late = signed(hours(1));
    refused(house.finish(&late, hours(1 + YEAR)), "has expired");
    // Two that were begun on the same state: the second is not put on top of the first.
    let (one, two) = (signed(hours(1)), signed(hours(2)));
    house.finish(&one, hours(2)).unwrap();
    refused(house.finish(&two, hours(3)), "begin it again");
    // An expired root in force can still be followed.
    house
        .finish(&signed(hours(2 * YEAR)), hours(2 * YEAR))
        .unwrap();
}

#[test]
fn a_founding_needs_its_own_thresholds_and_happens_once() {
    let house = Assembly {
        dir: tempfile::tempdir().unwrap(),
        world: World::Drill(7),
    };
    let mut ceremony = house.begun();
    for name in ["Ada", "Bo", "Fay", "Gus"] {
        ceremony.sign(&house.holder(name)).unwrap();
    }
    refused(house.finish(&ceremony, now()), "root lacks 1 of 3");
    assert!(!house.path("repository").exists());
    ceremony.sign(&house.holder("Cy")).unwrap();
    let finished = house.finish(&ceremony, now()).unwrap();
    let root = std::fs::read(house.path("repository/root.json")).unwrap();
    assert_eq!(finished.fingerprint, stentor_verify::fingerprint(&root));
    refused(house.finish(&ceremony, now()), "not empty");
    assert!(ceremony.difference().unwrap().contains("REHEARSAL"));
}

#[test]
fn the_recovery_sheet_says_who_holds_what_and_no_secret() {
    let house = Assembly::new();
    let Sheet { text, html } = Sheet::of(&house.path("repository"), now()).unwrap();
    let root = std::fs::read(house.path("repository/root.json")).unwrap();
    let fingerprint = stentor_verify::fingerprint(&root);
    for page in [&text, &html] {
        assert!(page.contains(&fingerprint), "as a DNS record");
        assert!(page.contains(&fingerprint[..4]) && page.contains("root: 3 of 5"));
        for name in ROOT {
            let key = house.holder(name);
            assert!(page.contains(name) && page.contains(&key.id().grouped()));
            let file = std::fs::read(house.path(&format!("holders/{name}.key"))).unwrap();
            let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
            assert!(!page.contains(file["seed"].as_str().unwrap()));
        }
    }
    assert!(html.contains("Example &lt;Org&gt;") && !html.contains("<Org>"));
    assert!(!html.contains("src=") && !html.contains("href="));
}
