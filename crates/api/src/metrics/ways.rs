//! How receivers of groups of alerts are told: under Alertmanager's names by kind, and under ours by way.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use stentor_engine::WayReport;

use crate::App;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    integration: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfWay {
    way: String,
}

/// The figures that are summed by kind.
#[derive(Default)]
struct Sum {
    told: u64,
    given_up: u64,
    requests: u64,
    failed: u64,
}

/// Adds the metrics to both registries: ours, and the one of Alertmanager's names.
pub(super) fn add(app: &App, ours: &mut Registry, theirs: &mut Registry) {
    let ways = app.engine.ways();
    by_kind(&ways, theirs);
    let now_ms = app.engine.clock().now_ms();
    by_way(&ways, now_ms, ours);
}

fn by_kind(ways: &[WayReport], registry: &mut Registry) {
    let mut sums: BTreeMap<&'static str, Sum> = BTreeMap::new();
    for way in ways {
        let sum = sums.entry(way.kind).or_default();
        sum.told += way.delivered + way.given_up;
        sum.given_up += way.given_up;
        sum.requests += way.attempts;
        sum.failed += way.failed;
    }
    let family = |figure: fn(&Sum) -> u64| {
        let family = Family::<OfKind, Counter>::default();
        for (integration, sum) in &sums {
            let counter = family.get_or_create(&OfKind { integration }).clone();
            counter.inc_by(figure(sum));
        }
        family
    };
    registry.register(
        "notifications",
        "Notifications that were to be sent",
        family(|s| s.told),
    );
    registry.register(
        "notifications_failed",
        "Notifications that were given up until the group's next look",
        family(|s| s.given_up),
    );
    registry.register(
        "notification_requests",
        "Attempts to send a notification",
        family(|s| s.requests),
    );
    registry.register(
        "notification_requests_failed",
        "Attempts that failed",
        family(|s| s.failed),
    );
}

fn by_way(ways: &[WayReport], now_ms: i64, registry: &mut Registry) {
    let waiting = Family::<OfWay, Gauge>::default();
    let busy = Family::<OfWay, Gauge<f64, AtomicU64>>::default();
    let delivered = Family::<OfWay, Counter>::default();
    let failing = Family::<OfWay, Gauge>::default();
    for way in ways {
        let of = OfWay {
            way: way.way.clone(),
        };
        waiting
            .get_or_create(&of)
            .set(i64::try_from(way.waiting).unwrap_or(i64::MAX));
        let since_ms = match way.busy_since_ms {
            0 => 0,
            since_ms => (now_ms - since_ms).max(0),
        };
        busy.get_or_create(&of).set(since_ms as f64 / 1000.0);
        delivered.get_or_create(&of).inc_by(way.delivered);
        failing
            .get_or_create(&of)
            .set(i64::from(way.last_error.is_some()));
    }
    registry.register("way_waiting", "Groups that wait to be told", waiting);
    registry.register(
        "way_busy_seconds",
        "For how long groups have waited without a pause",
        busy,
    );
    registry.register("way_delivered", "Messages that were delivered", delivered);
    registry.register(
        "way_failing",
        "1 while the last attempt failed, by receiver and way",
        failing,
    );
}
