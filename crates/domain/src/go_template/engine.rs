//! A template that is ready to be rendered.

use std::sync::Arc;

use super::evaluation::{Evaluation, Frame};
use super::library::Library;
use super::syntax::Node;
use super::{Data, Escape};

/// A template that was read. Cloning is cheap.
#[derive(Clone)]
pub struct Template {
    pub(super) library: Library,
    pub(super) text: Arc<str>,
    pub(super) nodes: Arc<[Node]>,
    pub(super) escape: Escape,
}

/// A template that gave no text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the template gives no text: {0}")]
pub struct RenderError(pub(super) String);

impl Template {
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
        let frame = Frame {
            called: None,
            text: &self.text,
        };
        let root = data.value.clone();
        Evaluation::new(&self.library, frame, self.escape, root, data.now_ms).run(&self.nodes)
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Template")
    }
}
