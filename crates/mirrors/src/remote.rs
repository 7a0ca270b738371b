//! What places have in common that take and give many files at a time by a program.

use std::time::Duration;

use async_trait::async_trait;
use stentor_publish::{Brought, Done, Mirror, MirrorError, Step, Undone};
use stentor_verify::{FetchError, safe_path};

/// How long a push by programs may take.
pub(crate) const WHOLE: Duration = Duration::from_secs(180);

/// A program that carries files.
#[async_trait]
pub(crate) trait Carrier: Send + Sync {
    /// Does the steps in their order. Their paths are safe.
    async fn carry(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone>;

    /// Brings files. Their paths are safe.
    async fn bring(&self, wanted: &[(String, u64)]) -> Brought;
}

/// A mirror that is reached by a program.
pub(crate) struct Remote<T> {
    name: String,
    carrier: T,
}

impl<T> Remote<T> {
    pub(crate) fn new(name: String, carrier: T) -> Self {
        Self { name, carrier }
    }
}

#[async_trait]
impl<T: Carrier> Mirror for Remote<T> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        if !safe_path(path) {
            return Err(FetchError::NotFound);
        }
        let mut brought = self.carrier.bring(&[(path.to_owned(), limit)]).await;
        let nothing = || FetchError::Unreachable("it was not brought".to_owned());
        brought.remove(path).unwrap_or_else(|| Err(nothing()))
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        let done = self.apply(&[Step::Put { path, bytes }], &|_| {}).await;
        done.map_err(|undone| undone.why)
    }

    async fn delete(&self, path: &str) -> Result<(), MirrorError> {
        let done = self.apply(&[Step::Delete { path }], &|_| {}).await;
        done.map_err(|undone| undone.why)
    }

    async fn apply(&self, steps: &[Step<'_>], done: Done<'_>) -> Result<(), Undone> {
        if let Some(step) = steps.iter().find(|step| !safe_path(step.path())) {
            let path = step.path().to_owned();
            return Err(step.undone(MirrorError::Path(path)));
        }
        self.carrier.carry(steps, done).await
    }

    async fn bring(&self, wanted: &[(String, u64)]) -> Brought {
        let wanted: Vec<_> = wanted
            .iter()
            .filter(|(path, _)| safe_path(path))
            .cloned()
            .collect();
        self.carrier.bring(&wanted).await
    }

    fn within(&self, usual: Duration) -> Duration {
        usual.max(WHOLE)
    }
}

/// Nothing could be brought, for one reason.
pub(crate) fn nothing(wanted: &[(String, u64)], why: &str) -> Brought {
    let each = wanted.iter().map(|(path, _)| {
        let why = FetchError::Unreachable(why.to_owned());
        (path.clone(), Err(why))
    });
    each.collect()
}

/// A file that was brought into a folder of ours, if it has at most `limit` bytes.
pub(crate) fn taken(place: &std::path::Path, limit: u64) -> Option<Result<Vec<u8>, FetchError>> {
    let about = std::fs::symlink_metadata(place).ok()?;
    if !about.is_file() {
        return None;
    }
    if about.len() > limit {
        return Some(Err(FetchError::TooLarge { limit }));
    }
    let read = std::fs::read(place);
    Some(read.map_err(|error| FetchError::Unreachable(error.to_string())))
}
