//! Pre-approved texts of public updates, with blanks to fill (INC-6).

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior};

use crate::bulletin::{Language, MaintenanceStatus, PublicStatus, Section, Wording};
use crate::headings::heading;
use crate::ids::TemplateId;

/// What a text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An incident.
    Incident,
    /// Announced work.
    Maintenance,
    /// A false message in our name.
    Denial,
}

impl Subject {
    /// The sections that such a text must carry, in their order; a template that lacks one is refused.
    #[must_use]
    pub fn sections(self) -> &'static [&'static str] {
        match self {
            Self::Incident => &["affected", "do", "known", "tried", "next"],
            Self::Maintenance => &["affected", "when", "do", "ask"],
            Self::Denial => &["claim", "true", "do"],
        }
    }

    /// Blanks filled by Stentor itself: names as the public knows them, and times.
    #[must_use]
    pub fn given(self) -> &'static [&'static str] {
        match self {
            Self::Incident => &["service", "organisation", "next_update"],
            Self::Maintenance => &["services", "organisation", "begins", "ends"],
            Self::Denial => &["organisation"],
        }
    }
}

/// What a text announces unless something else is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announces {
    /// Where an incident stands.
    Incident(PublicStatus),
    /// Where announced work stands.
    Maintenance(MaintenanceStatus),
    /// Whether a false message still circulates.
    Denial {
        /// It does.
        circulates: bool,
    },
}

impl Announces {
    /// The word for it in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Incident(status) => status.name(),
            Self::Maintenance(status) => status.name(),
            Self::Denial { circulates: true } => "circulating",
            Self::Denial { circulates: false } => "ended",
        }
    }

    /// What a word of the configuration says: each belongs to one subject.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|one| one.name() == name)
    }

    /// Everything that a text may announce.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        let incident = PublicStatus::ALL.into_iter().map(Self::Incident);
        let work = MaintenanceStatus::ALL.into_iter().map(Self::Maintenance);
        let denials = [true, false].map(|circulates| Self::Denial { circulates });
        incident.chain(work).chain(denials)
    }

    /// What it is about.
    #[must_use]
    pub fn subject(self) -> Subject {
        match self {
            Self::Incident(_) => Subject::Incident,
            Self::Maintenance(_) => Subject::Maintenance,
            Self::Denial { .. } => Subject::Denial,
        }
    }
}

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
    /// What it announces unless something else is chosen.
    pub announces: Announces,
    /// One line with blanks.
    pub title: String,
    /// Section key to text with blanks; holds every key of [`Subject::sections`].
    pub sections: BTreeMap<String, String>,
    /// Headings instead of the usual ones, by section key.
    pub headings: BTreeMap<String, String>,
    /// The blanks a person fills: name, and what to write there.
    pub blanks: BTreeMap<String, Blank>,
    /// The same text in further languages of the page.
    pub translations: BTreeMap<Language, Translation>,
}

/// A text in a further language. It takes the blanks as they were filled for all languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// Who approved this wording.
    pub approved_by: String,
    /// One line with blanks.
    pub title: String,
    /// Section key to text with blanks.
    pub sections: BTreeMap<String, String>,
    /// Headings instead of the usual ones of this language, by section key.
    pub headings: BTreeMap<String, String>,
    /// What is written into a blank that was left empty, by its name: one for each blank with a default.
    pub defaults: BTreeMap<String, String>,
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
    /// In the organisation's first language.
    pub wording: Wording,
    /// In each further language that has an approved text.
    pub translations: BTreeMap<Language, Wording>,
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
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.announces.subject()
    }

    /// The status of an incident that it announces, when it is about one.
    #[must_use]
    pub fn status(&self) -> Option<PublicStatus> {
        match self.announces {
            Announces::Incident(status) => Some(status),
            _ => None,
        }
    }

    /// Fills the blanks with `values`, falling back on defaults, in every language that has a text. `given` holds
    /// [`Subject::given`].
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
        let filled = self.fill(values, given, None)?;
        let wording = self.word((&self.title, &self.sections), &filled, |key| {
            let usual = || heading(&Language::english(), self.subject(), key);
            let own = self.headings.get(key).map(String::as_str);
            own.or_else(usual).map(str::to_owned)
        })?;
        let mut translations = BTreeMap::new();
        for (language, text) in &self.translations {
            let filled = self.fill(values, given, Some(text))?;
            let wording = self.word((&text.title, &text.sections), &filled, |key| {
                let usual = || heading(language, self.subject(), key);
                let own = text.headings.get(key).map(String::as_str);
                own.or_else(usual).map(str::to_owned)
            })?;
            translations.insert(language.clone(), wording);
        }
        Ok(Rendered {
            wording,
            translations,
        })
    }

    /// Every blank with what is written there in one language.
    fn fill(
        &self,
        values: &BTreeMap<String, String>,
        given: &BTreeMap<String, String>,
        language: Option<&Translation>,
    ) -> Result<BTreeMap<String, String>, TemplateError> {
        let mut context = given.clone();
        for (name, blank) in &self.blanks {
            let value = values.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
            let default = match language {
                Some(text) => text.defaults.get(name).map(String::as_str),
                None => blank.default.as_deref(),
            };
            let value = value.or(default).ok_or_else(|| TemplateError::Missing {
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
        Ok(context)
    }

    fn word(
        &self,
        (title, sections): (&str, &BTreeMap<String, String>),
        context: &BTreeMap<String, String>,
        heading: impl Fn(&str) -> Option<String>,
    ) -> Result<Wording, TemplateError> {
        let engine = engine();
        let fill = |part: &str, text: &str| {
            engine
                .render_str(text, context)
                .map(|filled| filled.trim().to_owned())
                .map_err(|e| TemplateError::Text {
                    part: part.to_owned(),
                    reason: e.to_string(),
                })
        };
        let title = fill("title", title)?.replace(['\n', '\r'], " ");
        let mut worded = Vec::with_capacity(sections.len());
        for key in self.subject().sections() {
            let text = sections.get(*key).map_or("", String::as_str);
            worded.push(Section {
                heading: heading(key).unwrap_or_default(),
                text: fill(key, text)?,
            });
        }
        Ok(Wording {
            title,
            sections: worded,
        })
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
        let given = self
            .subject()
            .given()
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
        let sections = Subject::Incident
            .sections()
            .iter()
            .map(|key| ((*key).to_owned(), format!("{key}: {{{{ what }}}}")));
        UpdateTemplate {
            id: "first".into(),
            name: "First word".into(),
            approved_by: "board".into(),
            announces: Announces::Incident(PublicStatus::Investigating),
            title: "{{ service }} has problems".into(),
            sections: sections.collect(),
            headings: BTreeMap::new(),
            translations: BTreeMap::new(),
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
        let given = Subject::Incident.given().iter();
        given
            .map(|name| ((*name).to_owned(), "Shop".to_owned()))
            .collect()
    }

    #[test]
    fn a_value_is_never_run_as_a_template() {
        let values = BTreeMap::from([("what".to_owned(), "{{ 7 * 7 }}<b>".to_owned())]);
        let text = template().render(&values, &given()).unwrap().wording;
        assert_eq!(text.title, "Shop has problems");
        assert_eq!(text.sections[0].text, "affected: {{ 7 * 7 }}<b>");
        assert_eq!(text.sections[0].heading, "What is affected");
        assert_eq!(text.sections.len(), Subject::Incident.sections().len());
    }

    #[test]
    fn a_blank_is_filled_once_for_all_languages_and_each_has_its_own_default() {
        let german = || Language::try_from("de".to_owned()).unwrap();
        let mut template = template();
        let blank = template.blanks.get_mut("what").unwrap();
        blank.default = Some("something".into());
        let keys = Subject::Incident.sections().iter();
        template.translations.insert(
            german(),
            Translation {
                approved_by: "board".into(),
                title: "{{ service }} ist gestört".into(),
                sections: keys
                    .map(|k| ((*k).to_owned(), "{{ what }}".into()))
                    .collect(),
                headings: BTreeMap::from([("do".to_owned(), "Bitte".to_owned())]),
                defaults: BTreeMap::from([("what".to_owned(), "etwas".to_owned())]),
            },
        );
        let check = |values: &[(&str, &str)], first: &str, second: &str| {
            let values = values.iter().map(|(k, v)| ((*k).into(), (*v).into()));
            let text = template.render(&values.collect(), &given()).unwrap();
            let de = &text.translations[&german()];
            assert_eq!(text.wording.sections[0].text, first);
            assert_eq!(
                (&*de.title, &*de.sections[0].text),
                ("Shop ist gestört", second)
            );
            assert_eq!(de.sections[0].heading, "Was betroffen ist");
            assert_eq!(de.sections[1].heading, "Bitte");
        };
        check(&[], "affected: something", "etwas");
        check(&[("what", "mail")], "affected: mail", "mail");
    }

    #[test]
    fn every_word_of_the_configuration_names_one_thing() {
        for one in Announces::all() {
            assert_eq!(Announces::named(one.name()), Some(one));
        }
        assert_eq!(Announces::named("broken"), None);
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
