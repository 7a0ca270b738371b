//! The templates: fixed, escaped, strict about what is undefined, bounded in work.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{
    AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value, escape_formatter,
};
use serde::Serialize;

use super::{RenderError, text};

/// Steps of one rendering; a page of 500 entries needs about a tenth.
const FUEL: u64 = 5_000_000;

const TEMPLATES: [(&str, &str); 11] = [
    ("affair.html", include_str!("templates/affair.html")),
    ("base.html", include_str!("templates/base.html")),
    ("directory.html", include_str!("templates/directory.html")),
    ("entry.html", include_str!("templates/entry.html")),
    ("feed.atom", include_str!("templates/feed.atom")),
    ("feed.rss", include_str!("templates/feed.rss")),
    ("history.html", include_str!("templates/history.html")),
    ("index.html", include_str!("templates/index.html")),
    ("languages.html", include_str!("templates/languages.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("status.txt", include_str!("templates/status.txt")),
];

pub(super) fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    // XML needs no more than HTML does. Plain text is text.
    env.set_auto_escape_callback(|name| {
        if name.ends_with(".txt") {
            AutoEscape::None
        } else {
            AutoEscape::Html
        }
    });
    if let Ok(syntax) = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
    {
        env.set_syntax(syntax);
    }
    env.set_formatter(write);
    env.add_filter("fill", fill);
    env.add_filter("twice", twice);
    env.add_filter("apart", |text: &str, dir: &str| text::apart(text, dir));
    for (name, source) in TEMPLATES {
        // A template that does not parse is missing, and every rendering of it fails: the tests render all.
        let _ = env.add_template(name, source);
    }
    env
}

pub(super) fn render(
    env: &Environment<'_>,
    file: &str,
    template: &str,
    view: &impl Serialize,
) -> Result<Vec<u8>, RenderError> {
    let context = Value::from(Serde(view));
    let text = env
        .get_template(template)
        .and_then(|t| t.render(context))
        .map_err(|e| RenderError::new(file, format!("{e:#}")))?;
    let mut text = text.trim_start().to_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text.into_bytes())
}

/// Markup of `text`: the five characters that mean something in HTML and XML, in and out of attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Writes a value. The engine would escape slashes too, which addresses are full of.
fn write(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if is_html(state) && !value.is_safe() => Ok(out.write_str(&escape(text))?),
        _ => escape_formatter(out, state, value),
    }
}

fn is_html(state: &State<'_, '_>) -> bool {
    matches!(state.auto_escape(), AutoEscape::Html)
}

/// Puts values into the places of a sentence. What is not markup is escaped like everything else.
fn fill(state: &State<'_, '_>, words: &str, values: Kwargs) -> Result<Value, Error> {
    let html = is_html(state);
    let escaped = |text: &str| {
        if html { escape(text) } else { text.to_owned() }
    };
    let (mut out, mut rest) = (String::new(), words);
    while let Some((before, after)) = rest.split_once('{')
        && let Some((name, tail)) = after.split_once('}')
    {
        let value: Value = values.get(name)?;
        let text = value.to_string();
        out += &escaped(before);
        out += &if value.is_safe() {
            text
        } else {
            escaped(&text)
        };
        rest = tail;
    }
    out += &escaped(rest);
    Ok(if html {
        Value::from_safe_string(out)
    } else {
        Value::from(out)
    })
}

/// Markup as text: feeds carry HTML escaped once more.
fn twice(markup: &str) -> Value {
    Value::from_safe_string(escape(markup))
}
