//! `beacon.toml`: everything a beacon has to know.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::failure::Failure;

/// Longest configuration, in bytes.
const LONGEST: u64 = 64 * 1024;
/// Longest root, in bytes.
const LONGEST_ROOT: u64 = 512 * 1024;
/// Most mirrors.
const MIRRORS: usize = 32;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    root: PathBuf,
    key: PathBuf,
    #[serde(default = "ten")]
    interval_minutes: u64,
    #[serde(default = "sixty")]
    timeout_seconds: u64,
    state: Option<PathBuf>,
    listen: Option<SocketAddr>,
    status_file: Option<PathBuf>,
    #[serde(default)]
    always: bool,
    mirrors: Vec<WrittenMirror>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMirror {
    name: String,
    directory: Option<PathBuf>,
    url: Option<String>,
    #[serde(default)]
    write: bool,
}

fn ten() -> u64 {
    10
}

fn sixty() -> u64 {
    60
}

/// What it means.
pub(super) struct Configuration {
    pub(super) root: Vec<u8>,
    pub(super) key: PathBuf,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    pub(super) state: Option<PathBuf>,
    pub(super) listen: Option<SocketAddr>,
    pub(super) status_file: Option<PathBuf>,
    pub(super) always: bool,
    pub(super) places: Vec<PlaceSpec>,
}

/// A mirror.
pub(super) struct PlaceSpec {
    pub(super) name: String,
    pub(super) at: At,
    pub(super) writes: bool,
}

/// Where a mirror is.
pub(super) enum At {
    Directory(PathBuf),
    /// Read only.
    Url(String),
}

impl Configuration {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let problem = |why: String| Failure::usage(format!("{}: {why}", path.display()));
        let text = read(path, LONGEST).map_err(|e| problem(e.to_string()))?;
        let text = String::from_utf8(text).map_err(|e| problem(e.to_string()))?;
        let written: Written = toml::from_str(&text).map_err(|e| problem(e.to_string()))?;
        let path = std::path::absolute(path).map_err(Failure::new)?;
        let base = path.parent().unwrap_or(Path::new("/"));
        written.check(base).map_err(problem)
    }

    /// Keeps a second beacon away from the same memory.
    pub(super) fn lock(&self) -> Result<Option<std::fs::File>, Failure> {
        let Some(state) = &self.state else {
            return Ok(None);
        };
        let path = state.join("lock");
        let at = |e: std::io::Error| Failure::new(format!("{}: {e}", path.display()));
        std::fs::create_dir_all(state).map_err(at)?;
        let file = std::fs::File::create(&path).map_err(at)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Err(Failure::new(format!(
                "another beacon remembers in {}; give this one a state folder of its own",
                state.display()
            ))),
            Err(std::fs::TryLockError::Error(e)) => Err(at(e)),
        }
    }
}

impl Written {
    fn check(self, base: &Path) -> Result<Configuration, String> {
        let in_range = |what: &str, value: u64, most: u64| {
            if (1..=most).contains(&value) {
                Ok(value)
            } else {
                Err(format!("{what}: from 1 to {most}"))
            }
        };
        let minutes = in_range("interval_minutes", self.interval_minutes, 60)?;
        let seconds = in_range("timeout_seconds", self.timeout_seconds, 3_600)?;
        if self.mirrors.len() > MIRRORS {
            return Err(format!("mirrors: at most {MIRRORS}"));
        }
        let mut places: Vec<PlaceSpec> = Vec::new();
        for mirror in self.mirrors {
            let place = mirror.check(base)?;
            if places.iter().any(|known| known.name == place.name) {
                return Err(format!("mirror {}: there are two of this name", place.name));
            }
            places.push(place);
        }
        if !places.iter().any(|place| place.writes) {
            return Err("mirrors: a beacon needs one with `write = true`".to_owned());
        }
        let root = base.join(self.root);
        let root = read(&root, LONGEST_ROOT).map_err(|e| format!("{}: {e}", root.display()))?;
        Ok(Configuration {
            root,
            key: base.join(self.key),
            interval: Duration::from_secs(60 * minutes),
            timeout: Duration::from_secs(seconds),
            state: self.state.map(|dir| base.join(dir)),
            listen: self.listen,
            status_file: self.status_file.map(|file| base.join(file)),
            always: self.always,
            places,
        })
    }
}

impl WrittenMirror {
    fn check(self, base: &Path) -> Result<PlaceSpec, String> {
        let name = self.name;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(format!(
                "mirror {name:?}: a name has 1 to 64 letters, digits, -, _ and ."
            ));
        }
        let at = match (self.directory, self.url) {
            (Some(directory), None) => At::Directory(base.join(directory)),
            (None, Some(_)) if self.write => {
                return Err(format!(
                    "mirror {name}: what is named by its url can only be read; to write, name a directory"
                ));
            }
            (None, Some(url)) => At::Url(url),
            _ => {
                return Err(format!(
                    "mirror {name}: name either its directory or its url"
                ));
            }
        };
        Ok(PlaceSpec {
            name,
            at,
            writes: self.write,
        })
    }
}

fn read(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > limit {
        return Err(std::io::Error::other(format!("longer than {limit} bytes")));
    }
    std::fs::read(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_said() {
        #[track_caller]
        fn check(text: &str, expect: &str) {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("root.json"), "{}").unwrap();
            let path = dir.path().join("beacon.toml");
            let top = "root = \"root.json\"\nkey = \"timestamp.key\"\n";
            std::fs::write(&path, format!("{top}{text}")).unwrap();
            let said = match Configuration::read(&path) {
                Ok(_) => "fine".to_owned(),
                Err(failure) => failure.to_string(),
            };
            assert!(said.contains(expect), "{said}");
        }
        let own = "[[mirrors]]\nname = \"own\"\ndirectory = \"m\"\nwrite = true\n";
        check(own, "fine");
        check(&format!("interval_minutes = 0\n{own}"), "interval_minutes");
        check(&format!("interval = 5\n{own}"), "unknown field");
        check(&format!("{own}{own}"), "two of this name");
        check("mirrors = []", "write = true");
        check(
            "[[mirrors]]\nname = \"a b\"\nurl = \"https://x\"",
            "letters",
        );
        check("[[mirrors]]\nname = \"a\"", "either");
        let url = "[[mirrors]]\nname = \"a\"\nurl = \"https://x\"\nwrite = true";
        check(url, "only be read");
    }
}
