//! What every ceremony goes through: show, sign with the keys that are here, finish or say what is missing.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use stentor_engine::{Clock, SystemClock, WordPlaces};
use stentor_publish::{Ceremony, Change, KeyId, Names, Sheet, Signer};

use super::signers::Keys;
use super::{ask, failed, founded};
use crate::failure::{Failure, print, say};
use crate::init::{at, private_file};

/// How a ceremony is begun.
#[derive(Args, Clone)]
pub(crate) struct Steps {
    /// The folder to make for the ceremony; it is carried to the holders
    #[arg(long, value_name = "FOLDER", default_value = "ceremony")]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

impl Steps {
    /// Refuses a folder that is in use, before anything is made that would then lie around.
    pub(crate) fn ready(&self) -> Result<(), Failure> {
        let filled = std::fs::read_dir(&self.folder).is_ok_and(|mut all| all.next().is_some());
        if filled {
            return Err(Failure::usage(format!(
                "{} is not empty; name a new folder for this ceremony with --folder",
                self.folder.display()
            )));
        }
        Ok(())
    }

    /// Begins a change of what is in force, and goes as far as the keys that are here lead.
    pub(crate) fn change(
        &self,
        word: &WordPlaces,
        change: &Change,
        names: &Names,
    ) -> Result<ExitCode, Failure> {
        founded(word)?;
        let now = SystemClock.now();
        let ceremony = Ceremony::change(&word.repository, change, names, now).map_err(failed)?;
        self.go(word, ceremony)
    }

    /// Writes the folder, signs, and finishes if that is enough.
    pub(crate) fn go(
        &self,
        word: &WordPlaces,
        mut ceremony: Ceremony,
    ) -> Result<ExitCode, Failure> {
        let shown = ceremony.difference().map_err(failed)?;
        print(shown.trim_end());
        ceremony.create(&self.folder).map_err(failed)?;
        let signers = self.keys.open(&counts(&ceremony)?)?;
        if !signers.is_empty() {
            sign(&mut ceremony, &self.folder, &signers, self.keys.yes, false)?;
        }
        while !self.keys.any() && ask::somebody() && !ceremony.is_complete().map_err(failed)? {
            say(&format!("\n{}", ceremony.missing().map_err(failed)?));
            let signers = self.keys.asked(&counts(&ceremony)?)?;
            if signers.is_empty() {
                break;
            }
            if let Err(failure) = sign(&mut ceremony, &self.folder, &signers, self.keys.yes, false)
            {
                say(&failure.to_string());
            }
        }
        if ceremony.is_complete().map_err(failed)? {
            return finish(word, &ceremony, &self.folder);
        }
        say(&format!(
            "\nNothing is in force yet.\n{}\nCarry {folder} to them, and there: stentor key sign {folder} --key THEIR-KEY\nWho \
             is cut off gets a text: stentor key request {folder}\nThen here: stentor key finish {folder}",
            ceremony.missing().map_err(failed)?,
            folder = self.folder.display(),
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// Which keys count in a ceremony.
pub(crate) fn counts(ceremony: &Ceremony) -> Result<impl Fn(&KeyId) -> bool, Failure> {
    let needs = ceremony.needs().map_err(failed)?;
    Ok(move |id: &KeyId| {
        let mut all = needs.iter().flat_map(|n| n.signed.iter().chain(&n.open));
        all.any(|known| known == id)
    })
}

/// Adds signatures after asking, and keeps each at once.
pub(crate) fn sign(
    ceremony: &mut Ceremony,
    folder: &Path,
    signers: &[Signer],
    yes: bool,
    show: bool,
) -> Result<(), Failure> {
    let shown = if show {
        ceremony.difference().map_err(failed)?
    } else {
        String::new()
    };
    let who: Vec<String> = signers
        .iter()
        .map(|s| ceremony.names().shown(&s.id()))
        .collect();
    ask::confirm(
        shown.trim_end(),
        &format!("Sign all of this with the key of {}?", who.join(" and ")),
        yes,
    )?;
    for signer in signers {
        let files = ceremony.sign(signer).map_err(failed)?;
        ceremony.save(folder).map_err(failed)?;
        say(&format!(
            "{} signed {}.",
            ceremony.names().shown(&signer.id()),
            files.join(" and ")
        ));
    }
    Ok(())
}

/// Puts a ceremony in force, and writes the recovery sheet beside it.
pub(crate) fn finish(
    word: &WordPlaces,
    ceremony: &Ceremony,
    folder: &Path,
) -> Result<ExitCode, Failure> {
    let now = SystemClock.now();
    let finished = ceremony
        .finish(&word.repository, &word.online, now)
        .map_err(failed)?;
    print(&finished.fingerprint);
    say(&format!(
        "Root {} and targets {} are {}.",
        finished.root,
        finished.targets,
        if finished.held.is_some() {
            "signed, and not in force yet"
        } else if finished.waiting {
            "signed; the running server puts them in force and brings them to the mirrors within a minute"
        } else {
            "in force here; the server brings them to the mirrors with its next publication"
        }
    ));
    say(
        "The line above is the fingerprint of the first root. It never changes: readers who have it need nothing new.",
    );
    if let Some(waits) = &finished.held {
        say(&format!(
            "{waits}. Without it nobody could read what stands. They run: stentor word sign --key THEIR-KEY; then the server \
             puts it in force, or without one: stentor word push"
        ));
    } else if !finished.waiting {
        let (text, html) = write_sheet(word, folder)?;
        say(&format!(
            "Print the recovery sheet for each holder: {} or {}",
            text.display(),
            html.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn write_sheet(word: &WordPlaces, folder: &Path) -> Result<(PathBuf, PathBuf), Failure> {
    let sheet = Sheet::of(&word.repository, SystemClock.now()).map_err(failed)?;
    let (text, html) = (
        folder.join("recovery-sheet.txt"),
        folder.join("recovery-sheet.html"),
    );
    for (path, content) in [(&text, &sheet.text), (&html, &sheet.html)] {
        if path.exists() {
            std::fs::remove_file(path).map_err(at(path))?;
        }
        private_file(path, content.as_bytes())?;
    }
    Ok((text, html))
}
