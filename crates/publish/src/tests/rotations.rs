//! Readers while keys change: nobody has to do anything, and what was taken away counts no longer.

use stentor_verify::Verdict;

use super::assembly::Assembly;
use super::python::Visitor;
use super::support::{assert_everywhere, assert_forged, copy, files, hours, now, word};
use crate::repository::{Repository, Seen};
use crate::{Change, Holders, LocalMirror, OfflineRole, OnlineKeys, Publisher, Settings, expiries};

const QUORUM: [&str; 3] = ["Bo", "Cy", "Dee"];
const ALL: [&str; 2] = ["index.html", "status.txt"];

/// A visitor with python-tuf who pinned the first root, with a memory of that name.
fn foreign(
    house: &Assembly,
    memory: &str,
    mirror: &str,
    at: jiff::Timestamp,
) -> Result<(), String> {
    let (root, state) = (house.path("repository/root.json"), house.path(memory));
    std::fs::create_dir_all(&state).unwrap();
    let visitor = Visitor {
        root: &root,
        state: &state,
    };
    visitor.visit(&house.path(mirror), &at.to_string(), &ALL)
}

async fn say(house: &Assembly, what: &str, at: jiff::Timestamp) {
    let said = house.publisher("one").say(word(what), at).await.unwrap();
    assert_everywhere(&said);
}

/// Every kind of change, one after the other.
async fn change_everything(house: &Assembly) {
    let holders = |names: &[&str], threshold| Holders {
        keys: names.iter().map(|name| house.make(name)).collect(),
        threshold,
    };
    // 1: a holder is lost.
    let lost = Change::Lost {
        key: house.holder("Ada").id(),
        instead: None,
        threshold: None,
    };
    house.change(&lost, &QUORUM, hours(1));
    say(house, "b", hours(1)).await;
    // 2: other holders for targets; they sign targets anew.
    let hand = Change::Hand {
        role: OfflineRole::Targets,
        to: holders(&["Ida", "Jo"], 2),
    };
    house.change(&hand, &["Bo", "Cy", "Dee", "Ida", "Jo"], hours(2));
    say(house, "c", hours(2)).await;
    // 3: a beacon, and somebody else who may speak.
    let beacon = Change::AddBeacon(house.make("beacon"));
    house.change(&beacon, &QUORUM, hours(3));
    let liaison = Change::Delegate(house.make("liaison"));
    house.change(&liaison, &["Ida", "Jo"], hours(3));
    say(house, "d", hours(3)).await;
    // 4: all keys of the server.
    house.replace(
        &["timestamp", "snapshot", "status"],
        &["Bo", "Cy", "Eli", "Ida", "Jo"],
        hours(4),
    );
    say(house, "e", hours(4)).await;
    // 5: entirely other holders for the root: signed by both.
    let hand = Change::Hand {
        role: OfflineRole::Root,
        to: holders(&["Kai", "Lu", "Mo"], 2),
    };
    house.change(&hand, &["Bo", "Cy", "Dee", "Kai", "Mo"], hours(5));
    say(house, "f", hours(5)).await;
    copy(&house.path("one"), &house.path("a while ago"));
    // 6: another year.
    house.change(&Change::Renew, &["Lu", "Mo", "Ida", "Jo"], hours(6));
    say(house, "g", hours(6)).await;
}

#[tokio::test]
async fn readers_walk_through_every_change_and_so_do_those_who_slept() {
    let house = Assembly::new();
    say(&house, "a", now()).await;
    for memory in ["awake", "asleep"] {
        assert_eq!(
            house.verify("one", Some(memory), now()).await.verdict,
            Verdict::Fresh
        );
        assert_eq!(
            foreign(&house, &format!("{memory} python"), "one", now()),
            Ok(())
        );
    }
    copy(&house.path("one"), &house.path("old"));
    change_everything(&house).await;
    let at = hours(6);
    assert_eq!(house.roster().root.threshold, 2);
    // Who slept through six roots, who comes for the first time, and who remembers.
    for memory in [Some("asleep"), None, Some("awake")] {
        let report = house.verify("one", memory, at).await;
        assert_eq!(report.verdict, Verdict::Fresh, "{memory:?}");
        assert_eq!(report.version("root"), Some(7));
    }
    for memory in ["asleep python", "awake python", "first python"] {
        assert_eq!(foreign(&house, memory, "one", at), Ok(()), "{memory}");
    }
    // The state before all of this, put back: its keys count no longer. And one whose keys still do.
    for (mirror, why) in [("old", "valid signatures"), ("a while ago", "older state")] {
        let report = house.verify(mirror, Some("awake"), at).await;
        assert_forged(&report, why);
        assert!(
            foreign(&house, "awake python", mirror, at).is_err(),
            "{mirror}"
        );
    }
}

#[tokio::test]
async fn each_root_is_signed_by_those_before_and_those_after() {
    let house = Assembly::new();
    change_everything(&house).await;
    let roots: Vec<_> = (1..=7)
        .map(|n| std::fs::read(house.path(&format!("one/metadata/{n}.root.json"))).unwrap())
        .map(|bytes| crate::ceremony::Document::parse(&bytes).unwrap())
        .collect();
    for pair in roots.windows(2) {
        for authority in &pair[..2] {
            let authority = crate::ceremony::Authority::of_role(&authority.signed, "root").unwrap();
            assert!(authority.is_met(&pair[1]));
        }
    }
}

/// What a thief publishes on a mirror, with keys that were on the server, and the highest numbers there are.
async fn theft(house: &Assembly, at: jiff::Timestamp) {
    for folder in ["repository", "online"] {
        copy(
            &house.path(folder),
            &house.path(&format!("stolen {folder}")),
        );
    }
    let keys = OnlineKeys::load(&house.path("stolen online")).unwrap();
    let mut stolen = Repository::open(&house.path("stolen repository"), keys, house.world).unwrap();
    stolen.fast_forward(900);
    stolen
        .extend(&word("a lie").into(), Seen::default(), at)
        .unwrap();
    drop(stolen);
    let mut thief = Publisher::open(Settings {
        world: house.world,
        repository: &house.path("stolen repository"),
        online: &house.path("stolen online"),
        mirrors: vec![Box::new(LocalMirror::new("one", house.path("one")))],
        timeout: std::time::Duration::from_secs(30),
    })
    .unwrap();
    assert_everywhere(&thief.resign_timestamp(at).await.unwrap());
}

#[tokio::test]
async fn stolen_keys_count_no_longer_and_the_numbers_they_signed_hold_nobody_up() {
    let house = Assembly::new();
    say(&house, "a", now()).await;
    theft(&house, hours(1)).await;
    // Readers believe it: the keys were good.
    assert_eq!(
        house.verify("one", Some("memory"), hours(1)).await.verdict,
        Verdict::Fresh
    );
    assert_eq!(foreign(&house, "python", "one", hours(1)), Ok(()));
    copy(&house.path("one"), &house.path("lie"));
    // We are behind our own keys, so we cannot speak.
    assert!(
        house
            .publisher("one")
            .say(word("b"), hours(2))
            .await
            .is_err()
    );

    house.replace(
        &["timestamp", "snapshot", "status"],
        &["Bo", "Cy", "Dee", "Fay", "Gus"],
        hours(2),
    );
    say(&house, "b", hours(2)).await;
    let report = house.verify("one", Some("memory"), hours(2)).await;
    assert_eq!(report.verdict, Verdict::Fresh);
    assert!(report.version("snapshot") < Some(900), "{report:?}");
    assert_eq!(foreign(&house, "python", "one", hours(2)), Ok(()));

    // The lie beside the new root: what the old keys signed is no signature.
    let root = "metadata/2.root.json";
    std::fs::copy(house.path("one").join(root), house.path("lie").join(root)).unwrap();
    assert_forged(&house.verify("lie", None, hours(2)).await, "timestamp");
    let said = foreign(&house, "first python", "lie", hours(2)).unwrap_err();
    assert!(said.starts_with("UnsignedMetadataError"), "{said}");
    // And on the server, only the new keys are left.
    assert_eq!(
        files(&house.path("online")),
        [
            "minisign.key",
            "snapshot.key",
            "status.key",
            "timestamp.key"
        ]
    );
    assert!(
        OnlineKeys::load(&house.path("stolen online")).is_ok_and(|stolen| {
            Repository::open(&house.path("repository"), stolen, house.world).is_err()
        })
    );
}

#[tokio::test]
async fn a_running_server_puts_a_change_in_force_with_its_next_word() {
    let house = Assembly::new();
    let mut running = house.publisher("one");
    running.say(word("a"), now()).await.unwrap();
    let new = crate::next_online_key(&house.path("online"), "timestamp").unwrap();
    let change = Change::Replace {
        keys: vec![(house.roster().timestamp.keys[0].id(), new)],
    };
    let finished = house.change(&change, &QUORUM, hours(1));
    assert!(finished.waiting && running.has_change());
    assert_eq!(house.roster().timestamp.keys.len(), 1);
    assert_everywhere(&running.resign_timestamp(hours(1)).await.unwrap());
    assert!(!running.has_change());
    assert_eq!(house.roster().timestamp.keys, [new]);
    assert_eq!(
        house.verify("one", None, hours(1)).await.version("root"),
        Some(2)
    );

    // What is not allowed is set aside, and holds nothing back.
    std::fs::write(house.path("repository/next.json"), "nonsense").unwrap();
    assert_everywhere(&running.say(word("b"), hours(2)).await.unwrap());
    assert!(house.path("repository/next.refused.json").exists() && !running.has_change());
}

#[tokio::test]
async fn killed_between_any_two_writes_it_is_the_old_or_the_new_whole() {
    let house = Assembly::new();
    say(&house, "a", now()).await;
    let all = ["repository", "online"];
    let before = |folder: &str| house.path(&format!("before {folder}"));
    let after = |folder: &str| house.path(&format!("after {folder}"));
    // A change that waits, as it lies there when the process that is to put it in force is killed.
    let running = house.publisher("one");
    house.replace(
        &["timestamp", "status"],
        &["Bo", "Cy", "Dee", "Fay", "Gus"],
        hours(1),
    );
    for folder in all {
        copy(&house.path(folder), &before(folder));
    }
    drop(running);
    say(&house, "a", hours(1)).await;
    for folder in all {
        copy(&house.path(folder), &after(folder));
    }

    // In the order of writing: new metadata, the head, names, keys by renaming, and at last the change goes.
    let known = files(&before("repository"));
    let mut steps: Vec<String> = files(&after("repository"))
        .into_iter()
        .filter(|f| !known.contains(f))
        .map(|f| format!("repository/{f}"))
        .collect();
    assert!(steps.len() >= 7, "{steps:?}");
    steps.push("repository/head.json".into());
    let waiting: Vec<String> = files(&before("online"))
        .into_iter()
        .filter(|f| f.split('.').count() == 3)
        .collect();
    assert_eq!(waiting.len(), 2);
    steps.extend(waiting.iter().map(|f| format!("rename {f}")));
    for killed_after in 0..=steps.len() {
        let own = |folder: &str| house.path(&format!("own {killed_after}/{folder}"));
        for folder in all {
            copy(&before(folder), &own(folder));
        }
        for step in &steps[..killed_after] {
            if let Some(key) = step.strip_prefix("rename ") {
                let to = format!("{}.key", key.split('.').next().unwrap());
                std::fs::rename(own("online").join(key), own("online").join(to)).unwrap();
            } else {
                let file = step.strip_prefix("repository/").unwrap();
                let to = own("repository").join(file);
                std::fs::copy(after("repository").join(file), to).unwrap();
            }
        }
        let mirror = format!("mirror {killed_after}");
        let mut publisher = Publisher::open(Settings {
            world: house.world,
            repository: &own("repository"),
            online: &own("online"),
            mirrors: vec![Box::new(LocalMirror::new(&mirror, house.path(&mirror)))],
            timeout: std::time::Duration::from_secs(30),
        })
        .unwrap();
        // Nobody has seen more than what is whole.
        assert_everywhere(&publisher.push(hours(1)).await.unwrap());
        let report = house.verify(&mirror, None, hours(1)).await;
        assert!(matches!(report.version("root"), Some(1 | 2)), "{report:?}");
        // And it goes on to the end.
        assert_everywhere(&publisher.say(word("b"), hours(2)).await.unwrap());
        assert_eq!(
            house.verify(&mirror, None, hours(2)).await.version("root"),
            Some(2)
        );
        assert!(!publisher.has_change());
        assert_eq!(files(&own("online")).len(), 4);
    }
}

#[tokio::test]
async fn the_calendar_knows_every_role_and_the_half_of_its_life() {
    let house = Assembly::new();
    say(&house, "a", now()).await;
    let all = expiries(&house.path("repository")).unwrap();
    let of = |role: &str| all.iter().find(|e| e.role == role).unwrap();
    let year = 365 * 24;
    for (role, hours_left, keys, threshold) in [
        ("root", year, 5, 3),
        ("targets", year, 3, 2),
        ("timestamp", 6, 1, 1),
        ("snapshot", 30 * 24, 1, 1),
        ("status", 30 * 24, 1, 1),
    ] {
        let found = of(role);
        assert_eq!(found.expires, hours(hours_left), "{role}");
        assert_eq!(found.half_life, hours(hours_left / 2), "{role}");
        assert_eq!(
            (found.keys.len(), found.threshold),
            (keys, threshold),
            "{role}"
        );
        assert_eq!(found.offline, keys > 1);
        assert!(if found.offline {
            found.alarm == found.half_life
        } else {
            found.alarm > found.half_life
        });
    }
    assert_eq!(
        all.iter()
            .filter(|e| e.role.starts_with("incidents-"))
            .count(),
        3
    );
    house.change(
        &Change::Renew,
        &["Bo", "Cy", "Dee", "Fay", "Gus"],
        hours(100),
    );
    let renewed = expiries(&house.path("repository")).unwrap();
    assert_eq!(
        (renewed[0].version, renewed[0].expires),
        (2, hours(100 + year))
    );
}
