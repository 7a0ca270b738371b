//! A page: one logical message to one person, however often and by how many channels it is tried (REACH-4).

use serde::{Deserialize, Serialize};

use crate::ids::{HandoffId, IncidentId, MaintenanceId, PageId, PersonId};

/// A message to a person about an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its number.
    pub id: PageId,
    /// About what.
    pub incident: IncidentId,
    /// To whom.
    pub person: PersonId,
    /// Why.
    pub cause: PageCause,
    /// Milliseconds since the epoch.
    pub issued_ms: i64,
    /// What became of it.
    pub answer: PageAnswer,
    /// Channels by which it arrived.
    pub delivered_by: Vec<String>,
}

/// Why somebody is paged. Tagged from outside: a snapshot's format cannot read tags that lie inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageCause {
    /// An escalation reached their level.
    Escalation {
        /// Index of the level.
        level: u32,
        /// Rounds completed before.
        round: u32,
    },
    /// They are offered a role.
    Handoff {
        /// The offer.
        handoff: HandoffId,
    },
    /// The next public word is due soon.
    PromiseDue {
        /// When, in milliseconds since the epoch.
        due_ms: i64,
    },
    /// A promised word did not come.
    PromiseBroken {
        /// When it was due, in milliseconds since the epoch.
        due_ms: i64,
    },
    /// The incident is unsolved (INC-4).
    Unsolved,
    /// They lead for long: they should hand over.
    HandoffSuggested,
    /// The announced begin or end of work passed without a word. Such a page is about [`IncidentId::NONE`].
    MaintenanceDue {
        /// Which work.
        maintenance: MaintenanceId,
        /// The time that passed, in milliseconds since the epoch.
        due_ms: i64,
    },
}

/// What became of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageAnswer {
    /// No answer yet.
    None,
    /// "I have it."
    Acknowledged {
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// "Not me."
    Declined {
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
}

impl PageCause {
    /// The name used in messages for machines.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Escalation { .. } => "escalation",
            Self::Handoff { .. } => "handoff",
            Self::PromiseDue { .. } => "promise-due",
            Self::PromiseBroken { .. } => "promise-broken",
            Self::Unsolved => "unsolved",
            Self::HandoffSuggested => "handoff-suggested",
            Self::MaintenanceDue { .. } => "maintenance-due",
        }
    }
}

impl Page {
    /// Whether it still asks its person for something.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.answer == PageAnswer::None
    }
}

/// How an answer reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The link in the message.
    Link,
    /// The console.
    Console,
    /// The API.
    Api,
}
