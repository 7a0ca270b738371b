//! What is to be said in public about announced work and about false messages, and what is taken back.

use std::collections::BTreeMap;

use crate::bulletin::{Language, MaintenanceStatus};
use crate::ids::{DenialId, MaintenanceId, PersonId, ServiceId, TemplateId};

/// An approved text and what a person wrote into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Which text.
    pub template: TemplateId,
    /// What was filled in, once for all languages.
    pub values: BTreeMap<String, String>,
}

/// Why a statement is taken back: published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// In the organisation's first language.
    pub text: String,
    /// In further languages of the page; what is absent is left out there.
    pub translations: BTreeMap<Language, String>,
}

/// Work is announced, moved, begun, watched, completed or cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaintenanceWord {
    /// About which; `None` announces new work.
    pub id: Option<MaintenanceId>,
    /// What it affects; empty keeps what was said.
    pub services: Vec<ServiceId>,
    /// When it begins, in milliseconds since the epoch; `None` keeps what was said, or now when it begins.
    pub starts_ms: Option<i64>,
    /// When it should be over, in milliseconds since the epoch; `None` keeps what was said, or now when it is over.
    pub ends_ms: Option<i64>,
    /// Where it stands; `None` for the text's own, or as it is in a correction.
    pub status: Option<MaintenanceStatus>,
    /// What is said.
    pub text: Filled,
    /// The number of the statement that is put right.
    pub corrects: Option<u32>,
    /// Who says it.
    pub by: PersonId,
}

/// A false message is denied, or what was said about it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DenialWord {
    /// About which; `None` for one that nothing was said about yet.
    pub id: Option<DenialId>,
    /// Where it was seen; empty keeps what was said.
    pub seen_at: Vec<String>,
    /// Whether it still circulates; `None` for the text's own, or as it is in a correction.
    pub circulates: Option<bool>,
    /// What is said.
    pub text: Filled,
    /// The number of the statement that is put right.
    pub corrects: Option<u32>,
    /// Who says it.
    pub by: PersonId,
}
