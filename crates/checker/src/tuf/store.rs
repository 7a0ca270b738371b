//! Trusted metadata in a folder, under names without versions, as the protocol wants it.

use std::io;
use std::path::{Path, PathBuf};

use sigstore_tuf::{Error, MetadataStore, Result};
use stentor_verify::limits::METADATA_BYTES;

use crate::keep::replace;

pub(super) struct Store(PathBuf);

impl Store {
    pub(super) fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    /// The place of a name that is kept: no folders (histories and files), no numbers in front (further copies).
    fn place(&self, name: &str) -> Option<PathBuf> {
        let numbered = name
            .split_once('.')
            .is_some_and(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        // The client has escaped what would lead elsewhere; two dots with an ending are a name like any other.
        let plain = !name.contains(['/', '\\', '\0']) && name.ends_with(".json");
        (plain && !numbered).then(|| self.0.join(name))
    }
}

impl MetadataStore for Store {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(place) = self.place(name) else {
            return Ok(None);
        };
        let failed = |e: io::Error| Error::transport(format!("{}: {e}", place.display()));
        match std::fs::metadata(&place) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Ok(about) if about.len() > METADATA_BYTES => {
                Err(failed(io::ErrorKind::FileTooLarge.into()))
            }
            _ => std::fs::read(&place).map(Some).map_err(failed),
        }
    }

    fn store(&self, name: &str, bytes: &[u8]) -> Result<()> {
        match self.place(name) {
            Some(place) => replace(&place, bytes)
                .map_err(|e| Error::transport(format!("{}: {e}", place.display()))),
            None => Ok(()),
        }
    }
}

/// A file name for a path of a repository: everything but letters, digits and `-_.~` escaped, so that it stays where it is
/// put.
pub(super) fn file_name(path: &str) -> String {
    let mut name = String::new();
    for byte in path.bytes() {
        match byte {
            b'.' if name.is_empty() => name.push_str("%2E"),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                name.push(char::from(byte));
            }
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        for (path, expect) in [
            ("status.json", "status.json"),
            ("a/b.txt", "a%2Fb.txt"),
            ("../../x", "%2E.%2F..%2Fx"),
            (".", "%2E"),
            ("ä", "%C3%A4"),
        ] {
            assert_eq!(file_name(path), expect);
        }
        let store = Store::new(Path::new("dir"));
        for kept in ["root.json", "..%2Frole.json", "2024-role.json"] {
            assert_eq!(store.place(kept), Some(Path::new("dir").join(kept)));
        }
        for not in [
            "2.snapshot.json",
            "root_history/2.root.json",
            "../x",
            "targets/a",
        ] {
            assert_eq!(store.place(not), None, "{not}");
        }
    }
}
