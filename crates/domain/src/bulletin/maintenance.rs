//! Work that is announced before it is done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Language, Mends, Standing, Wording};
use crate::ids::MaintenanceId;

/// Where announced work stands; the words of Statuspage's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceStatus {
    /// It has not begun.
    Scheduled,
    /// It goes on.
    InProgress,
    /// It is done and being watched.
    Verifying,
    /// It is over.
    Completed,
    /// It will not take place.
    Cancelled,
}

impl MaintenanceStatus {
    /// Every status, in the order in which work usually goes through them.
    pub const ALL: [Self; 5] = [
        Self::Scheduled,
        Self::InProgress,
        Self::Verifying,
        Self::Completed,
        Self::Cancelled,
    ];

    /// The word as published.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::InProgress => "in_progress",
            Self::Verifying => "verifying",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether nothing more is to be expected.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}

/// One public statement about announced work. Text for the outside; escape it on every exit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceUpdate {
    /// Number among the statements about this work, from 1.
    pub number: u32,
    /// When it was authorised, in milliseconds since the epoch.
    pub published_ms: i64,
    /// Where the work stands.
    pub status: MaintenanceStatus,
    /// When it begins, in milliseconds since the epoch.
    pub starts_ms: i64,
    /// When it should be over, in milliseconds since the epoch; after `starts_ms`.
    pub ends_ms: i64,
    /// What is said, in the organisation's first language.
    pub wording: Wording,
    /// The same in further approved languages.
    #[serde(default)]
    pub translations: BTreeMap<Language, Wording>,
    /// The earlier statement that this one puts right.
    #[serde(default)]
    pub mends: Option<Mends>,
}

/// Announced work as the public sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicMaintenance {
    /// Its number, stable in addresses and calendars.
    pub id: MaintenanceId,
    /// Names of the affected components.
    pub components: Vec<String>,
    /// What was said, oldest first; never empty.
    pub updates: Vec<MaintenanceUpdate>,
}

impl PublicMaintenance {
    /// The newest statement.
    ///
    /// # Panics
    /// Never: work becomes public by its first statement.
    #[must_use]
    #[expect(clippy::expect_used, reason = "never empty, see `updates`")]
    pub fn latest(&self) -> &MaintenanceUpdate {
        self.updates
            .last()
            .expect("announced work has at least one statement")
    }

    /// Whether the statement `number` still holds.
    #[must_use]
    pub fn standing(&self, number: u32) -> Standing {
        Standing::of(number, self.updates.iter().map(|u| (u.number, u.mends)))
    }

    /// Whether nothing more is to be expected.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.latest().status.is_over()
    }
}
