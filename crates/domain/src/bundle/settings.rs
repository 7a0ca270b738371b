//! `stentor.toml`: the organisation itself, its mirrors and its networks. The rules of the incident process and mail
//! stand in the same file and have files of their own here.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::calendars::AROUND_THE_CLOCK;
use super::problem::quoted;
use super::reader::{Table, Text};
use super::values::{is_host, is_web_url, web_url};
use super::{Declared, secret};
use crate::ids::{CalendarId, is_slug};
use crate::organisation::MirrorSpec;

pub(super) const ROOT: &[&str] = &[
    "organisation",
    "incidents",
    "page",
    "directory",
    "mirrors",
    "email",
    "network",
];
const ORGANISATION: &[&str] = &["name", "domain", "console_url", "calendar"];
const MIRROR: &[&str] = &["name", "directory", "url"];
const NETWORK: &[&str] = &["allow"];

/// `[organisation]`.
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) console_url: String,
    pub(super) calendar: CalendarId,
}

/// Reads `[organisation]`.
pub(super) fn identity(file: &Table<'_>, names: &Declared<'_>) -> Identity {
    let mut identity = Identity {
        name: String::new(),
        domain: String::new(),
        console_url: String::new(),
        calendar: AROUND_THE_CLOCK.into(),
    };
    let Some(table) = file.table("organisation", ORGANISATION) else {
        if file.value("organisation").is_none() {
            file.here().refuse(
                "[organisation] is missing",
                "add it with name, domain and console_url",
            );
        }
        return identity;
    };
    identity.name = table.need_owned("name", "name = \"Example Linux\"");
    if let Some(text) = table.need("domain", "domain = \"stentor.example.org\"") {
        if !is_host(&text) || text.parse::<IpAddr>().is_ok() {
            text.refuse(
                format!("{} is not a domain", quoted(&text)),
                "write a host name, for instance \"stentor.example.org\"",
            );
        }
        identity.domain = text.to_lowercase();
    }
    if let Some(text) = table.need(
        "console_url",
        "console_url = \"https://stentor.example.org\"",
    ) {
        if !is_web_url(&text) || text.contains(['?', '#']) {
            text.refuse(
                "this is not the address of a console",
                "write http:// or https://, a host and perhaps a path",
            );
        } else if text.ends_with('/') {
            text.refuse(
                "the address ends with a slash, and links are appended to it",
                "remove the slash",
            );
        }
        identity.console_url = text.to_string();
    }
    if let Some(text) = table.line("calendar") {
        identity.calendar = names.calendars.find(&text);
    }
    identity
}

/// Reads `[[mirrors]]`.
pub(super) fn mirrors(file: &Table<'_>) -> Vec<MirrorSpec> {
    let tables = match file.value("mirrors") {
        Some(_) => file.list("mirrors", MIRROR),
        None => Vec::new(),
    };
    if tables.is_empty() {
        file.here().refuse(
            "there is no mirror, so the public word would go nowhere",
            "add [[mirrors]] with name = \"one\" and directory = \"mirrors/one\"",
        );
    }
    let (mut names, mut directories) = (BTreeSet::new(), BTreeSet::new());
    let mut mirrors = Vec::new();
    for table in tables {
        let name = table.need("name", "name = \"one\"");
        if let Some(name) = name {
            if !is_slug(&name) {
                name.refuse(
                    format!("{} cannot be a name", quoted(&name)),
                    "use 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -",
                );
            }
            refuse_repeated(&mut names, &name, name.to_string());
        }
        let directory = table.need("directory", "directory = \"mirrors/one\"");
        let directory = directory.and_then(|text| {
            let path = secret::path(&text)?;
            refuse_repeated(&mut directories, &text, plain_path(&path));
            Some(path)
        });
        mirrors.push(MirrorSpec {
            name: name.map(|name| name.to_string()).unwrap_or_default(),
            directory: directory.unwrap_or_default(),
            url: web_url(&table, "url"),
        });
    }
    mirrors
}

fn refuse_repeated(seen: &mut BTreeSet<String>, text: &Text<'_>, value: String) {
    if !seen.insert(value) {
        text.refuse(
            format!("another mirror has {} already", quoted(text)),
            "choose another; two mirrors are two places",
        );
    }
}

/// The path without what does not change its meaning, so that the same directory is recognised.
fn plain_path(path: &str) -> String {
    let root = if path.starts_with('/') { "/" } else { "" };
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    format!("{root}{}", parts.collect::<Vec<_>>().join("/"))
}

/// Reads `[network]`: blocks of addresses outside the public internet that may be reached.
pub(super) fn allowed_networks(file: &Table<'_>) -> Vec<String> {
    let Some(table) = file.table("network", NETWORK) else {
        return Vec::new();
    };
    let mut allowed = Vec::new();
    for text in table.lines("allow") {
        if is_block(&text) {
            allowed.push(text.to_string());
        } else {
            text.refuse(
                format!("{} is not a block of addresses", quoted(&text)),
                "write its first address and its length, for instance \"10.20.0.0/16\", \"127.0.0.1/32\" or \"fd00::/8\"",
            );
        }
    }
    allowed
}

/// CIDR notation whose bits beyond the prefix are zero (RFC 4632, RFC 4291): other bits hint at a slip.
fn is_block(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let plain = length.bytes().all(|b| b.is_ascii_digit());
    let (Ok(address), Ok(length), true) = (address.parse(), length.parse::<u32>(), plain) else {
        return false;
    };
    match address {
        IpAddr::V4(v4) => length <= 32 && v4.to_bits().checked_shl(length).unwrap_or(0) == 0,
        IpAddr::V6(v6) => length <= 128 && v6.to_bits().checked_shl(length).unwrap_or(0) == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_addresses() {
        let check = |text: &str, expected: bool| assert_eq!(is_block(text), expected, "{text}");
        check("10.0.0.0/8", true);
        check("127.0.0.1/32", true);
        check("0.0.0.0/0", true);
        check("fd00::/8", true);
        check("::1/128", true);
        check("10.0.0.1/8", false);
        check("10.0.0.0/33", false);
        check("10.0.0.0/+8", false);
        check("10.0.0.0", false);
        check("example.org/8", false);
    }
}
