//! Templates that others call by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::syntax::Node;
use super::{Escape, MAX_FILE, MAX_TEMPLATE, Template, Untranslatable, check, defaults, parser};

/// Most templates in a library.
const MAX_TEMPLATES: usize = 1_000;

/// Templates by name: Alertmanager's own, and those of files. Cloning is cheap.
#[derive(Clone)]
pub struct Library {
    templates: Arc<BTreeMap<String, Arc<Definition>>>,
}

/// A template that is defined.
#[derive(Debug)]
pub(super) struct Definition {
    /// The file that it stands in, unless it is Alertmanager's own or the field's.
    pub(super) file: Option<Arc<str>>,
    /// The text around it, in which places are told.
    pub(super) text: Arc<str>,
    pub(super) nodes: Arc<[Node]>,
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.templates.keys()).finish()
    }
}

impl Default for Library {
    /// The templates that every Alertmanager brings.
    fn default() -> Self {
        let mut library = Self {
            templates: Arc::default(),
        };
        // A test holds that these are templates.
        for text in defaults::TEXTS {
            let _ = library.add(text);
        }
        library
    }
}

impl Library {
    /// Adds what a text defines. A later definition takes the place of an earlier one, unless it is empty.
    ///
    /// # Errors
    /// [`Untranslatable`]: the text is no template, or too long, or defines too much.
    pub fn add(&mut self, text: &str) -> Result<(), Untranslatable> {
        self.take(None, text, MAX_TEMPLATE)
    }

    /// Adds what a template file defines, and what it says outside of definitions under its own name. Whether all
    /// templates that are called exist is found out when a field calls them: another file may define them.
    ///
    /// # Errors
    /// [`Untranslatable`]: the file is no template, or too long, or defines too much; as Alertmanager refuses it.
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), Untranslatable> {
        self.take(Some(name), text, MAX_FILE)
    }

    fn take(&mut self, file: Option<&str>, text: &str, most: usize) -> Result<(), Untranslatable> {
        let parsed = parser::parse(text, most)?;
        check::check(text, &parsed.nodes)?;
        for nodes in parsed.defined.values() {
            check::check(text, nodes)?;
        }
        let file: Option<Arc<str>> = file.map(Into::into);
        let shared: Arc<str> = text.into();
        let own = file.as_deref().map(|name| (name.to_owned(), parsed.nodes));
        let templates = Arc::make_mut(&mut self.templates);
        for (name, nodes) in parsed.defined.into_iter().chain(own) {
            if templates.contains_key(&name) && parser::is_empty(&nodes) {
                continue;
            }
            let definition = Definition {
                file: file.clone(),
                text: shared.clone(),
                nodes: nodes.into(),
            };
            templates.insert(name, Arc::new(definition));
        }
        if templates.len() > MAX_TEMPLATES {
            let what = format!("more than {MAX_TEMPLATES} templates");
            return Err(Untranslatable::at(text, 0, what));
        }
        Ok(())
    }

    /// Reads the text of a field.
    ///
    /// # Errors
    /// [`Untranslatable`]: no template, or one that uses what is not known here.
    pub fn translate(&self, text: &str, escape: Escape) -> Result<Template, Untranslatable> {
        let parsed = parser::parse(text, MAX_TEMPLATE)?;
        let mut library = self.clone();
        if !parsed.defined.is_empty() {
            library.add(text)?;
        }
        let mut seen = BTreeSet::new();
        for (name, at) in check::check(text, &parsed.nodes)? {
            library
                .reaches(name, &mut seen)
                .map_err(|what| Untranslatable::at(text, at, what))?;
        }
        Ok(Template {
            library,
            text: text.into(),
            nodes: parsed.nodes.into(),
            escape,
        })
    }

    /// Whether a template and all that it calls exist; otherwise what is missing.
    fn reaches<'a>(&'a self, name: &'a str, seen: &mut BTreeSet<&'a str>) -> Result<(), String> {
        let mut open = vec![(name, None)];
        while let Some((name, from)) = open.pop() {
            let Some((name, definition)) = self.get(name) else {
                let what = format!("the template {name:?} is not known");
                return Err(match from {
                    None => what,
                    Some((from, at)) => self.inside(from, at, what),
                });
            };
            if seen.insert(name) {
                let called = check::check(&definition.text, &definition.nodes);
                let called = called.map_err(|error| error.to_string())?;
                open.extend(
                    called
                        .into_iter()
                        .map(|(called, at)| (called, Some((name, at)))),
                );
            }
        }
        Ok(())
    }

    /// Says that something is wrong in a template, and where.
    fn inside(&self, name: &str, at: usize, what: String) -> String {
        let Some((_, definition)) = self.get(name) else {
            return what;
        };
        let placed = Untranslatable::at(&definition.text, at, what);
        match &definition.file {
            None => format!("in the template {name:?}, {placed}"),
            Some(file) => format!("in the template {name:?} of {file}, {placed}"),
        }
    }

    /// A template with its name.
    pub(super) fn get(&self, name: &str) -> Option<(&str, &Definition)> {
        let (name, definition) = self.templates.get_key_value(name)?;
        Some((name, definition))
    }
}
