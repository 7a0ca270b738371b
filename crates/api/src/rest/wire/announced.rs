//! What is said in public about announced work and false messages, and what is taken back: asked for and told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stentor_domain::announcement;
use stentor_domain::bulletin::{self, Language, Mends, Standing, Wording};
use utoipa::ToSchema;

use super::tell::section;
use super::{MaintenanceStatus, Section, short, time};
use crate::Problem;

/// A statement is taken back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rest) struct Withdrawal {
    /// Why; published in the first language of the page.
    reason: String,
    /// The same in further languages of the page, by language tag; what is absent is not said there.
    #[serde(default)]
    translations: BTreeMap<String, String>,
}

impl Withdrawal {
    pub(in crate::rest) fn reason(self) -> Result<announcement::Reason, Problem> {
        let translations = self.translations.into_iter().map(|(tag, text)| {
            let language = Language::try_from(tag).map_err(|e| Problem::invalid(e.to_string()))?;
            Ok((language, short("translations", text)?))
        });
        Ok(announcement::Reason {
            translations: translations.collect::<Result<_, Problem>>()?,
            text: short("reason", self.reason)?,
        })
    }
}

/// A word about announced work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rest) struct MaintenanceWord {
    /// Which approved text.
    pub(in crate::rest) template: String,
    /// What is written into its blanks.
    #[serde(default)]
    pub(in crate::rest) values: BTreeMap<String, String>,
    /// What is affected: services of the catalogue; empty keeps what was said.
    #[serde(default)]
    pub(in crate::rest) services: Vec<String>,
    /// When it begins, as RFC 3339; absent keeps what was said, or is now when it begins.
    pub(in crate::rest) starts_at: Option<String>,
    /// When it should be over, as RFC 3339; absent keeps what was said, or is now when it is over.
    pub(in crate::rest) ends_at: Option<String>,
    /// Where it stands; absent for the template's own, or as it is in a correction.
    pub(in crate::rest) status: Option<MaintenanceStatus>,
    /// The number of the statement that is put right.
    pub(in crate::rest) corrects: Option<u32>,
}

/// A word about a false message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rest) struct DenialWord {
    /// Which approved text.
    pub(in crate::rest) template: String,
    /// What is written into its blanks.
    #[serde(default)]
    pub(in crate::rest) values: BTreeMap<String, String>,
    /// Where it was seen; empty keeps what was said.
    #[serde(default)]
    pub(in crate::rest) seen_at: Vec<String>,
    /// Whether it still circulates; absent for the template's own, or as it is in a correction.
    pub(in crate::rest) circulates: Option<bool>,
    /// The number of the statement that is put right.
    pub(in crate::rest) corrects: Option<u32>,
}

/// A statement's words in one language.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Worded {
    /// One line.
    title: String,
    /// Paragraphs with headings.
    sections: Vec<Section>,
}

impl From<Wording> for Worded {
    fn from(wording: Wording) -> Self {
        Self {
            title: wording.title,
            sections: wording.sections.into_iter().map(section).collect(),
        }
    }
}

/// A statement in further languages, by language tag.
pub(in crate::rest) fn translated(all: BTreeMap<Language, Wording>) -> BTreeMap<String, Worded> {
    let all = all.into_iter();
    all.map(|(tag, wording)| (tag.to_string(), wording.into()))
        .collect()
}

/// What a statement does to an earlier one, and what became of it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Mended {
    /// The earlier statement that it puts right.
    corrects: Option<u32>,
    /// The earlier statement that it takes back.
    withdraws: Option<u32>,
    /// The later statement that puts it right.
    corrected_by: Option<u32>,
    /// The later statement that takes it back.
    withdrawn_by: Option<u32>,
}

impl Mended {
    pub(in crate::rest) fn new(mends: Option<Mends>, standing: Standing) -> Self {
        Self {
            corrects: match mends {
                Some(Mends::Corrects(number)) => Some(number),
                _ => None,
            },
            withdraws: match mends {
                Some(Mends::Withdraws(number)) => Some(number),
                _ => None,
            },
            corrected_by: match standing {
                Standing::CorrectedBy(number) => Some(number),
                _ => None,
            },
            withdrawn_by: match standing {
                Standing::WithdrawnBy(number) => Some(number),
                _ => None,
            },
        }
    }
}

/// Announced work.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Maintenance {
    /// Its number in its world.
    id: u32,
    /// The users' names of what is affected.
    components: Vec<String>,
    /// What was said, oldest first.
    updates: Vec<MaintenanceStatement>,
}

/// One public statement about announced work.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct MaintenanceStatement {
    /// Its number.
    number: u32,
    /// When it was authorised.
    published_at: String,
    /// Where the work stands.
    status: MaintenanceStatus,
    /// When it begins.
    starts_at: String,
    /// When it should be over.
    ends_at: String,
    /// What is said.
    wording: Worded,
    /// The same in further languages.
    translations: BTreeMap<String, Worded>,
    /// What it does to others, and others to it.
    mended: Mended,
}

impl From<bulletin::PublicMaintenance> for Maintenance {
    fn from(work: bulletin::PublicMaintenance) -> Self {
        let updates = work.updates.iter().cloned().map(|u| MaintenanceStatement {
            number: u.number,
            published_at: time(u.published_ms),
            status: u.status.into(),
            starts_at: time(u.starts_ms),
            ends_at: time(u.ends_ms),
            mended: Mended::new(u.mends, work.standing(u.number)),
            wording: u.wording.into(),
            translations: translated(u.translations),
        });
        Self {
            id: work.id.0,
            updates: updates.collect(),
            components: work.components,
        }
    }
}

/// A false message.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Denial {
    /// Its number in its world.
    id: u32,
    /// Where it was seen; from strangers: never a link.
    seen_at: Vec<String>,
    /// What was said, oldest first.
    updates: Vec<DenialStatement>,
}

/// One public statement about a false message.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct DenialStatement {
    /// Its number.
    number: u32,
    /// When it was authorised.
    published_at: String,
    /// Whether the message still circulates.
    circulates: bool,
    /// What is said.
    wording: Worded,
    /// The same in further languages.
    translations: BTreeMap<String, Worded>,
    /// What it does to others, and others to it.
    mended: Mended,
}

impl From<bulletin::Denial> for Denial {
    fn from(denial: bulletin::Denial) -> Self {
        let updates = denial.updates.iter().cloned().map(|u| DenialStatement {
            number: u.number,
            published_at: time(u.published_ms),
            circulates: u.circulates,
            mended: Mended::new(u.mends, denial.standing(u.number)),
            wording: u.wording.into(),
            translations: translated(u.translations),
        });
        Self {
            id: denial.id.0,
            updates: updates.collect(),
            seen_at: denial.seen_at,
        }
    }
}
