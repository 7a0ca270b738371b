//! From the public page to files: HTML in every language of the page, plain text, and the formats that programs read.
//!
//! The same page at the same time gives the same bytes. What does not speak of the present does not change from hour to
//! hour, so that mirrors get little.

mod bars;
mod calendar;
mod directory;
mod edition;
mod feed;
mod look;
mod machine;
mod memory;
mod minisign;
mod seal;
mod security;
mod spans;
mod statuspage;
mod template;
mod text;
mod time;
mod view;
mod words;

pub(crate) use self::memory::Renderer;
pub(crate) use self::minisign::Signer;

/// A page could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("{page} could not be rendered: {why}")]
pub struct RenderError {
    pub(crate) page: String,
    pub(crate) why: String,
}

impl RenderError {
    fn new(page: &str, why: impl std::fmt::Display) -> Self {
        Self {
            page: page.to_owned(),
            why: why.to_string(),
        }
    }
}
