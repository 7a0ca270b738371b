//! `beacon.toml`: everything that a beacon has to know. It is no part of a bundle, for a beacon stands alone; but its
//! mirrors are read as those of `stentor.toml` are.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::document::Document;
use super::mirrors::{place, refuse_repeated};
use super::problem::{Problem, Problems, quoted};
use super::reader::Table;
use super::values::web_url;
use super::{MAX_FILE_BYTES, foundations, settings};
use crate::mirror::{MirrorPlace, MirrorSpec};

const FILE: &[&str] = &[
    "root",
    "key",
    "state",
    "interval_minutes",
    "timeout_seconds",
    "listen",
    "status_file",
    "always",
    "mirrors",
    "network",
];

/// A mirror without a kind: named by its directory or by its url, as all were at first.
const PLAIN: &[&str] = &["name", "directory", "url", "write"];

/// Most mirrors.
const MAX_MIRRORS: usize = 32;

/// What `beacon.toml` says. Paths are relative to that file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeaconSpec {
    /// The file of the first trusted root.
    pub root: String,
    /// The file of its timestamp key.
    pub key: String,
    /// The folder where it remembers what it has seen.
    pub state: Option<String>,
    /// Minutes between two rounds.
    pub interval_minutes: u32,
    /// Seconds that one mirror has.
    pub timeout_seconds: u32,
    /// Where health and metrics are told.
    pub listen: Option<SocketAddr>,
    /// The file where they are told too.
    pub status_file: Option<String>,
    /// Whether it signs also while the publisher does.
    pub always: bool,
    /// The mirrors, at least one of which is written.
    pub mirrors: Vec<BeaconMirror>,
    /// Blocks of addresses outside the public internet that may be reached, in CIDR notation.
    pub allow_networks: Vec<String>,
}

/// A mirror that a beacon knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeaconMirror {
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub way: BeaconWay,
    /// Whether the beacon writes there.
    pub writes: bool,
}

/// How a beacon reaches a mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeaconWay {
    /// As every reader does, by its address; it cannot be written so.
    Url(String),
    /// As a publisher does.
    Place(Box<MirrorSpec>),
}

/// Reads `beacon.toml`.
///
/// # Errors
/// Every problem at once.
pub fn beacon(file_name: &str, text: &str) -> Result<BeaconSpec, Vec<Problem>> {
    if text.len() > MAX_FILE_BYTES {
        return Err(vec![Problem::of_file(
            file_name,
            format!("the file is larger than {MAX_FILE_BYTES} bytes"),
            "make it smaller",
        )]);
    }
    let problems = Problems::default();
    let spec = {
        let document = Document::parse(file_name, text, &problems);
        document.root(FILE).map(|file| {
            let spec = read(&file);
            refuse_homeless(&file, &spec);
            spec
        })
    };
    let spec = problems.none_or(spec)?;
    // A file that is broken has a problem.
    spec.ok_or_else(Vec::new)
}

fn read(file: &Table<'_>) -> BeaconSpec {
    let path = |key: &str| file.line(key).map(|text| text.to_string());
    let listen = file.line("listen").and_then(|text| {
        let address = text.parse().ok();
        if address.is_none() {
            text.refuse(
                format!("{} is not an address to listen on", quoted(&text)),
                "write an IP address and a port, for instance \"127.0.0.1:9464\"",
            );
        }
        address
    });
    BeaconSpec {
        root: file.need_owned("root", "root = \"root.json\""),
        key: file.need_owned("key", "key = \"timestamp.key\""),
        state: path("state"),
        interval_minutes: file.whole("interval_minutes", 1..=60).unwrap_or(10),
        timeout_seconds: file.whole("timeout_seconds", 1..=3_600).unwrap_or(60),
        listen,
        status_file: path("status_file"),
        always: file.flag("always").is_some_and(|flag| *flag),
        mirrors: mirrors(file),
        allow_networks: settings::allowed_networks(file),
    }
}

/// Reports a mirror that is reached by a program when there is no folder for what programs leave.
fn refuse_homeless(file: &Table<'_>, spec: &BeaconSpec) {
    let programs = ["git", "sftp", "rsync"];
    let kinds = spec.mirrors.iter().filter_map(|mirror| match &mirror.way {
        BeaconWay::Place(spec) => Some(spec.place.kind()),
        BeaconWay::Url(_) => None,
    });
    let mut kinds = kinds.filter(|kind| programs.contains(kind));
    if let (None, Some(kind)) = (&spec.state, kinds.next()) {
        file.here().refuse(
            format!("a mirror of the kind \"{kind}\" needs a folder to work in"),
            "add state = \"state\"",
        );
    }
}

fn mirrors(file: &Table<'_>) -> Vec<BeaconMirror> {
    let tables = match file.value("mirrors") {
        Some(_) => file.list_freely("mirrors"),
        None => Vec::new(),
    };
    if let Some(table) = tables.get(MAX_MIRRORS) {
        table.here().refuse(
            format!("there are more than {MAX_MIRRORS} mirrors"),
            "remove some",
        );
        return Vec::new();
    }
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    let each = tables.iter();
    let mirrors: Vec<_> = each
        .map(|table| mirror(table, &mut names, &mut places))
        .collect();
    let written = |table: &Table<'_>| table.flag("write").is_some_and(|flag| *flag);
    if !tables.iter().any(written) {
        file.here().refuse(
            "a beacon needs a mirror of its own, and none is written",
            "add write = true to one of [[mirrors]]",
        );
    }
    // One is left out only when a problem was reported.
    mirrors.into_iter().flatten().collect()
}

fn mirror(
    table: &Table<'_>,
    names: &mut BTreeSet<String>,
    places: &mut BTreeSet<String>,
) -> Option<BeaconMirror> {
    let name = table.need("name", "name = \"own\"");
    if let Some(name) = name {
        if !is_name(&name) {
            name.refuse(
                format!("{} cannot be a name", quoted(&name)),
                "use 1 to 64 letters, digits, -, _ and ., not beginning with a dot",
            );
        }
        refuse_repeated(names, &name, name.to_string());
    }
    let writes = table.flag("write").is_some_and(|flag| *flag);
    let url = web_url(table, "url");
    let place = if table.value("kind").is_some() {
        Some(place(table, &["write"], places)?)
    } else {
        table.allow_only(PLAIN);
        // Unlike in a bundle, which goes to other machines, any path of this one will do.
        let directory = table.line("directory");
        directory.map(|text| MirrorPlace::Directory {
            directory: text.to_string(),
        })
    };
    let name = name?.to_string();
    let way = match (place, url) {
        (Some(place), url) => BeaconWay::Place(Box::new(MirrorSpec {
            name: name.clone(),
            place,
            url,
            stands_on: foundations::read(table),
        })),
        (None, Some(_)) if writes => {
            table.here().refuse(
                "what is named by its url alone can only be read",
                "say how it is written: add directory, or kind and its keys; or remove write",
            );
            return None;
        }
        (None, Some(url)) => BeaconWay::Url(url),
        (None, None) => {
            if table.value("url").is_none() && table.value("directory").is_none() {
                table.here().refuse(
                    "it is not said where this mirror is",
                    "add url, directory, or kind and its keys",
                );
            }
            return None;
        }
    };
    Some(BeaconMirror { name, way, writes })
}

/// A name is part of paths and of metrics.
fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=64).contains(&text.len()) && text.chars().all(allowed) && !text.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: &str = "root = \"root.json\"\nkey = \"timestamp.key\"\n";
    const OWN: &str = "[[mirrors]]\nname = \"own\"\ndirectory = \"m\"\nwrite = true\n";

    fn said(text: &str) -> String {
        match beacon("beacon.toml", &format!("{TOP}{text}")) {
            Ok(_) => "fine".to_owned(),
            Err(problems) => {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                lines.join("\n")
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_said_at_its_place() {
        #[track_caller]
        fn check(text: &str, expect: &str) {
            let said = said(text);
            assert!(said.contains(expect), "{said}");
        }
        let url = "[[mirrors]]\nname = \"a\"\nurl = \"https://status.example.org\"\n";
        check(OWN, "fine");
        check(&format!("{OWN}{url}"), "fine");
        check(
            &format!("interval_minutes = 0\n{OWN}"),
            "beacon.toml:3:20: \"interval_minutes\" is out of range; write 1 to 60",
        );
        check(&format!("timeout_seconds = 3601\n{OWN}"), "1 to 3600");
        check(
            &format!("interval = 5\n{OWN}"),
            "there is no key \"interval\"",
        );
        check(&format!("listen = \"localhost\"\n{OWN}"), "IP address");
        check(&format!("{OWN}{OWN}"), "another mirror has \"own\" already");
        check("", "none is written");
        check("mirrors = []", "none is written");
        check(url, "none is written");
        check(&format!("{url}write = true\n"), "can only be read");
        check(&OWN.replace("own", "a b"), "cannot be a name");
        check(&OWN.replace("own", "..\"#"), "cannot be a name");
        check(
            &OWN.replace("directory = \"m\"", ""),
            "where this mirror is",
        );
        check(&OWN.repeat(33), "more than 32");
        check(
            &format!("{OWN}[network]\nallow = [\"10.0.0.1/8\"]\n"),
            "not a block",
        );
        // The rules of [[mirrors]] everywhere.
        check(&format!("{OWN}kind = \"ftp\"\n"), "is not a kind of mirror");
        check(
            &format!("{OWN}bucket = \"b\"\n"),
            "there is no key \"bucket\"",
        );
        let put = "kind = \"put\"\naddress = \"http://up.example.net\"\ntoken = { file = \"t\" }";
        check(
            &OWN.replace("directory = \"m\"", put),
            "could be read on its way",
        );
        let open = put.replace("{ file = \"t\" }", "\"hunter2\"");
        check(
            &OWN.replace("directory = \"m\"", &open),
            "stands here itself",
        );
        let git = "kind = \"git\"\nremote = \"file:///srv/a.git\"";
        let git = OWN.replace("directory = \"m\"", git);
        check(&git, "\"git\" needs a folder to work in; add state");
        check(&format!("state = \"s\"\n{git}"), "fine");
        let broken = said("[[mirrors]\n");
        assert!(broken.contains("correct the TOML syntax"), "{broken}");
    }

    #[test]
    fn mirrors_of_every_kind_are_read_as_everywhere() {
        let text = format!(
            "{TOP}state = \"s\"\n[[mirrors]]\nname = \"Own_1.x\"\ndirectory = \"../m\"\nurl = \"https://a.example\"\nwrite = true\n\
             [[mirrors]]\nname = \"far\"\nkind = \"sftp\"\nhost = \"m.example.net\"\nuser = \"u\"\ndirectory = \"/srv\"\n\
             key = {{ file = \"k\" }}\nknown_hosts = \"h\"\nwrite = true\nstands_on = {{ host = \"h\" }}\n\
             [[mirrors]]\nname = \"main\"\nurl = \"https://b.example\"\n[network]\nallow = [\"10.0.0.0/8\"]\n"
        );
        let spec = beacon("beacon.toml", &text).unwrap();
        assert_eq!((spec.interval_minutes, spec.timeout_seconds), (10, 60));
        assert_eq!(spec.allow_networks, ["10.0.0.0/8"]);
        let kinds: Vec<_> = spec
            .mirrors
            .iter()
            .map(|mirror| match &mirror.way {
                BeaconWay::Url(url) => (mirror.name.as_str(), mirror.writes, url.as_str(), None),
                BeaconWay::Place(spec) => (
                    mirror.name.as_str(),
                    mirror.writes,
                    spec.place.kind(),
                    spec.url.as_deref(),
                ),
            })
            .collect();
        assert_eq!(
            kinds,
            [
                ("Own_1.x", true, "directory", Some("https://a.example")),
                ("far", true, "sftp", None),
                ("main", false, "https://b.example", None),
            ]
        );
    }
}
