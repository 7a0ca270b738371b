//! Carrying a ceremony to its holders and back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use stentor_engine::WordPlaces;
use stentor_publish::Ceremony;

use super::signers::Keys;
use super::{ask, failed, steps};
use crate::failure::{Failure, print, say};
use crate::init::{at, private_file};

/// A carried text is far smaller, in bytes.
const MOST: u64 = 8_000_000;

/// Show what a ceremony would change, and whose signatures it lacks.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor key show ./loss")]
pub(crate) struct Show {
    /// The folder of the ceremony
    folder: PathBuf,
}

impl Show {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let ceremony = Ceremony::load(&self.folder).map_err(failed)?;
        print(ceremony.difference().map_err(failed)?.trim_end());
        let missing = ceremony.missing().map_err(failed)?;
        print(if missing.is_empty() {
            "\nEverybody who is needed has signed."
        } else {
            ""
        });
        print(&missing);
        Ok(ExitCode::SUCCESS)
    }
}

/// Sign a ceremony with your key, after reading what it says.
///
/// With --request it needs no folder: a text came in, a text goes out.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor key sign ./loss --key bo.age\n  stentor key sign ./loss --ssh\n  stentor key sign --request request.txt --out signature.txt --key bo.age"
)]
pub(crate) struct Sign {
    /// The folder of the ceremony
    #[arg(required_unless_present = "request", conflicts_with = "request")]
    folder: Option<PathBuf>,
    /// The text that `stentor key request` made
    #[arg(long, value_name = "FILE", requires = "out")]
    request: Option<PathBuf>,
    /// Where to write your signature, as a text
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    keys: Keys,
}

impl Sign {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match (&self.folder, &self.request, &self.out) {
            (Some(folder), ..) => self.in_folder(folder),
            (None, Some(request), Some(out)) => self.as_text(request, out),
            _ => Err(Failure::usage("name a folder, or --request and --out")),
        }
    }

    fn in_folder(&self, folder: &Path) -> Result<ExitCode, Failure> {
        let mut ceremony = Ceremony::load(folder).map_err(failed)?;
        let signers = self.signers(&ceremony)?;
        steps::sign(&mut ceremony, folder, &signers, self.keys.yes, true)?;
        let missing = ceremony.missing().map_err(failed)?;
        if missing.is_empty() {
            say(&format!(
                "Everybody who is needed has signed. On the server: stentor key finish {}",
                folder.display()
            ));
        } else {
            say(&missing);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn as_text(&self, request: &Path, out: &Path) -> Result<ExitCode, Failure> {
        let ceremony = Ceremony::from_request(&read(request)?).map_err(failed)?;
        let signers = self.signers(&ceremony)?;
        let [signer] = &signers[..] else {
            return Err(Failure::usage("one key makes one signature; name one"));
        };
        let who = ceremony.names().shown(&signer.id());
        ask::confirm(
            ceremony.difference().map_err(failed)?.trim_end(),
            &format!("Sign all of this with the key of {who}?"),
            self.keys.yes,
        )?;
        let answer = ceremony.answer(signer).map_err(failed)?;
        private_file(out, answer.as_bytes())?;
        say(&format!(
            "Send {} back. It is no secret, and good for nothing else.",
            out.display()
        ));
        Ok(ExitCode::SUCCESS)
    }

    fn signers(&self, ceremony: &Ceremony) -> Result<Vec<stentor_publish::Signer>, Failure> {
        let signers = if self.keys.any() {
            self.keys.open(&steps::counts(ceremony)?)?
        } else {
            self.keys.asked(&steps::counts(ceremony)?)?
        };
        if signers.is_empty() {
            return Err(Failure::usage("no key, no signature; nothing was changed"));
        }
        Ok(signers)
    }
}

/// Print a ceremony as one text, for a holder who is cut off: for a mail, a chat, a stick, a printer.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor key request ./loss > request.txt")]
pub(crate) struct Request {
    /// The folder of the ceremony
    folder: PathBuf,
}

impl Request {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let ceremony = Ceremony::load(&self.folder).map_err(failed)?;
        print(ceremony.request().map_err(failed)?.trim_end());
        say("They run: stentor key sign --request FILE --out SIGNATURE --key THEIR-KEY");
        Ok(ExitCode::SUCCESS)
    }
}

/// Add a signature that came as a text.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor key add-signature ./loss signature.txt")]
pub(crate) struct AddSignature {
    /// The folder of the ceremony
    folder: PathBuf,
    /// The text that `stentor key sign --request` made; whatever stands around it does no harm
    signature: PathBuf,
}

impl AddSignature {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let mut ceremony = Ceremony::load(&self.folder).map_err(failed)?;
        let text = read(&self.signature)?;
        let (who, files) = ceremony.add_signature(&text).map_err(failed)?;
        ceremony.save(&self.folder).map_err(failed)?;
        say(&format!(
            "{} signed {}.",
            ceremony.names().shown(&who),
            files.join(" and ")
        ));
        say(&ceremony.missing().map_err(failed)?);
        Ok(ExitCode::SUCCESS)
    }
}

/// Put a ceremony in force that has all its signatures, and write the recovery sheet.
#[derive(Args)]
#[command(after_help = "Example:\n  stentor key finish ./loss --dir /srv/stentor")]
pub(crate) struct Finish {
    /// The folder of the ceremony
    folder: PathBuf,
}

impl Finish {
    pub(crate) fn run(self, word: &WordPlaces) -> Result<ExitCode, Failure> {
        let ceremony = Ceremony::load(&self.folder).map_err(failed)?;
        steps::finish(word, &ceremony, &self.folder)
    }
}

/// A text that was carried here.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let size = std::fs::metadata(path).map_err(at(path))?.len();
    if size > MOST {
        return Err(Failure::usage(format!("{} is too long", path.display())));
    }
    std::fs::read_to_string(path).map_err(at(path))
}
