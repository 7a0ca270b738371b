//! What every page of one edition has in common.

use serde::Serialize;
use stentor_domain::bulletin::Theme;

use super::super::edition::{Alternate, Edition, Tongue};
use super::super::look::{Look, STALE_SCRIPT};
use super::super::text::clean;
use super::super::words::Words;

/// The frame around all pages of an edition.
#[derive(Clone, Serialize)]
pub(in super::super) struct Frame {
    pub(in super::super) w: &'static Words,
    pub(in super::super) organisation: String,
    /// The language of names.
    pub(in super::super) names: Tongue,
    /// The drill's name, in a drill.
    pub(in super::super) drill: Option<String>,
    pub(in super::super) alternates: Vec<Alternate>,
    pub(in super::super) suffix: String,
    pub(in super::super) style: String,
    pub(in super::super) script: &'static str,
    /// The Content Security Policy of a page without and with the script.
    pub(in super::super) policy: String,
    pub(in super::super) policy_script: String,
    pub(in super::super) fingerprint: String,
}

impl Frame {
    pub(in super::super) fn of(edition: &Edition<'_>) -> Self {
        let page = edition.page;
        let theme: &Theme = &page.settings.theme;
        let look = Look::of(theme);
        Self {
            w: edition.words,
            organisation: clean(&page.organisation),
            names: edition.first_tongue(),
            drill: page.world.is_drill().then(|| page.world.to_string()),
            alternates: edition.alternates(),
            suffix: edition.suffix.clone(),
            policy: look.policy(false),
            policy_script: look.policy(true),
            style: look.style,
            script: STALE_SCRIPT,
            fingerprint: edition.fingerprint.to_owned(),
        }
    }
}
