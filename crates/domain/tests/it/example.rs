//! The example organisation, and changes to it.

use std::collections::BTreeMap;

use stentor_domain::bundle::Bundle;

const FILES: &[(&str, &str)] = &[
    (
        "stentor.toml",
        include_str!("../../../stentor/example/stentor.toml"),
    ),
    (
        "people.toml",
        include_str!("../../../stentor/example/people.toml"),
    ),
    (
        "oncall.toml",
        include_str!("../../../stentor/example/oncall.toml"),
    ),
    (
        "calendars.toml",
        include_str!("../../../stentor/example/calendars.toml"),
    ),
    (
        "services/login.toml",
        include_str!("../../../stentor/example/services/login.toml"),
    ),
    (
        "services/package-mirror.toml",
        include_str!("../../../stentor/example/services/package-mirror.toml"),
    ),
    (
        "services/website.toml",
        include_str!("../../../stentor/example/services/website.toml"),
    ),
    (
        "templates/first.toml",
        include_str!("../../../stentor/example/templates/first.toml"),
    ),
    (
        "templates/denial-over.toml",
        include_str!("../../../stentor/example/templates/denial-over.toml"),
    ),
    (
        "templates/denial.toml",
        include_str!("../../../stentor/example/templates/denial.toml"),
    ),
    (
        "templates/maintenance-now.toml",
        include_str!("../../../stentor/example/templates/maintenance-now.toml"),
    ),
    (
        "templates/maintenance-over.toml",
        include_str!("../../../stentor/example/templates/maintenance-over.toml"),
    ),
    (
        "templates/maintenance.toml",
        include_str!("../../../stentor/example/templates/maintenance.toml"),
    ),
    (
        "templates/resolved.toml",
        include_str!("../../../stentor/example/templates/resolved.toml"),
    ),
    (
        "templates/update.toml",
        include_str!("../../../stentor/example/templates/update.toml"),
    ),
];

/// The example as it is.
pub(crate) fn example() -> Bundle {
    changed(&[])
}

/// The example after Dora left: Cleo stands where she stood.
pub(crate) fn without_dora() -> Bundle {
    let gone = "[people.dora]\nname = \"Dora\"\nroles = [\"responder\", \"liaison\", \"manager\", \"operator\"]\n";
    changed(&[
        ("people.toml", gone, ""),
        (
            "people.toml",
            "[\"responder\", \"liaison\"]",
            "[\"responder\", \"liaison\", \"manager\"]",
        ),
        ("oncall.toml", "\"dora\"", "\"cleo\""),
        ("stentor.toml", "\"dora\"", "\"cleo\""),
    ])
}

/// The example with a `sources.toml`.
pub(crate) fn with_sources(text: &str) -> Bundle {
    let mut files: BTreeMap<String, String> = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    files.insert("sources.toml".to_owned(), text.to_owned());
    let bundle = Bundle::new(files).unwrap();
    if let Err(problems) = bundle.organisation() {
        panic!("the example with sources has problems: {problems:?}");
    }
    bundle
}

/// The example with texts of it replaced: file, what stands there, what shall.
pub(crate) fn changed(changes: &[(&str, &str, &str)]) -> Bundle {
    let mut files: BTreeMap<String, String> = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    for (path, old, new) in changes {
        let text = files.get_mut(*path).unwrap();
        assert!(text.contains(old), "{path} does not hold {old:?}");
        *text = text.replace(old, new);
    }
    let bundle = Bundle::new(files).unwrap();
    if let Err(problems) = bundle.organisation() {
        panic!("the changed example has problems: {problems:?}");
    }
    bundle
}
