//! The founding of a publisher with several holders.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use stentor_domain::world::World;
use stentor_engine::{Clock, SystemClock, WordPlaces};
use stentor_publish::{Beginning, Ceremony, Holders, Names, PublicKey, Roster, online_keys};

use super::people::{Making, Person};
use super::rehearsal::rehearse;
use super::steps::Steps;
use super::{ask, failed};
use crate::failure::{Failure, say};

/// Found a publisher whose root is held by several people, some of whom must agree.
///
/// Asks what is not given. The data directory is one that `stentor init --ceremony` made; this machine makes its own
/// online keys, and gets no offline ones.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key ceremony --rehearsal\n  stentor key ceremony --organisation 'Example Linux' --threshold 3 --holder 'Ada=ada.pub @ the vault' --holder Bo=bo.pub --holder Cy=cy.pub --holder 'Dee=new:dee.age' --holder Eli=eli.pub"
)]
pub(crate) struct Begin {
    /// Whose word it will be, as readers know it
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// How many holders must agree to change keys
    #[arg(long, value_name = "COUNT")]
    threshold: Option<u32>,
    /// A holder of the root: NAME=PUBLICKEY or NAME=new:FILE, and ` @ PLACE` where the key is kept; once for each
    #[arg(long, value_name = "HOLDER")]
    holder: Vec<String>,
    /// How many must agree on who speaks; without it, as many as for the root
    #[arg(long, value_name = "COUNT")]
    targets_threshold: Option<u32>,
    /// A holder of targets, written as for --holder; without any, the holders of the root
    #[arg(long, value_name = "HOLDER")]
    targets_holder: Vec<String>,
    /// Do all of it with passing keys in a passing folder that nothing real trusts, and say whether a reader accepts it
    #[arg(long)]
    rehearsal: bool,
    #[command(flatten)]
    steps: Steps,
}

impl Begin {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        if self.rehearsal {
            let names: Vec<&str> = self.holder.iter().map(|h| Person::parse(h).name).collect();
            return rehearse(self.organisation.as_deref(), &names, self.threshold);
        }
        if word.repository.join("root.json").exists() {
            return Err(Failure::usage(format!(
                "{} holds a publisher already. Its readers trust its first root, so it is not founded again: hand it over \
                 with `stentor key rotate root` and `stentor key rotate targets`, or make an empty data directory with \
                 `stentor init --ceremony`",
                word.repository.display()
            )));
        }
        let organisation = match self.organisation {
            Some(name) => name,
            None => ask::ask(
                "Whose word will it be? The organisation, as readers know it:",
                "--organisation",
            )?,
        };
        let mut holders = self.holder;
        if holders.is_empty() {
            holders = ask_holders()?;
        }
        let threshold = match self.threshold {
            Some(count) => count,
            None => ask_threshold(holders.len())?,
        };
        let making = Making {
            passphrase_file: None,
            plain: false,
        };
        let mut names = Names::default();
        let mut of = |holders: &[String], known: &[PublicKey]| -> Result<Vec<PublicKey>, Failure> {
            let keys = holders
                .iter()
                .map(|h| Person::parse(h).key(&mut names, known, &making));
            keys.collect()
        };
        let root = of(&holders, &[])?;
        let targets = if self.targets_holder.is_empty() {
            root.clone()
        } else {
            of(&self.targets_holder, &root)?
        };
        let online = online_keys(&word.online).map_err(failed)?;
        for (role, key) in ["timestamp", "snapshot", "status"].iter().zip(online) {
            names.set(key.id(), &format!("{role}.key"), "the server");
        }
        say(&format!(
            "This machine's own keys lie in {}.",
            PathBuf::from(&word.online).display()
        ));
        let one = |key| Holders {
            keys: vec![key],
            threshold: 1,
        };
        let [timestamp, snapshot, status] = online.map(one);
        let roster = Roster {
            organisation,
            world: World::Live,
            root: Holders {
                keys: root,
                threshold,
            },
            targets: Holders {
                keys: targets,
                threshold: self.targets_threshold.unwrap_or(threshold),
            },
            snapshot,
            timestamp,
            status,
        };
        let beginning = Beginning {
            roster,
            names: &names,
        };
        let ceremony = Ceremony::begin(&beginning, SystemClock.now()).map_err(failed)?;
        self.steps.go(word, ceremony)
    }
}

fn ask_holders() -> Result<Vec<String>, Failure> {
    say(
        "Who holds the root? Five people at places that do not burn together are good, three of whom must agree.\nFor each: \
         NAME=PUBLICKEY-FILE, or NAME=new:FILE to make a key here; then, if you like, ` @ PLACE`. An empty line ends the list.",
    );
    let mut holders = Vec::new();
    loop {
        let holder = ask::ask(&format!("Holder {}:", holders.len() + 1), "--holder")?;
        if holder.is_empty() {
            return Ok(holders);
        }
        holders.push(holder);
    }
}

fn ask_threshold(holders: usize) -> Result<u32, Failure> {
    let usual = holders / 2 + 1;
    let answer = ask::ask(
        &format!("How many of the {holders} must agree? (usual: {usual})"),
        "--threshold",
    )?;
    if answer.is_empty() {
        return u32::try_from(usual).map_err(Failure::new);
    }
    answer
        .parse()
        .map_err(|_| Failure::usage(format!("{answer:?} is no number")))
}
