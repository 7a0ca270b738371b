//! `directory.json`: what is ours, for programs and for archives (WORD-11). It changes only when it is changed.

use serde::Serialize;
use stentor_domain::bulletin::{Language, OfficialChannel, StatusPage};

use super::RenderError;
use super::machine::{drill, json};
use super::minisign::Signer;
use super::text::{clean, line};

/// The version of the format.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct File<'a> {
    format: u32,
    organisation: String,
    drill: Option<String>,
    #[serde(flatten)]
    contacts: Contacts<'a>,
    keys: Keys<'a>,
}

/// Everything that is ours.
#[derive(Clone, Serialize)]
pub(super) struct Contacts<'a> {
    website: Option<String>,
    mirrors: Vec<String>,
    channels: Vec<Channel>,
    emergency: Vec<Channel>,
    security: Option<Security<'a>>,
}

#[derive(Clone, Serialize)]
struct Channel {
    kind: String,
    name: String,
    address: String,
    note: Option<String>,
}

#[derive(Clone, Serialize)]
struct Security<'a> {
    contact: Vec<String>,
    encryption: Vec<String>,
    acknowledgments: Vec<String>,
    policy: Vec<String>,
    hiring: Vec<String>,
    preferred_languages: Vec<&'a str>,
}

/// By what the word can be checked.
#[derive(Serialize)]
struct Keys<'a> {
    /// SHA-256 of the first trusted root of the TUF repository.
    root_sha256: &'a str,
    /// The public key as `minisign -P` takes it.
    minisign: Option<String>,
}

impl<'a> Contacts<'a> {
    pub(super) fn of(page: &'a StatusPage) -> Self {
        let lines = |texts: &[String]| texts.iter().map(|t| line(t)).collect::<Vec<_>>();
        let channel = |c: &OfficialChannel| Channel {
            kind: line(&c.kind),
            name: line(&c.name),
            address: line(&c.address),
            note: c.note.as_deref().map(line),
        };
        let directory = &page.directory;
        Self {
            website: page.settings.website.as_deref().map(line),
            mirrors: lines(&page.settings.mirrors),
            channels: directory.channels.iter().map(channel).collect(),
            emergency: directory.emergency.iter().map(channel).collect(),
            security: directory.security.as_ref().map(|s| Security {
                contact: lines(&s.contact),
                encryption: lines(&s.encryption),
                acknowledgments: lines(&s.acknowledgments),
                policy: lines(&s.policy),
                hiring: lines(&s.hiring),
                preferred_languages: s.preferred_languages.iter().map(Language::as_str).collect(),
            }),
        }
    }
}

pub(super) fn file(
    page: &StatusPage,
    fingerprint: &str,
    signer: Option<&Signer<'_>>,
) -> Result<Vec<u8>, RenderError> {
    let file = File {
        format: FORMAT,
        organisation: clean(&page.organisation),
        drill: drill(page),
        contacts: Contacts::of(page),
        keys: Keys {
            root_sha256: fingerprint,
            minisign: signer.map(Signer::public_text),
        },
    };
    json("directory.json", &file)
}
