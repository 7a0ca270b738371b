//! The public lane, in virtual time.

use std::collections::BTreeMap;
use std::path::Path;

use stentor_domain::announcement::{DenialWord, Filled};
use stentor_domain::command::Command;
use stentor_domain::ids::DenialId;
use stentor_domain::state::PUBLIC_HISTORY_MS;
use stentor_domain::world::World::Live;
use stentor_engine::{Clock, Places};
use stentor_publish::{Founding, found};

use crate::lab::{Lab, pass};

/// A node confirms its word so often, in seconds.
const HOUR: u64 = 3_600;

fn denial(id: Option<u32>, template: &str) -> Command {
    let values: BTreeMap<String, String> = [
        ("topic", "passwords"),
        ("claim", "They end."),
        ("truth", "They do not."),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    Command::SpeakOfDenial(DenialWord {
        id: id.map(DenialId),
        seen_at: vec!["mail".to_owned()],
        circulates: None,
        text: Filled {
            template: template.into(),
            values,
        },
        corrects: None,
        by: "cleo".into(),
    })
}

/// A mirror's list of false messages.
fn denials(data: &Path) -> Option<usize> {
    let text = std::fs::read(data.join("mirrors/one/status.json")).ok()?;
    let status: serde_json::Value = serde_json::from_slice(&text).unwrap();
    Some(status["denials"].as_array().unwrap().len())
}

#[tokio::test(start_paused = true)]
async fn what_ended_long_ago_leaves_the_page_of_a_silent_house() {
    let lab = Lab::new();
    let engine = lab.node("a").await;
    for said in [denial(None, "denial"), denial(Some(1), "denial-over")] {
        engine.submit(Live, said).await.unwrap();
    }
    drop(engine);

    // Shortly before its time is over, the node that publishes starts.
    pass(u64::try_from(PUBLIC_HISTORY_MS).unwrap() / 1_000 - HOUR / 2).await;
    let (engine, clock) = lab.open("a").await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let places = Places {
        data: data.path().to_owned(),
        credentials: None,
    };
    let word = places.word();
    let founding = Founding {
        organisation: "Example",
        world: Live,
        offline: &word.offline,
        online: &word.online,
        repository: &word.repository,
    };
    found(&founding, clock.now()).unwrap();
    engine.start_workers(&places, std::future::pending());
    while denials(data.path()).is_none() {
        pass(1).await;
    }
    pass(60).await;
    assert_eq!(denials(data.path()), Some(1));

    // Nothing happens, and an hour later it is gone.
    let seq = engine.seq();
    pass(2 * HOUR).await;
    assert_eq!(engine.seq(), seq, "the house was silent");
    assert_eq!(denials(data.path()), Some(0));
}
