//! Waiting for what must become true.

use std::time::Duration;

use stentor_testkit::collected::PATIENCE;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Looks until there is something to see, and gives it.
///
/// # Panics
/// After [`PATIENCE`], naming `what` was awaited.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(PATIENCE, search).await {
        Ok(found) => found,
        Err(_) => panic!("{what}: not within {PATIENCE:?}"),
    }
}
