//! Golden journals: what a release wrote must be read and folded for ever.
//!
//! `tests/golden/RELEASE.jsonl` holds an entry a line. Until its release the newest one may be written anew with
//! `cargo test -p stentor-domain --test it -- --ignored write_the_golden_journal`; after it, none is ever changed.

mod tale;

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use stentor_domain::event::{Event, Unreadable};
use stentor_domain::state::{FOLD_VERSION, State};
use stentor_domain::timeline;
use stentor_domain::world::World;

use crate::machine::view;
use tale::tale;

/// The newest release's journal and the state that it folds to, from the crate's folder.
const JOURNAL: &str = "tests/golden/0.1.0.jsonl";
const STATE: &str = "tests/golden/0.1.0.state.json";

struct Line {
    world: World,
    at_ms: i64,
    kind: String,
    version: u16,
    payload: Vec<u8>,
}

impl Line {
    fn write(world: World, at_ms: i64, event: &Event) -> String {
        let (kind, version) = event.kind();
        let bytes = event.encode();
        // What is JSON is kept as it can be read, the rest as hexadecimal digits.
        let payload = serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
            Value::String(hex.collect())
        });
        json!({ "world": world.to_string(), "at_ms": at_ms, "kind": kind, "version": version, "payload": payload })
            .to_string()
    }

    fn read(text: &str) -> Self {
        let line: Value = serde_json::from_str(text).unwrap();
        let payload = match &line["payload"] {
            Value::String(hex) => (0..hex.len() / 2)
                .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
                .collect(),
            json => json.to_string().into_bytes(),
        };
        Self {
            world: line["world"].as_str().unwrap().parse().unwrap(),
            at_ms: line["at_ms"].as_i64().unwrap(),
            kind: line["kind"].as_str().unwrap().to_owned(),
            version: line["version"].as_u64().unwrap().try_into().unwrap(),
            payload,
        }
    }

    fn event(&self) -> Event {
        Event::decode(&self.kind, self.version, &self.payload)
            .unwrap_or_else(|e| panic!("{}: {e}", self.kind))
    }
}

fn lines(path: &str) -> Vec<Line> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    text.lines().map(Line::read).collect()
}

/// The journals of all releases.
fn journals() -> Vec<(String, Vec<Line>)> {
    let files = fs::read_dir("tests/golden").unwrap();
    let paths = files.map(|file| file.unwrap().path().to_str().unwrap().to_owned());
    let journals = paths.filter(|path| path.ends_with(".jsonl"));
    journals.map(|path| (path.clone(), lines(&path))).collect()
}

fn folded(lines: &[Line]) -> State {
    let mut state = State::default();
    for line in lines {
        state.fold(line.world, line.at_ms, &line.event());
    }
    state
}

fn shown(state: &State) -> Value {
    let worlds = view(state).into_iter();
    let worlds: serde_json::Map<_, _> = worlds.map(|(w, open)| (w.to_string(), open)).collect();
    json!({ "fold_version": FOLD_VERSION, "worlds": worlds })
}

#[test]
fn every_journal_ever_written_is_read_and_folded() {
    for (path, lines) in journals() {
        let state = folded(&lines);
        let organisation = state.organisation();
        let organisation = organisation.unwrap_or_else(|| panic!("{path}: its configuration"));
        assert!(state.key_fingerprint.is_some(), "{path}");
        for line in &lines {
            for told in timeline::lines(organisation, line.at_ms, &line.event()) {
                assert!(!told.text.is_empty(), "{path}: {}", line.kind);
            }
        }
    }
}

#[test]
fn every_kind_is_in_a_golden_journal() {
    let journals = journals();
    let written: BTreeSet<_> = journals
        .iter()
        .flat_map(|(_, lines)| lines)
        .map(|line| (line.kind.as_str(), line.version))
        .collect();
    let known: BTreeSet<_> = Event::KINDS.iter().copied().collect();
    assert_eq!(known.len(), Event::KINDS.len(), "a kind is listed twice");
    let missing: Vec<_> = known.difference(&written).collect();
    assert!(missing.is_empty(), "add an entry of {missing:?}");
    let unknown: Vec<_> = written.difference(&known).collect();
    assert!(unknown.is_empty(), "it can no longer be read: {unknown:?}");
}

#[test]
fn the_same_fold_version_folds_to_the_same_state() {
    let expected: Value = serde_json::from_str(&fs::read_to_string(STATE).unwrap()).unwrap();
    let found = shown(&folded(&lines(JOURNAL)));
    assert!(
        found == expected,
        "The golden journal folds to another state than before: snapshots of before are wrong now. \
         Raise FOLD_VERSION and write the state anew (see the top of this file).\n{found}"
    );
}

#[test]
fn what_is_written_is_read_and_never_empty() {
    for (_, _, event) in tale() {
        let (kind, version) = event.kind();
        let bytes = event.encode();
        assert!(!bytes.is_empty(), "{kind}");
        assert_eq!(Event::decode(kind, version, &bytes).unwrap(), event);
        assert!(Event::KINDS.contains(&(kind, version)), "{kind}");
    }
}

#[test]
fn what_is_not_an_entry_is_refused() {
    for line in lines(JOURNAL) {
        let (kind, version) = (line.kind.as_str(), line.version);
        for cut in [0, 1, line.payload.len() / 2, line.payload.len() - 1] {
            let cut = Event::decode(kind, version, &line.payload[..cut]);
            assert!(matches!(cut, Err(Unreadable::Malformed { .. })), "{kind}");
        }
        let newer = Event::decode(kind, version + 1, &line.payload);
        assert!(
            matches!(newer, Err(Unreadable::UnknownKind { .. })),
            "{kind}"
        );
    }
}

#[test]
fn expired_alerts_are_read_as_they_were_before_they_were_counted() {
    let fingerprints = r#"{"alerts":[]}"#;
    let read = Event::decode("alerts.expired", 1, fingerprints.as_bytes()).unwrap();
    let Event::AlertsExpired(expired) = read else {
        panic!("{read:?}");
    };
    assert!(expired.ended.is_empty());
}

#[test]
fn fields_of_a_newer_release_are_passed_over() {
    for line in lines(JOURNAL)
        .iter()
        .filter(|l| l.payload.starts_with(b"{"))
    {
        let mut payload: Value = serde_json::from_slice(&line.payload).unwrap();
        payload["added_later"] = json!([1, "two"]);
        let read = Event::decode(&line.kind, line.version, payload.to_string().as_bytes());
        assert_eq!(read.unwrap(), line.event());
    }
}

#[test]
#[ignore = "writes the golden journal of the release that is in the making"]
fn write_the_golden_journal() {
    let text: String = tale()
        .iter()
        .map(|(world, at, event)| Line::write(*world, *at, event) + "\n")
        .collect();
    fs::write(JOURNAL, text).unwrap();
    let state = shown(&folded(&lines(JOURNAL)));
    fs::write(STATE, format!("{state}\n")).unwrap();
}
