//! Template files: patterns, their place in a bundle, and what is wrong in them.

use std::collections::BTreeMap;

use super::super::{TemplateFile, fits, is_template, library, patterns, with_templates};
use crate::bundle::Bundle;
use crate::go_template::{Data, Escape};

fn file(name: &str, text: &str) -> TemplateFile {
    TemplateFile {
        shown: format!("/etc/alertmanager/{name}"),
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn patterns_mean_names_as_alertmanagers_do() {
    let check = |pattern: &str, name: &str, expected: bool| {
        assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
    };
    check("*.tmpl", "a.tmpl", true);
    check("*.tmpl", ".tmpl", true);
    check("*.tmpl", "a.tmpl.bak", false);
    check("a*b*c", "aXbYbZc", true);
    check("a*b*c", "aXbYbZ", false);
    check("a?c", "aäc", true);
    check("a?c", "ac", false);
    check("[a-c]x", "bx", true);
    check("[^a-c]x", "bx", false);
    check("[^a-c]x", "dx", true);
    check("\\*", "*", true);
    check("\\*", "a", false);
    check("[\\]]", "]", true);
    check("[a", "a", false);
    check("", "", true);
    check("**", "abc", true);
    let long = "a".repeat(5_000);
    check(&format!("{}b", "*a".repeat(200)), &long, false);
}

#[test]
fn patterns_have_their_places() {
    let found = patterns(
        "alertmanager.yml",
        "route: {receiver: a}\ntemplates:\n- 'a/*.tmpl'\n- b.tmpl\nreceivers: [{name: a}]\n",
    );
    let found: Vec<_> = found
        .iter()
        .map(|p| (p.text.as_str(), p.line, p.column))
        .collect();
    assert_eq!(found, [("a/*.tmpl", 3, 3), ("b.tmpl", 4, 3)]);
    assert_eq!(patterns("a", "templates: ["), []);
}

#[test]
fn what_is_wrong_in_a_file_has_its_place() {
    let files = [
        file("good.tmpl", "{{ define \"a\" }}{{ .Status }}{{ end }}"),
        file(
            "bad.tmpl",
            "{{ define \"b\" }}\n  {{ humanize 1 }}{{ end }}",
        ),
        file("worse.tmpl", "{{ if }}"),
    ];
    let problems = library(&files).unwrap_err();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "/etc/alertmanager/bad.tmpl:2:6: the function \"humanize\" is not known; mend the template, or take the file out of `templates`",
            "/etc/alertmanager/worse.tmpl:1:6: a value is expected here; mend the template, or take the file out of `templates`",
        ]
    );
}

#[test]
fn each_routing_has_its_own_templates() {
    let routing =
        |name: &str| format!("route: {{receiver: {name}}}\nreceivers: [{{name: {name}}}]\n");
    let mut files = BTreeMap::from([
        ("alertmanager/a.yml".to_owned(), routing("ops")),
        ("alertmanager/b.yml".to_owned(), routing("ops")),
        ("alertmanager/c.yml".to_owned(), routing("mail")),
    ]);
    let said = |name: &str| {
        let text = format!("{{{{ define \"x\" }}}}{name} {{{{ .Status }}}}{{{{ end }}}}");
        vec![file("same ö.tmpl", &text)]
    };
    let templates = BTreeMap::from([
        ("alertmanager/a.yml".to_owned(), said("a")),
        ("alertmanager/b.yml".to_owned(), said("b")),
    ]);
    with_templates(&mut files, &templates);
    let paths: Vec<&String> = files.keys().filter(|path| is_template(path)).collect();
    assert_eq!(
        paths,
        [
            "alertmanager.templates/000-000-same__.tmpl",
            "alertmanager.templates/001-000-same__.tmpl"
        ]
    );
    let routing = Bundle::new(files)
        .unwrap()
        .organisation()
        .unwrap()
        .routing
        .unwrap();
    let rendered = |receiver: &str| {
        let library = routing.templates.get(receiver)?;
        let template = library
            .translate("{{ template \"x\" . }}", Escape::None)
            .unwrap();
        Some(template.render(&Data::sample()).unwrap())
    };
    assert_eq!(rendered("a/ops").as_deref(), Some("a firing"));
    assert_eq!(rendered("b/ops").as_deref(), Some("b firing"));
    assert_eq!(rendered("mail"), None);
}

#[test]
fn only_names_of_their_own_are_template_files() {
    for (path, expected) in [
        ("alertmanager.templates/000-001-a.tmpl", true),
        ("alertmanager.templates/000-001-", false),
        ("alertmanager.templates/a.tmpl", false),
        ("alertmanager.templates/000-001-a/b", false),
        ("alertmanager/000-001-a.tmpl", false),
    ] {
        assert_eq!(is_template(path), expected, "{path}");
        assert_eq!(Bundle::leaves_out(path), !expected, "{path}");
    }
}
