//! What works otherwise than it does in Alertmanager, line by line, for a person to look at.

use std::fmt;

use serde::Serialize;

use super::receivers::{HTTP_MISSING, holds};
use super::tree::Value;
use super::view::View;
use crate::go_template::{Escape, Library};
use crate::routing::{Kind, Receiver, Settings};

/// Most notes of one file.
const MAX_NOTES: usize = 500;

/// Something that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is different here.
    pub what: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.what
        )
    }
}

/// Whether a text is an expression that only names a template which comes with Alertmanager.
fn is_default(text: &str) -> bool {
    let inner = text.trim().strip_prefix("{{");
    let Some(inner) = inner.and_then(|inner| inner.strip_suffix("}}")) else {
        return false;
    };
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    let inner = inner.strip_suffix('-').unwrap_or(inner);
    let words: Vec<&str> = inner.split_whitespace().collect();
    let ["template", name, "."] = words[..] else {
        return false;
    };
    let name = ['"', '`'].iter().find_map(|quote| {
        let name = name.strip_prefix(*quote)?;
        name.strip_suffix(*quote)
    });
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    let parts = name.and_then(|name| name.split_once(".default."));
    parts.is_some_and(|(kind, part)| plain(kind) && plain(&part.replace('_', "")))
}

/// What is to be said about a file, and which templates of its own are translated.
pub(super) fn read(
    file: &View<'_>,
    receivers: &[Receiver],
    library: &Library,
) -> (Vec<Note>, Vec<Note>) {
    let mut notes = Vec::new();
    let mut translated = Vec::new();
    let mut note = |view: &View<'_>, what: String| {
        if notes.len() < MAX_NOTES {
            let (line, column) = view.position();
            notes.push(Note {
                file: view.source.name.to_owned(),
                line,
                column,
                what,
            });
        }
    };
    for (key, what) in [
        ("tracing", "tracing is not configured here, and is left out"),
        (
            "event_recorder",
            "the journal records events; this is left out",
        ),
    ] {
        if file.get(key).is_some() {
            note(&file.key(key), what.into());
        }
    }
    if let Some(http) = file
        .get("global")
        .and_then(|global| global.get("http_config"))
    {
        http_notes(&http, &mut note);
    }
    if let Some(route) = file.get("route") {
        labels(&route, &mut note);
    }
    let named = file.list("receivers").into_iter();
    let named = named.filter(|view| view.text("name").is_some());
    for (view, receiver) in named.zip(receivers) {
        if view.get("labels").is_some() {
            let what = "labels of receivers are left out";
            note(&view.key("labels"), what.into());
        }
        for integration in &receiver.integrations {
            let list = view.list(integration.kind.section());
            let Some(one) = list.get(integration.index as usize) else {
                continue;
            };
            if let Some(http) = one.get("http_config") {
                http_notes(&http, &mut note);
            }
            if matches!(integration.settings, Settings::NotDelivered) {
                let name = integration.name();
                let what = format!("{name} of {:?} is not delivered yet", receiver.name);
                note(one, what);
            } else {
                let kind = integration.kind;
                let mut template =
                    |view: &View<'_>, text: &str| match problem(kind, &view.path, text, library) {
                        Some(what) => note(view, format!("{}: {what}", view.path)),
                        None if translated.len() < MAX_NOTES => {
                            let (line, column) = view.position();
                            translated.push(Note {
                                file: view.source.name.to_owned(),
                                line,
                                column,
                                what: format!("{}: the template is translated", view.path),
                            });
                        }
                        None => {}
                    };
                templates(one, &mut template);
            }
        }
    }
    notes.sort();
    translated.sort();
    (notes, translated)
}

/// Why a text cannot be told as its template says.
fn problem(kind: Kind, path: &str, text: &str, library: &Library) -> Option<String> {
    let escape = match kind {
        Kind::Email if path.ends_with("/html") => Escape::Html,
        Kind::Slack => Escape::Slack,
        _ => Escape::None,
    };
    let template = match library.translate(text, escape) {
        Ok(template) => template,
        Err(error) => return Some(format!("the template is not translated: {error}")),
    };
    let error = template.prove().err()?;
    Some(format!("{error}, at least for a sample"))
}

fn labels(route: &View<'_>, note: &mut impl FnMut(&View<'_>, String)) {
    if route.get("labels").is_some() {
        note(&route.key("labels"), "labels of routes are left out".into());
    }
    for child in route.list("routes") {
        labels(&child, note);
    }
}

fn http_notes(http: &View<'_>, note: &mut impl FnMut(&View<'_>, String)) {
    let ignored = [
        "no_proxy",
        "proxy_from_environment",
        "tls_config/min_version",
        "tls_config/max_version",
    ];
    for path in ignored.iter().filter(|path| holds(http, path)) {
        let outer = path.split('/').next().unwrap_or(path);
        note(&http.key(outer), format!("{path} is left out"));
    }
    for path in HTTP_MISSING.iter().filter(|path| holds(http, path)) {
        let outer = path.split('/').next().unwrap_or(path);
        let what = format!("{path} is not possible yet; what needs it is not delivered");
        note(&http.key(outer), what);
    }
}

/// Texts with expressions of templates, apart from the default ones.
fn templates(view: &View<'_>, found: &mut impl FnMut(&View<'_>, &str)) {
    match &view.node().value {
        Value::Scalar { text, .. } => {
            if text.contains("{{") && !is_default(text) {
                found(view, text);
            }
        }
        Value::List(_) => view.items().iter().for_each(|item| templates(item, found)),
        Value::Map(_) => {
            for (_, _, value) in view.entries() {
                templates(&value, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_templates_are_known() {
        for (text, expected) in [
            ("{{ template \"slack.default.title\" . }}", true),
            (" {{- template `email.default.to_user` .-}} ", true),
            ("{{ template \"slack.default.title\" . }} x", false),
            ("{{ template \"slack.default.title\" . }}{{ .X }}", false),
            ("{{ template \"mine\" . }}", false),
            ("{{ template \"slack.default.title\" .Alerts }}", false),
            ("{{ .Status }}", false),
            (
                "{{ template \"a\" . }}{{ template \"slack.default.title\" . }}",
                false,
            ),
        ] {
            assert_eq!(is_default(text), expected, "{text}");
        }
    }
}
