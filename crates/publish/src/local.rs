//! A mirror that is a directory.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use stentor_verify::{FetchError, LocalDir, safe_path};

use crate::files;
use crate::mirror::{Done, Mirror, MirrorError, Step, Undone};

/// A mirror that is a directory of this machine, served by whatever web server.
#[derive(Debug, Clone)]
pub struct LocalMirror {
    name: String,
    base: PathBuf,
}

impl LocalMirror {
    /// The mirror `name` at `base`, which is created with the first file.
    pub fn new(name: impl Into<String>, base: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            base: base.into(),
        }
    }

    /// Runs where it may block: a hanging disk must not hold up the other mirrors.
    async fn blocking<T: Send + 'static>(
        &self,
        path: &str,
        work: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, MirrorError> {
        let path = self.inside(path)?;
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        done.map_err(|e| MirrorError::Failed(e.to_string()))?
            .map_err(|e| MirrorError::Failed(e.to_string()))
    }

    fn change(&self, step: Step<'_>) -> Result<Change, Undone> {
        let path = self.inside(step.path()).map_err(|why| step.undone(why))?;
        let bytes = match step {
            Step::Put { bytes, .. } => Some(bytes.to_vec()),
            Step::Delete { .. } => None,
        };
        Ok(Change { path, bytes })
    }

    /// The place of `path`, if no step on the way leads out of the mirror.
    fn inside(&self, path: &str) -> Result<PathBuf, MirrorError> {
        let refused = || MirrorError::Path(path.to_owned());
        if !safe_path(path) {
            return Err(refused());
        }
        let mut place = self.base.clone();
        for part in path.split('/') {
            // Who can write to the mirror must not turn our writing elsewhere by a link.
            if place != self.base && place.is_symlink() {
                return Err(refused());
            }
            place.push(part);
        }
        Ok(place)
    }
}

#[async_trait]
impl Mirror for LocalMirror {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let dir = LocalDir::new(&self.base);
        let (base, path) = (self.base.clone(), path.to_owned());
        let read = move || {
            // Without its directory: a mirror before its first push.
            if base.exists() {
                dir.read(&path, limit)
            } else {
                Err(FetchError::NotFound)
            }
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|e| FetchError::Unreachable(e.to_string()))?
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        let bytes = bytes.to_vec();
        self.blocking(path, move |path| {
            files::replace(path, &bytes, files::PUBLIC)
        })
        .await
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        self.blocking(path, remove).await
    }

    async fn apply(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        for (batch, some) in steps.chunks(AT_ONCE).enumerate() {
            let wanted = some.iter().map(|step| self.change(*step));
            let wanted: Vec<Change> = wanted.collect::<Result<_, _>>()?;
            let taken = tokio::task::spawn_blocking(move || take(wanted)).await;
            let (taken, stopped) = taken.unwrap_or_else(|why| (0, Some((0, why.to_string()))));
            (0..taken).for_each(|index| done(batch * AT_ONCE + index));
            if let Some((index, why)) = stopped {
                return Err(some[index].undone(MirrorError::Failed(why)));
            }
        }
        Ok(())
    }
}

/// So many steps are made ready together.
const AT_ONCE: usize = 200;

/// What becomes of a file; without bytes it is to be gone.
struct Change {
    path: PathBuf,
    bytes: Option<Vec<u8>>,
}

/// Makes all changes, or none where one cannot be made ready: with a full disk, readers keep the word that is there, and
/// between the first page and the last there is nothing left to do but to rename. Gives how many were made, and which one
/// was not and why.
fn take(changes: Vec<Change>) -> (usize, Option<(usize, String)>) {
    let paths: Vec<PathBuf> = changes.iter().map(|change| change.path.clone()).collect();
    let mut made_ready = Vec::with_capacity(changes.len());
    for Change { path, bytes } in changes {
        let ready = bytes.map(|bytes| files::ready(path, &bytes, files::PUBLIC));
        match ready.transpose() {
            Ok(ready) => made_ready.push(ready),
            Err(why) => return (0, Some((made_ready.len(), why.to_string()))),
        }
    }
    let mut stopped = None;
    for (index, ready) in made_ready.into_iter().enumerate() {
        let changed = match ready {
            Some(ready) => ready.replace(),
            None => remove(&paths[index]),
        };
        if let Err(why) = changed {
            stopped = Some((index, why.to_string()));
            break;
        }
    }
    let made = stopped.as_ref().map_or(paths.len(), |(index, _)| *index);
    // What may be lost in a crash was not done.
    match files::sync_around(paths[..made].iter().map(PathBuf::as_path)) {
        Ok(()) => (made, stopped),
        Err(why) => (0, Some((0, why.to_string()))),
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
