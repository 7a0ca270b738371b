//! `templates/NAME.toml`: a public text approved beforehand, with blanks to fill (INC-6).

use std::collections::{BTreeMap, BTreeSet};

use super::page::language;
use super::problem::{instead, quoted};
use super::reader::{At, Table, Text};
use crate::bulletin::{Language, PublicStatus};
use crate::headings::heading;
use crate::template::{
    Announces, Blank, MAX_VALUE_CHARS, Subject, TemplateError, Translation, UpdateTemplate,
};

pub(super) const ROOT: &[&str] = &[
    "name",
    "approved_by",
    "status",
    "title",
    "sections",
    "headings",
    "blanks",
    "translations",
];
const TRANSLATION: &[&str] = &["approved_by", "title", "sections", "headings", "defaults"];
const BLANK: &[&str] = &["hint", "default"];

/// Reads one template. `languages` are those that the page declares, that of the text itself first; when it declares none,
/// translations are not used.
pub(super) fn read(id: &str, file: &Table<'_>, languages: Option<&[Language]>) -> UpdateTemplate {
    let title = file.need(
        "title",
        "title = \"{{ service }}: we are looking into a problem\"",
    );
    let announces = announces(file);
    let subject = announces.subject();
    let sections = sections(file, subject);
    let english = Language::english();
    let template = UpdateTemplate {
        id: id.into(),
        name: file.need_owned("name", "name = \"First word\""),
        approved_by: file.need_owned("approved_by", "approved_by = \"the board, 2026-01-10\""),
        announces,
        title: String::new(),
        sections: BTreeMap::new(),
        headings: headings(
            file,
            subject,
            languages.and_then(<[_]>::first).unwrap_or(&english),
        ),
        blanks: blanks(file, subject),
        translations: BTreeMap::new(),
    };
    prove_each(title, &sections, &template);
    let translations = languages.map_or_else(BTreeMap::new, |languages| {
        translations(file, &template, languages)
    });
    UpdateTemplate {
        title: title.map(|title| title.to_string()).unwrap_or_default(),
        sections: owned(sections),
        translations,
        ..template
    }
}

fn announces(file: &Table<'_>) -> Announces {
    let text = file.need("status", "status = \"investigating\"");
    let found = text.and_then(|text| {
        let found = Announces::named(&text);
        if found.is_none() {
            text.refuse(
                format!("{} is not a public status", quoted(&text)),
                instead(&text, Announces::all().map(Announces::name)),
            );
        }
        found
    });
    found.unwrap_or(Announces::Incident(PublicStatus::Investigating))
}

fn sections<'a>(table: &Table<'a>, subject: Subject) -> Vec<(String, Text<'a>)> {
    let keys = subject.sections();
    let Some(found) = table.table("sections", keys) else {
        if table.value("sections").is_none() {
            table.here().refuse(
                "[sections] is missing",
                format!("add it with the keys {}", keys.join(", ")),
            );
        }
        return Vec::new();
    };
    let mut sections = Vec::new();
    for key in keys {
        if found.value(key).is_none() {
            let named = heading(&Language::english(), subject, key).unwrap_or_default();
            found.here().refuse(
                format!("the section \"{key}\" ({named}) is missing"),
                format!("add {key} = \"…\"; every public notice carries it"),
            );
        }
        if let Some(text) = found.text(key) {
            sections.push(((*key).to_owned(), text));
        }
    }
    sections
}

fn owned(sections: Vec<(String, Text<'_>)>) -> BTreeMap<String, String> {
    let owned = sections
        .into_iter()
        .map(|(key, text)| (key, text.to_string()));
    owned.collect()
}

/// Headings of one's own; needed where Stentor has none in the language.
fn headings(table: &Table<'_>, subject: Subject, language: &Language) -> BTreeMap<String, String> {
    let keys = subject.sections();
    let own = table.table("headings", keys);
    let mut headings = BTreeMap::new();
    for key in keys {
        match own.and_then(|own| own.line(key)) {
            Some(text) => {
                headings.insert((*key).to_owned(), text.trim().to_owned());
            }
            None => match heading(language, subject, key) {
                Some(usual) => {
                    headings.insert((*key).to_owned(), usual.to_owned());
                }
                None => own.as_ref().unwrap_or(table).here().refuse(
                    format!("Stentor has no heading for the section \"{key}\" in {language}"),
                    format!("add it in the table headings: {key} = \"…\""),
                ),
            },
        }
    }
    headings
}

/// The same text in further languages of the page.
fn translations(
    file: &Table<'_>,
    template: &UpdateTemplate,
    languages: &[Language],
) -> BTreeMap<Language, Translation> {
    let mut translations = BTreeMap::new();
    for (name, table) in file.named_freely("translations", TRANSLATION) {
        let Some(language) = language(&name) else {
            continue;
        };
        if languages.first() == Some(&language) {
            name.refuse(
                format!("{language} is the language of the text itself"),
                "remove this translation, or change the order of languages in [page] of stentor.toml",
            );
            continue;
        }
        if !languages.contains(&language) {
            name.refuse(
                format!("{language} is not a language of the page"),
                format!("add it to languages in [page] of stentor.toml, or remove this translation; there are {}", named(languages)),
            );
            continue;
        }
        let subject = template.subject();
        let title = table.need("title", "title = \"…\"");
        let sections = sections(&table, subject);
        let defaults = defaults(&table, template, &language);
        prove_each(title, &sections, template);
        let translation = Translation {
            approved_by: table.need_owned("approved_by", "approved_by = \"the board, 2026-01-10\""),
            title: title.map(|title| title.to_string()).unwrap_or_default(),
            sections: owned(sections),
            headings: headings(&table, subject, &language),
            defaults,
        };
        if translations.insert(language, translation).is_some() {
            name.refuse("this language stands here twice", "remove one of the two");
        }
    }
    translations
}

fn named(languages: &[Language]) -> String {
    let names: Vec<&str> = languages.iter().map(Language::as_str).collect();
    names.join(", ")
}

/// What is written into blanks that are left empty: in every language for the same blanks.
fn defaults(
    table: &Table<'_>,
    template: &UpdateTemplate,
    language: &Language,
) -> BTreeMap<String, String> {
    let with_default = template.blanks.iter().filter(|(_, b)| b.default.is_some());
    let names: Vec<&str> = with_default.map(|(name, _)| name.as_str()).collect();
    let own = table.table("defaults", &names);
    let mut defaults = BTreeMap::new();
    for name in names {
        let found = own.as_ref().and_then(|own| own.text(name));
        if own.as_ref().and_then(|own| own.value(name)).is_none() {
            own.as_ref().unwrap_or(table).here().refuse(
                format!(
                    "the blank {} has a default, but none in {language}",
                    quoted(name)
                ),
                format!("add it in the table defaults of this translation: {name} = \"…\""),
            );
        }
        if let Some(text) = found {
            refuse_long(&text);
            defaults.insert(name.to_owned(), text.trim().to_owned());
        }
    }
    defaults
}

fn refuse_long(text: &Text<'_>) {
    if text.chars().count() > MAX_VALUE_CHARS {
        text.refuse(
            format!("the default is longer than {MAX_VALUE_CHARS} characters"),
            "shorten it",
        );
    }
}

/// Reports at its place what is wrong with each of the texts.
fn prove_each(title: Option<Text<'_>>, sections: &[(String, Text<'_>)], template: &UpdateTemplate) {
    if let Some(title) = title {
        let title_alone = UpdateTemplate {
            title: title.to_string(),
            ..template.clone()
        };
        prove(&title, title_alone);
    }
    for (key, text) in sections {
        let section_alone = UpdateTemplate {
            sections: BTreeMap::from([(key.clone(), text.to_string())]),
            ..template.clone()
        };
        prove(text, section_alone);
    }
}

fn blanks(file: &Table<'_>, subject: Subject) -> BTreeMap<String, Blank> {
    let mut blanks = BTreeMap::new();
    for (name, table) in file.named_freely("blanks", BLANK) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.chars().all(plain) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.refuse(
                format!("{} cannot be the name of a blank", quoted(&name)),
                "use a-z, 0-9 and _, beginning with a letter",
            );
        }
        if subject.given().contains(&*name) {
            name.refuse(
                format!("the blank {} is filled by Stentor", quoted(&name)),
                "remove it here and use it in the text",
            );
        }
        let default = table.text("default");
        if let Some(text) = default {
            refuse_long(&text);
        }
        let blank = Blank {
            hint: table.need_owned("hint", "hint = \"what a visitor notices\""),
            default: default.map(|text| text.trim().to_owned()),
        };
        blanks.insert(name.to_string(), blank);
    }
    blanks
}

/// Reports at its place what is wrong with the one text that `template` holds.
fn prove(text: &At<'_, &str>, template: UpdateTemplate) {
    let Err(error) = template.prove() else {
        return;
    };
    let reason = match error {
        TemplateError::Text { reason, .. } => reason,
        other => other.to_string(),
    };
    // The engine says where in the text: `(in <string>:2)`.
    let reason = reason.replace("in <string>:", "line ");
    let reason = reason.replace(|c: char| c.is_control(), " ");
    let names = template.blanks.keys().map(String::as_str);
    let given = template.subject().given().iter().copied();
    let names: BTreeSet<&str> = names.chain(given).collect();
    let names: Vec<&str> = names.into_iter().collect();
    text.refuse(
        format!("the text does not render: {reason}"),
        format!(
            "write blanks as {{{{ name }}}}; there are {}",
            names.join(", ")
        ),
    );
}
