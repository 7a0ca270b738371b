//! A world is the live one or one drill; nothing crosses between them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an entry belongs. Each drill is a world of its own, folded only from its own entries (DRILL-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum World {
    /// Real people, real keys, real mirrors.
    Live,
    /// A rehearsal, numbered from 1 in the order of starting.
    Drill(u32),
}

impl World {
    /// Whether this is a rehearsal.
    #[must_use]
    pub fn is_drill(self) -> bool {
        matches!(self, Self::Drill(_))
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Drill(n) => write!(f, "drill-{n}"),
        }
    }
}

/// The text does not name a world.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} names no world; write \"live\" or \"drill-N\"")]
pub struct UnknownWorld(String);

impl FromStr for World {
    type Err = UnknownWorld;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "live" {
            return Ok(Self::Live);
        }
        text.strip_prefix("drill-")
            .and_then(|n| n.parse().ok())
            .map(Self::Drill)
            .ok_or_else(|| UnknownWorld(text.to_owned()))
    }
}
