//! The language of a text.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A language tag (BCP 47), for instance `en`, `pt-BR` or `ar`, in its usual spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(Arc<str>);

/// Languages that are written from right to left in their usual script.
const RIGHT_TO_LEFT: [&str; 9] = ["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ur", "yi"];

/// Longest tag, in bytes.
const LONGEST: usize = 35;

impl Language {
    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag's first part, in lower case: `pt` of `pt-BR`.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        RIGHT_TO_LEFT.contains(&self.primary())
    }

    /// English: what is spoken where nothing else is declared.
    #[must_use]
    pub fn english() -> Self {
        Self("en".into())
    }
}

/// A text that is not a language tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no language tag; write for instance en, de or pt-BR")]
pub struct NoLanguage(String);

impl TryFrom<String> for Language {
    type Error = NoLanguage;

    /// Letters first, then parts of letters and digits, up to eight each. The language is put in lower case and a region in capitals.
    fn try_from(text: String) -> Result<Self, NoLanguage> {
        let mut parts = text.split('-');
        let first = parts.next().unwrap_or_default();
        let is_language =
            (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
        let is_part = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        if text.len() > LONGEST || !is_language || !parts.clone().all(is_part) {
            return Err(NoLanguage(text));
        }
        let spelled = parts.map(|part| match part.len() {
            2 => part.to_ascii_uppercase(),
            _ => part.to_ascii_lowercase(),
        });
        let tag: Vec<String> = std::iter::once(first.to_ascii_lowercase())
            .chain(spelled)
            .collect();
        Ok(Self(tag.join("-").into()))
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0.as_ref().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_and_spelled() {
        #[track_caller]
        fn check(text: &str, expect: Option<&str>) {
            let language = Language::try_from(text.to_owned()).ok();
            assert_eq!(language.as_ref().map(Language::as_str), expect, "{text:?}");
        }
        check("en", Some("en"));
        check("PT-br", Some("pt-BR"));
        check("zh-Hant-TW", Some("zh-hant-TW"));
        check("ckb", Some("ckb"));
        for bad in ["", "e", "e1", "en-", "en_US", "english", "en-<b>", "../en"] {
            check(bad, None);
        }
        check(&format!("en-{}", "a-".repeat(20)), None);
    }

    #[test]
    fn the_direction_follows_the_language() {
        let rtl = |tag: &str| {
            Language::try_from(tag.to_owned())
                .unwrap()
                .is_right_to_left()
        };
        assert!(rtl("ar") && rtl("he-IL") && rtl("fa"));
        assert!(!rtl("en") && !rtl("arn"));
    }
}
