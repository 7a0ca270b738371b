//! The public word: what a status page says, before it is rendered and signed (WORD-4).

mod denial;
mod directory;
mod language;
mod maintenance;
mod page;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::denial::{Denial, DenialUpdate};
pub use self::directory::{Directory, OfficialChannel, SecurityContact};
pub use self::language::Language;
pub use self::maintenance::{MaintenanceStatus, MaintenanceUpdate, PublicMaintenance};
pub use self::page::{Component, PageSettings, StatusPage, Theme};
use crate::ids::IncidentId;

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
    /// The same statement in further approved languages.
    #[serde(default)]
    pub translations: BTreeMap<Language, Wording>,
    /// The earlier statement that this one puts right.
    #[serde(default)]
    pub mends: Option<Mends>,
}

/// What a statement does to an earlier one about the same thing. The earlier one stays where it was, marked: nothing is
/// silently edited (WORD-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mends {
    /// It says the same thing rightly. Holds the number of what it corrects.
    Corrects(u32),
    /// It takes it back. Holds the number of what it withdraws.
    Withdraws(u32),
}

impl Mends {
    /// The number of the statement that is mended.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::Corrects(number) | Self::Withdraws(number) => number,
        }
    }
}

/// Whether a statement still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing later speaks against it.
    Holds,
    /// The statement of this number says it rightly.
    CorrectedBy(u32),
    /// The statement of this number takes it back.
    WithdrawnBy(u32),
}

impl Standing {
    /// What the last of `statements`, each a number and what it mends, says about the statement `number`.
    pub fn of(number: u32, statements: impl Iterator<Item = (u32, Option<Mends>)>) -> Self {
        let about = |(by, mends): (u32, Option<Mends>)| match mends? {
            Mends::Corrects(n) if n == number => Some(Self::CorrectedBy(by)),
            Mends::Withdraws(n) if n == number => Some(Self::WithdrawnBy(by)),
            _ => None,
        };
        statements.filter_map(about).last().unwrap_or(Self::Holds)
    }
}

/// A statement's words in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// One line.
    pub title: String,
    /// Paragraphs with their headings. Plain text.
    pub sections: Vec<Section>,
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

    /// Whether the statement `number` still holds.
    #[must_use]
    pub fn standing(&self, number: u32) -> Standing {
        Standing::of(number, self.updates.iter().map(|u| (u.number, u.mends)))
    }

    /// Whether the public was told that it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.latest().status == PublicStatus::Resolved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_about_a_statement_decides() {
        #[track_caller]
        fn check(said: &[(u32, Option<Mends>)], expect: Standing) {
            assert_eq!(Standing::of(1, said.iter().copied()), expect);
        }
        use Mends::{Corrects, Withdraws};
        check(&[(1, None), (2, None)], Standing::Holds);
        check(
            &[(1, None), (2, Some(Corrects(1)))],
            Standing::CorrectedBy(2),
        );
        check(&[(1, None), (3, Some(Corrects(2)))], Standing::Holds);
        let both = [(2, Some(Corrects(1))), (3, Some(Withdraws(1)))];
        check(&both, Standing::WithdrawnBy(3));
    }
}
