//! The templates: fixed, escaped, strict about what is undefined, bounded in work.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use super::RenderError;

/// Steps of one rendering; a page of 500 incidents needs about a tenth.
const FUEL: u64 = 5_000_000;

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
    for (name, source) in [
        ("base.html", include_str!("templates/base.html")),
        ("index.html", include_str!("templates/index.html")),
        ("incident.html", include_str!("templates/incident.html")),
        ("update.html", include_str!("templates/update.html")),
        ("feed.xml", include_str!("templates/feed.xml")),
        ("status.txt", include_str!("templates/status.txt")),
    ] {
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
    let context = minijinja::Value::from(Serde(view));
    let text = env
        .get_template(template)
        .and_then(|t| t.render(context))
        .map_err(|e| RenderError::new(file, e))?;
    Ok(text.into_bytes())
}
