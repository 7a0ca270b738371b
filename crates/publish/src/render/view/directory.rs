//! What is ours, as the templates see it.

use serde::Serialize;
use stentor_domain::bulletin::{Directory, OfficialChannel};

use super::super::edition::Edition;
use super::super::text::{is_link, line};

/// The directory of official channels in one edition.
#[derive(Serialize)]
pub(in super::super) struct Official {
    pub(in super::super) channels: Vec<Channel>,
    pub(in super::super) emergency: Vec<Channel>,
    pub(in super::super) security: Option<Security>,
    /// Addresses of the mirrors.
    pub(in super::super) mirrors: Vec<Address>,
    pub(in super::super) website: Option<Address>,
}

/// One channel.
#[derive(Serialize)]
pub(in super::super) struct Channel {
    pub(in super::super) kind: String,
    pub(in super::super) name: String,
    pub(in super::super) address: Address,
    pub(in super::super) note: Option<String>,
}

/// Whom to tell about a vulnerability.
#[derive(Serialize)]
pub(in super::super) struct Security {
    /// A heading of ours and what stands below it.
    pub(in super::super) rows: Vec<(&'static str, Vec<Address>)>,
    pub(in super::super) languages: Vec<String>,
}

/// An address, and whether a browser may be sent there.
#[derive(Clone, Serialize)]
pub(in super::super) struct Address {
    pub(in super::super) text: String,
    pub(in super::super) link: bool,
}

impl Address {
    pub(in super::super) fn of(address: &str) -> Self {
        let text = line(address);
        Self {
            link: is_link(&text),
            text,
        }
    }
}

impl Official {
    pub(in super::super) fn of(edition: &Edition<'_>) -> Self {
        let words = edition.words;
        let Directory {
            channels,
            emergency,
            security,
        } = &edition.page.directory;
        let channel = |c: &OfficialChannel| Channel {
            kind: line(words.kind(&c.kind)),
            name: line(&c.name),
            address: Address::of(&c.address),
            note: c.note.as_deref().map(line),
        };
        let addresses = |addresses: &[String]| addresses.iter().map(|a| Address::of(a)).collect();
        let security = security.as_ref().map(|s| Security {
            rows: [
                (words.contact, addresses(&s.contact)),
                (words.encryption, addresses(&s.encryption)),
                (words.policy, addresses(&s.policy)),
                (words.acknowledgments, addresses(&s.acknowledgments)),
                (words.hiring, addresses(&s.hiring)),
            ]
            .into_iter()
            .filter(|(_, addresses): &(_, Vec<Address>)| !addresses.is_empty())
            .collect(),
            languages: s
                .preferred_languages
                .iter()
                .map(ToString::to_string)
                .collect(),
        });
        Self {
            channels: channels.iter().map(channel).collect(),
            emergency: emergency.iter().map(channel).collect(),
            security,
            mirrors: addresses(&edition.page.settings.mirrors),
            website: edition.page.settings.website.as_deref().map(Address::of),
        }
    }

    /// Whether there is anything to say beyond the mirrors.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.channels.is_empty() && self.emergency.is_empty() && self.security.is_none()
    }
}
