//! Groups of alerts and when each is looked at: first after `group_wait`, then every `group_interval`.
//!
//! A dispatcher is derived from the alerts that fire and can be made anew at any time; what was told already is
//! in the state, so that nothing is told twice by it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use crate::alert::{Alert, Fingerprint};
use crate::labels::Labels;
use crate::routing::{GroupId, Routing, group};
use crate::state::WorldState;

/// Groups without alerts are forgotten this often, in milliseconds, as Alertmanager does it; an alert that comes back
/// before that finds the group's times as they were.
const FORGET_EVERY_MS: i64 = 30_000;

/// Groups and their times.
#[derive(Debug)]
pub struct Dispatcher {
    routing: Arc<Routing>,
    groups: HashMap<GroupId, Group>,
    /// When groups are looked at next, in milliseconds since the epoch. Times that a group no longer has are skipped.
    due: BinaryHeap<Reverse<(i64, GroupId)>>,
    /// Groups that were not looked at yet.
    waiting: usize,
    /// When it was made, in milliseconds since the epoch.
    since_ms: i64,
}

/// Alerts of one route that agree in the labels by which it groups.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its identity.
    pub id: GroupId,
    /// A place in [`Routing::routes`].
    pub route: usize,
    /// The labels that its alerts agree in.
    pub labels: Labels,
    /// Its alerts, ended ones among them until everybody was told. One may be named twice.
    pub alerts: Vec<Fingerprint>,
    /// When it is looked at next, in milliseconds since the epoch.
    pub next_ms: i64,
    /// Whether it was looked at.
    pub flushed: bool,
    /// Since when it has no alerts, in milliseconds since the epoch.
    empty_since_ms: Option<i64>,
}

impl Group {
    /// Its key as Alertmanager writes it; receivers tell repeats by it.
    #[must_use]
    pub fn key(&self, routing: &Routing) -> String {
        group::key(&routing.routes[self.route].key, &self.labels)
    }
}

impl Group {
    /// When the group is looked at first because of this alert (milliseconds since the epoch); `None` when that was to
    /// be earlier anyway: a group whose first alert waits is not made to wait longer by others.
    fn look_first(&mut self, alert: &Alert, now_ms: i64, wait_ms: i64) -> Option<i64> {
        let first_ms = first_look_ms(alert, now_ms, wait_ms);
        let sooner = first_ms < self.next_ms;
        self.next_ms = self.next_ms.min(first_ms);
        sooner.then_some(first_ms)
    }
}

impl Dispatcher {
    /// A dispatcher of all alerts of a world that fire, or of whose end somebody is still to be told.
    #[must_use]
    pub fn new(routing: Arc<Routing>, world: Option<&WorldState>, now_ms: i64) -> Self {
        let mut dispatcher = Self {
            routing,
            groups: HashMap::new(),
            due: BinaryHeap::new(),
            waiting: 0,
            since_ms: now_ms,
        };
        if let Some(world) = world {
            let ended = world.ended.values().map(|e| &e.alert);
            for alert in world.alerts.values().map(|a| &a.alert).chain(ended) {
                dispatcher.insert(alert, now_ms);
            }
        }
        dispatcher
    }

    /// By which configuration it groups.
    #[must_use]
    pub fn routing(&self) -> &Arc<Routing> {
        &self.routing
    }

    /// An alert fires that did not fire before, or with another text.
    pub fn insert(&mut self, alert: &Alert, now_ms: i64) {
        let routing = Arc::clone(&self.routing);
        for at in routing.routes_of(&alert.labels) {
            let route = &routing.routes[at];
            let labels = route.group_by.labels(&alert.labels);
            let id = routing.group_of(route, &labels);
            if self.is_forgotten(id, now_ms) {
                self.forget(id);
            }
            let group = self.groups.entry(id).or_insert_with(|| {
                self.waiting += 1;
                Group {
                    id,
                    route: at,
                    labels,
                    alerts: Vec::new(),
                    next_ms: i64::MAX,
                    flushed: false,
                    empty_since_ms: None,
                }
            });
            group.empty_since_ms = None;
            if group.alerts.last() != Some(&alert.fingerprint) {
                group.alerts.push(alert.fingerprint);
            }
            if !group.flushed
                && let Some(first_ms) = group.look_first(alert, now_ms, route.group_wait_ms)
            {
                self.due.push(Reverse((first_ms, id)));
            }
        }
    }

    /// An alert was sent again. Nothing changes but for groups that still wait for their first look.
    pub fn again(&mut self, alert: &Alert, now_ms: i64) {
        if self.waiting == 0 {
            return;
        }
        let routing = Arc::clone(&self.routing);
        for at in routing.routes_of(&alert.labels) {
            let route = &routing.routes[at];
            let id = routing.group_of(route, &route.group_by.labels(&alert.labels));
            if let Some(group) = self.groups.get_mut(&id).filter(|g| !g.flushed)
                && let Some(first_ms) = group.look_first(alert, now_ms, route.group_wait_ms)
            {
                self.due.push(Reverse((first_ms, id)));
            }
        }
    }

    /// When the next group is to be looked at, in milliseconds since the epoch.
    #[must_use]
    pub fn next_due_ms(&mut self) -> Option<i64> {
        while let Some(Reverse((at, id))) = self.due.peek() {
            if self.groups.get(id).is_some_and(|g| g.next_ms == *at) {
                return Some(*at);
            }
            self.due.pop();
        }
        None
    }

    /// Up to `limit` groups that are to be looked at now; each is due again after its interval.
    pub fn take_due(&mut self, now_ms: i64, limit: usize) -> Vec<GroupId> {
        let mut taken = Vec::new();
        while taken.len() < limit && self.next_due_ms().is_some_and(|at| at <= now_ms) {
            let Some(Reverse((at, id))) = self.due.pop() else {
                break;
            };
            if self.is_forgotten(id, now_ms) {
                self.forget(id);
            }
            let Some(group) = self.groups.get_mut(&id) else {
                continue;
            };
            if !group.flushed {
                group.flushed = true;
                self.waiting -= 1;
            }
            let interval_ms = self.routing.routes[group.route].group_interval_ms.max(1);
            // In step with the first look, unless we were away for longer than that.
            group.next_ms = if at + interval_ms > now_ms {
                at + interval_ms
            } else {
                now_ms + interval_ms
            };
            self.due.push(Reverse((group.next_ms, id)));
            if group.empty_since_ms.is_none() {
                taken.push(id);
            }
        }
        taken
    }

    /// One group.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(&id)
    }

    /// All groups, those without alerts among them.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// After a look: keeps those alerts of a group that fire or of whose end somebody is still to be told.
    pub fn keep(&mut self, id: GroupId, world: Option<&WorldState>, now_ms: i64) {
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        let known = |f: &Fingerprint| {
            world.is_some_and(|w| w.alerts.contains_key(f) || w.ended.contains_key(f))
        };
        let before = group.alerts.len();
        if before > 1 {
            group.alerts.sort_unstable();
            group.alerts.dedup();
        }
        group.alerts.retain(known);
        if group.alerts.is_empty() && group.empty_since_ms.is_none() {
            group.empty_since_ms = Some(now_ms);
        }
    }

    /// Whether empty groups were looked for since a group became empty.
    fn is_forgotten(&self, id: GroupId, now_ms: i64) -> bool {
        let empty_since_ms = self.groups.get(&id).and_then(|g| g.empty_since_ms);
        let turn = |at_ms: i64| (at_ms - self.since_ms).div_euclid(FORGET_EVERY_MS);
        empty_since_ms.is_some_and(|since_ms| turn(now_ms) > turn(since_ms))
    }

    fn forget(&mut self, id: GroupId) {
        if self.groups.remove(&id).is_some_and(|g| !g.flushed) {
            self.waiting -= 1;
        }
    }
}

/// When a group that begins with this alert is looked at first: at once when the alert has waited long enough before
/// it came to us.
fn first_look_ms(alert: &Alert, now_ms: i64, wait_ms: i64) -> i64 {
    if alert.starts_ms.saturating_add(wait_ms) < now_ms {
        now_ms
    } else {
        now_ms.saturating_add(wait_ms)
    }
}
