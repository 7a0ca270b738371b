//! One word of a publisher: pages and the metadata over them, which can be bent before and after it is signed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::case::Files;
use crate::house::{House, Key, YEAR, envelope, sha256};

type Edit = Box<dyn FnOnce(&mut Value)>;

/// A word that is being made.
pub(crate) struct Word<'a> {
    house: &'a House,
    version: u64,
    timestamp: u64,
    pages: BTreeMap<String, Vec<u8>>,
    archive: BTreeMap<String, Vec<u8>>,
    edits: BTreeMap<String, Vec<Edit>>,
    signers: BTreeMap<String, Vec<Key>>,
    /// Further roles that targets delegates to, with their paths.
    further: Vec<(String, Vec<String>)>,
}

/// The pages that `status` speaks for, in every case.
pub(crate) const PAGES: [&str; 5] = [
    "directory.json",
    "index.html",
    "status.json",
    "status.txt",
    "incidents/INC-1.html",
];
/// What is ours, as the publisher renders it.
const DIRECTORY: &str = r#"{
  "format": 1,
  "organisation": "Example",
  "drill": null,
  "website": "https://www.example.org",
  "mirrors": ["https://status.example.org", "https://status.example.net"],
  "channels": [
    {"kind": "chat", "name": "Room", "address": "https://chat.example.org/room", "note": "announcements only"}
  ],
  "emergency": [{"kind": "phone", "name": "Desk", "address": "tel:+4930123456", "note": null}],
  "security": {"contact": ["mailto:security@example.org"]},
  "keys": {"root_sha256": null, "minisign": null}
}
"#;
/// The page of the year that is over.
pub(crate) const OLD_PAGE: &str = "incidents/2025/INC-1.html";

/// Every page.
pub(crate) fn all_pages() -> Vec<String> {
    PAGES
        .iter()
        .chain([&OLD_PAGE])
        .map(|p| (*p).to_owned())
        .collect()
}

impl<'a> Word<'a> {
    /// The word of that version, as an honest publisher makes it.
    pub(crate) fn new(house: &'a House, version: u64) -> Self {
        let page = |path: &str| {
            (
                path.to_owned(),
                format!("<p>{path}: word {version}</p>\n").into_bytes(),
            )
        };
        Self {
            house,
            version,
            timestamp: version * 10,
            pages: PAGES
                .iter()
                .map(|p| match *p {
                    "directory.json" => ((*p).to_owned(), DIRECTORY.as_bytes().to_vec()),
                    _ => page(p),
                })
                .collect(),
            archive: [(OLD_PAGE.to_owned(), b"<p>long over</p>\n".to_vec())].into(),
            edits: BTreeMap::new(),
            signers: BTreeMap::new(),
            further: Vec::new(),
        }
    }

    /// The same word, signed as newest under another number.
    pub(crate) fn timestamp(mut self, version: u64) -> Self {
        self.timestamp = version;
        self
    }

    /// One more page, or another text of one.
    pub(crate) fn page(mut self, path: &str, text: &str) -> Self {
        self.pages.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }

    /// Changes what `role` says before it is signed. What its parent names follows the change.
    pub(crate) fn edit(mut self, role: &str, edit: impl FnOnce(&mut Value) + 'static) -> Self {
        self.edits
            .entry(role.to_owned())
            .or_default()
            .push(Box::new(edit));
        self
    }

    /// Signs `role` by `keys` instead of its own.
    pub(crate) fn signed_by(mut self, role: &str, keys: &[Key]) -> Self {
        self.signers.insert(role.to_owned(), keys.to_vec());
        self
    }

    /// Delegates to one more role, by the keys of `status`, which signs nothing.
    pub(crate) fn delegate(mut self, role: &str, path: &str) -> Self {
        self.further.push((role.to_owned(), vec![path.to_owned()]));
        self
    }

    fn sign(&mut self, role: &str, mut value: Value) -> Vec<u8> {
        for edit in self.edits.remove(role).unwrap_or_default() {
            edit(&mut value);
        }
        let own = || self.house.keys.get(role).cloned().unwrap_or_default();
        let keys = self.signers.get(role).cloned().unwrap_or_else(own);
        let signatures: Vec<_> = keys.iter().map(|k| k.sign(&value)).collect();
        envelope(&value, &signatures)
    }

    fn pin(&self, version: u64, bytes: &[u8]) -> Value {
        if self.house.pinned {
            json!({"version": version, "length": bytes.len(), "hashes": {"sha256": sha256(bytes)}})
        } else {
            json!({"version": version})
        }
    }

    fn place(&self, role: &str, version: u64) -> String {
        if self.house.consistent {
            format!("metadata/{version}.{role}.json")
        } else {
            format!("metadata/{role}.json")
        }
    }

    fn delegations(&self) -> Value {
        let role = |name: &str, paths: &[&str]| {
            let mut duty = self.house.duty(name);
            duty["name"] = json!(name);
            duty["terminating"] = json!(true);
            duty["paths"] = json!(paths);
            duty
        };
        let mut roles = vec![
            role(YEAR, &["incidents/2025/*"]),
            role("status", &["*", "incidents/*", "api/v2/*", ".well-known/*"]),
        ];
        for (name, paths) in &self.further {
            let mut duty = self.house.duty("status");
            duty["name"] = json!(name);
            duty["terminating"] = json!(false);
            duty["paths"] = json!(paths);
            roles.push(duty);
        }
        json!({"keys": self.house.declared(&["status", YEAR]), "roles": roles})
    }

    fn role_over(&self, role: &str, version: u64, pages: &BTreeMap<String, Vec<u8>>) -> Value {
        let entry =
            |bytes: &[u8]| json!({"length": bytes.len(), "hashes": {"sha256": sha256(bytes)}});
        let mut value = self.house.head(role, "targets", version);
        value["targets"] = pages.iter().map(|(p, b)| (p.clone(), entry(b))).collect();
        value
    }

    /// Everything signed, as files of a mirror.
    pub(crate) fn files(mut self) -> Files {
        let mut files = self.house.roots.clone();
        for (path, bytes) in self.pages.iter().chain(&self.archive) {
            let place = match path.rsplit_once('/') {
                _ if !self.house.consistent => format!("targets/{path}"),
                Some((dir, name)) => format!("targets/{dir}/{}.{name}", sha256(bytes)),
                None => format!("targets/{}.{path}", sha256(bytes)),
            };
            files.insert(place, bytes.clone());
            files.insert(path.clone(), bytes.clone());
        }
        let version = self.version;
        let (status, year) = (
            self.role_over("status", version, &self.pages),
            self.role_over(YEAR, 1, &self.archive),
        );
        let mut targets = self.house.head("targets", "targets", 1);
        targets["targets"] = json!({});
        targets["delegations"] = self.delegations();
        let mut snapshot = self.house.head("snapshot", "snapshot", version);
        for (role, value) in [("status", status), (YEAR, year), ("targets", targets)] {
            let bytes = self.sign(role, value);
            let number = version_in(&bytes);
            snapshot["meta"][format!("{role}.json")] = self.pin(number, &bytes);
            files.insert(self.place(role, number), bytes);
        }
        let snapshot = self.sign("snapshot", snapshot);
        let number = version_in(&snapshot);
        let mut timestamp = self.house.head("timestamp", "timestamp", self.timestamp);
        timestamp["meta"] = json!({"snapshot.json": self.pin(number, &snapshot)});
        files.insert(self.place("snapshot", number), snapshot);
        let timestamp = self.sign("timestamp", timestamp);
        files.insert("metadata/timestamp.json".into(), timestamp);
        files
    }
}

fn version_in(bytes: &[u8]) -> u64 {
    let file: Value = serde_json::from_slice(bytes).unwrap();
    file["signed"]["version"].as_u64().unwrap_or(1)
}
