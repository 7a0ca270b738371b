//! Renders what was translated.

use std::io::{self, Write};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::{Data, Escape, MAX_OUTPUT, functions};

/// Steps of one rendering: some hundred for each of a few thousand alerts.
const FUEL: u64 = 3_000_000;
/// The one template's name.
const NAME: &str = "field";

/// A translated template. Cloning is cheap.
#[derive(Clone)]
pub struct Template {
    engine: Arc<Environment<'static>>,
}

/// A template that gave no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the template gives no text: {0}")]
pub struct RenderError(String);

impl Template {
    pub(super) fn new(written: String, escape: Escape) -> Result<Self, minijinja::Error> {
        let mut engine = Environment::empty();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(FUEL));
        engine.set_auto_escape_callback(|_| AutoEscape::None);
        // What ends a template is part of it.
        let syntax = SyntaxConfig::builder()
            .keep_trailing_newline(true)
            .build()?;
        engine.set_syntax(syntax);
        functions::register(&mut engine, escape);
        engine.add_template_owned(NAME, written)?;
        Ok(Self {
            engine: Arc::new(engine),
        })
    }

    /// Renders a notification made up for this, to find out when a configuration is read what a template would trip over
    /// at night.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn prove(&self) -> Result<(), RenderError> {
        self.render(&Data::sample()).map(|_| ())
    }

    /// The text for a notification.
    ///
    /// # Errors
    /// [`RenderError`]: the template asks for something that does not exist, or takes too long or too much.
    pub fn render(&self, data: &Data) -> Result<String, RenderError> {
        let failed = |error: minijinja::Error| RenderError(error.to_string());
        let template = self.engine.get_template(NAME).map_err(failed)?;
        let mut text = Bounded(Vec::new());
        let context = minijinja::context! { dot => data.0.clone(), root => data.0.clone() };
        template
            .render_captured_to(context, &mut text)
            .map_err(failed)?;
        String::from_utf8(text.0).map_err(|error| RenderError(error.to_string()))
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Template")
    }
}

/// A text that does not grow without limit.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other(format!("more than {MAX_OUTPUT} bytes")));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
