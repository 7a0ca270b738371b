//! One alert that is sent twice in a batch is one alert.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use stentor_domain::alert::{Alert, Fingerprint};

/// The alerts of a batch, in the order in which they first appear.
pub(crate) struct Merged {
    alerts: Vec<Alert>,
    at: HashMap<Fingerprint, usize>,
}

impl Merged {
    pub(crate) fn with_capacity(n: usize) -> Self {
        Self {
            alerts: Vec::with_capacity(n),
            at: HashMap::with_capacity(n),
        }
    }

    pub(crate) fn add(&mut self, mut read: Alert, now_ms: i64) {
        match self.at.entry(read.fingerprint) {
            Entry::Vacant(place) => {
                place.insert(self.alerts.len());
                self.alerts.push(read);
            }
            Entry::Occupied(place) => {
                let earlier = &mut self.alerts[*place.get()];
                read.go_on_from(earlier, earlier.ends_ms, now_ms);
                *earlier = read;
            }
        }
    }

    pub(crate) fn finish(self) -> Vec<Arc<Alert>> {
        self.alerts.into_iter().map(Arc::new).collect()
    }
}
