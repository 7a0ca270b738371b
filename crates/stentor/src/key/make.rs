//! Making a key, and showing which there are.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use stentor_engine::{Clock, SystemClock, WordPlaces};
use stentor_publish::{Names, Protection, Sheet, create_key, found_keys};

use super::people::Making;
use super::{failed, founded};
use crate::check::Output;
use crate::failure::{Failure, print, say};
use crate::init::private_file;

/// Make a key file, and beside it a .pub with its public half.
///
/// A holder's key is sealed with a passphrase, or for age recipients. A key of a machine, such as a beacon's
/// timestamp.key, is --plain.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key new ada.age\n  stentor key new ada.age --recipient age1...\n  stentor key new timestamp.key --plain"
)]
pub(crate) struct New {
    /// The file to make; an existing one is never replaced
    file: PathBuf,
    /// Seal it for this age recipient instead of with a passphrase; may be given several times
    #[arg(long, value_name = "AGE1...", conflicts_with_all = ["plain", "passphrase_file"])]
    recipient: Vec<String>,
    /// Leave it unsealed: for machines, and for drills
    #[arg(long)]
    plain: bool,
    /// Read the passphrase from here instead of asking
    #[arg(long, value_name = "FILE", conflicts_with = "plain")]
    passphrase_file: Option<PathBuf>,
}

impl New {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let key = if self.recipient.is_empty() {
            let making = Making {
                passphrase_file: self.passphrase_file.as_ref(),
                plain: self.plain,
            };
            making.make(&self.file)?
        } else {
            create_key(&self.file, &Protection::Recipients(&self.recipient))
                .map_err(Failure::new)?
        };
        print(&key.to_string());
        say(&format!("Its fingerprint: {}", key.id().grouped()));
        Ok(ExitCode::SUCCESS)
    }
}

/// List who may sign what.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor key list --output json")]
pub(crate) struct List {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl List {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        founded(word)?;
        let roster = found_keys(&word.repository).map_err(failed)?;
        let names = Names::load(&word.repository).map_err(failed)?;
        if self.output == Output::Json {
            let roles = roster.roles().map(|(role, holders)| {
                let key = |key: &stentor_publish::PublicKey| {
                    let id = key.id();
                    let kept = names.0.get(&id).map(|n| n.kept.as_str());
                    json!({"id": id, "holder": names.of(&id), "kept": kept, "public": key.to_metadata()})
                };
                let keys: Vec<_> = holders.keys.iter().map(key).collect();
                json!({"role": role, "threshold": holders.threshold, "keys": keys})
            });
            print(&serde_json::to_string_pretty(&roles).map_err(Failure::new)?);
            return Ok(ExitCode::SUCCESS);
        }
        for (role, holders) in roster.roles() {
            let keys = holders.keys.len();
            print(&format!(
                "{role}: {} of {keys} must sign",
                holders.threshold
            ));
            for id in holders.keys.iter().map(stentor_publish::PublicKey::id) {
                print(&format!("  {}  {}", id.short(), names.of(&id)));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Print the recovery sheet: who holds what, the fingerprint of the first root, what to do when. It holds no secret.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor key sheet | lp\n  stentor key sheet --html sheet.html")]
pub(crate) struct PrintSheet {
    /// Also write it as a page for a browser's print dialogue
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl PrintSheet {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        founded(word)?;
        let sheet = Sheet::of(&word.repository, SystemClock.now()).map_err(failed)?;
        if let Some(path) = self.html {
            private_file(&path, sheet.html.as_bytes())?;
        }
        print(sheet.text.trim_end());
        Ok(ExitCode::SUCCESS)
    }
}
