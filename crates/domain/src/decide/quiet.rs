//! Which alerts may open incidents now: by the routing, and by what keeps alerts quiet.

use crate::alert::Fingerprint;
use crate::ids::PolicyId;
use crate::labels::Labels;
use crate::organisation::Organisation;
use crate::routing::Moment;
use crate::silence::SilenceId;
use crate::state::{State, WorldState};
use crate::world::World;

/// Whether an alert may open an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It may; the policy is the routing's when that names one.
    Now(Option<PolicyId>),
    /// Not while something keeps it quiet.
    Held,
    /// The routing tells somebody else.
    Never,
}

/// What decides about alerts at one time.
pub(super) struct Admissions<'a> {
    organisation: &'a Organisation,
    moment: Moment<'a>,
}

impl<'a> Admissions<'a> {
    pub(super) fn new(organisation: &'a Organisation, world: &'a WorldState, now_ms: i64) -> Self {
        let routing = organisation.routing.as_deref();
        Self {
            organisation,
            moment: Moment::new(routing, world, now_ms, 0),
        }
    }

    pub(super) fn of(&self, labels: &Labels) -> Admission {
        let mut policy = None;
        if let Some(routing) = &self.organisation.routing {
            if !routing.opens_incidents() {
                return Admission::Never;
            }
            let routes = routing.routes_of(labels);
            let routes = routes.into_iter().map(|at| &routing.routes[at]);
            let mut ours = routes
                .filter_map(|r| Some((r, routing.receivers.get(r.receiver)?)))
                .filter(|(_, receiver)| receiver.opens_incidents())
                .peekable();
            if ours.peek().is_none() {
                return Admission::Never;
            }
            let Some((_, receiver)) = ours.find(|(r, _)| self.moment.muted_by(r).is_empty()) else {
                return Admission::Held;
            };
            policy = receiver.policy().map(PolicyId::from);
        }
        if !self.moment.is_loud() && self.moment.quiet(labels).is_quiet() {
            return Admission::Held;
        }
        Admission::Now(policy)
    }
}

/// Alerts without an incident that nothing keeps quiet any more, at most `limit` of them (`now_ms`: milliseconds since
/// the epoch).
#[must_use]
pub fn released_alerts(state: &State, world: World, now_ms: i64, limit: usize) -> Vec<Fingerprint> {
    let (Some(organisation), Some(world)) = (state.organisation(), state.world(world)) else {
        return Vec::new();
    };
    // Where nothing ever keeps alerts quiet, none wait.
    let keeps_quiet = |r: &crate::routing::Routing| {
        r.opens_incidents() && (!r.inhibit_rules.is_empty() || !r.intervals.is_empty())
    };
    let routing = organisation.routing.as_deref();
    if world.is_over() || (world.silences.is_empty() && !routing.is_some_and(keeps_quiet)) {
        return Vec::new();
    }
    let admissions = Admissions::new(organisation, world, now_ms);
    let waiting = world.alerts.iter().filter(|(_, open)| {
        let severity = organisation.severity_of(&open.alert);
        open.incident.is_none()
            && open.ends_ms > now_ms
            && severity.at_least(organisation.rules.open_at)
    });
    let released =
        waiting.filter(|(_, open)| matches!(admissions.of(&open.alert.labels), Admission::Now(_)));
    let mut released: Vec<_> = released.map(|(f, _)| *f).take(limit).collect();
    released.sort_unstable();
    released
}

/// Silences that hold, will not any more within `within_ms` milliseconds (the end of one time, where they come back), and
/// fit alerts that fire: these will speak then. `now_ms`: milliseconds since the epoch.
#[must_use]
pub fn silences_ending(state: &State, world: World, now_ms: i64, within_ms: i64) -> Vec<SilenceId> {
    let Some(world) = state.world(world).filter(|w| !w.is_over()) else {
        return Vec::new();
    };
    let by_ms = now_ms.saturating_add(within_ms);
    let ending = world.silences.values().filter(|s| {
        let over = |ms| ms <= by_ms;
        s.wanted.holds(now_ms) && s.wanted.next_change_ms(now_ms).is_some_and(over)
    });
    let ending = ending.filter(|silence| {
        let mut firing = world.alerts.values().filter(|open| open.ends_ms > now_ms);
        firing.any(|open| silence.wanted.fits(&open.alert.labels))
    });
    ending.map(|silence| silence.id).collect()
}
