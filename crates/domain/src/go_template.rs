//! Alertmanager's templates (Go's `text/template` and `html/template`).
//!
//! People bring a configuration whose fields are written in Go's template language, and files with templates that
//! fields call. They are read into a tree here, and the tree is gone through with functions that behave as Go's do;
//! steps, depth, and all texts that are made on the way are counted and bounded. What is not understood is refused with
//! its place; the caller then uses its own text. Values are strangers' text: they are never read as a template, and
//! escaped for where the text goes.

mod budget;
mod check;
mod data;
mod defaults;
mod engine;
mod escape;
mod evaluation;
mod format;
mod functions;
mod layout;
mod lexer;
mod library;
mod markup;
mod moment;
mod output;
mod parser;
mod syntax;
mod words;

pub use data::Data;
pub use engine::{RenderError, Template};
pub use library::Library;

/// Longest template file, in bytes.
pub const MAX_FILE: usize = 256 * 1024;
/// Longest template of a field, in bytes.
pub const MAX_TEMPLATE: usize = 64 * 1024;
/// Longest rendered text, in bytes.
pub const MAX_OUTPUT: usize = 1024 * 1024;
/// How deep blocks and brackets may lie in each other.
const MAX_DEPTH: usize = 24;

/// Where the rendered text goes, which says how values are escaped in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Plain text: nothing is special.
    None,
    /// HTML. As Go's `html/template` does, for text, quoted attributes and values in styles; elsewhere a value is
    /// refused.
    Html,
    /// Slack's markup: `&`, `<` and `>` of values are escaped, those that the template's author wrote are not.
    Slack,
}

/// What is wrong while a template runs.
#[derive(Debug)]
struct Wrong(String);

impl Wrong {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A template that is not translated: where it is, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct Untranslatable {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is not understood.
    pub what: String,
}

impl Untranslatable {
    /// The error at a byte of a text.
    fn at(text: &str, byte: usize, what: impl Into<String>) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            what: what.into(),
        }
    }
}

/// Translates a template for plain text, with Alertmanager's own templates to call by name.
///
/// # Errors
/// [`Untranslatable`]: no template, or one that uses what is not known here.
pub fn translate(text: &str) -> Result<Template, Untranslatable> {
    Library::default().translate(text, Escape::None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::alert::{Alert, Fingerprint};
    use crate::labels::Labels;
    use crate::notification::{Notification, NotifiedAlert, Reason};

    fn data(value: &str, alerts: usize) -> Data {
        let labels = Labels::from_pairs(&mut vec![("alertname", "Down"), ("x", value)]);
        let alert = NotifiedAlert {
            alert: Arc::new(Alert {
                fingerprint: Fingerprint::of(&labels),
                labels: labels.clone(),
                annotations: Labels::default(),
                starts_ms: 0,
                ends_ms: 0,
                generator_url: "".into(),
                ends_by_timeout: false,
            }),
            ended_ms: None,
        };
        Data::of(&Notification {
            receiver: "r".to_owned(),
            group_key: "k".to_owned(),
            group_labels: labels,
            alerts: vec![alert; alerts],
            external_url: "http://example.org".to_owned(),
            reason: Reason::First,
        })
    }

    #[test]
    fn what_is_not_translated_is_told_with_its_place() {
        let check = |text: &str, line: usize, column: usize, part: &str| {
            let error = translate(text).unwrap_err();
            assert_eq!(
                (error.line, error.column),
                (line, column),
                "{text}: {error}"
            );
            assert!(error.what.contains(part), "{text}: {error}");
        };
        check("{{ humanize 1 }}", 1, 4, "\"humanize\" is not known");
        check("ä\nb {{ .A | jss }}", 2, 11, "\"jss\" is not known");
        check("{{ template \"none\" . }}", 1, 4, "\"none\" is not known");
        check("{{ if .A }}x", 1, 13, "{{ end }} is missing");
        check("x{{ end }}", 1, 5, "without its beginning");
        check("{{ $x }}", 1, 4, "$x is not declared");
        check(
            "{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}",
            1,
            39,
            "$x is not declared",
        );
        check("{{ .A", 1, 1, "without its end");
        check("{{ \"a }}", 1, 4, "without its end");
        check("{{ (.A }}", 1, 4, "bracket");
        check("{{ .A % }}", 1, 7, "not understood");
        check("{{ 1 .A }}", 1, 4, "only functions and methods");
        check("{{ eq 1 }}", 1, 4, "given 1 arguments");
        check("{{ break }}", 1, 4, "break");
        check("{{ $x = 1 }}", 1, 4, "$x is not declared");
        check(
            "{{ if true }}{{ define \"a\" }}{{ end }}{{ end }}",
            1,
            17,
            "inside of another",
        );
        check(
            "{{ define \"a\" }}x{{ end }}{{ define \"a\" }}y{{ end }}",
            1,
            30,
            "defined twice",
        );
        check("{{}}", 1, 3, "a value is expected");
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_is_run() {
        assert!(translate(&"x".repeat(MAX_TEMPLATE + 1)).is_err());
        let deep = |n: usize| "{{ if 1 }}".repeat(n) + &"{{ end }}".repeat(n);
        assert!(translate(&deep(10)).is_ok());
        assert!(translate(&deep(10_000 / 2)).is_err());
        assert!(
            translate(&format!(
                "{{{{ {}1{} }}}}",
                "(".repeat(5_000),
                ")".repeat(5_000)
            ))
            .is_err()
        );
        let many =
            "{{ if 1 }}{{ else if 2 }}".to_owned() + &"{{ else if 3 }}".repeat(3_000) + "{{ end }}";
        assert!(translate(&many).is_err());
    }

    #[test]
    fn an_endless_template_ends_and_a_large_text_stays_small() {
        let nested = |body: &str| {
            "{{ range .Alerts }}{{ range $.Alerts }}".to_owned() + body + "{{ end }}{{ end }}"
        };
        let many = data("x", 3_000);
        assert!(
            translate(&nested("{{ $.Status }}"))
                .unwrap()
                .render(&many)
                .is_err()
        );
        let long = data(&"x".repeat(10_000), 200);
        let text = "{{ range .Alerts }}{{ .Labels.x }}{{ end }}";
        assert!(translate(text).unwrap().render(&long).is_err());
        let few = data("x", 100);
        for (text, part) in [
            // A text that doubles each time, shown or not.
            (
                "{{ $x := \"0123456789\" }}{{ range .Alerts }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
                "longer than",
            ),
            (
                "{{ $x := printf \"%1000d\" 1 }}{{ $x = printf \"%[X]\" 1 }}",
                "is not known here",
            ),
            (
                "{{ range .Alerts }}{{ range $.Alerts }}{{ $x := printf \"%1000d%1000d%1000d%1000d\" 1 2 3 4 }}{{ end }}{{ end }}",
                "too many texts",
            ),
            (
                "{{ range .Alerts }}{{ range $.Alerts }}{{ range $.Alerts }}{{ range $.Alerts }}{{ end }}{{ end }}{{ end }}{{ end }}",
                "too many steps",
            ),
            (
                "{{ range $i, $a := .Alerts }}{{ if match (printf \"a{%d}\" $i) \"a\" }}{{ end }}{{ end }}{{ range $i, $a := .Alerts }}{{ if match (printf \"b{%d}\" $i) \"a\" }}{{ end }}{{ end }}",
                "too many steps",
            ),
            (
                "{{ $x := printf \"%1000d%1000d\" 1 1 }}{{ $x = reReplaceAll \"\" $x $x }}{{ $x = reReplaceAll \"\" $x \"1\" }}",
                "more than 65536 bytes|too long a text|longer than",
            ),
            (
                "{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}",
                "too deep",
            ),
            (
                "{{ define \"a\" }}{{ if . }}{{ with . }}{{ with ((((.)))) }}{{ template \"a\" . }}{{ end }}{{ end }}{{ end }}{{ end }}{{ template \"a\" . }}",
                "too deep",
            ),
        ] {
            let error = translate(text).unwrap().render(&few);
            let error = error.unwrap_err().to_string();
            assert!(
                part.split('|').any(|part| error.contains(part)),
                "{text}: {error}"
            );
        }
        let text = "{{ len (reReplaceAll \".*[^A-Z]|[A-Z]\" \"x\" .GroupLabels.x) }}";
        let slow = translate(text)
            .unwrap()
            .render(&data(&"A".repeat(60_000), 1));
        assert!(slow.unwrap_err().to_string().contains("too many steps"));
        assert!(
            translate("{{ printf \"%999999d\" 1 }}")
                .unwrap()
                .render(&long)
                .is_err()
        );
        assert!(
            translate("{{ match \"(a{1000}){1000}\" \"a\" }}")
                .unwrap()
                .render(&long)
                .is_err()
        );
    }

    #[test]
    fn a_value_is_never_a_template_and_never_markup() {
        let hostile = "{{ .Status }}{% raw %}{# #}<b>&\"'\n\\u0041";
        let of = data(hostile, 1);
        let render = |text: &str, escape| {
            let template = Library::default().translate(text, escape).unwrap();
            template.render(&of).unwrap()
        };
        let text = "{{ .GroupLabels.x }}";
        assert_eq!(render(text, Escape::None), hostile);
        let escaped = hostile
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        assert_eq!(render(text, Escape::Slack), escaped);
        let html = escaped.replace('"', "&#34;").replace('\'', "&#39;");
        assert_eq!(render(text, Escape::Html), html);
        let quoted = "<a title=\"{{ .GroupLabels.x }}\" href=\"{{ printf \"javascript:x\" }}\">";
        assert_eq!(
            render(quoted, Escape::Html),
            format!("<a title=\"{html}\" href=\"#ZgotmplZ\">")
        );
        for link in [
            "<a href=\"{{ define \"l\" }}javascript:{{ .Status }}{{ end }}{{ template \"l\" . }}\">",
            "<a href='{{ \" JaVaScript:x\" }}'>",
        ] {
            let template = Library::default().translate(link, Escape::Html).unwrap();
            match template.render(&of) {
                Ok(shown) => assert!(shown.contains('#') && !shown.contains(':'), "{shown}"),
                Err(error) => assert!(error.to_string().contains("not here"), "{error}"),
            }
        }
        for nowhere in [
            "<script>{{ .Status }}",
            "<p {{ .Status }}>",
            "<p a={{ .Status }}>",
        ] {
            let template = Library::default().translate(nowhere, Escape::Html).unwrap();
            assert!(template.prove().is_err(), "{nowhere}");
            assert!(template.render(&of).is_err(), "{nowhere}");
        }
    }

    #[test]
    fn a_template_that_asks_for_what_is_not_there_gives_no_text() {
        for text in [
            "{{ .Nothing }}",
            "{{ index .Alerts 7 }}",
            "{{ eq 1 \"a\" }}",
            "{{ range 3 }}{{ end }}",
            "{{ template \"__subject\" .Alerts }}",
        ] {
            assert!(
                translate(text).unwrap().render(&data("x", 1)).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn templates_of_files_can_be_called_and_take_the_place_of_ours() {
        let mut library = Library::default();
        library
            .add_file("a.tmpl", "own {{ .Status }}{{ define \"mine\" }}<{{ . }}>{{ end }}{{ define \"__subject\" }}S{{ end }}{{ define \"bad\" }}{{ template \"none\" }}{{ end }}")
            .unwrap();
        // An empty definition takes no place.
        library
            .add_file("b.tmpl", "{{ define \"mine\" }} {{ end }}")
            .unwrap();
        let unknown = library.add_file("c.tmpl", "{{ define \"x\" }}\n{{ humanize 1 }}{{ end }}");
        assert_eq!(
            unknown.unwrap_err().to_string(),
            "line 2, column 4: the function \"humanize\" is not known"
        );
        let whole = library.translate("{{ template \"a.tmpl\" . }}", Escape::None);
        assert_eq!(whole.unwrap().render(&data("x", 1)).unwrap(), "own firing");
        let template = library.translate(
            "{{ template \"mine\" .Status }}{{ template \"slack.default.title\" . }}",
            Escape::None,
        );
        assert_eq!(
            template.unwrap().render(&data("x", 1)).unwrap(),
            "<firing>S"
        );
        let error = library
            .translate("{{ template \"bad\" . }}", Escape::None)
            .unwrap_err();
        assert!(
            error
                .what
                .starts_with("in the template \"bad\" of a.tmpl, line 1, column "),
            "{error}"
        );
    }

    #[test]
    fn our_own_templates_are_translated() {
        let library = Library::default();
        let named: Vec<&str> = defaults::TEXTS
            .iter()
            .flat_map(|text| text.split("define \"").skip(1))
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(named.len() > 25);
        for name in named {
            let text = format!("{{{{ template \"{name}\" . }}}}");
            for escape in [Escape::None, Escape::Html, Escape::Slack] {
                library.translate(&text, escape).unwrap();
            }
        }
    }

    const PIECES: &[&str] = &[
        "{{",
        "}}",
        "{{-",
        "-}}",
        "{{ ",
        " }}",
        " ",
        "-",
        "/*",
        "*/",
        "if ",
        "else ",
        "end",
        "range ",
        "with ",
        "template ",
        "define ",
        "block ",
        "$x",
        "$",
        " := ",
        " = ",
        ".",
        ".Alerts",
        ".Labels",
        ".x",
        ".Status",
        "\"",
        "`",
        "\\",
        "(",
        ")",
        "|",
        ",",
        "1",
        "-2",
        "3.5",
        "1e9",
        "é",
        "\u{202e}",
        "{%",
        "%}",
        "{#",
        "\n",
        "printf ",
        "\"%5.2f %s %d %q %\"",
        "index ",
        "slice ",
        "eq ",
        "len ",
        "\"__subject\"",
        "title ",
        "join ",
        "stringSlice ",
        ".StartsAt.Format ",
        "\"2006 .000 _2 pm\"",
        "reReplaceAll ",
        "break",
        "continue",
        "tz ",
        "date ",
        "since ",
        "humanizeDuration ",
        "toJson ",
        ".StartsAt",
        ".EndsAt.Sub ",
        ".Add ",
        "28800e9",
        "<p style=\"",
        "<!--",
        "/*",
        "\"(.)\"",
        "<a href=\"",
        ">",
        "<script>",
        "nil",
    ];

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(pieces in proptest::collection::vec(0..PIECES.len(), 0..24)) {
            let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
            let inside = format!("{{{{ {} }}}}", text.replace(['{', '}'], ""));
            let of = data("é\u{202e}<&", 2);
            for text in [text, inside] {
                for escape in [Escape::None, Escape::Html, Escape::Slack] {
                    if let Ok(template) = Library::default().translate(&text, escape) {
                        let _ = template.render(&of);
                    }
                }
            }
        }
    }
}
