//! Metrics under Alertmanager's names, where they mean the same: dashboards and alerts on them go on working.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use stentor_domain::silence::SilenceState;
use stentor_domain::world::World;

use crate::firing::Look;
use crate::{App, Problem};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Received {
    status: &'static str,
    version: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Version {
    version: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

/// What is counted as it happens.
#[derive(Debug)]
pub(super) struct Compatible {
    pub(super) registry: Registry,
    received: Family<Received, Counter>,
    invalid: Family<Version, Counter>,
    limited: Counter,
    /// Whether the last reading of the configuration failed.
    failed: AtomicBool,
    /// When it was read last, in milliseconds since the epoch; 0 when it was not read again since the start.
    reloaded_ms: AtomicI64,
}

const V2: Version = Version { version: "v2" };

impl Default for Compatible {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("alertmanager");
        let received = Family::<Received, Counter>::default();
        let invalid = Family::<Version, Counter>::default();
        for status in ["firing", "resolved"] {
            let _ = received.get_or_create(&Received {
                status,
                version: V2.version,
            });
        }
        let _ = invalid.get_or_create(&V2);
        registry.register(
            "alerts_received",
            "Alerts that were taken",
            received.clone(),
        );
        registry.register(
            "alerts_invalid",
            "Alerts that were not taken because of their form",
            invalid.clone(),
        );
        let limited = Counter::default();
        registry.register(
            "alerts_limited",
            "Alerts that were dropped because too many of their name are open",
            limited.clone(),
        );
        let build = Info::new(vec![
            ("version", env!("CARGO_PKG_VERSION")),
            ("revision", ""),
            ("branch", ""),
            ("goversion", ""),
        ]);
        registry.register("build", "What answers in Alertmanager's place", build);
        Self {
            registry,
            received,
            invalid,
            limited,
            failed: AtomicBool::new(false),
            reloaded_ms: AtomicI64::new(0),
        }
    }
}

impl Compatible {
    pub(super) fn took(&self, firing: u64, resolved: u64, bad: u64) {
        for (status, count) in [("firing", firing), ("resolved", resolved)] {
            let version = V2.version;
            let of = Received { status, version };
            self.received.get_or_create(&of).inc_by(count);
        }
        self.invalid.get_or_create(&V2).inc_by(bad);
    }

    pub(super) fn limited(&self, dropped: u64) {
        self.limited.inc_by(dropped);
    }

    pub(super) fn reloaded(&self, ok: bool, now_ms: i64) {
        self.failed.store(!ok, Ordering::Relaxed);
        if ok {
            self.reloaded_ms.store(now_ms, Ordering::Relaxed);
        }
    }
}

/// What is taken from the state when it is asked for.
pub(super) async fn gauges(app: &App) -> Result<Registry, Problem> {
    let mut registry = Registry::with_prefix("alertmanager");
    let counted = app.clone();
    let counted =
        tokio::task::spawn_blocking(move || Look::of(&counted).count(&counted.engine)).await;
    let (firing, quiet) =
        counted.map_err(|_| Problem::unavailable("the alerts could not be counted"))?;
    let alerts = Family::<InState, Gauge>::default();
    for (state, count) in [
        ("active", firing - quiet),
        ("suppressed", quiet),
        ("unprocessed", 0),
    ] {
        alerts.get_or_create(&InState { state }).set(number(count));
    }
    registry.register("alerts", "Alerts that fire, by state", alerts);
    let most = Gauge::<i64>::default();
    most.set(number(app.options.limits.per_alertname));
    let help = "How many alerts of one name may be open; 0 when there is no limit";
    registry.register("alerts_per_alert_limit", help, most);
    silences(app, &mut registry);
    configuration(app, &mut registry);
    let groups = app
        .engine
        .read_groups(|_, groups| groups.map_or(0, |g| g.groups().count()));
    let gauge = Gauge::<i64>::default();
    gauge.set(number(groups));
    let help = "Groups of alerts";
    registry.register("dispatcher_aggregation_groups", help, gauge);
    let members = Gauge::<i64>::default();
    members.set(number(app.engine.members().len().max(1)));
    registry.register("cluster_members", "Nodes that share their state", members);
    Ok(registry)
}

fn silences(app: &App, registry: &mut Registry) {
    let now_ms = app.engine.clock().now_ms();
    let silences = Family::<InState, Gauge>::default();
    let states = [
        SilenceState::Active,
        SilenceState::Pending,
        SilenceState::Expired,
    ];
    for state in states {
        let _ = silences.get_or_create(&InState {
            state: state.name(),
        });
    }
    app.engine.read(|state| {
        let world = state.world(World::Live);
        for silence in world.iter().flat_map(|w| w.silences.values()) {
            let state = silence.wanted.state(now_ms).name();
            silences.get_or_create(&InState { state }).inc();
        }
    });
    registry.register("silences", "Silences, by state", silences);
}

fn configuration(app: &App, registry: &mut Registry) {
    let known = app.engine.read(|state| {
        let configuration = state.configuration.as_ref();
        configuration.map(|c| (c.hash.clone(), c.since_ms))
    });
    let compatible = &app.metrics.compatible;
    let reloaded_ms = compatible.reloaded_ms.load(Ordering::Relaxed);
    let successful = known.is_some() && !compatible.failed.load(Ordering::Relaxed);
    let (hash, since_ms) = known.unwrap_or_default();
    // As many bits as a metric holds exactly.
    let bits = hash.get(..12).map(|h| u64::from_str_radix(h, 16));
    let gauge = Gauge::<f64, AtomicU64>::default();
    gauge.set(bits.and_then(Result::ok).unwrap_or(0) as f64);
    let help = "A number that changes with the configuration";
    registry.register("config_hash", help, gauge);
    let gauge = Gauge::<i64>::default();
    gauge.set(i64::from(successful));
    let help = "1 when the configuration could be read the last time";
    registry.register("config_last_reload_successful", help, gauge);
    let gauge = Gauge::<f64, AtomicU64>::default();
    gauge.set(reloaded_ms.max(since_ms) as f64 / 1000.0);
    let help = "When that was, in seconds since the epoch";
    let name = "config_last_reload_success_timestamp_seconds";
    registry.register(name, help, gauge);
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
