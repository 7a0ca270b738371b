//! What somebody who may speak is asked to sign: shown with its text, beside the repository or carried as one text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use stentor_domain::text::one_line;
use stentor_verify::{limits, safe_path};

use super::{Prepared, SIGNATURE, Waiting, signature_file};
use crate::ceremony::{Answer, CeremonyError, Names, armour, unarmour};
use crate::delegations::{STATUS, matches};
use crate::files;
use crate::head::target_path;
use crate::keys::{KeyId, Signer};
use crate::metadata::{STATUS_PATHS, Target, year_paths};
use crate::repository::{self, RepositoryError};

/// The page that says everything in plain text; whoever signs reads it.
const TEXT: &str = "status.txt";
/// What stands in the first and last line of a request.
const REQUEST: &str = "WORD REQUEST";
/// Bytes of pages that are carried; what is left out is named.
const CARRIED: usize = 3_000_000;
/// Lines of the text, and paths of a role, that are shown.
const MOST_LINES: usize = 2_000;
const MOST_PATHS: usize = 60;
/// Characters of a shown line.
const LINE: usize = 1_000;

/// What waits to be said, with the text that would be said.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordRequest {
    waiting: Waiting,
    /// `status.txt` as it is published now, to show what is new. Nobody signs it.
    before: String,
    /// Pages that would change, as text.
    pages: BTreeMap<String, String>,
}

impl WordRequest {
    /// What waits in a repository, whoever has it open; `None` if nothing does.
    ///
    /// # Errors
    /// [`CeremonyError`] if it cannot be read.
    pub fn load(dir: &Path) -> Result<Option<Self>, CeremonyError> {
        let Some(waiting) = Waiting::load(dir)? else {
            return Ok(None);
        };
        let read = |path: &str, target: &Target| -> Option<String> {
            let path = dir.join(target_path(path, target));
            String::from_utf8(files::read(&path, limits::TARGET_BYTES).ok()?).ok()
        };
        let mut this = Self {
            before: published(dir, &read)?,
            pages: BTreeMap::new(),
            waiting,
        };
        let (mut room, mut pages) = (CARRIED, BTreeMap::new());
        let listed = this.waiting.roles.values();
        let changed = listed.flat_map(|role| role.changed.iter().map(move |p| (p, &role.listed)));
        let mut wanted: Vec<(&String, &Target)> = changed
            .filter_map(|(path, listed)| Some((path, listed.get(path)?)))
            .collect();
        // The text first; it is also needed where only other pages change.
        if let Some(text) = this.text_target() {
            wanted.insert(0, text);
        }
        for (path, target) in wanted {
            let length = usize::try_from(target.length).unwrap_or(usize::MAX);
            if length > room || pages.contains_key(path) {
                continue;
            }
            if let Some(text) = read(path, target) {
                room -= length;
                pages.insert(path.clone(), text);
            }
        }
        this.pages = pages;
        this.check()?;
        Ok(Some(this))
    }

    /// The request as one text.
    ///
    /// # Errors
    /// [`CeremonyError`] if it cannot be written as text.
    pub fn to_text(&self) -> Result<String, CeremonyError> {
        armour(REQUEST, self)
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// [`CeremonyError::Damaged`] if it was cut or changed on its way, or if what it shows is not what is signed.
    pub fn from_text(text: &str) -> Result<Self, CeremonyError> {
        let this: Self = unarmour(REQUEST, text)?;
        this.waiting.check().map_err(damaged)?;
        this.check()?;
        Ok(this)
    }

    /// Refuses what would have somebody sign what is not shown.
    fn check(&self) -> Result<(), CeremonyError> {
        let waiting = &self.waiting;
        for (name, role) in &waiting.roles {
            let patterns: Vec<String> = match name.strip_prefix("incidents-") {
                Some(year) => vec![year_paths(year.parse().map_err(|_| damaged(STRANGE))?)],
                None if name == STATUS => STATUS_PATHS.map(str::to_owned).into(),
                None => return Err(damaged(STRANGE)),
            };
            let may = |path: &&String| {
                safe_path(path)
                    && *path != "root.json"
                    && patterns.iter().any(|pattern| matches(pattern, path))
            };
            if !role.listed.keys().all(|path| may(&path)) {
                return Err(damaged(STRANGE));
            }
        }
        for (path, text) in &self.pages {
            let listed = waiting.roles.values().find_map(|r| r.listed.get(path));
            if listed != Some(&Target::of(text.as_bytes())) {
                return Err(damaged(&format!(
                    "the text of {} in it is not what would be signed; do not sign it",
                    shown(path)
                )));
            }
        }
        if self.text_target().is_some() && !self.pages.contains_key(TEXT) {
            return Err(damaged(
                "the text that would be signed is not in it; do not sign it",
            ));
        }
        if waiting.names.are_plain()
            && one_line(&waiting.organisation, LINE) == waiting.organisation
        {
            Ok(())
        } else {
            Err(damaged(
                "a name in it could make you see something else than is there; do not sign it",
            ))
        }
    }

    fn text_target(&self) -> Option<(&String, &Target)> {
        self.waiting.roles.get(STATUS)?.listed.get_key_value(TEXT)
    }

    /// Whose the keys are that may sign.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.waiting.names
    }

    /// Whether a key may sign this.
    #[must_use]
    pub fn counts(&self, id: &KeyId) -> bool {
        self.waiting.ids().contains(id)
    }

    /// Pages that would change, by path, as far as they are here.
    pub fn pages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pages
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Everything that a signature would say.
    #[must_use]
    pub fn shown(&self) -> String {
        let waiting = &self.waiting;
        let since = waiting.since.strftime("%Y-%m-%d %H:%M UTC");
        let mut out = format!(
            "{}, world {}: what waits to be said since {since}.\nThese may sign it: {}\n",
            shown(&waiting.organisation),
            shown(&waiting.world),
            waiting.names.list(waiting.ids().iter())
        );
        for (name, role) in &waiting.roles {
            self.describe(&mut out, name, role);
        }
        // Writing into a String cannot fail.
        match self.pages.get(TEXT) {
            Some(text) => {
                let _ = writeln!(
                    out,
                    "\nThis is what readers would see, as {TEXT}; + marks what is not published yet:\n"
                );
                let known: BTreeSet<&str> = self.before.lines().map(str::trim).collect();
                for line in text.lines().take(MOST_LINES) {
                    let new = !line.trim().is_empty() && !known.contains(line.trim());
                    let _ = writeln!(out, "{} {}", if new { '+' } else { ' ' }, shown(line));
                }
                let more = text.lines().count().saturating_sub(MOST_LINES);
                if more > 0 {
                    let _ = writeln!(out, "  … and {more} lines more; --pages writes all of them");
                }
            }
            None => out += "\nThe present stays as it is.\n",
        }
        out
    }

    fn describe(&self, out: &mut String, name: &str, role: &Prepared) {
        let (changed, gone) = (role.changed.len(), role.gone.len());
        let _ = writeln!(
            out,
            "\n{name} {}: {changed} pages change, {gone} go, {} stay as they are",
            role.version,
            role.listed.len() - changed.min(role.listed.len())
        );
        let line = |path: &String, sign: &str| {
            let here = sign == "-" || self.pages.contains_key(path);
            let far = if here { "" } else { "  (not in this request)" };
            format!("  {sign} {}{far}", shown(path))
        };
        let changed = role.changed.iter().map(|path| line(path, "+"));
        let lines = changed.chain(role.gone.iter().map(|path| line(path, "-")));
        for line in lines.clone().take(MOST_PATHS) {
            let _ = writeln!(out, "{line}");
        }
        let more = lines.count().saturating_sub(MOST_PATHS);
        if more > 0 {
            let _ = writeln!(out, "  … and {more} more");
        }
    }

    /// Signs all of it, and gives the signature as one text. It is good for nothing else.
    ///
    /// # Errors
    /// [`CeremonyError::Mute`] if the key may not, [`CeremonyError::Key`] if it does not sign.
    pub fn sign(&self, signer: &Signer) -> Result<String, CeremonyError> {
        let key = signer.id();
        self.waiting.holder(&key)?;
        let mut signatures = Vec::new();
        for (name, role) in &self.waiting.roles {
            signatures.push((name.clone(), signer.sign(&role.document().message())?));
        }
        armour(SIGNATURE, &Answer { key, signatures })
    }
}

const STRANGE: &str = "it would have you sign something else than a word; do not sign it";

/// Leaves a signature for whoever has the repository open, or will. Answers with whose it is.
///
/// # Errors
/// [`CeremonyError::Stale`] if it is not over what waits now; another if it is damaged, or by a key that may not speak.
pub fn leave_signature(repository: &Path, text: &str) -> Result<KeyId, CeremonyError> {
    let waiting = Waiting::load(repository)?;
    let mut waiting = waiting.ok_or_else(|| {
        CeremonyError::Refused("nothing waits for a signature here; it may be said already".into())
    })?;
    let key = waiting.accept(text)?;
    let path = repository.join(signature_file(&key));
    files::replace(&path, text.as_bytes(), files::PRIVATE).map_err(|e| CeremonyError::Io {
        what: "write",
        path: path.display().to_string(),
        why: e.to_string(),
    })?;
    Ok(key)
}

/// The text as it is published now; empty if there is none.
fn published(
    dir: &Path,
    read: &impl Fn(&str, &Target) -> Option<String>,
) -> Result<String, RepositoryError> {
    let listed = repository::listed_now(dir, STATUS)?;
    let text = listed.get(TEXT).and_then(|target| read(TEXT, target));
    Ok(text.unwrap_or_default())
}

/// Text from elsewhere on one line of a terminal, where it can draw over nothing.
fn shown(text: &str) -> String {
    one_line(text, LINE)
}

fn damaged(why: &str) -> CeremonyError {
    CeremonyError::Damaged {
        path: "the request".to_owned(),
        why: why.to_owned(),
    }
}
