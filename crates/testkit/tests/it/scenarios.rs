//! The recording of Alertmanager is whole and of use.

use std::collections::BTreeSet;
use std::path::Path;

use stentor_testkit::scenario::{Action, Recording, Scenario};

fn recording() -> Recording {
    // Read when run, not baked in: checkouts may share a target directory.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    Recording::read(&Path::new(&here).join("../.."))
        .unwrap_or_else(|error| panic!("the recording cannot be read: {error}"))
}

fn all(recording: &Recording) -> impl Iterator<Item = &Scenario> {
    recording.same.iter().chain(&recording.differs)
}

#[test]
fn there_are_enough_and_each_has_a_name_of_its_own() {
    let recording = recording();
    assert!(recording.same.len() >= 48, "{}", recording.same.len());
    assert!(recording.differs.len() >= 4, "{}", recording.differs.len());
    let names: BTreeSet<_> = all(&recording).map(|s| &s.name).collect();
    assert_eq!(names.len(), all(&recording).count());
    let listed: Vec<_> = recording
        .index
        .same
        .iter()
        .chain(&recording.index.differs)
        .collect();
    let inside: Vec<_> = all(&recording).map(|s| &s.name).collect();
    assert_eq!(listed, inside, "a file has the name of its scenario");
}

#[test]
fn each_file_is_listed() {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let folder = Path::new(&here)
        .join("../..")
        .join(stentor_testkit::scenario::FOLDER);
    let recording = recording();
    for (kind, listed) in [
        ("same", &recording.index.same),
        ("differs", &recording.index.differs),
    ] {
        let files = std::fs::read_dir(folder.join(kind)).unwrap();
        let name = |file: std::io::Result<std::fs::DirEntry>| {
            let name = file.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".json").unwrap_or(&name).to_owned()
        };
        let mut files: Vec<_> = files.map(name).collect();
        files.sort();
        assert_eq!(&files, listed, "{kind}");
    }
}

#[test]
fn each_scenario_has_steps_in_order_and_no_time_that_counts_from_elsewhere() {
    let recording = recording();
    for scenario in all(&recording) {
        let name = &scenario.name;
        assert!(!scenario.steps.is_empty(), "{name}");
        let times: Vec<f64> = scenario.steps.iter().map(|step| step.at).collect();
        assert!(times.is_sorted(), "{name}: {times:?}");
        let within = |at: f64| (0.0..=scenario.ends_at).contains(&at);
        assert!(times.iter().all(|at| within(*at)), "{name}: {times:?}");
        for message in &scenario.notifications {
            assert!(within(message.at), "{name}: {}", message.at);
            assert!(!message.alerts.is_empty(), "{name}: {}", message.at);
            for alert in &message.alerts {
                assert_eq!(
                    alert.ends_at.is_some(),
                    alert.status == "resolved",
                    "{name}: {alert:?}"
                );
                assert!(alert.starts_at.abs() < 10_000.0, "{name}: {alert:?}");
            }
        }
    }
}

#[test]
fn the_recording_says_something() {
    let recording = recording();
    let messages = |status: &str| {
        let of = |s: &Scenario| {
            s.notifications
                .iter()
                .filter(|n| n.status == status)
                .count()
        };
        all(&recording).map(of).sum::<usize>()
    };
    assert!(messages("firing") > 100, "{}", messages("firing"));
    assert!(messages("resolved") > 30, "{}", messages("resolved"));
    let done = |like: fn(&Action) -> bool| {
        all(&recording).any(|s| s.steps.iter().any(|step| like(&step.action)))
    };
    assert!(done(|a| matches!(a, Action::Silence(_))));
    assert!(done(|a| matches!(a, Action::Expire(_))));
    assert!(done(|a| matches!(a, Action::Reload(_))));
    let state = |state: &str| {
        all(&recording).any(|s| s.alerts_at_end.iter().any(|alert| alert.state == state))
    };
    assert!(state("active") && state("suppressed"));
}

#[test]
fn no_end_is_told_of_what_was_never_told() {
    let recording = recording();
    for scenario in &recording.same {
        let found = scenario.untold_resolves();
        assert!(found.is_empty(), "{}: {found:?}", scenario.name);
    }
    // Otherwise the look above would see nothing.
    let seen = |s: &Scenario| !s.untold_resolves().is_empty();
    assert!(recording.differs.iter().any(seen));
}
