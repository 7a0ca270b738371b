//! The example organisation, which every newcomer starts with.

use std::collections::BTreeMap;

use stentor_domain::bundle::Bundle;
use stentor_domain::command::Command;
use stentor_store::Contact;

macro_rules! example {
    ($($file:literal)*) => {
        &[$(($file, include_str!(concat!("../../../../stentor/example/", $file)))),*]
    };
}

const FILES: &[(&str, &str)] = example! {
    "stentor.toml" "people.toml" "oncall.toml" "calendars.toml" "services/login.toml"
    "services/package-mirror.toml" "services/website.toml" "templates/first.toml" "templates/resolved.toml"
    "templates/update.toml" "templates/maintenance.toml" "templates/maintenance-now.toml"
    "templates/maintenance-over.toml" "templates/denial.toml" "templates/denial-over.toml"
};

pub(crate) const PEOPLE: [&str; 4] = ["ada", "ben", "cleo", "dora"];

pub(crate) fn apply() -> Command {
    apply_with(&[])
}

/// The example and further files.
pub(crate) fn apply_with(more: &[(&str, &str)]) -> Command {
    let files: BTreeMap<String, String> = FILES
        .iter()
        .chain(more)
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    Command::Apply {
        bundle: Bundle::new(files).unwrap(),
        by: "dora".to_owned(),
        reason: "a simulated world".to_owned(),
    }
}

/// Everybody has mail, and the last two a webhook too.
pub(crate) fn contacts() -> Vec<Contact> {
    let contact = |(n, person): (usize, &&str)| Contact {
        person: (*person).to_owned(),
        email: Some(format!("{person}@example.org")),
        webhook_url: (n >= 2).then(|| format!("https://example.org/{person}")),
        webhook_secret: None,
    };
    PEOPLE.iter().enumerate().map(contact).collect()
}
