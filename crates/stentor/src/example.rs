//! The example organisation that `stentor init` writes and `stentor up` starts with.

/// The line of `stentor.toml` that says where the console is.
pub(crate) const CONSOLE_URL: &str = "console_url = \"http://127.0.0.1:8080\"";

/// Path (relative to the configuration directory) and text of each file.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("stentor.toml", include_str!("../example/stentor.toml")),
    ("people.toml", include_str!("../example/people.toml")),
    ("oncall.toml", include_str!("../example/oncall.toml")),
    ("calendars.toml", include_str!("../example/calendars.toml")),
    (
        "services/login.toml",
        include_str!("../example/services/login.toml"),
    ),
    (
        "services/package-mirror.toml",
        include_str!("../example/services/package-mirror.toml"),
    ),
    (
        "services/website.toml",
        include_str!("../example/services/website.toml"),
    ),
    (
        "templates/first.toml",
        include_str!("../example/templates/first.toml"),
    ),
    (
        "templates/denial-over.toml",
        include_str!("../example/templates/denial-over.toml"),
    ),
    (
        "templates/denial.toml",
        include_str!("../example/templates/denial.toml"),
    ),
    (
        "templates/maintenance-now.toml",
        include_str!("../example/templates/maintenance-now.toml"),
    ),
    (
        "templates/maintenance-over.toml",
        include_str!("../example/templates/maintenance-over.toml"),
    ),
    (
        "templates/maintenance.toml",
        include_str!("../example/templates/maintenance.toml"),
    ),
    (
        "templates/resolved.toml",
        include_str!("../example/templates/resolved.toml"),
    ),
    (
        "templates/update.toml",
        include_str!("../example/templates/update.toml"),
    ),
    ("contacts.toml", include_str!("../example/contacts.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use stentor_domain::bundle::{Bundle, CONTACTS, contacts};

    #[test]
    fn the_example_has_no_problem() {
        let files = FILES.iter().filter(|(path, _)| !Bundle::leaves_out(path));
        let files = files.map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let bundle = Bundle::new(files.collect()).unwrap();
        let organisation = bundle.organisation().unwrap();
        let (_, text) = FILES.iter().find(|(path, _)| *path == CONTACTS).unwrap();
        assert_eq!(
            contacts(CONTACTS, text, &organisation).unwrap().len(),
            organisation.people.len()
        );
    }
}
