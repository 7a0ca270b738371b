//! `[[mirrors]]` of `stentor.toml` and of `beacon.toml`: where the public word goes, and how it is written there.

use std::collections::BTreeSet;

use super::problem::{instead, quoted};
use super::reader::{Table, Text};
use super::values::{is_host, is_web_url, web_url};
use super::{foundations, secret};
use crate::ids::is_slug;
use crate::mirror::{MirrorPlace, MirrorSpec, S3Place, SshHost, SshTrust};
use crate::organisation::SecretRef;

/// What every mirror may have.
const COMMON: &[&str] = &["name", "kind", "url", "stands_on"];

/// Reads one kind.
type Reader = fn(&Table<'_>) -> Option<MirrorPlace>;

/// The kinds, their own keys, and how they are read.
const KINDS: &[(&str, &[&str], Reader)] = &[
    ("directory", &["directory"], directory),
    (
        "s3",
        &[
            "endpoint",
            "bucket",
            "region",
            "prefix",
            "path_style",
            "access_key",
            "secret_key",
            "ca_file",
        ],
        s3,
    ),
    (
        "webdav",
        &["address", "username", "password", "ca_file"],
        webdav,
    ),
    ("put", &["address", "token", "ca_file"], put),
    (
        "git",
        &[
            "remote",
            "branch",
            "username",
            "token",
            "ca_file",
            "key",
            "known_hosts",
        ],
        git,
    ),
    (
        "sftp",
        &["host", "port", "user", "key", "known_hosts", "directory"],
        sftp,
    ),
    (
        "rsync",
        &[
            "host",
            "port",
            "user",
            "key",
            "known_hosts",
            "directory",
            "address",
            "password",
        ],
        rsync,
    ),
];

/// Reads `[[mirrors]]`.
pub(super) fn read(file: &Table<'_>) -> Vec<MirrorSpec> {
    let tables = match file.value("mirrors") {
        Some(_) => file.list_freely("mirrors"),
        None => Vec::new(),
    };
    if tables.is_empty() {
        file.here().refuse(
            "there is no mirror, so the public word would go nowhere",
            "add [[mirrors]] with name = \"one\" and directory = \"mirrors/one\"",
        );
    }
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    tables
        .iter()
        .map(|table| one(table, &mut names, &mut places))
        .collect()
}

fn one(
    table: &Table<'_>,
    names: &mut BTreeSet<String>,
    places: &mut BTreeSet<String>,
) -> MirrorSpec {
    let place = place(table, &[], places);
    let name = table.need("name", "name = \"one\"");
    if let Some(name) = name {
        if !is_slug(&name) {
            name.refuse(
                format!("{} cannot be a name", quoted(&name)),
                "use 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -",
            );
        }
        refuse_repeated(names, &name, name.to_string());
    }
    MirrorSpec {
        name: name.map(|name| name.to_string()).unwrap_or_default(),
        // Only when a problem was reported.
        place: place.unwrap_or(MirrorPlace::Directory {
            directory: String::new(),
        }),
        url: web_url(table, "url"),
        stands_on: foundations::read(table),
    }
}

/// Reads how a mirror is written to; its table may have `further` keys beside those of its kind.
pub(super) fn place(
    table: &Table<'_>,
    further: &[&str],
    places: &mut BTreeSet<String>,
) -> Option<MirrorPlace> {
    let (_, keys, reader) = kind(table);
    let keys: Vec<&str> = [COMMON, keys, further].concat();
    table.allow_only(&keys);
    let place = reader(table)?;
    let written = match &place {
        MirrorPlace::Directory { directory } => plain_path(directory),
        other => other.address().trim_end_matches('/').to_owned(),
    };
    let key = ["directory", "address", "remote", "bucket", "host"];
    if let Some(text) = key.iter().find_map(|key| table.line(key)) {
        refuse_repeated(places, &text, format!("{} {written}", place.kind()));
    }
    Some(place)
}

fn kind(table: &Table<'_>) -> (&'static str, &'static [&'static str], Reader) {
    let named = table.line("kind").and_then(|text| {
        let found = KINDS.iter().find(|(name, ..)| *name == *text);
        if found.is_none() {
            text.refuse(
                format!("{} is not a kind of mirror", quoted(&text)),
                instead(&text, KINDS.iter().map(|(name, ..)| *name)),
            );
        }
        found
    });
    *named.unwrap_or(&KINDS[0])
}

/// Reports what another mirror has already.
pub(super) fn refuse_repeated(seen: &mut BTreeSet<String>, text: &Text<'_>, value: String) {
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

fn directory(table: &Table<'_>) -> Option<MirrorPlace> {
    let text = table.need("directory", "directory = \"mirrors/one\"")?;
    let directory = secret::path(&text)?;
    Some(MirrorPlace::Directory { directory })
}

fn s3(table: &Table<'_>) -> Option<MirrorPlace> {
    let endpoint = web_address(
        table,
        "endpoint",
        "endpoint = \"https://s3.example.net\"",
        true,
    );
    let word = |key: &str, example: &str| {
        let text = table.need(key, example)?;
        plain(&text, "_.-", "use letters, digits, - and .").then(|| text.to_string())
    };
    let bucket = word("bucket", "bucket = \"status\"");
    let access_key = table.need("access_key", "access_key = \"AKEXAMPLE\"");
    let secret_key = need_secret(table, "secret_key");
    let region = match table.value("region") {
        Some(_) => word("region", "region = \"eu-west-1\""),
        None => Some("us-east-1".to_owned()),
    };
    let prefix = match table.line("prefix") {
        Some(text) => plain(&text, "/._-", "use letters, digits, -, _, . and /")
            .then(|| text.trim_matches('/').to_owned()),
        None => Some(String::new()),
    };
    Some(MirrorPlace::S3(S3Place {
        endpoint: endpoint?,
        bucket: bucket?,
        region: region?,
        prefix: prefix?,
        path_style: table.flag("path_style").is_none_or(|flag| *flag),
        access_key: access_key?.to_string(),
        secret_key: secret_key?,
        ca_file: ca_file(table),
    }))
}

fn webdav(table: &Table<'_>) -> Option<MirrorPlace> {
    let login = login(table, "password");
    let address = web_address(
        table,
        "address",
        "address = \"https://dav.example.net/status\"",
        login.is_some(),
    );
    Some(MirrorPlace::WebDav {
        address: address?,
        login,
        ca_file: ca_file(table),
    })
}

fn put(table: &Table<'_>) -> Option<MirrorPlace> {
    let token = need_secret(table, "token");
    let address = web_address(
        table,
        "address",
        "address = \"https://upload.example.net/status\"",
        true,
    );
    Some(MirrorPlace::Put {
        address: address?,
        token: token?,
        ca_file: ca_file(table),
    })
}

fn git(table: &Table<'_>) -> Option<MirrorPlace> {
    let text = table.need("remote", "remote = \"ssh://git@example.net/status.git\"");
    let branch = match table.line("branch") {
        Some(text) => {
            let good = is_plain(&text, "/._-") && is_branch(&text);
            if !good {
                text.refuse(
                    format!("{} cannot be a branch", quoted(&text)),
                    "write the name of a branch, for instance \"main\"",
                );
            }
            good.then(|| text.to_string())
        }
        None => Some("main".to_owned()),
    };
    let login = login(table, "token");
    let text = text?;
    let rest = |scheme: &str| text.strip_prefix(scheme);
    let trust = if let Some(rest) = rest("ssh://") {
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let host = host.split_once(':').map_or(host, |(host, _)| host);
        if !is_host(host) || path.is_empty() || !is_plain(rest, "@:/._-~+") {
            not_a_remote(&text);
            return None;
        }
        Some(trust(table)?)
    } else if is_web_repository(&text) || is_local_repository(&text) {
        None
    } else {
        not_a_remote(&text);
        return None;
    };
    Some(MirrorPlace::Git {
        remote: text.to_string(),
        branch: branch?,
        login,
        ca_file: ca_file(table),
        trust,
    })
}

fn is_web_repository(text: &str) -> bool {
    text.starts_with("https://") && is_web_url(text) && is_plain(text, ":/._-~+")
}

fn is_local_repository(text: &str) -> bool {
    let path = text.strip_prefix("file://");
    path.is_some_and(|path| path.starts_with('/') && is_plain(path, "/._-~+"))
}

fn not_a_remote(text: &Text<'_>) {
    text.refuse(
        "this is not the address of a repository",
        "write https://HOST/PATH, ssh://USER@HOST/PATH or file:///PATH, with plain letters and no password",
    );
}

/// The rules of git for names of branches, as far as the letters allowed here can break them.
fn is_branch(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !text.starts_with('-')
        && text.split('/').all(part)
        && !text.contains("..")
        && !text.ends_with('.')
}

fn sftp(table: &Table<'_>) -> Option<MirrorPlace> {
    let (host, directory) = (ssh_host(table), remote_directory(table));
    Some(MirrorPlace::Sftp {
        host: host?,
        directory: directory?,
    })
}

fn rsync(table: &Table<'_>) -> Option<MirrorPlace> {
    let Some(text) = table.line("address") else {
        let (host, directory) = (ssh_host(table), remote_directory(table));
        return Some(MirrorPlace::Rsync {
            host: host?,
            directory: directory?,
        });
    };
    for key in ["host", "port", "user", "key", "known_hosts", "directory"] {
        if let Some(value) = table.value(key) {
            value.refuse(
                format!("\"{key}\" is for rsync over SSH, and address is a daemon's"),
                format!("remove {key}, or remove address"),
            );
        }
    }
    let rest = text.strip_prefix("rsync://");
    let good = rest.is_some_and(|rest| {
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = host.rsplit_once('@').unwrap_or(("user", host));
        let (host, port) = host.split_once(':').unwrap_or((host, "873"));
        is_host(host)
            && is_plain(user, "._-")
            && !user.is_empty()
            && port.parse::<u16>().is_ok()
            && is_plain(path, "/._-")
            && !path.starts_with('/')
            && !path.is_empty()
            && path.split('/').all(|part| part != "..")
    });
    if !good {
        text.refuse(
            "this is not the address of an rsync daemon",
            "write rsync://HOST/MODULE or rsync://USER@HOST:PORT/MODULE/PATH, without a password",
        );
        return None;
    }
    Some(MirrorPlace::RsyncDaemon {
        address: text.trim_end_matches('/').to_owned(),
        password: secret::read(table, "password"),
    })
}

fn ssh_host(table: &Table<'_>) -> Option<SshHost> {
    let host = table.need("host", "host = \"mirror.example.net\"");
    let host = host.filter(|host| {
        let good = is_host(host);
        if !good {
            host.refuse(
                format!("{} is not a host", quoted(host)),
                "write the name or the address of the machine alone",
            );
        }
        good
    });
    let user = table.need("user", "user = \"stentor\"");
    let user = user.filter(|user| {
        plain(
            user,
            "._-",
            "write the name of an account, of letters, digits, -, _ and .",
        )
    });
    let port = table.whole("port", 1..=65_535);
    let trust = trust(table);
    Some(SshHost {
        host: host?.to_string(),
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(22),
        user: user?.to_string(),
        trust: trust?,
    })
}

fn trust(table: &Table<'_>) -> Option<SshTrust> {
    let key = need_secret(table, "key");
    let known_hosts = table.need("known_hosts", "known_hosts = \"mirror-known-hosts\"");
    let known_hosts = known_hosts.and_then(|text| secret::path(&text));
    Some(SshTrust {
        key: key?,
        known_hosts: known_hosts?,
    })
}

fn remote_directory(table: &Table<'_>) -> Option<String> {
    let text = table.need("directory", "directory = \"/srv/status\"")?;
    secret::path(&text)?;
    let good = plain(
        &text,
        "/._-",
        "use letters, digits, -, _, . and /, beginning with / or below the home directory",
    );
    good.then(|| plain_path(&text))
}

/// Reports a text with other characters, or one that a program could take for an option.
fn plain(text: &Text<'_>, further: &str, todo: &str) -> bool {
    let good = is_plain(text, further) && !text.starts_with('-');
    if !good {
        text.refuse(format!("{} cannot stand here", quoted(text)), todo);
    }
    good
}

fn is_plain(text: &str, further: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || further.contains(c))
}

fn need_secret(table: &Table<'_>, key: &str) -> Option<SecretRef> {
    if table.value(key).is_none() {
        let file = key.replace('_', "-");
        table.need(key, &format!("{key} = {{ file = \"secrets/{file}\" }}"));
        return None;
    }
    secret::read(table, key)
}

fn login(table: &Table<'_>, key: &str) -> Option<(String, SecretRef)> {
    let name = table.line("username").filter(|name| {
        let good = !name.contains(':');
        if !good {
            name.refuse("a user name holds no colon (RFC 7617)", "remove it");
        }
        good
    });
    match (name, table.value(key)) {
        (Some(name), None) => {
            let todo = format!("add {key} = {{ file = \"secrets/{key}\" }}");
            name.refuse(format!("a user name without a {key}"), todo);
            None
        }
        (None, Some(value)) => {
            let todo = format!("add username = \"…\", or remove {key}");
            value.refuse(format!("a {key} without a user name"), todo);
            None
        }
        (name, _) => Some((name?.to_string(), secret::read(table, key)?)),
    }
}

fn ca_file(table: &Table<'_>) -> Option<String> {
    table.line("ca_file").and_then(|text| secret::path(&text))
}

/// An address of the web to which files are appended. A secret goes there only under TLS, or within this machine.
fn web_address(table: &Table<'_>, key: &str, example: &str, secret: bool) -> Option<String> {
    let text = table.need(key, example)?;
    if !is_web_url(&text) || text.contains(['?', '#', '%']) {
        text.refuse(
            "this is not an address that files can be put below",
            "write https://, a host and perhaps a path",
        );
        return None;
    }
    if secret && text.starts_with("http://") && !is_loopback(&text) {
        text.refuse(
            "over http:// the secret could be read on its way",
            "write https://; http:// is for this machine itself",
        );
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

fn is_loopback(url: &str) -> bool {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
