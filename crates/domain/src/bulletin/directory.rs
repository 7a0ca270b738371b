//! Where we really speak: the signed directory of official channels (WORD-11), and whom to tell about a hole (RFC 9116).

use super::Language;

/// What is ours, so that readers can tell it from what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Sites, lists, accounts, forums, in the order of the configuration.
    pub channels: Vec<OfficialChannel>,
    /// Whom to reach in an emergency, first things first.
    pub emergency: Vec<OfficialChannel>,
    /// Whom to tell about a vulnerability.
    pub security: Option<SecurityContact>,
}

/// One place where we speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficialChannel {
    /// What it is, as a slug: `website`, `mailing-list`, `forum`, `chat`, `social`, `source`, `packages`, `phone`, `email` or another.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Its address: a URL, `mailto:`, `tel:`, or an account as it is written there.
    pub address: String,
    /// For instance "announcements only; we never ask for passwords there".
    pub note: Option<String>,
}

/// The fields of `security.txt` (RFC 9116, 2.5). `Expires` is Stentor's to renew; `Canonical` follows from the mirrors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityContact {
    /// Addresses, the preferred first; at least one: `mailto:`, `tel:` or `https:`.
    pub contact: Vec<String>,
    /// Where keys for encrypted reports are.
    pub encryption: Vec<String>,
    /// Where people are thanked.
    pub acknowledgments: Vec<String>,
    /// The disclosure policy.
    pub policy: Vec<String>,
    /// Security jobs.
    pub hiring: Vec<String>,
    /// Languages in which reports are read.
    pub preferred_languages: Vec<Language>,
}
