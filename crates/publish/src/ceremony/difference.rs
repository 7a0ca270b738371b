//! What is signed, for the one who signs.

use std::fmt::Write as _;

use super::folder::Ceremony;
use super::{CeremonyError, Document, Holders, Names, Roster};
use crate::keys::{KeyId, grouped};
use crate::metadata::years_of;

impl Ceremony {
    /// Everything that a signature would say, compared with what is in force: nothing else is in the files.
    ///
    /// # Errors
    /// [`CeremonyError::Damaged`] if the files do not belong together.
    pub fn difference(&self) -> Result<String, CeremonyError> {
        let after = self.roster()?;
        let base = self.base()?;
        let before = base
            .as_ref()
            .and_then(|(root, targets)| Roster::read(&root.signed, &targets.signed));
        let names = &self.paper.names;
        let mut out = format!(
            "{}\nFor {}, world {}.\n",
            self.paper.purpose, after.organisation, after.world
        );
        if after.world.is_drill() {
            out += "REHEARSAL: nothing real trusts this.\n";
        }
        for (file, new) in self.documents() {
            let old = base.as_ref().map(|(root, targets)| match file {
                "root" => root,
                _ => targets,
            });
            document(&mut out, file, old, new);
            let roles: &[&str] = match file {
                "root" => &["root", "targets", "snapshot", "timestamp"],
                _ => &["status"],
            };
            for (role, holders) in after.roles() {
                if roles.contains(&role) {
                    let was = before.as_ref().and_then(|before| {
                        let mut all = before.roles().into_iter();
                        all.find(|(name, _)| *name == role).map(|(_, h)| h)
                    });
                    describe(&mut out, role, was, holders, names);
                }
            }
        }
        Ok(out)
    }
}

fn document(out: &mut String, file: &str, old: Option<&Document>, new: &Document) {
    let expires = |d: &Document| {
        let expires = d.expires().map(|e| e.strftime("%Y-%m-%d").to_string());
        expires.unwrap_or_else(|| "never".to_owned())
    };
    // Writing into a String cannot fail.
    let _ = match old {
        Some(old) => writeln!(
            out,
            "\n{file} {} follows {file} {}; it expires {} instead of {}",
            new.version(),
            old.version(),
            expires(new),
            expires(old)
        ),
        None => writeln!(
            out,
            "\n{file} {}, the first; it expires {}",
            new.version(),
            expires(new)
        ),
    };
    let _ = writeln!(out, "  what is signed: {}", grouped(&new.digest()));
    if let Some(old) = old {
        let _ = writeln!(out, "  what it follows: {}", grouped(&old.digest()));
    }
    if let Some(years) = years_of(&new.signed) {
        let _ = writeln!(
            out,
            "  incidents of the years {} to {}",
            years.start(),
            years.end()
        );
    }
}

fn describe(out: &mut String, role: &str, old: Option<&Holders>, new: &Holders, names: &Names) {
    let share = |h: &Holders| format!("{} of {}", h.threshold, h.keys.len());
    let ids = |h: &Holders| -> Vec<KeyId> { h.keys.iter().map(|k| k.id()).collect() };
    let old_ids = old.map(ids).unwrap_or_default();
    let new_ids = ids(new);
    let line = match old {
        Some(old) if share(old) != share(new) => {
            format!("{} instead of {}", share(new), share(old))
        }
        _ => share(new),
    };
    let unchanged = old == Some(new);
    let word = if unchanged { ", unchanged" } else { "" };
    let _ = writeln!(out, "  {role}: {line}{word}");
    for id in &new_ids {
        let sign = if old.is_some() && !old_ids.contains(id) {
            "+ added  "
        } else {
            "         "
        };
        let _ = writeln!(out, "    {sign}{}  {}", names.of(id), id.short());
    }
    for id in old_ids.iter().filter(|id| !new_ids.contains(id)) {
        let _ = writeln!(out, "    - removed {}  {}", names.of(id), id.short());
    }
}
