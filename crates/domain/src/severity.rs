//! How bad an incident is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Severity, 1 being the worst. Unsure means the higher one (INC-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Critical: users cannot use the service, or an attack is under way.
    Sev1,
    /// Major: many users are affected.
    Sev2,
    /// Minor: some users are affected, or redundancy is lost.
    Sev3,
    /// Low: nobody is affected yet.
    Sev4,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 4] = [Self::Sev1, Self::Sev2, Self::Sev3, Self::Sev4];

    /// The name used in configuration and addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sev1 => "sev1",
            Self::Sev2 => "sev2",
            Self::Sev3 => "sev3",
            Self::Sev4 => "sev4",
        }
    }

    /// The severity of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name() == name)
    }

    /// Whether this is as bad as `other` or worse.
    #[must_use]
    pub fn at_least(self, other: Self) -> bool {
        self <= other
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name().to_uppercase())
    }
}
