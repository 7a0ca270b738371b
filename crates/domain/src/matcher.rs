//! A condition on one label: `name="value"` with `=`, `!=`, `=~` or `!~`, as Prometheus and Alertmanager write it.

use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::labels::Labels;

/// Largest compiled size of a pattern, in bytes. The engine is linear in the text whatever the pattern.
const MAX_PATTERN: usize = 1 << 20;

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`: the whole value matches a pattern.
    Matches,
    /// `!~`
    NotMatches,
}

impl Op {
    /// The operator as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Matches => "=~",
            Self::NotMatches => "!~",
        }
    }

    /// From Alertmanager's two flags.
    #[must_use]
    pub fn of(is_regex: bool, is_equal: bool) -> Self {
        match (is_regex, is_equal) {
            (false, true) => Self::Equal,
            (false, false) => Self::NotEqual,
            (true, true) => Self::Matches,
            (true, false) => Self::NotMatches,
        }
    }

    /// Whether the value is a pattern.
    #[must_use]
    pub fn is_regex(self) -> bool {
        matches!(self, Self::Matches | Self::NotMatches)
    }

    /// Whether it asks for equality or a match, not for their absence.
    #[must_use]
    pub fn is_equal(self) -> bool {
        matches!(self, Self::Equal | Self::Matches)
    }
}

/// A condition on one label. A missing label counts as empty.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Matcher {
    name: String,
    op: Op,
    value: String,
    pattern: Option<Regex>,
}

/// A matcher as it is stored.
#[derive(Serialize, Deserialize)]
struct Written {
    name: String,
    op: Op,
    value: String,
}

/// A condition that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMatcher {
    /// It has another form.
    #[error("bad matcher format: {0}")]
    Format(String),
    /// The pattern cannot be compiled, or would be too large.
    #[error("the pattern {pattern:?} cannot be used: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why not.
        reason: String,
    },
}

impl Matcher {
    /// A condition.
    ///
    /// # Errors
    /// The name is empty, or the pattern cannot be compiled.
    pub fn new(
        name: impl Into<String>,
        op: Op,
        value: impl Into<String>,
    ) -> Result<Self, BadMatcher> {
        let (name, value) = (name.into(), value.into());
        if name.is_empty() {
            return Err(BadMatcher::Format("a matcher names a label".into()));
        }
        let pattern = if op.is_regex() {
            Some(anchored(&value)?)
        } else {
            None
        };
        Ok(Self {
            name,
            op,
            value,
            pattern,
        })
    }

    /// The label.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is compared.
    #[must_use]
    pub fn op(&self) -> Op {
        self.op
    }

    /// With what: a value or a pattern.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether it holds.
    #[must_use]
    pub fn fits(&self, labels: &Labels) -> bool {
        self.fits_text(labels.get(&self.name).unwrap_or(""))
    }

    /// Whether it holds for the value of its label.
    #[must_use]
    pub fn fits_text(&self, found: &str) -> bool {
        let same = match &self.pattern {
            None => found == self.value,
            Some(pattern) => pattern.is_match(found),
        };
        same == self.op.is_equal()
    }
}

/// A pattern that must match a text as a whole.
fn anchored(pattern: &str) -> Result<Regex, BadMatcher> {
    // Compiled alone first: `a)|(b` must not escape its anchors.
    let compile = |text: &str| {
        let built = RegexBuilder::new(text).size_limit(MAX_PATTERN).build();
        built.map_err(|e| BadMatcher::Pattern {
            pattern: pattern.to_owned(),
            reason: e.to_string(),
        })
    };
    compile(pattern)?;
    compile(&format!("^(?:{pattern})$"))
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.op, &self.value) == (&other.name, other.op, &other.value)
    }
}

impl Eq for Matcher {}

impl fmt::Display for Matcher {
    /// With the value in quotes, as Alertmanager prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:?}", self.name, self.op.as_str(), self.value)
    }
}

impl TryFrom<Written> for Matcher {
    type Error = BadMatcher;

    fn try_from(written: Written) -> Result<Self, BadMatcher> {
        Self::new(written.name, written.op, written.value)
    }
}

impl From<Matcher> for Written {
    fn from(matcher: Matcher) -> Self {
        Self {
            name: matcher.name,
            op: matcher.op,
            value: matcher.value,
        }
    }
}
