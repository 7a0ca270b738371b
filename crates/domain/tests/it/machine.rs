//! Whatever is asked, in whatever order: what must hold after every step.

mod invariants;
mod speaking;
mod steps;

use proptest::prelude::*;

use stentor_domain::command::Command;
use stentor_domain::event::Event;
use stentor_domain::state::State;
use stentor_domain::world::World;

use crate::example::example;
use crate::story::Story;
pub(crate) use invariants::view;
use invariants::{holds, same};
use steps::{MARKER, Step, step};

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..60)
}

/// A story in two worlds, so that each can be looked at for traces of the other.
fn both_worlds() -> Story {
    let mut story = Story::new(example());
    story.fires("Slow", "login", "warning");
    story.world = World::Drill(1);
    story.must(Command::StartDrill {
        scenario: "first".into(),
        by: "ada".into(),
        pace: 60,
    });
    story.world = World::Live;
    story
}

fn refold<'a>(entries: impl Iterator<Item = &'a (World, i64, Event)>, state: &mut State) {
    for (world, at, event) in entries {
        state.fold(*world, *at, event);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_hold_after_every_step(steps in steps()) {
        let mut story = Story::new(example());
        for step in &steps {
            step.play(&mut story);
            holds(&story);
        }
    }

    #[test]
    fn what_was_journaled_folds_to_what_is_in_memory(steps in steps(), cut in any::<prop::sample::Index>()) {
        let mut story = both_worlds();
        for (i, step) in steps.iter().enumerate() {
            story.world = if i % 3 == 0 { World::Drill(1) } else { World::Live };
            step.play(&mut story);
        }
        // Through the bytes of the journal.
        let read: Vec<_> = story.journal.iter().map(|(world, at, event)| {
            let (kind, version) = event.kind();
            let bytes = event.encode();
            assert!(!bytes.is_empty());
            let read = Event::decode(kind, version, &bytes).unwrap();
            assert_eq!(&read, event);
            (*world, *at, read)
        }).collect();
        let mut whole = State::default();
        refold(read.iter(), &mut whole);
        // Re-sends live in memory only: the journal knows the end that it was told.
        assert!(same(&view(&whole), &view(&story.state)));
        // Through a snapshot taken at any entry.
        let cut = cut.index(read.len() + 1);
        let mut first = State::default();
        refold(read[..cut].iter(), &mut first);
        let bytes = postcard::to_stdvec(&first).unwrap();
        let mut restored: State = postcard::from_bytes(&bytes).unwrap();
        restored.restore_organisation();
        assert_eq!(view(&restored), view(&first));
        assert_eq!(restored.organisation().is_some(), first.organisation().is_some());
        refold(read[cut..].iter(), &mut restored);
        assert_eq!(view(&restored), view(&whole));
    }

    #[test]
    fn nothing_crosses_between_the_worlds(steps in steps()) {
        let mut story = both_worlds();
        for (i, step) in steps.iter().enumerate() {
            let (here, there) = if i % 2 == 0 {
                (World::Live, World::Drill(1))
            } else {
                (World::Drill(1), World::Live)
            };
            story.world = here;
            let before = view(&story.state);
            let configuration = story.state.configuration.as_ref().map(|c| c.hash.clone());
            step.play(&mut story);
            assert_eq!(view(&story.state).get(&there), before.get(&there), "{step:?}");
            assert_eq!(story.state.configuration.as_ref().map(|c| c.hash.clone()), configuration);
        }
    }

    #[test]
    fn what_was_not_disclosed_is_not_public(steps in steps()) {
        let mut story = both_worlds();
        for step in &steps {
            step.play(&mut story);
            for world in [World::Live, World::Drill(1)] {
                let page = story.state.status_page(world, story.now_ms).unwrap();
                assert!(!format!("{page:?}").contains(MARKER), "{step:?}");
            }
        }
    }

    #[test]
    fn another_page_is_another_edition(steps in steps()) {
        let mut story = both_worlds();
        let worlds = [World::Live, World::Drill(1)];
        for step in &steps {
            let before = story.state.clone();
            step.play(&mut story);
            for world in worlds {
                let look = |state: &State| (state.edition(world), state.status_page(world, story.now_ms));
                let (before, after) = (look(&before), look(&story.state));
                assert!(before.0 != after.0 || before.1 == after.1, "{step:?}");
            }
        }
    }

    #[test]
    fn erased_payloads_leave_a_state_that_works(steps in steps(), erased in proptest::collection::vec(any::<bool>(), 200)) {
        let mut story = Story::new(example());
        for step in &steps {
            step.play(&mut story);
        }
        let keep = |i: usize, event: &Event| {
            matches!(event, Event::BundleAccepted(_)) || !erased[i % erased.len()]
        };
        let left = story.journal.iter().enumerate().filter(|(i, (_, _, e))| keep(*i, e));
        let mut state = State::default();
        refold(left.map(|(_, entry)| entry), &mut state);
        story.state = state;
        story.fires("Down", "website", "page");
        story.until(story.now_ms + 30 * 86_400_000);
    }
}
