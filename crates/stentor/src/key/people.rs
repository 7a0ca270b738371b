//! Holders as they are written on the command line: a name, their key, and where it is kept.

use std::path::{Path, PathBuf};

use stentor_publish::{KeyId, Names, Protection, PublicKey, create_key, public_path};

use super::ask;
use crate::failure::{Failure, say};

/// A file with a public key is far smaller, in bytes.
const MOST: u64 = 16_384;

/// `NAME=KEY`, `NAME=new:FILE`, `NAME`, each with ` @ PLACE` behind it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Person<'a> {
    pub(crate) name: &'a str,
    key: Option<&'a str>,
    kept: &'a str,
}

impl<'a> Person<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        let (holder, kept) = text.split_once(" @ ").unwrap_or((text, ""));
        let (name, key) = match holder.split_once('=') {
            Some((name, key)) => (name, Some(key.trim())),
            None => (holder, None),
        };
        Self {
            name: name.trim(),
            key,
            kept: kept.trim(),
        }
    }

    /// Their key, noted under their name; made if that is asked for, known by their name if they have one here.
    pub(crate) fn key(
        &self,
        names: &mut Names,
        known: &[PublicKey],
        new: &Making<'_>,
    ) -> Result<PublicKey, Failure> {
        let key = match self.key {
            Some(key) => match key.strip_prefix("new:") {
                Some(file) => new.make(Path::new(file))?,
                None => public(key)?,
            },
            None => {
                let ids: Vec<KeyId> = known.iter().map(PublicKey::id).collect();
                let id = names.find(ids.iter(), self.name).map_err(super::failed)?;
                let key = known.iter().find(|key| key.id() == id).copied();
                return key.ok_or_else(|| Failure::usage(format!("{} has no key here", self.name)));
            }
        };
        names.set(key.id(), self.name, self.kept);
        Ok(key)
    }
}

/// How new key files are protected.
pub(crate) struct Making<'a> {
    pub(crate) passphrase_file: Option<&'a PathBuf>,
    pub(crate) plain: bool,
}

impl Making<'_> {
    pub(crate) fn make(&self, path: &Path) -> Result<PublicKey, Failure> {
        let key = if self.plain {
            create_key(path, &Protection::None)
        } else {
            say(&format!(
                "A new key, {}. Its passphrase should be five random words or more, known to its holder only.",
                path.display()
            ));
            let file = self.passphrase_file.map(PathBuf::as_path);
            let passphrase = ask::new_passphrase(path, file)?;
            create_key(path, &Protection::Passphrase(&passphrase))
        };
        let key = key.map_err(Failure::new)?;
        say(&format!(
            "Made {}, and {} with its public half.",
            path.display(),
            public_path(path).display()
        ));
        Ok(key)
    }
}

/// A public key: as text, or in a file.
pub(crate) fn public(text: &str) -> Result<PublicKey, Failure> {
    if let Some(key) = PublicKey::parse(text) {
        return Ok(key);
    }
    let path = Path::new(text);
    let unreadable = |why: &str| {
        Failure::usage(format!(
            "{text} is no Ed25519 public key and no file with one: {why}; it is one line `ssh-ed25519 …`, or the .pub that \
             `stentor key new` made"
        ))
    };
    let size = std::fs::metadata(path)
        .map_err(|e| unreadable(&e.to_string()))?
        .len();
    if size > MOST {
        return Err(unreadable("it is too long"));
    }
    let content = std::fs::read_to_string(path).map_err(|e| unreadable(&e.to_string()))?;
    PublicKey::parse(&content).ok_or_else(|| unreadable("it holds none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_written_in_one_line() {
        #[track_caller]
        fn check(text: &str, name: &str, key: Option<&str>, kept: &str) {
            assert_eq!(Person::parse(text), Person { name, key, kept });
        }
        check("Ada", "Ada", None, "");
        check("Ada=ada.pub", "Ada", Some("ada.pub"), "");
        check(
            "Ada Lo = new:ada.age @ the vault",
            "Ada Lo",
            Some("new:ada.age"),
            "the vault",
        );
        check(
            "Bo=ssh-ed25519 AAAA= bo@x",
            "Bo",
            Some("ssh-ed25519 AAAA= bo@x"),
            "",
        );
    }
}
