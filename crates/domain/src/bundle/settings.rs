//! `stentor.toml`: the organisation itself and its networks. The rules of the incident process, mirrors and mail stand
//! in the same file and have files of their own here.

use std::net::IpAddr;

use super::Declared;
use super::calendars::AROUND_THE_CLOCK;
use super::problem::quoted;
use super::reader::Table;
use super::values::{is_host, is_web_url};
use crate::ids::CalendarId;

pub(super) const ROOT: &[&str] = &[
    "organisation",
    "incidents",
    "page",
    "directory",
    "mirrors",
    "signing_sites",
    "house",
    "email",
    "network",
];
const ORGANISATION: &[&str] = &["name", "domain", "console_url", "calendar"];
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
