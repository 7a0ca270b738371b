//! `beacon.toml`: everything a beacon has to know.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stentor_domain::bundle::{self, BeaconMirror, BeaconSpec};

use crate::failure::Failure;

/// Longest configuration, in bytes.
const LONGEST: u64 = 64 * 1024;
/// Longest root, in bytes.
const LONGEST_ROOT: u64 = 512 * 1024;

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
    pub(super) mirrors: Vec<BeaconMirror>,
    pub(super) allow_networks: Vec<String>,
    /// The folder of the file, from which relative paths start.
    pub(super) base: PathBuf,
}

impl Configuration {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let problem = |why: String| Failure::usage(format!("{}: {why}", path.display()));
        let text = read(path, LONGEST).map_err(|e| problem(e.to_string()))?;
        let text = String::from_utf8(text).map_err(|e| problem(e.to_string()))?;
        let spec = bundle::beacon(&path.display().to_string(), &text).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Failure::usage(lines.join("\n"))
        })?;
        let path = std::path::absolute(path).map_err(Failure::new)?;
        let base = path.parent().unwrap_or(Path::new("/"));
        resolve(spec, base).map_err(problem)
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

fn resolve(spec: BeaconSpec, base: &Path) -> Result<Configuration, String> {
    let root = base.join(spec.root);
    let root = read(&root, LONGEST_ROOT).map_err(|e| format!("{}: {e}", root.display()))?;
    Ok(Configuration {
        root,
        key: base.join(spec.key),
        interval: Duration::from_secs(60 * u64::from(spec.interval_minutes)),
        timeout: Duration::from_secs(spec.timeout_seconds.into()),
        state: spec.state.map(|dir| base.join(dir)),
        listen: spec.listen,
        status_file: spec.status_file.map(|file| base.join(file)),
        always: spec.always,
        mirrors: spec.mirrors,
        allow_networks: spec.allow_networks,
        base: base.to_owned(),
    })
}

fn read(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > limit {
        return Err(std::io::Error::other(format!("longer than {limit} bytes")));
    }
    std::fs::read(path)
}
