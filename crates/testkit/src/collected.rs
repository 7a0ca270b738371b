//! What a fake has received, and waiting for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How long a test waits before it says that something did not happen. Long, because machines under load are slow and
/// nothing depends on it when all is well.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A growing list that can be waited for. Cloning shares it.
#[derive(Debug)]
pub struct Collected<T> {
    items: Arc<Mutex<Vec<T>>>,
    count: Arc<watch::Sender<usize>>,
}

impl<T> Clone for Collected<T> {
    fn clone(&self) -> Self {
        Self {
            items: self.items.clone(),
            count: self.count.clone(),
        }
    }
}

impl<T> Default for Collected<T> {
    fn default() -> Self {
        Self {
            items: Arc::default(),
            count: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl<T: Clone + std::fmt::Debug> Collected<T> {
    /// Appends.
    pub fn push(&self, item: T) {
        let count = {
            let mut items = self.lock();
            items.push(item);
            items.len()
        };
        self.count.send_replace(count);
    }

    /// Everything so far.
    #[must_use]
    pub fn all(&self) -> Vec<T> {
        self.lock().clone()
    }

    /// How many so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there are none so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until `find` finds what it looks for in the whole list.
    ///
    /// # Panics
    /// After [`PATIENCE`], naming `what` was awaited and what is there instead.
    pub async fn wait<R>(&self, what: &str, mut find: impl FnMut(&[T]) -> Option<R>) -> R {
        let mut changes = self.count.subscribe();
        let search = async {
            loop {
                changes.mark_unchanged();
                if let Some(found) = find(&self.lock()) {
                    return found;
                }
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        match timeout(PATIENCE, search).await {
            Ok(found) => found,
            Err(_) => panic!(
                "{what}: not within {PATIENCE:?}; there is {:#?}",
                self.all()
            ),
        }
    }

    /// Waits for at least so many and gives all.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub async fn wait_for(&self, count: usize) -> Vec<T> {
        self.wait(&format!("{count} items"), |items| {
            (items.len() >= count).then(|| items.to_vec())
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
