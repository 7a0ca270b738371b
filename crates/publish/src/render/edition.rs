//! The page in one of its languages.

use std::collections::BTreeMap;

use serde::Serialize;
use stentor_domain::bulletin::{Language, Section, StatusPage, Wording};

use super::text::{line, paragraphs};
use super::words::{Words, autonym};

/// Editions of one page; a configuration that asks for more is cut here too.
const MOST: usize = 40;

/// One language of the page. The first edition has the plain file names.
pub(super) struct Edition<'a> {
    pub(super) page: &'a StatusPage,
    /// SHA-256 of the first trusted root in hex.
    pub(super) fingerprint: &'a str,
    /// The language in which texts are looked for.
    pub(super) language: Language,
    /// The frame, which may be in another language than the texts.
    pub(super) words: &'static Words,
    /// What comes between a file's name and its ending: nothing, or a dot and the language.
    pub(super) suffix: String,
}

/// Words in one language.
#[derive(Clone, Serialize)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) tongue: Tongue,
}

/// The language of a fragment.
#[derive(Clone, Serialize)]
pub(super) struct Tongue {
    pub(super) lang: String,
    pub(super) dir: &'static str,
    /// Whether it is another language than the frame's, so that it must be said.
    pub(super) foreign: bool,
}

/// The page in another language.
#[derive(Clone, Serialize)]
pub(super) struct Alternate {
    pub(super) lang: String,
    pub(super) dir: &'static str,
    pub(super) name: String,
    /// What the frame of that page is written in.
    pub(super) suffix: String,
    pub(super) here: bool,
}

/// A headed text, in paragraphs.
#[derive(Clone, Serialize)]
pub(super) struct Part {
    pub(super) heading: String,
    pub(super) paragraphs: Vec<String>,
}

impl<'a> Edition<'a> {
    /// Every edition, the first language's first.
    pub(super) fn all(page: &'a StatusPage, fingerprint: &'a str) -> Vec<Self> {
        let languages = languages(page);
        let edition = |(n, language): (usize, Language)| Self {
            page,
            fingerprint,
            words: Words::of(&language),
            suffix: if n == 0 {
                String::new()
            } else {
                format!(".{language}")
            },
            language,
        };
        languages.into_iter().enumerate().map(edition).collect()
    }

    /// Whether this is the edition in the language of the statements' own wording.
    pub(super) fn is_first(&self) -> bool {
        self.suffix.is_empty()
    }

    /// The name of a file in this edition.
    pub(super) fn file(&self, stem: &str, ending: &str) -> String {
        format!("{stem}{}.{ending}", self.suffix)
    }

    /// How a fragment in `language` is to be marked within this edition.
    pub(super) fn tongue(&self, language: &Language) -> Tongue {
        Tongue {
            lang: language.to_string(),
            dir: direction(language),
            foreign: language.as_str() != self.words.lang,
        }
    }

    /// The organisation's first language: that of names, and of what has no translation.
    pub(super) fn first_tongue(&self) -> Tongue {
        self.tongue(&first(self.page))
    }

    /// The wording in this edition's language where it was approved, the original elsewhere.
    pub(super) fn wording(
        &self,
        (title, sections): (&str, &[Section]),
        translations: &BTreeMap<Language, Wording>,
    ) -> (Text, Vec<Part>) {
        let exact = translations.get_key_value(&self.language);
        let near = || {
            let alike = |l: &&Language| l.primary() == self.language.primary();
            // German for Austria may stand in for German; never one first language for another.
            translations.iter().find(|(l, _)| alike(l))
        };
        let own = first(self.page);
        let translated = if self.is_first() || own == self.language {
            None
        } else {
            exact.or_else(|| {
                if own.primary() == self.language.primary() {
                    None
                } else {
                    near()
                }
            })
        };
        let (language, title, sections) = match translated {
            Some((language, wording)) => (
                language.clone(),
                wording.title.as_str(),
                wording.sections.as_slice(),
            ),
            None => (own, title, sections),
        };
        let part = |s: &Section| Part {
            heading: line(&s.heading),
            paragraphs: paragraphs(&s.text),
        };
        let title = Text {
            text: line(title),
            tongue: self.tongue(&language),
        };
        (title, sections.iter().map(part).collect())
    }

    /// This page in each of its languages.
    pub(super) fn alternates(&self) -> Vec<Alternate> {
        let alternate = |(n, language): (usize, Language)| Alternate {
            lang: language.to_string(),
            dir: direction(&language),
            name: autonym(&language).to_owned(),
            suffix: if n == 0 {
                String::new()
            } else {
                format!(".{language}")
            },
            here: language == self.language,
        };
        languages(self.page)
            .into_iter()
            .enumerate()
            .map(alternate)
            .collect()
    }
}

/// The languages of the page, each once.
fn languages(page: &StatusPage) -> Vec<Language> {
    let mut languages: Vec<Language> = Vec::new();
    for language in &page.settings.languages {
        if !languages.contains(language) && languages.len() < MOST {
            languages.push(language.clone());
        }
    }
    if languages.is_empty() {
        languages.push(Language::english());
    }
    languages
}

/// The language of the statements' own wording.
pub(super) fn first(page: &StatusPage) -> Language {
    page.settings
        .languages
        .first()
        .cloned()
        .unwrap_or_else(Language::english)
}

fn direction(language: &Language) -> &'static str {
    if language.is_right_to_left() {
        "rtl"
    } else {
        "ltr"
    }
}
