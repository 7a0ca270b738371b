//! Functions over texts, and how texts are escaped.

use std::borrow::Cow;
use std::fmt::Write as _;

use minijinja::value::{Rest, Value};
use minijinja::{Environment, Error};
use regex::{Regex, RegexBuilder};

use super::{List, Of, texts, wrong};
use crate::go_template::{Escape, MAX_OUTPUT, format};

/// Memory of one compiled expression, in bytes.
const MAX_REGEX: usize = 1024 * 1024;

pub(super) fn register(engine: &mut Environment<'static>, escape: Escape) {
    let printed = |values: &[Value], always| format::joined(values, always).map_err(wrong);
    engine.add_function("f_print", move |values: Rest<Value>| {
        printed(&values, false)
    });
    engine.add_function("f_println", move |values: Rest<Value>| {
        printed(&values, true).map(|text| text + "\n")
    });
    engine.add_function("f_printf", move |form: Value, values: Rest<Value>| {
        printf(escape, &form, &values)
    });
    engine.add_function("f_html", move |values: Rest<Value>| {
        printed(&values, false).map(|text| html(&text))
    });
    engine.add_function("f_urlquery", move |values: Rest<Value>| {
        printed(&values, false).map(|text| url_query(&text))
    });
    engine.add_function("f_safeHtml", move |text: String| match escape {
        Escape::Html => Value::from_safe_string(text),
        // Safe in HTML is not safe elsewhere.
        Escape::None | Escape::Slack => Value::from(text),
    });
    engine.add_function("f_toUpper", |text: String| -> String {
        text.chars().map(|c| one(c, c.to_uppercase())).collect()
    });
    engine.add_function("f_toLower", |text: String| lower(&text));
    engine.add_function("f_title", |text: String| title(&text));
    engine.add_function("f_trimSpace", |text: String| text.trim().to_owned());
    engine.add_function("f_join", |separator: String, list: Value| {
        texts(&list).map(|texts| texts.join(&separator))
    });
    engine.add_function("f_stringSlice", |values: Rest<Value>| {
        match values.iter().all(|value| value.as_str().is_some()) {
            true => Ok(List::value(Of::Other, values.to_vec())),
            false => Err(wrong("stringSlice takes texts")),
        }
    });
    engine.add_function("f_match", |pattern: String, text: String| {
        regex(&pattern).map(|regex| regex.is_match(&text))
    });
    engine.add_function(
        "f_reReplaceAll",
        |pattern: String, with: String, text: String| {
            let replaced = regex(&pattern)?
                .replace_all(&text, with.as_str())
                .into_owned();
            match replaced.len() <= MAX_OUTPUT {
                true => Ok(replaced),
                false => Err(wrong("reReplaceAll gives too long a text")),
            }
        },
    );
}

fn regex(pattern: &str) -> Result<Regex, Error> {
    let built = RegexBuilder::new(pattern).size_limit(MAX_REGEX).build();
    built.map_err(|error| wrong(format!("the regular expression does not work: {error}")))
}

/// The format's own text is the author's; what it is given may be a stranger's.
fn printf(escape: Escape, form: &Value, values: &[Value]) -> Result<Value, Error> {
    let format = form
        .as_str()
        .ok_or_else(|| wrong("printf wants a text first"))?;
    if form.is_safe() {
        let text = format::printf(format, values, |text, value| escaped(escape, text, value));
        return text.map(Value::from_safe_string).map_err(wrong);
    }
    let text = format::printf(format, values, |text, _| text);
    text.map(Value::from).map_err(wrong)
}

/// A text as it may stand where it goes.
pub(super) fn escaped(escape: Escape, text: String, value: &Value) -> String {
    match escape {
        _ if value.is_safe() => text,
        Escape::None => text,
        Escape::Html => html(&text),
        Escape::Slack => replaced(&text, |c| match c {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            _ => None,
        })
        .into_owned(),
    }
}

fn html(text: &str) -> String {
    replaced(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&#34;"),
        '\'' => Some("&#39;"),
        '\0' => Some("\u{fffd}"),
        _ => None,
    })
    .into_owned()
}

fn replaced(text: &str, by: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if !text.contains(|c| by(c).is_some()) {
        return text.into();
    }
    let mut new = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match by(c) {
            Some(with) => new.push_str(with),
            None => new.push(c),
        }
    }
    new.into()
}

/// An address in a page, or one that leads nowhere in place of something that runs.
pub(super) fn address(text: String) -> String {
    let known = |scheme: &str| {
        ["http", "https", "mailto"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    };
    match text.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '?', '#']) && !known(scheme.trim()) => {
            "#".to_owned()
        }
        _ => text,
    }
}

fn url_query(text: &str) -> String {
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

/// Go changes each character by itself, and leaves those that would become several.
fn one(c: char, mut changed: impl Iterator<Item = char>) -> char {
    match (changed.next(), changed.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// The only character that becomes several is "İ", of which Go keeps the first.
fn small(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn lower(text: &str) -> String {
    text.chars().map(small).collect()
}

/// Words begin with a capital and go on in small letters. An apostrophe, a point or a colon between letters does not
/// end a word.
fn title(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let mut titled = String::with_capacity(text.len());
    let mut in_word = false;
    for (i, &c) in chars.iter().enumerate() {
        let letter = |at: Option<usize>| {
            at.and_then(|at| chars.get(at))
                .is_some_and(|c| c.is_alphabetic())
        };
        if c.is_alphabetic() {
            if in_word {
                let last = !letter(Some(i + 1));
                titled.push(if c == 'Σ' && last { 'ς' } else { small(c) });
            } else {
                titled.push(one(c, c.to_uppercase()));
            }
            in_word = true;
            continue;
        }
        titled.push(c);
        let joins = "'’.:·".contains(c) && letter(i.checked_sub(1)) && letter(Some(i + 1));
        in_word = in_word && (inside(c) || joins);
    }
    titled
}
