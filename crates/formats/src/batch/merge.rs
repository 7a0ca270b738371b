//! One alert that is sent twice in a batch is one alert.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use stentor_domain::alert::{Alert, Fingerprint};

use super::Read;

/// The alerts of a batch, in the order in which they first appear.
pub(crate) struct Merged {
    alerts: Vec<Read>,
    at: HashMap<Fingerprint, usize>,
}

impl Merged {
    pub(crate) fn with_capacity(n: usize) -> Self {
        Self {
            alerts: Vec::with_capacity(n),
            at: HashMap::with_capacity(n),
        }
    }

    pub(crate) fn add(&mut self, read: Read, now_ms: i64) {
        match self.at.entry(read.alert.fingerprint) {
            Entry::Vacant(place) => {
                place.insert(self.alerts.len());
                self.alerts.push(read);
            }
            Entry::Occupied(place) => {
                let earlier = &mut self.alerts[*place.get()];
                merge(earlier, read, now_ms);
            }
        }
    }

    pub(crate) fn finish(self) -> Vec<Arc<Alert>> {
        self.alerts.into_iter().map(|r| Arc::new(r.alert)).collect()
    }
}

/// Alertmanager's rules (types/types.go): the later one's text, the earliest start; of two ends of resolved alerts
/// the later, and an end that was sent counts above one that we set.
fn merge(earlier: &mut Read, mut later: Read, now_ms: i64) {
    let (a, b) = (&earlier.alert, &mut later.alert);
    b.starts_ms = b.starts_ms.min(a.starts_ms);
    let longer = a.ends_ms > b.ends_ms;
    let keeps = if b.ends_ms <= now_ms {
        longer && a.ends_ms <= now_ms
    } else {
        longer && !earlier.is_timeout
    };
    if keeps {
        b.ends_ms = a.ends_ms;
        later.is_timeout = earlier.is_timeout;
    }
    *earlier = later;
}
