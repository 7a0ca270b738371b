//! The whole ceremony with passing keys: for people who want to have done it once before it counts.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use stentor_domain::world::World;
use stentor_engine::{Clock, SystemClock};
use stentor_publish::{
    Beginning, Ceremony, Change, Holders, LocalMirror, Names, Protection, PublicKey, Publisher,
    Roster, Settings, Signer, Unlock, create_key, online_keys,
};
use stentor_verify::{LocalDir, Report, StateDir, Verdict, Verification};

use super::failed;
use crate::failure::{Failure, block_on, print, say};
use crate::init::{at, private_dir, random};

const NAMES: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// A folder that goes when it is no longer needed.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Founds, publishes, loses a holder, publishes, each time read by somebody who pinned the first root.
pub(crate) fn rehearse(
    organisation: Option<&str>,
    people: &[&str],
    threshold: Option<u32>,
) -> Result<ExitCode, Failure> {
    let people = if people.is_empty() {
        &NAMES[..]
    } else {
        people
    };
    let usual = u32::try_from(people.len() / 2 + 1).map_err(Failure::new)?;
    let threshold = threshold.unwrap_or(usual);
    let name = format!("stentor-rehearsal-{}", hex::encode(&random()?[..8]));
    let passing = Passing(std::env::temp_dir().join(name));
    private_dir(&passing.0)?;
    let stage = Stage {
        dir: &passing.0,
        people,
        threshold,
    };
    say(
        "REHEARSAL: these keys are made for the occasion and thrown away; nothing real trusts them.",
    );

    say(&format!(
        "\n1. Founding: {threshold} of {} holders must agree.",
        people.len()
    ));
    let founding = stage.found(organisation.unwrap_or("Rehearsal"))?;
    stage.signed_and_finished(founding, 0)?;
    let founded = stage.read()?;

    say("\n2. The first holder's key is lost; the others take it out.");
    let names = Names::load(&stage.at("repository")).map_err(failed)?;
    let lost = Change::Lost {
        key: stage.signer(people[0])?.id(),
        instead: Some(stage.key("the replacement")?),
        threshold: None,
    };
    let mut known = names;
    known.set(stage.public("the replacement")?.id(), "the replacement", "");
    let now = SystemClock.now();
    let loss = Ceremony::change(&stage.at("repository"), &lost, &known, now).map_err(failed)?;
    stage.signed_and_finished(loss, 1)?;
    let after = stage.read()?;

    let fresh = |report: &Report| report.verdict == Verdict::Fresh;
    if fresh(&founded) && fresh(&after) && after.version("root") == Some(2) {
        print(
            "REHEARSAL PASSED: a reader who has only the first root accepts both words, and the lost key counts no longer.",
        );
        Ok(ExitCode::SUCCESS)
    } else {
        print(&format!(
            "REHEARSAL FAILED.\n{}",
            after.explain().trim_end()
        ));
        Ok(ExitCode::FAILURE)
    }
}

/// A passing installation.
struct Stage<'a> {
    dir: &'a Path,
    people: &'a [&'a str],
    threshold: u32,
}

impl Stage<'_> {
    fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// A file for a holder, whatever their name.
    fn file(&self, person: &str) -> PathBuf {
        self.at("holders")
            .join(format!("{}.key", hex::encode(person)))
    }

    fn key(&self, person: &str) -> Result<PublicKey, Failure> {
        create_key(&self.file(person), &Protection::None).map_err(Failure::new)
    }

    fn signer(&self, person: &str) -> Result<Signer, Failure> {
        let mut nobody = |_: &Path| Err("a passing key has none".to_owned());
        let mut unlock = Unlock {
            ask: &mut nobody,
            identity: None,
        };
        Signer::open(&self.file(person), &mut unlock).map_err(Failure::new)
    }

    fn public(&self, person: &str) -> Result<PublicKey, Failure> {
        Ok(self.signer(person)?.public())
    }

    fn found(&self, organisation: &str) -> Result<Ceremony, Failure> {
        let mut names = Names::default();
        let mut keys = Vec::new();
        for person in self.people {
            let key = self.key(person)?;
            names.set(key.id(), person, "");
            keys.push(key);
        }
        let one = |key| Holders {
            keys: vec![key],
            threshold: 1,
        };
        let [timestamp, snapshot, status] =
            online_keys(&self.at("online")).map_err(failed)?.map(one);
        let all = Holders {
            keys,
            threshold: self.threshold,
        };
        let roster = Roster {
            organisation: organisation.to_owned(),
            world: World::Drill(1),
            root: all.clone(),
            targets: all,
            snapshot,
            timestamp,
            status,
        };
        let beginning = Beginning {
            roster,
            names: &names,
        };
        Ceremony::begin(&beginning, SystemClock.now()).map_err(failed)
    }

    /// As many sign as must, the last of them from afar; whoever stands before `from` does not.
    fn signed_and_finished(&self, mut ceremony: Ceremony, from: usize) -> Result<(), Failure> {
        say(ceremony.difference().map_err(failed)?.trim_end());
        let mut signers = self.people[from..].to_vec();
        if from > 0 {
            signers.insert(0, "the replacement");
        }
        for person in signers {
            if ceremony.is_complete().map_err(failed)? {
                break;
            }
            let there =
                Ceremony::from_request(&ceremony.request().map_err(failed)?).map_err(failed)?;
            let answer = there.answer(&self.signer(person)?).map_err(failed)?;
            ceremony.add_signature(&answer).map_err(failed)?;
            say(&format!("{person} signed."));
        }
        ceremony
            .finish(
                &self.at("repository"),
                &self.at("online"),
                SystemClock.now(),
            )
            .map_err(failed)?;
        Ok(())
    }

    /// Brings the word to a mirror, and reads it as somebody who remembers earlier visits.
    fn read(&self) -> Result<Report, Failure> {
        let mirror = self.at("mirror");
        let root = self.at("repository").join("root.json");
        let root = std::fs::read(&root).map_err(at(&root))?;
        block_on(async {
            let settings = Settings {
                world: World::Drill(1),
                repository: &self.at("repository"),
                online: &self.at("online"),
                mirrors: vec![Box::new(LocalMirror::new("rehearsal", &mirror))],
                timeout: Duration::from_secs(60),
            };
            let publisher = Publisher::open(settings).map_err(Failure::new)?;
            publisher
                .push(SystemClock.now())
                .await
                .map_err(Failure::new)?;
            let there = LocalDir::new(&mirror);
            let check = Verification::new(&there, &root, SystemClock.now());
            let report = check.run_with_state(&StateDir::new(self.at("seen"))).await;
            say(report.explain().trim_end());
            Ok(report)
        })
    }
}
