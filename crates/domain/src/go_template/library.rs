//! Templates that others call by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::syntax::Node;
use super::{Escape, Template, Untranslatable, defaults, emit, parser};

/// Most templates in a library.
const MAX_TEMPLATES: usize = 1_000;

/// Templates by name: Alertmanager's own, and those of files.
#[derive(Clone, Debug)]
pub struct Library {
    templates: BTreeMap<String, (Arc<str>, Vec<Node>)>,
}

impl Default for Library {
    /// The templates that every Alertmanager brings.
    fn default() -> Self {
        let mut library = Self {
            templates: BTreeMap::new(),
        };
        // A test holds that these are templates.
        for text in defaults::TEXTS {
            let _ = library.add(text);
        }
        library
    }
}

impl Library {
    /// Adds what a template file defines. A later definition takes the place of an earlier one. A definition that uses
    /// what is not known here does no harm until a field calls it.
    ///
    /// # Errors
    /// [`Untranslatable`]: the file is no template, or too long, or defines too much.
    pub fn add(&mut self, text: &str) -> Result<(), Untranslatable> {
        let parsed = parser::parse(text)?;
        let shared: Arc<str> = text.into();
        for (name, nodes) in parsed.defined {
            self.templates.insert(name, (shared.clone(), nodes));
        }
        if self.templates.len() > MAX_TEMPLATES {
            let what = format!("more than {MAX_TEMPLATES} templates");
            return Err(Untranslatable::at(text, 0, what));
        }
        Ok(())
    }

    /// Translates the text of a field.
    ///
    /// # Errors
    /// [`Untranslatable`]: no template, or one that uses what is not known here.
    pub fn translate(&self, text: &str, escape: Escape) -> Result<Template, Untranslatable> {
        let parsed = parser::parse(text)?;
        let own;
        let library = if parsed.defined.is_empty() {
            self
        } else {
            let mut with_own = self.clone();
            with_own.add(text)?;
            own = with_own;
            &own
        };
        let written = emit::emit(library, text, &parsed.nodes, escape)?;
        Template::new(written, escape)
            .map_err(|error| Untranslatable::at(text, 0, error.to_string()))
    }

    pub(super) fn get(&self, name: &str) -> Option<(&str, &[Node])> {
        let (text, nodes) = self.templates.get(name)?;
        Some((text, nodes))
    }
}
