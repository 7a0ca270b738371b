//! `[page]` of `stentor.toml`: languages, the website, and the few things that may look different.

use std::collections::BTreeSet;

use super::problem::quoted;
use super::reader::{Table, Text};
use super::values::web_url;
use crate::bulletin::{Language, PageSettings, Theme};
use crate::organisation::MirrorSpec;

const PAGE: &[&str] = &["languages", "website", "theme"];
const THEME: &[&str] = &["accent", "accent_dark"];

/// Most languages of a page: each is a text to approve for every template.
const LANGUAGES: usize = 12;

/// The page's backgrounds, as the page is rendered.
const WHITE: [u8; 3] = [0xff, 0xff, 0xff];
const DARK: [u8; 3] = [0x10, 0x16, 0x1c];

/// What text needs against its background (WCAG 2.2, 1.4.3).
const ENOUGH: f64 = 4.5;

/// Reads `[page]`. The second says whether its languages are declared.
pub(super) fn read(file: &Table<'_>) -> (PageSettings, bool) {
    let mut settings = PageSettings::default();
    let Some(table) = file.table("page", PAGE) else {
        return (settings, false);
    };
    let languages = languages(&table, "languages");
    let declared = !languages.is_empty();
    if table.value("languages").is_some() && languages.is_empty() {
        table.here().refuse(
            "the page speaks no language",
            "write languages = [\"en\"], the language of your templates first",
        );
    }
    if !languages.is_empty() {
        settings.languages = languages;
    }
    settings.website = web_url(&table, "website");
    if let Some(theme) = table.table("theme", THEME) {
        settings.theme = Theme {
            accent: colour(&theme, "accent", WHITE, "white"),
            accent_dark: colour(&theme, "accent_dark", DARK, "the dark background #10161c"),
        };
    }
    (settings, declared)
}

/// The addresses of the mirrors, each once.
pub(super) fn addresses(mirrors: &[MirrorSpec]) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for url in mirrors.iter().filter_map(|mirror| mirror.url.as_ref()) {
        if !addresses.contains(url) {
            addresses.push(url.clone());
        }
    }
    addresses
}

/// A list of languages, each once.
pub(super) fn languages(table: &Table<'_>, key: &str) -> Vec<Language> {
    let mut seen = BTreeSet::new();
    let mut languages = Vec::new();
    for text in table.lines(key) {
        let Some(language) = language(&text) else {
            continue;
        };
        if !seen.insert(language.clone()) {
            text.refuse(
                format!("{} stands here twice", quoted(&text)),
                "remove one of the two",
            );
        } else if languages.len() == LANGUAGES {
            text.refuse(
                format!("there are more than {LANGUAGES} languages"),
                "keep those in which you really write",
            );
        } else {
            languages.push(language);
        }
    }
    languages
}

/// A language by its tag.
pub(super) fn language(text: &Text<'_>) -> Option<Language> {
    let found = Language::try_from(text.trim().to_owned()).ok();
    if found.is_none() {
        text.refuse(
            format!("{} is not a language tag", quoted(text)),
            "write for instance \"en\", \"de\" or \"pt-BR\"",
        );
    }
    found
}

/// A colour that can be read on a background.
fn colour(table: &Table<'_>, key: &str, background: [u8; 3], named: &str) -> Option<String> {
    let text = table.line(key)?;
    let Some(rgb) = rgb(&text) else {
        text.refuse(
            format!("{} is not a colour", quoted(&text)),
            "write # and six hexadecimal digits, for instance \"#0b5cad\"",
        );
        return None;
    };
    let ratio = contrast(rgb, background);
    if ratio < ENOUGH {
        // Rounded down, so that a ratio that is not enough never looks like one that is.
        let shown = (ratio * 100.0).floor() / 100.0;
        let todo = if background == WHITE {
            "choose a darker one"
        } else {
            "choose a lighter one"
        };
        text.refuse(
            format!("the contrast of {} on {named} is {shown:.2} to 1, and people need {ENOUGH} to 1 to read it", quoted(&text)),
            todo,
        );
        return None;
    }
    Some(text.to_lowercase())
}

fn rgb(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// The contrast ratio as WCAG 2.2 defines it: 1 to 21.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The relative luminance as WCAG 2.2 defines it: 0 is black, 1 is white.
fn luminance(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = rgb.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_as_the_guideline_defines_it() {
        let check = |one: &str, other: [u8; 3], expected: &str| {
            let ratio = contrast(rgb(one).unwrap(), other);
            assert_eq!(format!("{ratio:.2}"), expected, "{one}");
        };
        check("#000000", WHITE, "21.00");
        check("#ffffff", WHITE, "1.00");
        check("#777777", WHITE, "4.48");
        check("#767676", WHITE, "4.54");
        check("#0b5cad", WHITE, "6.67");
        check("#ff0000", WHITE, "4.00");
    }

    #[test]
    fn colours_are_six_digits() {
        assert_eq!(rgb("#0A1b2c"), Some([10, 27, 44]));
        for bad in ["0a1b2c", "#abc", "#0a1b2c3", "#0a1b2g", "#+1b2c3", "red"] {
            assert_eq!(rgb(bad), None, "{bad}");
        }
    }
}
