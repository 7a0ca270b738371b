//! What a follower keeps: what was told, what is still to be told, and the last verified word.
//!
//! Killed at any moment it finds the old or the new: each file is replaced as a whole, and the word is a folder that a link
//! names once all of it is there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use stentor_verify::{StateDir, fingerprint};

use super::news::{Message, Told};
use crate::failure::Failure;
use crate::keep::replace;

/// Bytes of `follow.json`.
const STATE_BYTES: u64 = 4_000_000;
/// Messages that wait for one channel; of more the oldest are dropped.
const WAITING: usize = 64;

/// Everything that is kept in `follow.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) told: Told,
    /// What a channel has not taken yet, by the channel's name.
    pub(crate) waiting: BTreeMap<String, Vec<Message>>,
}

impl Kept {
    /// Lets `messages` wait for each of `channels`, and forgets channels that are no more.
    pub(crate) fn wait(&mut self, channels: &[&str], messages: &[Message]) {
        self.waiting
            .retain(|channel, _| channels.contains(&channel.as_str()));
        for channel in channels {
            let waiting = self.waiting.entry((*channel).to_owned()).or_default();
            waiting.extend(messages.iter().cloned());
            let over = waiting.len().saturating_sub(WAITING);
            waiting.drain(..over);
        }
    }
}

/// The folder of a follower, held by one process.
pub(crate) struct Home {
    dir: PathBuf,
    /// Held until the process ends.
    _lock: File,
}

impl Home {
    /// Opens or makes the folder.
    pub(crate) fn open(dir: &Path) -> Result<Self, Failure> {
        let failed = |e: io::Error| Failure::new(format!("{}: {e}", dir.display()));
        fs::create_dir_all(dir).map_err(failed)?;
        let lock = File::create(dir.join("follow.lock")).map_err(failed)?;
        lock.try_lock().map_err(|e| {
            Failure::new(format!("{}: another follower uses it ({e})", dir.display()))
        })?;
        Ok(Self {
            dir: dir.to_owned(),
            _lock: lock,
        })
    }

    /// The floors, as `stentor verify --state` keeps them.
    pub(crate) fn floors(&self) -> StateDir {
        StateDir::new(self.dir.join("floors"))
    }

    fn file(&self) -> PathBuf {
        self.dir.join("follow.json")
    }

    /// What was kept; nothing on a first start.
    ///
    /// # Errors
    /// A file that cannot be read back: it would be told anew what was told, or never what waits.
    pub(crate) fn load(&self) -> Result<Kept, Failure> {
        let file = self.file();
        let failed = |why: String| {
            Failure::new(format!(
                "{}: {why}; delete the file to start over",
                file.display()
            ))
        };
        match fs::metadata(&file) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
            Err(e) => return Err(failed(e.to_string())),
            Ok(about) if about.len() > STATE_BYTES => return Err(failed("too large".to_owned())),
            Ok(_) => {}
        }
        let bytes = fs::read(&file).map_err(|e| failed(e.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|e| failed(e.to_string()))
    }

    pub(crate) fn save(&self, kept: &Kept) -> Result<(), Failure> {
        let bytes = serde_json::to_vec_pretty(kept).map_err(Failure::new)?;
        replace(&self.file(), &bytes)
            .map_err(|e| Failure::new(format!("{}: {e}", self.file().display())))
    }

    /// What is known now, for other programs: `now.json`.
    pub(crate) fn say_now(&self, now: &impl Serialize) -> Result<(), Failure> {
        let file = self.dir.join("now.json");
        let bytes = serde_json::to_vec_pretty(now).map_err(Failure::new)?;
        replace(&file, &bytes).map_err(|e| Failure::new(format!("{}: {e}", file.display())))
    }

    /// Where the last verified word lies.
    pub(crate) fn word(&self) -> PathBuf {
        self.dir.join("word")
    }

    /// Keeps verified files as the last word.
    pub(crate) fn keep(
        &self,
        digest: &str,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<(), Failure> {
        let failed = |e: io::Error| {
            Failure::new(format!("{}: cannot keep the word: {e}", self.dir.display()))
        };
        self.keep_files(digest, files).map_err(failed)
    }

    fn keep_files(&self, digest: &str, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
        let name = format!("word-{digest}");
        let place = self.dir.join(&name);
        if fs::read_link(self.word()).is_ok_and(|to| to == Path::new(&name)) {
            return Ok(());
        }
        // Whatever a killed predecessor left half done.
        match fs::remove_dir_all(&place) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        for (path, bytes) in files {
            let file = place.join(path);
            fs::create_dir_all(file.parent().unwrap_or(&place))?;
            replace(&file, bytes)?;
        }
        let link = self.dir.join("word.new");
        match fs::remove_file(&link) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        std::os::unix::fs::symlink(&name, &link)?;
        fs::rename(&link, self.word())?;
        File::open(&self.dir)?.sync_all()?;
        self.sweep(&name)
    }

    /// Removes words before this one.
    fn sweep(&self, current: &str) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let old = name
                .to_str()
                .is_some_and(|n| n.starts_with("word-") && n != current);
            if old {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }
}

/// One short digest over files, by which one word is told from another.
pub(crate) fn digest(files: &BTreeMap<String, Vec<u8>>) -> String {
    let list: String = files
        .iter()
        .map(|(path, bytes)| format!("{path} {}\n", fingerprint(bytes)))
        .collect();
    fingerprint(list.as_bytes()).chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follow::news::Kind;

    fn files(text: &str) -> BTreeMap<String, Vec<u8>> {
        [("index.html", text), ("incidents/INC-1.html", "one")]
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
            .into()
    }

    #[test]
    fn the_word_is_replaced_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(dir.path()).unwrap();
        let read = |path: &str| fs::read_to_string(home.word().join(path)).unwrap();
        for text in ["first", "second", "second"] {
            let files = files(text);
            // A predecessor was killed in the middle of this very word.
            let half = dir.path().join(format!("word-{}", digest(&files)));
            if !half.exists() {
                fs::create_dir(&half).unwrap();
                fs::write(half.join("left.html"), "left").unwrap();
            }
            home.keep(&digest(&files), &files).unwrap();
            assert_eq!(
                (read("index.html"), read("incidents/INC-1.html")),
                (text.to_owned(), "one".to_owned())
            );
            assert!(!home.word().join("left.html").exists());
        }
        let words = fs::read_dir(dir.path()).unwrap().filter(|e| {
            let name = e.as_ref().unwrap().file_name();
            name.to_str().unwrap().starts_with("word-")
        });
        assert_eq!(words.count(), 1, "words before are removed");
    }

    #[test]
    fn what_waits_is_bounded_and_survives() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(dir.path()).unwrap();
        assert!(Home::open(dir.path()).is_err(), "one follower a folder");
        let message = |n: usize| Message {
            kind: Kind::News,
            mirror: None,
            text: format!("{n}"),
            at: "2026-11-21T02:10:00Z".parse().unwrap(),
            confirmed_until: None,
        };
        let mut kept = home.load().unwrap();
        assert_eq!(kept, Kept::default());
        for n in 0..100 {
            kept.wait(&["mail", "command"], &[message(n)]);
        }
        let texts: Vec<_> = kept.waiting["mail"]
            .iter()
            .map(|m| m.text.clone())
            .collect();
        assert_eq!((texts.len(), texts[0].as_str()), (WAITING, "36"));
        home.save(&kept).unwrap();
        assert_eq!(home.load().unwrap(), kept);
        kept.wait(&["mail"], &[]);
        assert!(
            !kept.waiting.contains_key("command"),
            "a channel that is no more"
        );
        fs::write(home.file(), "{").unwrap();
        assert!(
            home.load()
                .unwrap_err()
                .to_string()
                .contains("delete the file")
        );
    }
}
