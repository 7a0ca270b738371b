//! The text that a template gives: bounded, and with values escaped for where they stand.

use minijinja::Value;

use super::escape::{self, HTML};
use super::markup::{Markup, Place};
use super::{Escape, MAX_OUTPUT, Wrong, format};

/// What a template's author applied to a value already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Already {
    Nothing,
    /// `html`.
    Html,
    /// `urlquery`.
    Query,
}

#[derive(Debug)]
pub(super) struct Output {
    text: String,
    escape: Escape,
    markup: Markup,
}

impl Output {
    pub(super) fn new(escape: Escape) -> Self {
        Self {
            text: String::new(),
            escape,
            markup: Markup::default(),
        }
    }

    pub(super) fn escape(&self) -> Escape {
        self.escape
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// What the author of the template wrote.
    pub(super) fn author(&mut self, text: &str) -> Result<(), Wrong> {
        // A character of HTML grows to four at most.
        if self.text.len() + text.len() > MAX_OUTPUT {
            return Err(Self::too_long());
        }
        match self.escape {
            Escape::Html => self.markup.read(text, &mut self.text),
            Escape::None | Escape::Slack => self.text.push_str(text),
        }
        self.bounded()
    }

    /// A value.
    pub(super) fn value(&mut self, value: &Value, already: Already) -> Result<(), Wrong> {
        let text = format::plain(value)?;
        if self.text.len() + text.len() > MAX_OUTPUT {
            return Err(Self::too_long());
        }
        match self.escape {
            Escape::None => self.text.push_str(&text),
            Escape::Slack if value.is_safe() => self.text.push_str(&text),
            Escape::Slack => self.text.push_str(&escape::slack(&text)),
            Escape::Html => self.html(text, value.is_safe(), already)?,
        }
        self.bounded()
    }

    fn html(&mut self, text: String, safe: bool, already: Already) -> Result<(), Wrong> {
        let place = self.markup.place();
        let text = match place {
            Place::Dropped => return Ok(()),
            Place::Nowhere => {
                return Err(Wrong::new(
                    "in HTML a value may stand as text, in a quoted attribute or as a value of a style, not here",
                ));
            }
            Place::Text if safe => text,
            Place::Text | Place::Attribute => text,
            Place::Style => escape::style(text),
            Place::Address => match already {
                Already::Query => escape::scheme(text),
                _ => escape::address(&escape::scheme(text)),
            },
            Place::Path if already == Already::Query => text,
            Place::Path => escape::address(&text),
            Place::Query if already == Already::Query => text,
            Place::Query => escape::query(&text),
        };
        match place {
            Place::Text if safe => self.text.push_str(&text),
            // What is HTML already may not end the attribute.
            Place::Attribute if safe => self.text.push_str(&escape::quotes(&text)),
            // The content of a style is no HTML; in an attribute it is.
            Place::Style if !self.markup.in_attribute() => self.text.push_str(&text),
            Place::Text | Place::Attribute if already == Already::Html => self.text.push_str(&text),
            _ => self.text.push_str(&escape::replaced(&text, HTML)),
        }
        Ok(())
    }

    fn bounded(&self) -> Result<(), Wrong> {
        if self.text.len() > MAX_OUTPUT {
            return Err(Self::too_long());
        }
        Ok(())
    }

    fn too_long() -> Wrong {
        Wrong::new(format!("the text is longer than {MAX_OUTPUT} bytes"))
    }
}
