//! Questions to the person at the terminal. Every answer can be given by a flag instead.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use stentor_publish::KeyError;
use zeroize::Zeroizing;

use crate::failure::{Failure, say};

/// Bytes of an answer.
const MOST: u64 = 4_096;

/// Whether somebody is there to answer.
pub(crate) fn somebody() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The answer to a question. With nobody there it is a failure that names the flag.
pub(crate) fn ask(question: &str, flag: &str) -> Result<String, Failure> {
    if !somebody() {
        return Err(Failure::usage(format!(
            "{flag} is missing, and there is nobody at a terminal to ask: {question}"
        )));
    }
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{question} ");
    let _ = stderr.flush();
    let mut line = String::new();
    let mut input = std::io::stdin().lock().take(MOST);
    input.read_line(&mut line).map_err(Failure::new)?;
    if line.is_empty() {
        return Err(Failure::new("stopped; nothing was changed"));
    }
    Ok(line.trim().to_owned())
}

/// Shows what will be done and asks whether to do it; `yes` answers beforehand.
pub(crate) fn confirm(shown: &str, question: &str, yes: bool) -> Result<(), Failure> {
    say(shown);
    if yes {
        return Ok(());
    }
    let answer = ask(&format!("{question} (yes/no)"), "--yes")?;
    if answer.eq_ignore_ascii_case("yes") {
        Ok(())
    } else {
        Err(Failure::new("not signed; nothing was changed"))
    }
}

/// The passphrase for a key file: from a file, or typed without being shown.
pub(crate) fn passphrase(path: &Path, file: Option<&Path>) -> Result<Zeroizing<String>, String> {
    if let Some(file) = file {
        return read_passphrase(file).map_err(|e| e.to_string());
    }
    if !somebody() {
        return Err("nobody is at a terminal; give it with --passphrase-file".to_owned());
    }
    rpassword::prompt_password(format!("Passphrase for {}: ", path.display()))
        .map(Zeroizing::new)
        .map_err(|e| e.to_string())
}

/// A new passphrase, typed twice.
pub(crate) fn new_passphrase(
    path: &Path,
    file: Option<&Path>,
) -> Result<Zeroizing<String>, Failure> {
    let first = passphrase(path, file).map_err(Failure::usage)?;
    if file.is_none() {
        let again = rpassword::prompt_password("The same again: ").map_err(Failure::new)?;
        if *Zeroizing::new(again) != *first {
            return Err(Failure::new("these differ; no key was made"));
        }
    }
    Ok(first)
}

fn read_passphrase(file: &Path) -> Result<Zeroizing<String>, KeyError> {
    let text = stentor_publish::read_secret(file)?;
    Ok(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}
