//! The matchers of the query parameter `filter`: `name="value"` with `=`, `!=`, `=~` or `!~`.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};
use stentor_domain::labels::Labels;

/// Largest compiled size of a pattern, in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// A condition on one label.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    value: Value,
    expect: bool,
}

#[derive(Clone, Debug)]
enum Value {
    Is(String),
    Matches(Regex),
}

/// Text that is not a matcher.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad matcher format: {0:?}")]
pub struct BadMatcher(pub String);

impl Matcher {
    /// Reads one matcher, with or without quotes around the value, and with or without braces around it all.
    ///
    /// # Errors
    /// The text has another form, or its pattern cannot be compiled.
    pub fn parse(text: &str) -> Result<Self, BadMatcher> {
        let bad = || BadMatcher(text.chars().take(200).collect());
        let inner = text.trim();
        let inner = inner
            .strip_prefix('{')
            .and_then(|t| t.strip_suffix('}'))
            .unwrap_or(inner);
        let at = inner.find(['=', '!']).ok_or_else(bad)?;
        let (name, rest) = inner.split_at(at);
        let operators = [
            ("=~", true, true),
            ("!~", true, false),
            ("!=", false, false),
            ("=", false, true),
        ];
        let found = operators.iter().find_map(|(operator, is_regex, expect)| {
            Some((rest.strip_prefix(operator)?, *is_regex, *expect))
        });
        let (value, is_regex, expect) = found.ok_or_else(bad)?;
        let (name, value) = (unquote(name), unquote(value));
        let (name, value) = (name.ok_or_else(bad)?, value.ok_or_else(bad)?);
        if name.is_empty() {
            return Err(bad());
        }
        let value = if is_regex {
            Value::Matches(anchored(&value).ok_or_else(bad)?)
        } else {
            Value::Is(value.into_owned())
        };
        Ok(Self {
            name: name.into_owned(),
            value,
            expect,
        })
    }

    /// A label whose whole value matches a pattern.
    ///
    /// # Errors
    /// The pattern cannot be compiled.
    pub fn pattern(name: &str, pattern: &str) -> Result<Self, BadMatcher> {
        let regex =
            anchored(pattern).ok_or_else(|| BadMatcher(pattern.chars().take(200).collect()))?;
        Ok(Self {
            name: name.to_owned(),
            value: Value::Matches(regex),
            expect: true,
        })
    }

    /// Whether it holds. A missing label counts as empty.
    #[must_use]
    pub fn fits(&self, labels: &Labels) -> bool {
        self.fits_text(labels.get(&self.name).unwrap_or(""))
    }

    /// Whether it holds for the value of its label.
    #[must_use]
    pub fn fits_text(&self, found: &str) -> bool {
        let same = match &self.value {
            Value::Is(value) => found == value,
            Value::Matches(pattern) => pattern.is_match(found),
        };
        same == self.expect
    }
}

/// A pattern that must match a text as a whole; linear in the text whatever the pattern.
fn anchored(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(MAX_PATTERN)
        .build()
        .ok()
}

fn unquote(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if text.starts_with('"') {
        return serde_json::from_str(text).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_read_as_amtool_writes_them() {
        let labels = Labels::from_pairs(&mut vec![("alertname", "Down"), ("job", "a=\"b\"")]);
        let check = |text: &str, expect: Option<bool>| {
            let fits = Matcher::parse(text).ok().map(|m| m.fits(&labels));
            assert_eq!(fits, expect, "{text}");
        };
        check("alertname=\"Down\"", Some(true));
        check("alertname=Down", Some(true));
        check(" { alertname = \"Down\" } ", Some(true));
        check("alertname!=\"Down\"", Some(false));
        check("alertname=~\"D.*\"", Some(true));
        check("alertname=~\"D\"", Some(false));
        check("alertname!~\"D.*\"", Some(false));
        check("job=\"a=\\\"b\\\"\"", Some(true));
        check("missing=\"\"", Some(true));
        check("missing=~\".+\"", Some(false));
        for bad in [
            "",
            "x",
            "=\"a\"",
            "a~\"b\"",
            "a=~\"(\"",
            "a=\"b",
            "a=~\"(a{1000}){1000}\"",
        ] {
            check(bad, None);
        }
    }
}
