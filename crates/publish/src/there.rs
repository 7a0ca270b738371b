//! What is known to lie on a mirror, so that it is neither sent nor read again.
//!
//! This saves work and decides nothing: what readers find is always read back, and when that is not as it must be, all
//! of this is forgotten. So it is kept without waiting for the disk, and may be lost.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::plan::TIMESTAMP;

/// Longer notes are not read, in bytes; then everything is compared once.
const LONGEST: u64 = 64_000_000;

/// The note of a file that is gone.
const GONE: &str = "gone";

/// What is known of one mirror.
#[derive(Debug, Default)]
pub(crate) struct There {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Paths, with [`GONE`] or what tells the content from another.
    known: HashMap<String, String>,
    place: Option<PathBuf>,
    log: Option<File>,
}

impl There {
    /// What was noted in the file at `place`, where further notes go.
    pub(crate) fn kept_in(place: PathBuf) -> Self {
        let known = read(&place);
        Self {
            inner: Mutex::new(Inner {
                known,
                place: Some(place),
                ..Inner::default()
            }),
        }
    }

    /// Whether anything is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().known.is_empty()
    }

    /// Whether a whole word was brought there once.
    pub(crate) fn was_complete(&self) -> bool {
        self.lock().known.contains_key(TIMESTAMP)
    }

    /// Whether the file is there with this content.
    pub(crate) fn has(&self, path: &str, content: &str) -> bool {
        self.lock()
            .known
            .get(path)
            .is_some_and(|known| known == content)
    }

    /// Whether the file is known to be gone.
    pub(crate) fn lacks(&self, path: &str) -> bool {
        self.has(path, GONE)
    }

    /// The file is there with this content.
    pub(crate) fn note(&self, path: &str, content: &str) {
        let mut inner = self.lock();
        if inner.known.get(path).is_some_and(|known| known == content) {
            return;
        }
        inner.known.insert(path.to_owned(), content.to_owned());
        inner.append(&format!("{content} {path}\n"));
    }

    /// The file is gone.
    pub(crate) fn gone(&self, path: &str) {
        self.note(path, GONE);
    }

    /// This file is not certain any more.
    pub(crate) fn doubt(&self, path: &str) {
        self.lock().known.remove(path);
    }

    /// Nothing is certain any more.
    pub(crate) fn forget(&self) {
        let mut inner = self.lock();
        inner.known.clear();
        inner.log = None;
        if let Some(place) = &inner.place {
            // One that stays says too much, which reading back finds out.
            let _ = std::fs::remove_file(place);
        }
    }

    /// Keeps notes only of what `wanted` names, so that they do not grow for ever.
    pub(crate) fn retain(&self, wanted: impl Fn(&str) -> bool) {
        let mut inner = self.lock();
        let before = inner.known.len();
        inner.known.retain(|path, _| wanted(path));
        if inner.known.len() == before {
            return;
        }
        let text: String = inner
            .known
            .iter()
            .map(|(path, content)| format!("{content} {path}\n"))
            .collect();
        inner.log = None;
        if let Some(place) = &inner.place {
            let _ = std::fs::write(place, text);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn append(&mut self, line: &str) {
        let Some(place) = &self.place else { return };
        if self.log.is_none() {
            if let Some(dir) = place.parent() {
                let _ = std::fs::create_dir_all(dir);
            }
            self.log = File::options().create(true).append(true).open(place).ok();
        }
        if let Some(log) = &mut self.log {
            let _ = log.write_all(line.as_bytes());
        }
    }
}

fn read(place: &Path) -> HashMap<String, String> {
    let mut text = String::new();
    let opened = File::open(place).map(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    if !matches!(opened, Ok(Ok(length)) if length as u64 <= LONGEST) {
        return HashMap::new();
    }
    // A line that was cut off is none.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let notes = whole.lines().filter_map(|line| line.split_once(' '));
    notes
        .map(|(content, path)| (path.to_owned(), content.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_outlive_the_process_and_a_cut_line_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("pushed/one");
        let there = There::kept_in(place.clone());
        assert!(there.is_empty());
        there.note("targets/a", "-");
        there.note("index.html", "1");
        there.note("index.html", "2");
        there.gone("old.html");
        std::fs::write(
            &place,
            std::fs::read_to_string(&place).unwrap() + "3 index.h",
        )
        .unwrap();
        let again = There::kept_in(place.clone());
        assert!(again.has("targets/a", "-") && again.has("index.html", "2"));
        assert!(again.lacks("old.html") && !again.lacks("index.html"));
        assert!(!again.was_complete());
        again.retain(|path| path != "old.html");
        assert!(!There::kept_in(place.clone()).lacks("old.html"));
        assert!(There::kept_in(place.clone()).has("index.html", "2"));
        again.forget();
        assert!(There::kept_in(place).is_empty());
    }
}
