//! Fields that may be templates, with our own text in their place.

use stentor_domain::go_template::{Data, Escape, Library, Template};

/// One field.
pub(super) enum Field {
    /// No template: the same for every message.
    Fixed(String),
    /// A template, and the text of ours for when it gives none.
    Template(Template, Option<Template>),
}

impl Field {
    /// Translates `text`; when that fails, the problem is noted and `default` stands in its place, a template too.
    pub(super) fn new(
        name: &str,
        text: &str,
        default: Option<&str>,
        library: &Library,
        escape: Escape,
        problems: &mut Vec<String>,
    ) -> Self {
        if !text.contains("{{") {
            return Self::Fixed(text.to_owned());
        }
        // Ours are judged by the tests.
        let ours = default.and_then(|default| library.translate(default, escape).ok());
        let stead = if default.is_some() {
            "our own text is sent instead"
        } else {
            "it stays empty"
        };
        match library.translate(text, escape) {
            Ok(template) => {
                // It may still work for real alerts, so it is kept.
                if let Err(error) = template.prove() {
                    problems.push(format!("{name}: {error}; whenever that happens {stead}"));
                }
                Self::Template(template, ours)
            }
            Err(error) => {
                problems.push(format!("{name}: {error}; {stead}"));
                match ours {
                    Some(ours) => Self::Template(ours, None),
                    None => Self::Fixed(String::new()),
                }
            }
        }
    }

    /// The text for a message.
    pub(super) fn render(&self, data: &Data) -> String {
        match self {
            Self::Fixed(text) => text.clone(),
            Self::Template(template, ours) => template.render(data).unwrap_or_else(|_| {
                let ours = ours.as_ref().and_then(|ours| ours.render(data).ok());
                ours.unwrap_or_default()
            }),
        }
    }
}
