//! `contacts.toml`: how people are reached. It lies beside the bundle and is not part of it, because a bundle is kept
//! for ever and personal data must be erasable.

use super::document::Document;
use super::names::Names;
use super::problem::{Problem, Problems};
use super::values::{is_mail_address, web_url};
use super::{MAX_FILE_BYTES, secret};
use crate::ids::PersonId;
use crate::organisation::{Organisation, SecretRef};

const ROOT: &[&str] = &["contacts"];
const KEYS: &[&str] = &["email", "webhook_url", "webhook_secret"];

/// How a person is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactSpec {
    /// Who.
    pub person: PersonId,
    /// A mail address.
    pub email: Option<String>,
    /// An address that takes messages signed as Standard Webhooks say.
    pub webhook_url: Option<String>,
    /// The key of those signatures; there is one exactly when there is an address.
    pub webhook_secret: Option<SecretRef>,
}

/// Reads `contacts.toml` for the people of an organisation, in the order of their names.
///
/// # Errors
/// Every problem at once.
pub fn contacts(
    file_name: &str,
    text: &str,
    org: &Organisation,
) -> Result<Vec<ContactSpec>, Vec<Problem>> {
    if text.len() > MAX_FILE_BYTES {
        return Err(vec![Problem::of_file(
            file_name,
            format!("the file is larger than {MAX_FILE_BYTES} bytes"),
            "make it smaller",
        )]);
    }
    let problems = Problems::default();
    let mut found = Vec::new();
    {
        let document = Document::parse(file_name, text, &problems);
        let people = org.people.keys().map(PersonId::as_str);
        let people = Names::new("person", "[people.NAME] in people.toml", people, true);
        let tables = document
            .root(ROOT)
            .map(|file| file.named_freely("contacts", KEYS));
        for (name, table) in tables.unwrap_or_default() {
            let email = table.line("email");
            if let Some(address) = email
                && !is_mail_address(&address)
            {
                address.refuse(
                    "this is not a mail address",
                    "write the address alone, for instance \"ada@example.org\"",
                );
            }
            let spec = ContactSpec {
                person: people.find(&name),
                email: email.map(|address| address.to_string()),
                webhook_url: web_url(&table, "webhook_url"),
                webhook_secret: secret::read(&table, "webhook_secret"),
            };
            match (table.value("webhook_url"), table.value("webhook_secret")) {
                (Some(url), None) => url.refuse(
                    "a webhook without a key could be forged by anybody",
                    "add webhook_secret = { file = \"secrets/webhook\" }",
                ),
                (None, Some(secret)) => secret.refuse(
                    "a key without a webhook",
                    "add webhook_url = \"https://…\", or remove the key",
                ),
                (None, None) if table.value("email").is_none() => name.refuse(
                    "this says no way to reach the person",
                    "add email or webhook_url",
                ),
                _ => {}
            }
            found.push(spec);
        }
    }
    problems.none_or(found)
}
