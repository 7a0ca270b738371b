//! How the declared sources are doing, for the console, the API and the metrics. Nothing here knows a token.

use std::collections::BTreeMap;

use stentor_domain::heartbeat::{Signal, Trouble};
use stentor_domain::source::{Source, SourceKind};
use stentor_domain::world::World;

use crate::App;

/// A declared source, as it stands. Times in milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct SourceReport {
    pub(crate) source: Source,
    /// How it stands, in one word.
    pub(crate) state: &'static str,
    /// When it was heard last: heartbeats as on record, senders of alerts since this node's start.
    pub(crate) heard_ms: Option<i64>,
    /// What a heartbeat said last.
    pub(crate) signal: Option<Signal>,
    /// Text from strangers.
    pub(crate) message: String,
    /// When a heartbeat succeeded last.
    pub(crate) succeeded_ms: Option<i64>,
    /// How many of its alerts fire.
    pub(crate) firing: usize,
    /// Why it cannot be used, when its token cannot.
    pub(crate) trouble: Option<String>,
    /// Where it sends to; `TOKEN` stands for the token.
    pub(crate) address: String,
}

/// All declared sources, in order of their names.
pub(crate) fn reports(app: &App) -> Vec<SourceReport> {
    let mut troubles: BTreeMap<_, _> = app
        .engine
        .token_troubles()
        .into_iter()
        .map(|t| (t.source, t.reason))
        .collect();
    let console = app.console_url();
    app.engine.read(|state| {
        let Some(organisation) = state.organisation() else {
            return Vec::new();
        };
        if organisation.sources.is_empty() {
            return Vec::new();
        }
        let live = state.world(World::Live);
        let mut firing: BTreeMap<&str, usize> = BTreeMap::new();
        for open in live.iter().flat_map(|w| w.alerts.values()) {
            if let Some(source) = open.alert.labels.get("source") {
                *firing.entry(source).or_default() += 1;
            }
        }
        let reports = organisation.sources.values().map(|source| {
            let trouble = troubles.remove(&source.id);
            let known = live.and_then(|w| w.heartbeats.get(&source.id));
            let last = known.and_then(|k| k.last.as_ref());
            let fires = |trouble| known.is_some_and(|k| k.fires(trouble).is_some());
            let heard_ms = last
                .map(|(at, _)| *at)
                .or_else(|| app.senders.spoke_ms(&source.id));
            let state = match source.kind.heartbeat() {
                _ if trouble.is_some() => "unusable",
                Some(_) if fires(Trouble::Missed) => "missed",
                Some(_) if fires(Trouble::Failed) => "failed",
                Some(_) if fires(Trouble::OutOfRange) => "out-of-range",
                Some(_) if known.is_some_and(|k| !k.runs.is_empty()) => "running",
                _ if heard_ms.is_none() => "silent",
                _ => "well",
            };
            SourceReport {
                state,
                heard_ms,
                signal: last.map(|(_, beat)| beat.signal),
                message: last.map_or_else(String::new, |(_, beat)| beat.message.clone()),
                succeeded_ms: known.and_then(|k| k.succeeded_ms),
                firing: firing.get(source.id.as_str()).copied().unwrap_or(0),
                trouble,
                address: format!("{console}{}", path(source)),
                source: source.clone(),
            }
        });
        reports.collect()
    })
}

/// Where a source sends to.
fn path(source: &Source) -> String {
    match source.kind {
        SourceKind::Healthchecks(_) => "/ping/TOKEN".to_owned(),
        SourceKind::UptimeKuma(_) => "/api/push/TOKEN".to_owned(),
        _ => format!("/in/{}", source.id),
    }
}
