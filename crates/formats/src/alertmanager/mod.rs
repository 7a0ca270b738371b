//! Alertmanager's API v2, as Prometheus and amtool speak it (api/v2/openapi.yaml; newest shapes, which older clients
//! accept because they ignore what they do not know).

mod item;
mod merge;
mod outgoing;
mod silences;
mod split;

use std::sync::Arc;

use stentor_domain::alert::Alert;

pub use item::Clock;
pub use outgoing::{
    AlertGroup, AlertStatus, ClusterStatus, GettableAlert, PeerStatus, Receiver, Status,
    StatusConfig, VersionInfo, routing_to,
};
pub use silences::{BadSilence, GettableSilence, PostableSilence};
pub use split::Unreadable;

/// Largest body, in bytes; the reader of the request refuses more.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

/// Alerts in one batch at most.
pub const MAX_ALERTS: usize = 20_000;

/// Labels, and annotations, of one alert at most.
pub const MAX_LABELS: usize = 128;

/// Longest name of a label or annotation, in bytes.
pub const MAX_NAME: usize = 1_024;

/// Longest value of a label, in bytes.
pub const MAX_LABEL_VALUE: usize = 4 * 1024;

/// Longest value of an annotation and longest generator URL, in bytes.
pub const MAX_TEXT: usize = 32 * 1024;

/// An alert of a batch that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAlert {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// A batch as far as it can be taken.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What is good; no fingerprint is repeated.
    pub alerts: Vec<Arc<Alert>>,
    /// What is not.
    pub bad: Vec<BadAlert>,
}

/// Reads the body of `POST /api/v2/alerts`. One bad alert does not lose the others.
///
/// # Errors
/// The body is not an array, is cut off, nests too deeply or holds too many alerts.
pub fn read(body: &[u8], clock: Clock) -> Result<Batch, Unreadable> {
    let items = split::items(body)?;
    let mut merged = merge::Merged::with_capacity(items.len());
    let mut bad = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        match item::read(item, clock) {
            Ok(alert) => merged.add(alert, clock.now_ms),
            Err(reason) => bad.push(BadAlert { index, reason }),
        }
    }
    let alerts = merged.finish();
    Ok(Batch { alerts, bad })
}
