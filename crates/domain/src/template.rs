//! Pre-approved texts of public updates, with blanks to fill (INC-6).

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior};

use crate::bulletin::{PublicStatus, Section};
use crate::ids::TemplateId;

/// What every public notice must carry; a template that lacks one is refused.
pub const REQUIRED_SECTIONS: [(&str, &str); 5] = [
    ("affected", "What is affected"),
    ("do", "What you should do"),
    ("known", "What we know"),
    ("tried", "What we have tried"),
    ("next", "What happens next"),
];

/// Blanks filled by Stentor itself: the service's public name, the organisation, the time of the next word.
pub const GIVEN_BLANKS: [&str; 3] = ["service", "organisation", "next_update"];

/// Longest value of a blank, in characters.
pub const MAX_VALUE_CHARS: usize = 2_000;

/// A text approved beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateTemplate {
    /// Its name.
    pub id: TemplateId,
    /// What it is for, as shown to the person choosing.
    pub name: String,
    /// Who approved the wording.
    pub approved_by: String,
    /// The status it announces unless another is chosen.
    pub status: PublicStatus,
    /// One line with blanks.
    pub title: String,
    /// Section key to text with blanks; holds every key of [`REQUIRED_SECTIONS`].
    pub sections: BTreeMap<String, String>,
    /// The blanks a person fills: name, and what to write there.
    pub blanks: BTreeMap<String, Blank>,
}

/// A blank in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blank {
    /// What to write there, as shown beside the field.
    pub hint: String,
    /// What is written when nobody knows better: a contingency phrase.
    pub default: Option<String>,
}

/// The text of an update, before it is disclosed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub title: String,
    /// The required sections in their order.
    pub sections: Vec<Section>,
}

/// Why a template gives no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A blank has neither a value nor a default.
    #[error("fill in {blank:?}: {hint}")]
    Missing {
        /// The blank.
        blank: String,
        /// What to write there.
        hint: String,
    },
    /// A value for a blank that the template does not have.
    #[error("the template has no blank {0:?}")]
    Unknown(String),
    /// A value beyond [`MAX_VALUE_CHARS`].
    #[error("{blank:?} is longer than {MAX_VALUE_CHARS} characters")]
    TooLong {
        /// The blank.
        blank: String,
    },
    /// The template's own text is wrong.
    #[error("{part}: {reason}")]
    Text {
        /// `title` or the section.
        part: String,
        /// What the engine said.
        reason: String,
    },
}

impl UpdateTemplate {
    /// Fills the blanks with `values`, falling back on defaults. `given` holds [`GIVEN_BLANKS`].
    ///
    /// # Errors
    /// A blank is missing, unknown or too long, or the text itself is wrong.
    pub fn render(
        &self,
        values: &BTreeMap<String, String>,
        given: &BTreeMap<String, String>,
    ) -> Result<Rendered, TemplateError> {
        if let Some(unknown) = values.keys().find(|name| !self.blanks.contains_key(*name)) {
            return Err(TemplateError::Unknown(unknown.clone()));
        }
        let mut context = given.clone();
        for (name, blank) in &self.blanks {
            let value = values.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
            let value =
                value
                    .or(blank.default.as_deref())
                    .ok_or_else(|| TemplateError::Missing {
                        blank: name.clone(),
                        hint: blank.hint.clone(),
                    })?;
            if value.chars().count() > MAX_VALUE_CHARS {
                return Err(TemplateError::TooLong {
                    blank: name.clone(),
                });
            }
            context.insert(name.clone(), value.to_owned());
        }
        let engine = engine();
        let fill = |part: &str, text: &str| {
            engine
                .render_str(text, &context)
                .map(|filled| filled.trim().to_owned())
                .map_err(|e| TemplateError::Text {
                    part: part.to_owned(),
                    reason: e.to_string(),
                })
        };
        let title = fill("title", &self.title)?.replace(['\n', '\r'], " ");
        let mut sections = Vec::with_capacity(REQUIRED_SECTIONS.len());
        for (key, heading) in REQUIRED_SECTIONS {
            let text = self.sections.get(key).map_or("", String::as_str);
            sections.push(Section {
                heading: heading.to_owned(),
                text: fill(key, text)?,
            });
        }
        Ok(Rendered { title, sections })
    }

    /// Proves that the template renders when every blank is filled: run when a configuration is checked.
    ///
    /// # Errors
    /// The text uses a blank that is not declared, or is not a template.
    pub fn prove(&self) -> Result<(), TemplateError> {
        let values = self
            .blanks
            .keys()
            .map(|name| (name.clone(), "x".to_owned()))
            .collect();
        let given = GIVEN_BLANKS
            .iter()
            .map(|name| ((*name).to_owned(), "x".to_owned()))
            .collect();
        self.render(&values, &given).map(|_| ())
    }
}

/// Values are plain text, escaped where they leave; a value is never itself a template.
fn engine() -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(20_000));
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    engine
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> UpdateTemplate {
        let sections =
            REQUIRED_SECTIONS.map(|(key, _)| (key.to_owned(), format!("{key}: {{{{ what }}}}")));
        UpdateTemplate {
            id: "first".into(),
            name: "First word".into(),
            approved_by: "board".into(),
            status: PublicStatus::Investigating,
            title: "{{ service }} has problems".into(),
            sections: BTreeMap::from(sections),
            blanks: BTreeMap::from([(
                "what".to_owned(),
                Blank {
                    hint: "what fails".into(),
                    default: None,
                },
            )]),
        }
    }

    fn given() -> BTreeMap<String, String> {
        GIVEN_BLANKS
            .map(|name| (name.to_owned(), "Shop".to_owned()))
            .into()
    }

    #[test]
    fn a_value_is_never_run_as_a_template() {
        let values = BTreeMap::from([("what".to_owned(), "{{ 7 * 7 }}<b>".to_owned())]);
        let text = template().render(&values, &given()).unwrap();
        assert_eq!(text.title, "Shop has problems");
        assert_eq!(text.sections[0].text, "affected: {{ 7 * 7 }}<b>");
        assert_eq!(text.sections.len(), REQUIRED_SECTIONS.len());
    }

    #[test]
    fn what_is_wrong_with_the_values_is_said() {
        let check = |values: &[(&str, &str)], expected: &str| {
            let values = values
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect();
            let error = template()
                .render(&values, &given())
                .unwrap_err()
                .to_string();
            assert_eq!(error, expected);
        };
        check(&[], "fill in \"what\": what fails");
        check(&[("what", "  ")], "fill in \"what\": what fails");
        check(
            &[("what", "x"), ("else", "y")],
            "the template has no blank \"else\"",
        );
        let long = "x".repeat(MAX_VALUE_CHARS + 1);
        check(
            &[("what", &long)],
            "\"what\" is longer than 2000 characters",
        );
    }

    #[test]
    fn an_endless_or_undeclared_template_is_refused() {
        for bad in [
            "{{ undeclared }}",
            "{% for i in range(1000000) %}x{% endfor %}",
            "{{ what",
        ] {
            let template = UpdateTemplate {
                title: bad.to_owned(),
                ..template()
            };
            assert!(template.prove().is_err(), "{bad}");
        }
        assert_eq!(template().prove(), Ok(()));
    }
}
