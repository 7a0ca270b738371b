//! What is counted of senders. Only names of declared sources become labels: strangers cannot add any.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use stentor_domain::ids::SourceId;
use stentor_domain::source::Source;

use super::report::reports;
use crate::App;

/// Why something of a sender was not taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reason {
    /// No such source, or a wrong token.
    Unknown,
    /// The token could not be read by us.
    Unreadable,
    /// Its form.
    Form,
    /// More than `max_alerts`.
    Limit,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable-token",
            Self::Form => "form",
            Self::Limit => "max-alerts",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    source: String,
    reason: &'static str,
}

/// Counters of this node since its start.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) registry: Registry,
    alerts: Family<Of, Counter>,
    left_out: Family<Of, Counter>,
    beats: Family<Of, Counter>,
    refused: Family<Refused, Counter>,
    /// When each source of alerts spoke last, in milliseconds since the epoch.
    spoke: Mutex<BTreeMap<SourceId, i64>>,
}

impl Default for Counters {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("stentor_source");
        let (alerts, left_out) = (Family::default(), Family::default());
        let (beats, refused) = (Family::default(), Family::default());
        let help = "Alerts of a source that were taken and are durable";
        registry.register("alerts", help, Family::clone(&alerts));
        let help = "Alerts that a source says it left out itself to keep its message short";
        registry.register("alerts_left_out", help, Family::clone(&left_out));
        let help = "Heartbeats of a source that were taken";
        registry.register("heartbeats", help, Family::clone(&beats));
        let help = "Alerts, heartbeats and requests of senders that were not taken";
        registry.register("refused", help, Family::clone(&refused));
        Self {
            registry,
            alerts,
            left_out,
            beats,
            refused,
            spoke: Mutex::default(),
        }
    }
}

fn of(source: &Source) -> Of {
    Of {
        source: source.id.to_string(),
    }
}

impl Counters {
    /// A source of alerts spoke, at `now_ms` (milliseconds since the epoch).
    pub(super) fn took_alerts(&self, source: &Source, now_ms: i64, taken: u64, left_out: u64) {
        let of = of(source);
        self.alerts.get_or_create(&of).inc_by(taken);
        self.left_out.get_or_create(&of).inc_by(left_out);
        if let Ok(mut spoke) = self.spoke.lock() {
            spoke.insert(source.id.clone(), now_ms);
        }
    }

    pub(super) fn took_beat(&self, source: &Source) {
        self.beats.get_or_create(&of(source)).inc();
    }

    /// One thing was not taken.
    pub(super) fn refused(&self, source: Option<&Source>, reason: Reason) {
        self.refused_many(source, reason, 1);
    }

    pub(super) fn refused_many(&self, source: Option<&Source>, reason: Reason, count: u64) {
        let source = source.map_or(String::new(), |s| s.id.to_string());
        let reason = reason.name();
        let of = Refused { source, reason };
        self.refused.get_or_create(&of).inc_by(count);
    }

    /// When a source of alerts spoke last to this node since its start, in milliseconds since the epoch.
    pub(super) fn spoke_ms(&self, source: &SourceId) -> Option<i64> {
        self.spoke.lock().ok()?.get(source).copied()
    }
}

type Seconds = Gauge<f64, AtomicU64>;

/// What is known of the declared sources now.
pub(crate) fn gauges(app: &App, registry: &mut Registry) {
    let (heard, succeeded) = (
        Family::<Of, Seconds>::default(),
        Family::<Of, Seconds>::default(),
    );
    let (firing, usable) = (
        Family::<Of, Gauge>::default(),
        Family::<Of, Gauge>::default(),
    );
    for report in reports(app) {
        let of = of(&report.source);
        let seconds = |ms: i64| ms as f64 / 1000.0;
        if let Some(at) = report.heard_ms {
            heard.get_or_create(&of).set(seconds(at));
        }
        if let Some(at) = report.succeeded_ms {
            succeeded.get_or_create(&of).set(seconds(at));
        }
        let alerts = i64::try_from(report.firing).unwrap_or(i64::MAX);
        firing.get_or_create(&of).set(alerts);
        let trouble = report.trouble.is_none();
        usable.get_or_create(&of).set(i64::from(trouble));
    }
    let help = "When a source was heard last, in seconds since the epoch";
    registry.register("source_last_heard_seconds", help, heard);
    let help = "When a heartbeat succeeded last, in seconds since the epoch";
    registry.register("source_last_success_seconds", help, succeeded);
    registry.register(
        "source_firing_alerts",
        "Alerts of a source that fire",
        firing,
    );
    let help = "1 while the token of a source can be used";
    registry.register("source_usable", help, usable);
}
