//! `templates/NAME.toml`: a public text approved beforehand, with blanks to fill (INC-6).

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{instead, quoted};
use super::reader::{At, Table, Text};
use crate::bulletin::PublicStatus;
use crate::template::{
    Blank, GIVEN_BLANKS, MAX_VALUE_CHARS, REQUIRED_SECTIONS, TemplateError, UpdateTemplate,
};

pub(super) const ROOT: &[&str] = &[
    "name",
    "approved_by",
    "status",
    "title",
    "sections",
    "blanks",
];
const BLANK: &[&str] = &["hint", "default"];

/// Reads one template.
pub(super) fn read(id: &str, file: &Table<'_>) -> UpdateTemplate {
    let title = file.need(
        "title",
        "title = \"{{ service }}: we are looking into a problem\"",
    );
    let sections = sections(file);
    let template = UpdateTemplate {
        id: id.into(),
        name: file.need_owned("name", "name = \"First word\""),
        approved_by: file.need_owned("approved_by", "approved_by = \"the board, 2026-01-10\""),
        status: status(file),
        title: String::new(),
        sections: BTreeMap::new(),
        blanks: blanks(file),
    };
    if let Some(title) = title {
        prove(
            &title,
            UpdateTemplate {
                title: title.to_string(),
                ..template.clone()
            },
        );
    }
    for (key, text) in &sections {
        prove(
            text,
            UpdateTemplate {
                sections: BTreeMap::from([(key.clone(), text.to_string())]),
                ..template.clone()
            },
        );
    }
    UpdateTemplate {
        title: title.map(|title| title.to_string()).unwrap_or_default(),
        sections: sections
            .into_iter()
            .map(|(key, text)| (key, text.to_string()))
            .collect(),
        ..template
    }
}

fn status(file: &Table<'_>) -> PublicStatus {
    let text = file.need("status", "status = \"investigating\"");
    let found = text.and_then(|text| {
        let found = PublicStatus::named(&text);
        if found.is_none() {
            text.refuse(
                format!("{} is not a public status", quoted(&text)),
                instead(&text, PublicStatus::ALL.iter().map(|s| s.name())),
            );
        }
        found
    });
    found.unwrap_or(PublicStatus::Investigating)
}

fn sections<'a>(file: &Table<'a>) -> Vec<(String, Text<'a>)> {
    let keys = REQUIRED_SECTIONS.map(|(key, _)| key);
    let Some(table) = file.table("sections", &keys) else {
        if file.value("sections").is_none() {
            file.here().refuse(
                "[sections] is missing",
                format!("add it with the keys {}", keys.join(", ")),
            );
        }
        return Vec::new();
    };
    let mut sections = Vec::new();
    for (key, heading) in REQUIRED_SECTIONS {
        if table.value(key).is_none() {
            table.here().refuse(
                format!("the section \"{key}\" ({heading}) is missing"),
                format!("add {key} = \"…\"; every public notice carries it"),
            );
        }
        if let Some(text) = table.text(key) {
            sections.push((key.to_owned(), text));
        }
    }
    sections
}

fn blanks(file: &Table<'_>) -> BTreeMap<String, Blank> {
    let mut blanks = BTreeMap::new();
    for (name, table) in file.named_freely("blanks", BLANK) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.chars().all(plain) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.refuse(
                format!("{} cannot be the name of a blank", quoted(&name)),
                "use a-z, 0-9 and _, beginning with a letter",
            );
        }
        if GIVEN_BLANKS.contains(&*name) {
            name.refuse(
                format!("the blank {} is filled by Stentor", quoted(&name)),
                "remove it here and use it in the text",
            );
        }
        let default = table.text("default");
        if let Some(text) = default
            && text.chars().count() > MAX_VALUE_CHARS
        {
            text.refuse(
                format!("the default is longer than {MAX_VALUE_CHARS} characters"),
                "shorten it",
            );
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
    let names: BTreeSet<&str> = names.chain(GIVEN_BLANKS).collect();
    let names: Vec<&str> = names.into_iter().collect();
    text.refuse(
        format!("the text does not render: {reason}"),
        format!(
            "write blanks as {{{{ name }}}}; there are {}",
            names.join(", ")
        ),
    );
}
