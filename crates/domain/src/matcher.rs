//! A condition on one label: `name="value"` with `=`, `!=`, `=~` or `!~`, as Prometheus and Alertmanager write it.

mod parse;

use std::fmt::{self, Write};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

pub use parse::{MAX_MATCHERS, MAX_TEXT, is_classic_name, parse_matchers};

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
    /// With the value in quotes, as Alertmanager prints it; keys of groups consist of this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(parse::is_reserved) {
            go_quoted(f, &self.name)?;
            f.write_str(self.op.as_str())?;
            return go_quoted(f, &self.value);
        }
        write!(f, "{}{}\"", self.name, self.op.as_str())?;
        for c in self.value.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '"' => f.write_str("\\\"")?,
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}

/// Writes a text in quotes as Go's `strconv.Quote` does.
fn go_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            '"' => f.write_str("\\\"")?,
            '\u{7}' => f.write_str("\\a")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\u{b}' => f.write_str("\\v")?,
            '\0'..='\x1f' | '\x7f' => write!(f, "\\x{:02x}", u32::from(c))?,
            c if is_printable(c) => f.write_char(c)?,
            '\u{10000}'.. => write!(f, "\\U{:08x}", u32::from(c))?,
            _ => write!(f, "\\u{:04x}", u32::from(c))?,
        }
    }
    f.write_char('"')
}

/// Whether a character shows something. Behind a letter, so that marks which extend it count as shown.
fn is_printable(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    !text.escape_debug().any(|escaped| escaped == '{') || c == '{'
}

/// Matchers as Alertmanager prints a list of them: sorted, in braces.
#[must_use]
pub fn print_matchers(matchers: &[Matcher]) -> String {
    let mut sorted: Vec<&Matcher> = matchers.iter().collect();
    sorted.sort_by_key(|m| (&m.name, &m.value, m.op));
    let printed: Vec<String> = sorted.iter().map(ToString::to_string).collect();
    format!("{{{}}}", printed.join(","))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_printed_as_alertmanager_does() {
        let check = |name: &str, value: &str, expect: &str| {
            let matcher = Matcher::new(name, Op::Equal, value).unwrap();
            assert_eq!(matcher.to_string(), expect, "{name:?}");
        };
        check("a", "b", "a=\"b\"");
        check("a", "x\ty\u{0}é", "a=\"x\ty\u{0}é\"");
        check("a", "\"\\\n", "a=\"\\\"\\\\\\n\"");
        check("a b", "x\ty\u{0}é", "\"a b\"=\"x\\ty\\x00é\"");
        check("a b", "{e\u{301}\u{200b}", "\"a b\"=\"{e\u{301}\\u200b\"");
    }

    #[test]
    fn a_list_is_sorted_by_name_value_and_operator() {
        let list = parse_matchers("b=x,a!~z,a=~z,a=\"y\",a=z").unwrap();
        let expect = "{a=\"y\",a=\"z\",a=~\"z\",a!~\"z\",b=\"x\"}";
        assert_eq!(print_matchers(&list), expect);
        assert_eq!(print_matchers(&[]), "{}");
    }
}
