//! What is to be told about a group now: derived from the alerts, what keeps them quiet, and what was told before.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::alert::{Alert, Fingerprint};
use crate::labels::Labels;
use crate::notification::{NotifiedAlert, Reason};
use crate::routing::holding::Holding;
use crate::routing::inhibit::Firing;
use crate::routing::{Group, Integration, Route, Routing};
use crate::state::WorldState;
use crate::told::Told;

/// The state of a world at a time.
#[derive(Clone, Debug)]
pub struct Moment<'a> {
    routing: Option<&'a Routing>,
    world: &'a WorldState,
    now_ms: i64,
    grace_ms: i64,
    /// Silences that hold.
    holding: Holding<'a>,
}

/// A message that is to be sent.
#[derive(Clone, Debug)]
pub struct Duty {
    /// Why.
    pub reason: Reason,
    /// Its alerts, in the order in which they are shown.
    pub alerts: Vec<NotifiedAlert>,
    /// Those that fire, in order.
    pub firing: Vec<Fingerprint>,
    /// Those that ended and were known to fire, in order.
    pub resolved: Vec<Fingerprint>,
}

impl Firing for Moment<'_> {
    fn labels(&self, fingerprint: Fingerprint) -> Option<&Labels> {
        let open = self.world.alerts.get(&fingerprint)?;
        (open.ends_ms.saturating_add(self.grace_ms) > self.now_ms).then_some(&open.alert.labels)
    }
}

/// What keeps an alert quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quiet {
    /// Silences that hold.
    pub silenced_by: Vec<crate::silence::SilenceId>,
    /// An alert that inhibits it.
    pub inhibited_by: Option<Fingerprint>,
}

impl Quiet {
    /// Whether anything does.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.inhibited_by.is_some() || !self.silenced_by.is_empty()
    }
}

impl<'a> Moment<'a> {
    /// A world at `now_ms` (milliseconds since the epoch). An alert counts as over `grace_ms` milliseconds after its
    /// known end; `i64::MAX` when our own outage kept its source from being heard.
    #[must_use]
    pub fn new(
        routing: Option<&'a Routing>,
        world: &'a WorldState,
        now_ms: i64,
        grace_ms: i64,
    ) -> Self {
        let holding = world.silences.values().filter(|s| s.wanted.holds(now_ms));
        Self {
            routing,
            world,
            now_ms,
            grace_ms,
            holding: Holding::new(holding),
        }
    }

    /// Whether nothing can keep any alert quiet.
    #[must_use]
    pub fn is_loud(&self) -> bool {
        self.holding.is_empty() && self.routing.is_none_or(|r| r.inhibit_rules.is_empty())
    }

    /// What keeps an alert with these labels quiet.
    #[must_use]
    pub fn quiet(&self, labels: &Labels) -> Quiet {
        Quiet {
            silenced_by: self.holding.of(labels),
            inhibited_by: self
                .routing
                .and_then(|routing| self.world.inhibition.inhibited_by(routing, labels, self)),
        }
    }

    /// Whether the times of a route keep it quiet; the names of the times when they do.
    #[must_use]
    pub fn muted_by<'r>(&self, route: &'r Route) -> Vec<&'r str> {
        let now = Timestamp::from_millisecond(self.now_ms).unwrap_or_default();
        let holds = |name: &&String| {
            let intervals = self.routing.and_then(|r| r.intervals.get(name.as_str()));
            intervals.is_some_and(|all| all.iter().any(|i| i.contains(now)))
        };
        let muting: Vec<&str> = route
            .mute
            .iter()
            .filter(holds)
            .map(String::as_str)
            .collect();
        if !muting.is_empty() || route.active.is_empty() || route.active.iter().any(|n| holds(&n)) {
            return muting;
        }
        route.active.iter().map(String::as_str).collect()
    }

    /// The end of an alert (milliseconds since the epoch), `None` while it fires.
    fn ended_ms(&self, fingerprint: Fingerprint) -> Option<(&std::sync::Arc<Alert>, Option<i64>)> {
        if let Some(open) = self.world.alerts.get(&fingerprint) {
            let over = open.ends_ms.saturating_add(self.grace_ms) <= self.now_ms;
            return Some((&open.alert, over.then_some(open.ends_ms)));
        }
        let ended = self.world.ended.get(&fingerprint)?;
        Some((&ended.alert, Some(ended.ended_ms)))
    }
}

/// The message that a receiver is to be sent about a group by one way; `None` when there is nothing to tell.
#[must_use]
pub fn duty(
    moment: &Moment<'_>,
    group: &Group,
    integration: &Integration,
    to: &str,
) -> Option<Duty> {
    let route = moment.routing?.routes.get(group.route)?;
    let told = moment.world.told(group.id, to);
    let mut alerts = Vec::new();
    let mut seen: Vec<Fingerprint> = group.alerts.clone();
    seen.sort_unstable();
    seen.dedup();
    for fingerprint in seen {
        let Some((alert, ended_ms)) = moment.ended_ms(fingerprint) else {
            continue;
        };
        // Nobody is told of the end of what they never heard of.
        let unknown = ended_ms.is_some() && !told.is_some_and(|t| t.knows(fingerprint));
        if unknown || moment.quiet(&alert.labels).is_quiet() {
            continue;
        }
        alerts.push(NotifiedAlert {
            alert: alert.clone(),
            ended_ms,
        });
    }
    if alerts.is_empty() || !moment.muted_by(route).is_empty() {
        return None;
    }
    let side = |ended: bool| {
        let side = alerts.iter().filter(|a| a.ended_ms.is_some() == ended);
        let mut side: Vec<Fingerprint> = side.map(|a| a.alert.fingerprint).collect();
        side.sort_unstable();
        side
    };
    let (firing, resolved) = (side(false), side(true));
    let reason = reason(
        told,
        &firing,
        &resolved,
        integration.send_resolved,
        moment.now_ms - route.repeat_interval_ms,
    )?;
    if reason == Reason::Repeat && moment.world.is_acknowledged(group.id, moment.now_ms) {
        return None;
    }
    if !integration.send_resolved {
        alerts.retain(|a| a.ended_ms.is_none());
    }
    alerts.sort_by(|a, b| shown(&a.alert.labels, &b.alert.labels));
    Some(Duty {
        reason,
        alerts,
        firing,
        resolved,
    })
}

/// Why something is to be told, if it is (Alertmanager's decision, notify/dedup_stage.go).
fn reason(
    told: Option<&Told>,
    firing: &[Fingerprint],
    resolved: &[Fingerprint],
    send_resolved: bool,
    repeat_before_ms: i64,
) -> Option<Reason> {
    let Some(told) = told else {
        return (!firing.is_empty()).then_some(Reason::First);
    };
    if firing.iter().any(|f| told.firing.binary_search(f).is_err()) {
        return Some(Reason::NewAlerts);
    }
    if firing.is_empty() {
        return (!resolved.is_empty()).then_some(Reason::AllResolved);
    }
    if send_resolved && !resolved.is_empty() {
        return Some(Reason::SomeResolved);
    }
    (told.at_ms < repeat_before_ms).then_some(Reason::Repeat)
}

/// The order in which alerts are shown: by `job`, then `instance`, then all labels (types/types.go).
fn shown(a: &Labels, b: &Labels) -> Ordering {
    for name in ["job", "instance"] {
        match (a.get(name), b.get(name)) {
            (Some(a), Some(b)) if a != b => return a.cmp(b),
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            _ => {}
        }
    }
    before(a, b)
}

/// Label sets in the order of Prometheus (common/model/labelset.go): the smaller set first, then the one that lacks the
/// first name in which they differ, then by value.
fn before(a: &Labels, b: &Labels) -> Ordering {
    let count = a.iter().count().cmp(&b.iter().count());
    let differ = a.iter().zip(b.iter()).find(|(x, y)| x != y);
    count.then_with(|| match differ {
        None => Ordering::Equal,
        Some(((x, _), (y, _))) if x != y => y.cmp(x),
        Some(((_, x), (_, y))) => x.cmp(y),
    })
}
