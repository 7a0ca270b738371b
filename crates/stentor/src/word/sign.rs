//! `stentor word sign` and what belongs to it: the signature of somebody who speaks with a key of their own.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use stentor_publish::{Signer, WordRequest, leave_signature};

use crate::failure::{Failure, print, say};
use crate::init::{at, private_file};
use crate::key::signers::Keys;
use crate::key::{ask, failed, read_carried};
use crate::node::Location;

/// Sign what waits to be said, with a key of your own that may speak.
///
/// Shows everything that is signed and not published yet. A running node publishes it within seconds; on a stopped one,
/// `stentor word push` does. With --request it needs no node: a text came in, a text goes out.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor word sign --dir /srv/stentor --key dora.age\n  stentor word sign --request request.txt --out signature.txt --key dora.age --pages to-read"
)]
pub(super) struct Sign {
    /// The text that `stentor word request` made
    #[arg(long, value_name = "FILE", requires = "out")]
    request: Option<PathBuf>,
    /// Where to write your signature, as a text
    #[arg(long, value_name = "FILE", requires = "request")]
    out: Option<PathBuf>,
    /// Write the pages that would change into this new folder before asking, to look at them as readers would
    #[arg(long, value_name = "FOLDER")]
    pages: Option<PathBuf>,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    location: Location,
}

impl Sign {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        match (&self.request, &self.out) {
            (Some(request), Some(out)) => {
                let asked = WordRequest::from_text(&read_carried(request)?).map_err(failed)?;
                let signature = self.sign(&asked)?;
                private_file(out, signature.as_bytes())?;
                say(&format!(
                    "Send {} back. It is no secret, and good for exactly this word.",
                    out.display()
                ));
            }
            _ => {
                let repository = self.location.places()?.word().repository;
                let asked = WordRequest::load(&repository).map_err(failed)?;
                let asked = asked.ok_or_else(nothing)?;
                let signature = self.sign(&asked)?;
                leave(&repository, &signature)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Shows what is signed, asks, and signs.
    fn sign(&self, asked: &WordRequest) -> Result<String, Failure> {
        if let Some(folder) = &self.pages {
            write_pages(asked, folder)?;
        }
        let signer = self.signer(asked)?;
        if !asked.counts(&signer.id()) {
            // Refused, and says whose would count, before somebody reads all of it for nothing.
            return asked.sign(&signer).map_err(failed);
        }
        ask::confirm(
            asked.shown().trim_end(),
            &format!(
                "Sign all of this with the key of {}?",
                asked.names().shown(&signer.id())
            ),
            self.keys.yes,
        )?;
        asked.sign(&signer).map_err(failed)
    }

    fn signer(&self, asked: &WordRequest) -> Result<Signer, Failure> {
        let counts = |id: &stentor_publish::KeyId| asked.counts(id);
        let mut signers = if self.keys.any() {
            self.keys.open(&counts)?
        } else {
            self.keys.asked(&counts)?
        };
        match (signers.pop(), signers.is_empty()) {
            (Some(signer), true) => Ok(signer),
            (Some(_), false) => Err(Failure::usage(
                "name one key; somebody else signs with a call of their own",
            )),
            (None, _) => Err(Failure::usage("no key, no signature; nothing was said")),
        }
    }
}

/// Print what waits to be said as one text, for somebody who speaks and is elsewhere: for a mail, a chat, a stick.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor word request --dir /srv/stentor > request.txt")]
pub(super) struct Request {
    #[command(flatten)]
    location: Location,
}

impl Request {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let repository = self.location.places()?.word().repository;
        let asked = WordRequest::load(&repository).map_err(failed)?;
        let asked = asked.ok_or_else(nothing)?;
        print(asked.to_text().map_err(failed)?.trim_end());
        say(
            "Nobody has read this word yet who should not: treat the text so until it is published. They run: stentor word \
             sign --request FILE --out SIGNATURE --key THEIR-KEY",
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Take a signature that came as a text; what waited is published with it.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor word add-signature signature.txt --dir /srv/stentor")]
pub(super) struct AddSignature {
    /// The text that `stentor word sign --request` made; whatever stands around it does no harm
    signature: PathBuf,
    #[command(flatten)]
    location: Location,
}

impl AddSignature {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let repository = self.location.places()?.word().repository;
        leave(&repository, &read_carried(&self.signature)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Leaves a signature where a running node looks every second, and a stopped one when it publishes.
fn leave(repository: &Path, signature: &str) -> Result<(), Failure> {
    let asked = WordRequest::load(repository).map_err(failed)?;
    let key = leave_signature(repository, signature).map_err(failed)?;
    let who = asked.map_or_else(|| key.short(), |asked| asked.names().shown(&key));
    say(&format!(
        "Signed by {who}. A running node publishes it within seconds; without one: stentor word push"
    ));
    Ok(())
}

fn write_pages(asked: &WordRequest, folder: &Path) -> Result<(), Failure> {
    let filled = std::fs::read_dir(folder).is_ok_and(|mut all| all.next().is_some());
    if filled {
        return Err(Failure::usage(format!(
            "{} is not empty; name a new folder with --pages",
            folder.display()
        )));
    }
    for (path, text) in asked.pages() {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(at(parent))?;
        private_file(&path, text.as_bytes())?;
    }
    say(&format!(
        "The pages that would change lie in {}.",
        folder.display()
    ));
    Ok(())
}

fn nothing() -> Failure {
    Failure::new(
        "nothing waits for a signature: everything that was authorised is said, or this machine has not prepared it yet",
    )
}
