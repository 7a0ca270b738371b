//! Alerts as pages show them. Every word of theirs comes from strangers.

use serde::Serialize;
use stentor_domain::alert::Alert;
use stentor_domain::ids::IncidentId;
use stentor_domain::organisation::{Organisation, UNMAPPED};
use stentor_domain::state::WorldState;

use crate::console::words;

/// Alerts shown of one incident, or of those that nothing claims.
const SHOWN: usize = 20;

/// Characters of a headline or of the labels that are shown.
const MAX_TEXT: usize = 300;

#[derive(Clone, Debug, Serialize)]
pub(in crate::console) struct AlertView {
    headline: String,
    labels: String,
    source: Option<String>,
}

impl AlertView {
    fn new(alert: &Alert) -> Self {
        let labels = alert.labels.iter();
        let labels: Vec<String> = labels
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Self {
            headline: short(alert.headline()),
            labels: short(&labels.join(" ")),
            source: words::web_link(&alert.generator_url),
        }
    }

    /// The alerts of an incident that still fire, the longest first, and how many more there are.
    pub(super) fn of_incident(world: &WorldState, id: IncidentId) -> (Vec<Self>, usize) {
        let of_it = world.alerts.values().filter(|a| a.incident == Some(id));
        some(of_it.map(|a| &*a.alert))
    }
}

fn some<'a>(alerts: impl Iterator<Item = &'a Alert>) -> (Vec<AlertView>, usize) {
    let mut all: Vec<&Alert> = alerts.collect();
    all.sort_unstable_by_key(|a| (a.starts_ms, a.fingerprint));
    let shown = all.iter().take(SHOWN).map(|a| AlertView::new(a)).collect();
    (shown, all.len().saturating_sub(SHOWN))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Alerts that no service claims.
#[derive(Clone, Debug, Serialize)]
pub(in crate::console) struct Unmapped {
    count: usize,
    alerts: Vec<AlertView>,
    owner: String,
}

impl Unmapped {
    pub(in crate::console) fn new(organisation: &Organisation, world: &WorldState) -> Self {
        let unclaimed = world
            .alerts
            .values()
            .filter(|a| a.service.as_str() == UNMAPPED);
        let (alerts, more) = some(unclaimed.map(|a| &*a.alert));
        let owner = organisation.person_name(&organisation.rules.default_owner);
        Self {
            count: alerts.len() + more,
            alerts,
            owner: owner.to_owned(),
        }
    }
}
