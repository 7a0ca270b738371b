//! A false message circulates in our name, and we say so (WORD-12).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Language, Mends, Standing, Wording};
use crate::ids::DenialId;

/// One public statement about a false message. Text for the outside; escape it on every exit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenialUpdate {
    /// Number among the statements about this message, from 1.
    pub number: u32,
    /// When it was authorised, in milliseconds since the epoch.
    pub published_ms: i64,
    /// Whether the message still circulates; the last statement says that it does not.
    pub circulates: bool,
    /// What is claimed and what is true, in the organisation's first language.
    pub wording: Wording,
    /// The same in further approved languages.
    #[serde(default)]
    pub translations: BTreeMap<Language, Wording>,
    /// The earlier statement that this one puts right.
    #[serde(default)]
    pub mends: Option<Mends>,
}

/// A false message as the public is told about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Its number, stable in addresses.
    pub id: DenialId,
    /// Where it was seen, as text: such an address is never made a link.
    pub seen_at: Vec<String>,
    /// What was said, oldest first; never empty.
    pub updates: Vec<DenialUpdate>,
}

impl Denial {
    /// The newest statement.
    ///
    /// # Panics
    /// Never: a denial becomes public by its first statement.
    #[must_use]
    #[expect(clippy::expect_used, reason = "never empty, see `updates`")]
    pub fn latest(&self) -> &DenialUpdate {
        self.updates
            .last()
            .expect("a denial has at least one statement")
    }

    /// Whether the statement `number` still holds.
    #[must_use]
    pub fn standing(&self, number: u32) -> Standing {
        Standing::of(number, self.updates.iter().map(|u| (u.number, u.mends)))
    }

    /// Whether the message is said to circulate no more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !self.latest().circulates
    }
}
