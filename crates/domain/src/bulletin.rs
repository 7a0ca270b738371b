//! The public word: what a status page says, before it is rendered and signed (WORD-4).

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;
use crate::world::World;

/// What the world is told about an incident's progress; the words readers know from other status pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicStatus {
    /// Something is wrong; the cause is not known.
    Investigating,
    /// The cause is known and a fix is being made.
    Identified,
    /// A fix is in place and is being watched.
    Monitoring,
    /// It is over.
    Resolved,
}

impl PublicStatus {
    /// Every status, in the order in which an incident usually goes through them.
    pub const ALL: [Self; 4] = [
        Self::Investigating,
        Self::Identified,
        Self::Monitoring,
        Self::Resolved,
    ];

    /// The word as published.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// How badly users are affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Slower or partly failing.
    Partial,
    /// Not usable.
    Total,
}

/// One public statement about an incident. Everything in it is text for the outside; escape it on every exit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// Number among the incident's updates, from 1.
    pub number: u32,
    /// When it was authorised, in milliseconds since the epoch.
    pub published_ms: i64,
    /// Where the incident stands.
    pub status: PublicStatus,
    /// One line: what is broken, for whom.
    pub title: String,
    /// Paragraphs with their headings, in order: what is affected, what to do, what is known, what was tried,
    /// what comes next. Plain text.
    pub sections: Vec<Section>,
    /// When the next word comes, in milliseconds since the epoch; `None` only in a closing update.
    pub next_update_ms: Option<i64>,
}

/// A headed paragraph of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// For instance "What you should do".
    pub heading: String,
    /// Plain text; blank lines separate paragraphs.
    pub text: String,
}

/// An incident as the public sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicIncident {
    /// Its number, stable in addresses.
    pub id: IncidentId,
    /// Names of the affected components.
    pub components: Vec<String>,
    /// How badly.
    pub impact: Impact,
    /// What was said, oldest first; never empty.
    pub updates: Vec<StatusUpdate>,
}

impl PublicIncident {
    /// The newest statement.
    ///
    /// # Panics
    /// Never: an incident becomes public by its first statement.
    #[must_use]
    #[expect(clippy::expect_used, reason = "never empty, see `updates`")]
    pub fn latest(&self) -> &StatusUpdate {
        self.updates
            .last()
            .expect("a public incident has at least one update")
    }

    /// Whether the public was told that it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.latest().status == PublicStatus::Resolved
    }
}

/// A part of what the organisation offers, as its users name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// The users' name for it.
    pub name: String,
    /// `None`: no known problem.
    pub impact: Option<Impact>,
}

/// Everything a status page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPage {
    /// Whose page it is.
    pub organisation: String,
    /// Live, or a rehearsal that must be unmistakable.
    pub world: World,
    /// Components in the order of the catalogue.
    pub components: Vec<Component>,
    /// Incidents whose end was not announced, newest first.
    pub current: Vec<PublicIncident>,
    /// Incidents that ended in the last 90 days, newest first.
    pub past: Vec<PublicIncident>,
}
