//! `/metrics`: counters of this node, and gauges taken from its state when they are asked for.

mod compatible;
mod ways;

use std::sync::atomic::AtomicU64;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use stentor_domain::state::WorldState;
use stentor_domain::world::World;

use crate::{App, Problem, senders};
use compatible::Compatible;

/// What is counted as it happens.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    taken: Counter,
    bad: Counter,
    batches: Counter,
    over_limit: Counter,
    refused: Family<Refused, Counter>,
    compatible: Compatible,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    status: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InWorld {
    world: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSeverity {
    world: String,
    severity: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLane {
    world: String,
    lane: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfMirror {
    world: String,
    mirror: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRole {
    role: String,
}

type Seconds = Gauge<f64, AtomicU64>;

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("stentor");
        let (taken, bad, batches) = (Counter::default(), Counter::default(), Counter::default());
        let refused = Family::default();
        registry.register(
            "alerts_received",
            "Alerts that were taken and are durable",
            taken.clone(),
        );
        registry.register(
            "alerts_invalid",
            "Alerts that were not taken because of their form",
            bad.clone(),
        );
        registry.register(
            "alert_batches",
            "Batches of alerts that were taken",
            batches.clone(),
        );
        let over_limit = Counter::default();
        registry.register(
            "alerts_over_limit",
            "Alerts that were not taken because too many are open",
            over_limit.clone(),
        );
        registry.register(
            "requests_refused",
            "Requests answered with an error",
            refused.clone(),
        );
        Self {
            registry,
            taken,
            bad,
            batches,
            over_limit,
            refused,
            compatible: Compatible::default(),
        }
    }
}

impl Metrics {
    /// Counts a batch: good alerts, those of them that fire, and bad ones.
    pub(crate) fn took(&self, taken: u64, firing: u64, bad: u64) {
        self.batches.inc();
        self.taken.inc_by(taken);
        self.bad.inc_by(bad);
        self.compatible.took(firing, taken - firing, bad);
    }

    /// Counts alerts that were not taken because too many are open.
    pub(crate) fn limited(&self, dropped: u64) {
        self.compatible.limited(dropped);
    }

    pub(crate) fn over_limit(&self, over: u64) {
        self.over_limit.inc_by(over);
    }

    /// Counts an answer when it is not what was asked for.
    pub(crate) fn answered(&self, status: StatusCode) {
        if status.is_client_error() || status.is_server_error() {
            let status = u32::from(status.as_u16());
            self.refused.get_or_create(&Refused { status }).inc();
        }
    }

    /// Notes how reading the configuration again went, at `now_ms` (milliseconds since the epoch).
    pub(crate) fn reloaded(&self, ok: bool, now_ms: i64) {
        self.compatible.reloaded(ok, now_ms);
    }
}

/// `GET /metrics`, in the OpenMetrics text format.
pub(crate) async fn show(State(app): State<App>) -> Result<Response, Problem> {
    let mut gauges = Registry::with_prefix("stentor");
    node(&app, &mut gauges);
    worlds(&app, &mut gauges);
    lanes(&app, &mut gauges).await?;
    mirrors(&app, &mut gauges);
    keys(&app, &mut gauges);
    unsigned(&app, &mut gauges);
    senders::gauges(&app, &mut gauges);
    let mut theirs = compatible::gauges(&app).await?;
    ways::add(&app, &mut gauges, &mut theirs);
    let mut text = String::new();
    let written = encode_registry(&mut text, &app.metrics.registry)
        .and_then(|()| encode_registry(&mut text, &app.senders.registry))
        .and_then(|()| encode_registry(&mut text, &gauges))
        .and_then(|()| encode_registry(&mut text, &app.metrics.compatible.registry))
        .and_then(|()| encode_registry(&mut text, &theirs))
        .and_then(|()| encode_eof(&mut text));
    written.map_err(|_| Problem::unavailable("the metrics could not be written"))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

fn node(app: &App, registry: &mut Registry) {
    let health = app.engine.health();
    let seq = Gauge::<i64>::default();
    seq.set(health.seq.cast_signed());
    registry.register("journal_seq", "Position of the last entry folded", seq);
    let accepting = Gauge::<i64>::default();
    accepting.set(i64::from(health.accepting));
    registry.register("accepting", "1 while commands can be recorded", accepting);
}

/// The live world, and drills that are not over: finished ones would only pile up.
fn is_current(world: World, state: &WorldState) -> bool {
    let over = state.drill.as_ref().is_some_and(|d| d.scorecard.is_some());
    !(world.is_drill() && over)
}

fn worlds(app: &App, registry: &mut Registry) {
    let firing = Family::<InWorld, Gauge>::default();
    let open = Family::<OfSeverity, Gauge>::default();
    app.engine.read(|state| {
        for (world, w) in state
            .worlds
            .iter()
            .filter(|(world, w)| is_current(**world, w))
        {
            let world = world.to_string();
            let alerts = i64::try_from(w.alerts.len()).unwrap_or(i64::MAX);
            firing
                .get_or_create(&InWorld {
                    world: world.clone(),
                })
                .set(alerts);
            for incident in w.incidents.values().filter(|i| i.is_open()) {
                let severity = incident.severity.name();
                let world = world.clone();
                open.get_or_create(&OfSeverity { world, severity }).inc();
            }
        }
    });
    registry.register("firing_alerts", "Alerts that fire", firing);
    registry.register("open_incidents", "Incidents that are not resolved", open);
}

async fn lanes(app: &App, registry: &mut Registry) -> Result<(), Problem> {
    let waiting = Family::<OfLane, Gauge>::default();
    let oldest = Family::<OfLane, Seconds>::default();
    let mut worlds: Vec<World> = app.engine.read(|state| {
        let current = state
            .worlds
            .iter()
            .filter(|(world, w)| is_current(**world, w));
        current.map(|(world, _)| *world).collect()
    });
    if !worlds.contains(&World::Live) {
        worlds.push(World::Live);
    }
    for world in worlds {
        for health in app.engine.lanes(world).await? {
            let of = OfLane {
                world: world.to_string(),
                lane: health.lane,
            };
            let messages = i64::try_from(health.waiting).unwrap_or(i64::MAX);
            waiting.get_or_create(&of).set(messages);
            oldest
                .get_or_create(&of)
                .set(health.oldest_ms as f64 / 1000.0);
        }
    }
    registry.register("lane_waiting", "Messages that wait, at most 1000", waiting);
    registry.register(
        "lane_oldest_age_seconds",
        "Age of the oldest waiting message",
        oldest,
    );
    Ok(())
}

fn mirrors(app: &App, registry: &mut Registry) {
    let fresh = Family::<OfMirror, Seconds>::default();
    let failing = Family::<OfMirror, Gauge>::default();
    let age = Family::<OfMirror, Seconds>::default();
    let now_ms = app.engine.clock().now_ms();
    for mirror in app.engine.mirrors() {
        let of = OfMirror {
            world: mirror.world.to_string(),
            mirror: mirror.name,
        };
        failing
            .get_or_create(&of)
            .set(i64::from(mirror.error.is_some()));
        if let Some(word_ms) = mirror.word_ms {
            let old_ms = now_ms.saturating_sub(word_ms).max(0);
            age.get_or_create(&of).set(old_ms as f64 / 1000.0);
        }
        if let Some(until_ms) = mirror.fresh_until_ms {
            fresh.get_or_create(&of).set(until_ms as f64 / 1000.0);
        }
    }
    let help = "When readers call the mirror stale, in seconds since the epoch";
    registry.register("mirror_fresh_until_seconds", help, fresh);
    registry.register(
        "mirror_age_seconds",
        "How long ago the word was confirmed that readers of the mirror were last seen to get",
        age,
    );
    registry.register(
        "mirror_failing",
        "1 while something is wrong with the mirror",
        failing,
    );
}

fn unsigned(app: &App, registry: &mut Registry) {
    let waiting = Family::<InWorld, Seconds>::default();
    let (world, now_ms) = (World::Live, app.engine.clock().now_ms());
    let since = app.engine.word_waits(world);
    let age_ms = since.map_or(0, |w| {
        now_ms.saturating_sub(w.since.as_millisecond()).max(0)
    });
    let of = InWorld {
        world: world.to_string(),
    };
    waiting.get_or_create(&of).set(age_ms as f64 / 1000.0);
    registry.register(
        "word_unsigned_seconds",
        "How long an authorised word has waited for a signature, 0 while none does",
        waiting,
    );
}

fn keys(app: &App, registry: &mut Registry) {
    let expires = Family::<OfRole, Seconds>::default();
    let half = Family::<OfRole, Seconds>::default();
    for expiry in app.engine.key_expiries() {
        let of = OfRole { role: expiry.role };
        let seconds = |time: jiff::Timestamp| time.as_second() as f64;
        expires.get_or_create(&of).set(seconds(expiry.expires));
        half.get_or_create(&of).set(seconds(expiry.half_life));
    }
    registry.register(
        "key_expiry_seconds",
        "When a role of the public word and its keys stop to count, in seconds since the epoch",
        expires,
    );
    registry.register(
        "key_half_life_seconds",
        "When half of that life is over and it should be signed anew, in seconds since the epoch",
        half,
    );
}
