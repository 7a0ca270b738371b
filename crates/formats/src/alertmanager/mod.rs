//! Alertmanager's API v2, as Prometheus and amtool speak it (api/v2/openapi.yaml; newest shapes, which older clients
//! accept because they ignore what they do not know).

mod item;
mod outgoing;
mod silences;

pub use crate::batch::{
    BadAlert, Batch, Clock, MAX_ALERTS, MAX_BODY, MAX_LABEL_VALUE, MAX_LABELS, MAX_NAME, MAX_TEXT,
    Unreadable,
};
pub use outgoing::{
    AlertGroup, AlertStatus, ClusterStatus, GettableAlert, PeerStatus, Receiver, Status,
    StatusConfig, VersionInfo, routing_to,
};
pub use silences::{BadSilence, GettableSilence, PostableSilence};

use crate::batch::items;

/// Reads the body of `POST /api/v2/alerts`. One bad alert does not lose the others.
///
/// # Errors
/// The body is not an array, is cut off, nests too deeply or holds too many alerts.
pub fn read(body: &[u8], clock: Clock) -> Result<Batch, Unreadable> {
    let items = items(body)?;
    Ok(Batch::read(items, clock, |item| item::read(item, clock)))
}
