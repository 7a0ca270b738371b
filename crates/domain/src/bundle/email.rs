//! `[email]` of `stentor.toml`: how mail leaves.

use super::problem::{instead, quoted};
use super::reader::Table;
use super::secret;
use super::values::{is_host, is_mail_address};
use crate::organisation::EmailSpec;

const KEYS: &[&str] = &[
    "host",
    "port",
    "tls",
    "from",
    "username",
    "password",
    "ca_file",
    "allow_plaintext_auth",
];

/// How the connection is protected: the name, its usual port, and whether it is certain to be protected.
const TLS: [(&str, u16, bool); 4] = [
    ("starttls", 587, true),
    ("implicit", 465, true),
    ("starttls-opportunistic", 25, false),
    ("none", 25, false),
];

/// Reads `[email]`, when there is one.
pub(super) fn read(file: &Table<'_>) -> Option<EmailSpec> {
    let table = file.table("email", KEYS)?;
    let host = table.need("host", "host = \"mail.example.org\"");
    if let Some(host) = host
        && !is_host(&host)
    {
        host.refuse(
            format!("{} is not a host", quoted(&host)),
            "write the name or the address of the mail server alone",
        );
    }
    let from = table.need("from", "from = \"stentor@example.org\"");
    if let Some(from) = from
        && !is_mail_address(&from)
    {
        from.refuse(
            "this is not a mail address",
            "write the address alone, for instance \"stentor@example.org\"",
        );
    }
    let (tls, usual_port, protected) = table
        .line("tls")
        .and_then(|text| {
            let found = TLS.into_iter().find(|(name, ..)| *name == *text);
            if found.is_none() {
                text.refuse(
                    format!("{} is not a way to protect mail", quoted(&text)),
                    instead(&text, TLS.iter().map(|(name, ..)| *name)),
                );
            }
            found
        })
        .unwrap_or(TLS[0]);
    let (username, password) = (table.line("username"), secret::read(&table, "password"));
    match (username, table.value("password")) {
        (Some(name), None) => name.refuse(
            "a user name without a password",
            "add password = { file = \"secrets/smtp-password\" }",
        ),
        (None, Some(secret)) => secret.refuse(
            "a password without a user name",
            "add username = \"…\", or remove the password",
        ),
        _ => {}
    }
    let allow_plaintext_auth = table.flag("allow_plaintext_auth").is_some_and(|flag| *flag);
    if let Some(name) = username
        && !protected
        && !allow_plaintext_auth
    {
        name.refuse(
            format!("with tls = \"{tls}\" the password could be read on its way"),
            "write tls = \"starttls\" or \"implicit\", or allow_plaintext_auth = true when the way is safe (loopback)",
        );
    }
    let port = table.whole("port", 1..=65_535);
    Some(EmailSpec {
        host: host.map(|text| text.to_string()).unwrap_or_default(),
        port: port
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or(usual_port),
        tls: tls.to_owned(),
        from: from.map(|text| text.to_string()).unwrap_or_default(),
        username: username.map(|text| text.to_string()),
        password,
        ca_file: table.line("ca_file").and_then(|text| secret::path(&text)),
        allow_plaintext_auth,
    })
}
