//! Parts of entries: how attempts and alerts ended.

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;

/// Alerts of an incident that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Which incident.
    pub incident: IncidentId,
    /// How many alerts.
    pub alerts: u32,
}

/// How an attempt to deliver ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum DeliveryOutcome {
    /// The channel took it.
    Delivered {
        /// What the channel answered.
        detail: String,
    },
    /// The first attempt failed; it is tried again. Recorded once.
    Delayed {
        /// What went wrong.
        error: String,
    },
    /// It will not be tried again.
    Failed {
        /// What went wrong.
        error: String,
    },
    /// It was no longer due when its turn came: answered, or the incident resolved.
    Superseded,
}
