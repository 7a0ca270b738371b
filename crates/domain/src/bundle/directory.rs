//! `[directory]` of `stentor.toml`: where we really speak, whom to reach in an emergency, and whom to tell about a hole.
//! These addresses are published and kept for ever: that is what they are for.

use super::page::languages;
use super::problem::quoted;
use super::reader::{Table, Text};
use super::values::{is_mail_address, is_web_url};
use crate::bulletin::{Directory, OfficialChannel, SecurityContact};
use crate::ids::is_slug;

const DIRECTORY: &[&str] = &["channels", "emergency", "security"];
const CHANNEL: &[&str] = &["kind", "name", "address", "note"];
const SECURITY: &[&str] = &[
    "contact",
    "encryption",
    "acknowledgments",
    "policy",
    "hiring",
    "preferred_languages",
];

/// Most channels in one list.
const CHANNELS: usize = 100;

/// Schemes of addresses that readers could follow into harm.
const HARMFUL: [&str; 4] = ["javascript:", "data:", "vbscript:", "file:"];

/// Reads `[directory]`.
pub(super) fn read(file: &Table<'_>) -> Directory {
    let Some(table) = file.table("directory", DIRECTORY) else {
        return Directory::default();
    };
    Directory {
        channels: channels(&table, "channels"),
        emergency: channels(&table, "emergency"),
        security: table.table("security", SECURITY).map(|t| security(&t)),
    }
}

fn channels(table: &Table<'_>, key: &str) -> Vec<OfficialChannel> {
    if table.value(key).is_none() {
        return Vec::new();
    }
    let all = table.list(key, CHANNEL);
    if let Some(first_too_many) = all.get(CHANNELS) {
        first_too_many.here().refuse(
            format!("there are more than {CHANNELS} channels"),
            "keep those that people have to tell apart from false ones",
        );
    }
    let channel = |table: &Table<'_>| OfficialChannel {
        kind: kind(table),
        name: table.need_owned("name", "name = \"Announcements\""),
        address: address(table),
        note: table.line("note").map(|text| text.trim().to_owned()),
    };
    all.iter().take(CHANNELS).map(channel).collect()
}

fn kind(table: &Table<'_>) -> String {
    let Some(text) = table.need("kind", "kind = \"mailing-list\"") else {
        return String::new();
    };
    if !is_slug(&text) {
        text.refuse(
            format!("{} cannot be a kind of channel", quoted(&text)),
            "write for instance \"website\", \"mailing-list\", \"forum\", \"chat\", \"social\", \"source\", \"packages\", \"phone\" or \"email\"",
        );
    }
    text.to_string()
}

/// A URL, or an account as it is written there.
fn address(table: &Table<'_>) -> String {
    let Some(text) = table.need(
        "address",
        "address = \"https://lists.example.org/announce\"",
    ) else {
        return String::new();
    };
    let lower = text.trim().to_lowercase();
    let sound = match lower.split_once(':') {
        Some(("http" | "https", _)) => is_web_url(text.trim()),
        Some(("mailto", _)) => is_mailto(&lower),
        Some(("tel", _)) => is_tel(&lower),
        _ => !HARMFUL.iter().any(|scheme| lower.starts_with(scheme)),
    };
    if !sound {
        text.refuse(
            format!("{} is not an address that people can follow", quoted(&text)),
            "write https:, mailto: or tel:, or an account as it is written there, for instance \"#stentor on irc.example.org\"",
        );
    }
    text.trim().to_owned()
}

fn security(table: &Table<'_>) -> SecurityContact {
    let contact = table.lines("contact");
    if contact.is_empty() {
        table.here().refuse(
            "nobody is named who can be told about a vulnerability",
            "add contact = [\"mailto:security@example.org\"], the preferred address first",
        );
    }
    let contact = |text: &Text<'_>| {
        let lower = text.trim().to_lowercase();
        let sound = is_mailto(&lower) || is_tel(&lower) || is_https(text.trim());
        if !sound {
            text.refuse(
                format!("{} is not an address as RFC 9116 has them", quoted(text)),
                "write mailto:, tel: or https: before it",
            );
        }
        text.trim().to_owned()
    };
    SecurityContact {
        contact: table.lines("contact").iter().map(contact).collect(),
        encryption: links(table, "encryption"),
        acknowledgments: links(table, "acknowledgments"),
        policy: links(table, "policy"),
        hiring: links(table, "hiring"),
        preferred_languages: languages(table, "preferred_languages"),
    }
}

/// Addresses of further pages. A key may also be a fingerprint or a record of the name system (RFC 9116, 2.5.4).
fn links(table: &Table<'_>, key: &str) -> Vec<String> {
    let link = |text: &Text<'_>| {
        let is_key = key == "encryption"
            && (text.starts_with("openpgp4fpr:") || text.starts_with("dns:"))
            && text.chars().all(|c| c.is_ascii_graphic());
        if !is_key && !is_https(text.trim()) {
            text.refuse(
                format!("{} is not an address of the web", quoted(text)),
                "write https: and the address of the page",
            );
        }
        text.trim().to_owned()
    };
    table.lines(key).iter().map(link).collect()
}

fn is_https(text: &str) -> bool {
    text.starts_with("https://") && is_web_url(text)
}

fn is_mailto(text: &str) -> bool {
    text.strip_prefix("mailto:").is_some_and(is_mail_address)
}

fn is_tel(text: &str) -> bool {
    text.strip_prefix("tel:").is_some_and(|number| {
        let ordinary = |c: char| c.is_ascii_digit() || "+-.()".contains(c);
        number.chars().all(ordinary) && number.chars().filter(char::is_ascii_digit).count() >= 3
    })
}
