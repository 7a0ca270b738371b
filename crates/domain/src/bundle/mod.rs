//! A bundle of configuration: the files an organisation writes, TOML and Alertmanager's YAML, kept whole under their hash, and what they mean.
//!
//! A bundle is stored for ever, so neither secrets nor contact details may be in it: secrets are references, and
//! `contacts.toml` and `secrets/` lie beside it. Reading reports every problem at once, each at its place.

pub mod alertmanager;
mod beacon;
mod calendars;
mod contacts;
mod directory;
mod document;
mod email;
mod foundations;
mod incidents;
mod mapping;
mod minimal;
mod mirrors;
mod names;
mod oncall;
mod organisation;
mod page;
mod people;
mod problem;
mod reader;
mod secret;
mod services;
mod settings;
mod sources;
mod templates;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use beacon::{BeaconMirror, BeaconSpec, BeaconWay, beacon};
pub use contacts::{ContactSpec, contacts};
use organisation::Declared;
pub use problem::Problem;

use crate::organisation::Organisation;

/// Most files in a bundle.
pub const MAX_FILES: usize = 5_000;
/// Largest file, in bytes; a routing may have [`alertmanager::MAX_FILE_BYTES`].
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// Largest bundle, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 128;

/// The file with contact details. It lies in the configuration directory and is never part of a bundle.
pub const CONTACTS: &str = "contacts.toml";
/// The folder with secrets. It lies in the configuration directory and is never part of a bundle.
pub const SECRETS: &str = "secrets";

/// The files of a configuration directory: path (relative, with forward slashes) and text.
///
/// What comes from outside is made with [`Bundle::new`], which knows the limits; deserialisation is for bundles that
/// were accepted before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    files: BTreeMap<String, String>,
}

impl Bundle {
    /// A bundle of files.
    ///
    /// # Errors
    /// Too many or too large files, or paths that cannot be part of a bundle.
    pub fn new(files: BTreeMap<String, String>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut refuse = |path: &str, what: String, todo: &str| {
            problems.push(Problem::of_file(path, what, todo));
        };
        if files.len() > MAX_FILES {
            refuse(
                ".",
                format!("there are more than {MAX_FILES} files"),
                "remove some",
            );
        }
        if files.values().map(String::len).sum::<usize>() > MAX_BYTES {
            refuse(
                ".",
                format!("the files hold more than {MAX_BYTES} bytes"),
                "remove some, or make them smaller",
            );
        }
        for (path, text) in files.iter().take(MAX_FILES) {
            let most = if alertmanager::is_routing(path) {
                alertmanager::MAX_FILE_BYTES
            } else {
                MAX_FILE_BYTES
            };
            if text.len() > most {
                refuse(
                    path,
                    format!("the file is larger than {most} bytes"),
                    "make it smaller",
                );
            }
            if Self::leaves_out(path) || !is_plain(path) {
                refuse(
                    &path
                        .escape_default()
                        .take(MAX_PATH_BYTES)
                        .collect::<String>(),
                    "this file cannot be part of a bundle".into(),
                    "leave it out, or give it a place and a name like services/website.toml",
                );
            }
        }
        if problems.is_empty() {
            Ok(Self { files })
        } else {
            Err(problems)
        }
    }

    /// Whether a path (relative to the configuration directory, with forward slashes) is none of a bundle's business:
    /// contact details, secrets, hidden files, and everything that is neither TOML nor a routing (`alertmanager.yml`, or
    /// YAML in `alertmanager/`; secrets are cut out of them before; template files that a routing names come under names of
    /// their own). All other files of the directory belong into
    /// [`Bundle::new`], so that one at a wrong place is refused instead of overlooked.
    #[must_use]
    pub fn leaves_out(path: &str) -> bool {
        let top = path.split('/').next().unwrap_or_default();
        !(path.ends_with(".toml")
            || alertmanager::is_routing(path)
            || alertmanager::is_template(path))
            || path.split('/').any(|part| part.starts_with('.'))
            || path.eq_ignore_ascii_case(CONTACTS)
            || top.eq_ignore_ascii_case(SECRETS)
    }

    /// Path and text of each file.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// `sha256:` and the hash over all files, each path and text preceded by its length (64-bit little-endian).
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for part in self.files.iter().flat_map(|(path, text)| [path, text]) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut shown = String::from("sha256:");
        for byte in hasher.finalize() {
            // Writing to a String does not fail.
            let _ = write!(shown, "{byte:02x}");
        }
        shown
    }

    /// What the files mean.
    ///
    /// # Errors
    /// Every problem of every file at once, in the order of files and lines.
    pub fn organisation(&self) -> Result<Organisation, Vec<Problem>> {
        organisation::read(&self.files)
    }
}

/// Whether a path is one file at the top or in one folder, without surprises.
fn is_plain(path: &str) -> bool {
    let part = |part: &str| {
        let ordinary = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        !part.is_empty() && part.chars().all(ordinary)
    };
    path.len() <= MAX_PATH_BYTES && path.split('/').all(part) && path.split('/').count() <= 2
}
