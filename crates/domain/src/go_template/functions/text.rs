//! Functions over texts.

use minijinja::value::{Value, ValueKind};

use super::{List, Of, Pairs, describe, text_of, texts, wrong};
use crate::go_template::budget::Budget;
use crate::go_template::{Escape, MAX_OUTPUT, Wrong, escape, format};

pub(super) fn call(
    name: &str,
    arguments: &[Value],
    goes_to: Escape,
    budget: &mut Budget,
) -> Result<Value, Wrong> {
    match (name, arguments) {
        ("print", values) => format::joined(values, false).map(Value::from),
        ("println", values) => format::joined(values, true).map(|text| (text + "\n").into()),
        ("printf", [form, values @ ..]) => printf(goes_to, form, values),
        ("html", values) => {
            let text = format::joined(values, false)?;
            Ok(escape::html(&text).into_owned().into())
        }
        ("js", values) => Ok(escape::script(&format::joined(values, false)?).into()),
        ("urlquery", values) => Ok(escape::url_query(&format::joined(values, false)?).into()),
        ("urlUnescape", [text]) => escape::url_unescape(text_of(name, text)?)
            .map(Value::from)
            .ok_or_else(|| wrong("urlUnescape is given a text that is not escaped")),
        // Whether it is an address that may stand there is judged all the same.
        ("safeUrl", [text]) => Ok(text_of(name, text)?.into()),
        ("safeHtml", [text]) => match goes_to {
            Escape::Html => Ok(Value::from_safe_string(text_of(name, text)?.to_owned())),
            // Safe in HTML is not safe elsewhere.
            Escape::None | Escape::Slack => Ok(text_of(name, text)?.into()),
        },
        ("toUpper", [text]) => {
            let chars = text_of(name, text)?.chars();
            let upper: String = chars.map(|c| one(c, c.to_uppercase())).collect();
            Ok(upper.into())
        }
        ("toLower", [text]) => Ok(lower(text_of(name, text)?).into()),
        ("title", [text]) => Ok(title(text_of(name, text)?).into()),
        ("trimSpace", [text]) => Ok(text_of(name, text)?.trim().into()),
        ("join", [separator, list]) => {
            let (separator, texts) = (text_of(name, separator)?, texts(list)?);
            let length: usize = texts.iter().map(|text| text.len() + separator.len()).sum();
            if length > MAX_OUTPUT {
                return Err(wrong("join gives too long a text"));
            }
            Ok(texts.join(separator).into())
        }
        ("stringSlice", values) => match values.iter().all(|value| value.as_str().is_some()) {
            true => Ok(List::value(Of::Other, values.to_vec())),
            false => Err(wrong("stringSlice takes texts")),
        },
        ("match", [pattern, text]) => {
            let text = text_of(name, text)?;
            let expression = budget.expression(text_of(name, pattern)?, text)?;
            Ok(expression.is_match(text).into())
        }
        ("reReplaceAll", [pattern, with, text]) => {
            let (with, text) = (text_of(name, with)?, text_of(name, text)?);
            let expression = budget.expression(text_of(name, pattern)?, text)?;
            replace_all(&expression, with, text, budget).map(Value::from)
        }
        ("toJson", [value]) => json(value).map(Value::from),
        _ => Err(wrong(format!("{name} is not called this way"))),
    }
}

/// Like the library's own, but it ends when the text becomes too long.
fn replace_all(
    expression: &regex::Regex,
    with: &str,
    text: &str,
    budget: &mut Budget,
) -> Result<String, Wrong> {
    let mut new = String::new();
    let mut end = 0;
    for found in expression.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        // For each match all that is left may be looked through.
        budget.steps(1 + (with.len() + text.len() - whole.start()) / 16)?;
        new.push_str(&text[end..whole.start()]);
        found.expand(with, &mut new);
        end = whole.end();
        if new.len() > MAX_OUTPUT {
            return Err(wrong("reReplaceAll gives too long a text"));
        }
    }
    new.push_str(&text[end..]);
    Ok(new)
}

/// The format's own text is the author's; what it is given may be a stranger's.
fn printf(goes_to: Escape, form: &Value, values: &[Value]) -> Result<Value, Wrong> {
    let format = text_of("printf", form)?;
    if form.is_safe() && goes_to == Escape::Slack {
        let escaped = |text: String, value: &Value| match value.is_safe() {
            true => text,
            false => escape::slack(&text).into_owned(),
        };
        return format::printf(format, values, escaped).map(Value::from_safe_string);
    }
    format::printf(format, values, |text, _| text).map(Value::from)
}

/// As Go writes JSON, which keeps it apart from HTML.
fn json(value: &Value) -> Result<String, Wrong> {
    let written = if let Some(pairs) = value.downcast_object_ref::<Pairs>() {
        serde_json::to_string(&pairs.0)
    } else if let Some(text) = value.as_str() {
        serde_json::to_string(text)
    } else if value.is_number() || value.kind() == ValueKind::Bool {
        Ok(value.to_string())
    } else {
        serde_json::to_string(
            &texts(value)
                .map_err(|_| wrong(format!("toJson does not take {}", describe(value))))?,
        )
    };
    let written = written.map_err(|error| wrong(error.to_string()))?;
    let mut text = String::with_capacity(written.len());
    for c in written.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => text.push(c),
        }
    }
    Ok(text)
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
