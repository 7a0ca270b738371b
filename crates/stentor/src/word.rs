//! `stentor word`: the public word by hand, without a database.

mod sign;

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use stentor_domain::world::World;
use stentor_engine::{Clock, Places, SystemClock, surroundings};
use stentor_publish::{
    Publication, PublishError, Publisher, RepositoryError, Settings, Standing, Word as Held,
};

use crate::failure::{Failure, block_on, print, say};
use crate::files::{self, Unusable};
use crate::node::Location;

/// How long one mirror has.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Who signed within this time may be at work still: a publisher signs hourly.
const AT_WORK: SignedDuration = SignedDuration::from_mins(70);

/// Publish what this machine holds without a database, take over what a mirror holds, or sign what waits to be said.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor word push --dir /srv/stentor\n  stentor word adopt --dir /srv/stentor\n  stentor word sign --dir /srv/stentor --key dora.age"
)]
pub(crate) struct Word {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Sign the time anew and push what was authorised last to every mirror, without the database. Exits with 1 when a
    /// mirror does not show it, or when it waits for a signature
    #[command(after_help = "Example:\n  stentor word push --dir /srv/stentor")]
    Push {
        #[command(flatten)]
        place: Place,
    },
    /// Go on from the newest word that a mirror holds: after a restored backup, or when another machine published
    #[command(
        after_help = "Example:\n  stentor word adopt --dir /srv/stentor\n  stentor word adopt --dir /srv/stentor --yes --other-publisher-stopped"
    )]
    Adopt {
        #[command(flatten)]
        place: Place,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// You have made sure that nobody else publishes any more
        #[arg(long)]
        other_publisher_stopped: bool,
    },
    Sign(sign::Sign),
    Request(sign::Request),
    AddSignature(sign::AddSignature),
}

/// Where the word lies.
#[derive(Args)]
struct Place {
    #[command(flatten)]
    location: Location,
}

impl Word {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let now = SystemClock.now();
        match self.action {
            Action::Push { place } => block_on(push(&place.location.places()?, now)),
            Action::Adopt {
                place,
                yes,
                other_publisher_stopped,
            } => {
                let adoption = Adoption {
                    yes,
                    other_publisher_stopped,
                    now,
                };
                block_on(adoption.run(&place.location.places()?))
            }
            Action::Sign(sign) => sign.run(),
            Action::Request(request) => request.run(),
            Action::AddSignature(add) => add.run(),
        }
    }
}

async fn push(places: &Places, now: Timestamp) -> Result<ExitCode, Failure> {
    let mut publisher = open(places)?;
    let publication = publisher.push_spooled(now).await.map_err(refused)?;
    Ok(told(&publisher.to_the_end(publication).await))
}

/// Prints what came of each mirror.
fn told(publication: &Publication) -> ExitCode {
    print(&format!(
        "snapshot {}, fresh until {}",
        publication.snapshot,
        minute(publication.fresh_until)
    ));
    for outcome in &publication.mirrors {
        let mirror = &outcome.mirror;
        match &outcome.result {
            Ok(_) => print(&format!("{mirror}: shows it")),
            Err(failure) => print(&format!("{mirror}: {failure}")),
        }
    }
    if let Some(waits) = &publication.waits {
        print(&format!(
            "NOT said yet: {waits}; they run: stentor word sign --key THEIR-KEY"
        ));
        return ExitCode::FAILURE;
    }
    if publication.is_everywhere() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

struct Adoption {
    yes: bool,
    other_publisher_stopped: bool,
    now: Timestamp,
}

impl Adoption {
    async fn run(&self, places: &Places) -> Result<ExitCode, Failure> {
        let mut publisher = open(places)?;
        let standing = publisher.standing(self.now).await.map_err(refused)?;
        show(&standing);
        let Some((mirror, newer)) = standing.newer() else {
            print(
                "No mirror holds anything that this machine does not know: there is nothing to take over.",
            );
            return Ok(ExitCode::SUCCESS);
        };
        self.refuse_if_active(mirror, newer)?;
        if !self.yes && !agreed(mirror, newer)? {
            return Err(Failure::new("nothing was taken over"));
        }
        let taken = publisher.adopt(self.now).await.map_err(refused)?;
        print(if taken {
            "Taken over. What is published from now on comes after it."
        } else {
            "Ours was confirmed last; what is published from now on comes after both."
        });
        let publication = publisher
            .resign_timestamp(self.now)
            .await
            .map_err(refused)?;
        Ok(told(&publisher.to_the_end(publication).await))
    }

    /// Two who take over from each other would go on for ever.
    fn refuse_if_active(&self, mirror: &str, newer: &Held) -> Result<(), Failure> {
        let age = self.now.duration_since(newer.signed);
        if self.other_publisher_stopped || age > AT_WORK {
            return Ok(());
        }
        Err(Failure::new(format!(
            "what {mirror} holds was signed at {}, so another publisher may be at work (or a beacon confirms its word). \
             Stop every other publisher first; then say so with --other-publisher-stopped",
            minute(newer.signed)
        )))
    }
}

fn show(standing: &Standing) {
    let line = |who: &str, word: &Held| {
        print(&format!(
            "{who}: snapshot {}, signed at {}, timestamp {}",
            word.snapshot,
            minute(word.signed),
            word.timestamp
        ));
    };
    line("this machine", &standing.ours);
    for (mirror, word) in &standing.mirrors {
        match word {
            Ok(word) if word.hash == standing.ours.hash => {
                print(&format!(
                    "{mirror}: the same snapshot, signed at {}",
                    minute(word.signed)
                ));
            }
            Ok(word) => line(mirror, word),
            Err(why) => print(&format!(
                "{mirror}: nothing that can be told: {}",
                why.trim()
            )),
        }
    }
}

fn agreed(mirror: &str, newer: &Held) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("there is nobody to ask; use --yes"));
    }
    say(&format!(
        "Take over snapshot {} from {mirror}, and publish after it from now on? [y/N]",
        newer.snapshot
    ));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.map_err(Failure::new)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The live world's publisher, by the files of this machine.
fn open(places: &Places) -> Result<Publisher, Failure> {
    let configuration = files::read(&places.configuration()).map_err(Unusable::into_failure)?;
    let organisation = &configuration.organisation;
    let around = surroundings(places, &organisation.allow_networks, Arc::new(SystemClock));
    let mirrors = organisation.mirrors.iter().map(|spec| {
        stentor_mirrors::open(spec, &around)
            .unwrap_or_else(|error| stentor_mirrors::unusable(&spec.name, &error))
    });
    let word = places.word();
    Publisher::open(Settings {
        world: World::Live,
        repository: &word.repository,
        online: &word.online,
        mirrors: mirrors.collect(),
        timeout: TIMEOUT,
    })
    .map_err(refused)
}

fn refused(error: PublishError) -> Failure {
    match &error {
        PublishError::Repository(RepositoryError::InUse { .. }) => Failure::new(format!(
            "{error}. A running node publishes by itself, also when its database is gone; to do it by hand, stop it first"
        )),
        PublishError::Ahead { .. } | PublishError::Raced { .. } => {
            Failure::new(format!("{error}. Look at it with: stentor word adopt"))
        }
        _ => Failure::new(error),
    }
}

fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
