//! How texts are escaped for where they go.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What Go writes in place of a value that would run something.
const REFUSED: &str = "ZgotmplZ";

/// A character and what stands in its place.
pub(super) type Replacements = [(char, &'static str)];

/// In HTML, as text or in a quoted attribute.
pub(super) const HTML: &Replacements = &[
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&#34;"),
    ('\'', "&#39;"),
    ('+', "&#43;"),
    ('\0', "\u{fffd}"),
];

/// What the function `html` replaces: it leaves plus signs.
const FUNCTION: &Replacements = &[
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&#34;"),
    ('\'', "&#39;"),
    ('\0', "\u{fffd}"),
];

/// What may not stand in an attribute, of a text that is HTML already.
const QUOTES: &Replacements = &[
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&#34;"),
    ('\'', "&#39;"),
    ('+', "&#43;"),
    ('\0', "\u{fffd}"),
];

const SLACK: &Replacements = &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")];

/// The text with characters replaced.
pub(super) fn replaced<'a>(text: &'a str, by: &Replacements) -> Cow<'a, str> {
    let with = |c: char| by.iter().find(|(from, _)| *from == c).map(|(_, to)| *to);
    if !text.contains(|c| with(c).is_some()) {
        return text.into();
    }
    let mut new = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match with(c) {
            Some(to) => new.push_str(to),
            None => new.push(c),
        }
    }
    new.into()
}

pub(super) fn slack(text: &str) -> Cow<'_, str> {
    replaced(text, SLACK)
}

/// The function `html`.
pub(super) fn html(text: &str) -> Cow<'_, str> {
    replaced(text, FUNCTION)
}

pub(super) fn quotes(text: &str) -> Cow<'_, str> {
    replaced(text, QUOTES)
}

/// An address that begins with a value: what would run something is refused.
pub(super) fn scheme(text: String) -> String {
    let known = |scheme: &str| {
        ["http", "https", "mailto"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    };
    match text.split_once(':') {
        Some((scheme, _)) if !scheme.contains('/') && !known(scheme) => format!("#{REFUSED}"),
        _ => text,
    }
}

/// An address, or a part of one before its query: what has a meaning in addresses keeps it.
pub(super) fn address(text: &str) -> String {
    let bytes = text.as_bytes();
    percent(text, |at, byte| match byte {
        b'%' => {
            let hex = |n: usize| bytes.get(at + n).is_some_and(u8::is_ascii_hexdigit);
            hex(1) && hex(2)
        }
        byte => b"!#$&*+,/:;=?@[]".contains(&byte),
    })
}

/// A part of an address' query.
pub(super) fn query(text: &str) -> String {
    percent(text, |_, _| false)
}

fn percent(text: &str, kept: impl Fn(usize, u8) -> bool) -> String {
    let mut new = String::with_capacity(text.len() + 16);
    for (at, byte) in text.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if plain || kept(at, byte) {
            new.push(byte.into());
        } else {
            let _ = write!(new, "%{byte:02x}");
        }
    }
    new
}

/// The function `urlquery`.
pub(super) fn url_query(text: &str) -> String {
    let mut query = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => query.push('+'),
            b'-' | b'_' | b'.' | b'~' => query.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => query.push(byte.into()),
            byte => {
                let _ = write!(query, "%{byte:02X}");
            }
        }
    }
    query
}

/// Undoes `urlquery`; `None` when it is not of that form.
pub(super) fn url_unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |n: usize| char::from(*after.get(n)?).to_digit(16);
                bytes.push(u8::try_from(digit(0)? * 16 + digit(1)?).ok()?);
                rest = &after[2..];
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// A value in a style.
pub(super) fn style(text: String) -> String {
    let mut before = ' ';
    let mut letters = String::new();
    for c in text.chars() {
        if "\0\"'()/;@[\\]`{}<>".contains(c) || (c == '-' && before == '-') {
            return REFUSED.to_owned();
        }
        before = c;
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            letters.push(c.to_ascii_lowercase());
        }
    }
    if letters.contains("expression") || letters.contains("mozbinding") {
        return REFUSED.to_owned();
    }
    text
}

/// The function `js`.
pub(super) fn script(text: &str) -> String {
    let mut new = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\\' | '\'' | '"' => new.extend(['\\', c]),
            '<' | '>' | '&' | '=' | '\0'..='\x1f' => {
                let _ = write!(new, "\\u{:04X}", u32::from(c));
            }
            c => new.push(c),
        }
    }
    new
}
