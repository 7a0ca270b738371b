//! `stentor key`: who may sign, and everything that happens to that.

pub(crate) mod ask;
mod calendar;
mod carry;
mod ceremony;
mod change;
mod make;
mod people;
mod rehearsal;
pub(crate) mod signers;
mod steps;

pub(crate) use carry::read as read_carried;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use stentor_engine::WordPlaces;
use stentor_publish::CeremonyError;

use crate::failure::Failure;

/// Keys of the public word: the offline root with its holders, and what to do when a key is lost, stolen or old.
///
/// Every change is a ceremony: a folder with what is to be signed. Holders sign where they are; with enough signatures it
/// is put in force.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key list\n  stentor key lost Ada --replacement 'Zoe=zoe.pub' --folder loss\n  stentor key sign loss --key bo.age\n  stentor key finish loss\n  stentor key calendar --check"
)]
pub(crate) struct Key {
    #[command(subcommand)]
    action: Action,
    /// The data directory
    #[arg(
        long,
        global = true,
        default_value = "stentor-data",
        value_name = "DIR"
    )]
    dir: PathBuf,
}

#[derive(Subcommand)]
enum Action {
    New(make::New),
    List(make::List),
    Sheet(make::PrintSheet),
    Ceremony(ceremony::Begin),
    Show(carry::Show),
    Sign(carry::Sign),
    Request(carry::Request),
    AddSignature(carry::AddSignature),
    Finish(carry::Finish),
    Rotate(change::Rotate),
    Lost(change::Lost),
    Revoke(change::Revoke),
    Renew(change::Renew),
    Delegate(change::Delegate),
    AddBeacon(change::AddBeacon),
    RemoveBeacon(change::RemoveBeacon),
    Calendar(calendar::Calendar),
}

impl Key {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let word = stentor_engine::Places {
            data: self.dir,
            credentials: None,
        }
        .word();
        let word = &word;
        match self.action {
            Action::New(new) => new.run(),
            Action::List(list) => list.run(word),
            Action::Sheet(sheet) => sheet.run(word),
            Action::Ceremony(begin) => begin.run(word),
            Action::Show(show) => show.run(),
            Action::Sign(sign) => sign.run(),
            Action::Request(request) => request.run(),
            Action::AddSignature(add) => add.run(),
            Action::Finish(finish) => finish.run(word),
            Action::Rotate(rotate) => rotate.run(word),
            Action::Lost(lost) => lost.run(word),
            Action::Revoke(revoke) => revoke.run(word),
            Action::Renew(renew) => renew.run(word),
            Action::Delegate(delegate) => delegate.run(word),
            Action::AddBeacon(add) => add.run(word),
            Action::RemoveBeacon(remove) => remove.run(word),
            Action::Calendar(calendar) => calendar.run(word),
        }
    }
}

/// What was asked for wrongly is wrong usage; what does not work is a failure.
pub(crate) fn failed(error: CeremonyError) -> Failure {
    match error {
        CeremonyError::Refused(_) | CeremonyError::NotEmpty(_) => Failure::usage(error),
        _ => Failure::new(error),
    }
}

/// Refuses a data directory without a publisher.
fn founded(word: &WordPlaces) -> Result<(), Failure> {
    if word.repository.join("root.json").exists() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{} holds no publisher yet; name the data directory with --dir, or found one with: stentor key ceremony",
        word.repository.display()
    )))
}
