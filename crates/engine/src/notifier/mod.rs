//! Tells receivers about groups of alerts: looks at each group when its time comes, and hands what is to be told to the
//! lane of its receiver. Of several nodes one does it, under a lease.

mod lane;
mod queue;
mod recorder;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_channels::{Key, Outcome};
use stentor_domain::alert::Fingerprint;
use stentor_domain::notification::Notification;
use stentor_domain::routing::{GroupId, Integration, Routing};
use stentor_domain::severity::Severity;
use stentor_domain::world::World;

use crate::engine::Engine;
use crate::leadership::{Leadership, Terms};
use lane::Lane;

use recorder::Recorder;

const TERMS: Terms = Terms {
    lease: "notifications",
    term_ms: 10_000,
    renew: Duration::from_secs(2),
    margin: Duration::from_secs(2),
    // A message that was under way may still arrive.
    survives_restart: false,
};

/// Groups that are looked at in one go at most.
const AT_ONCE: usize = 10_000;

/// Looks for work at least this often: a lost signal costs time, never truth.
const PERIOD: Duration = Duration::from_secs(1);

/// Alerts of a group by which its urgency is judged at most.
const JUDGED: usize = 64;

/// Carries messages about groups of alerts to receivers.
#[async_trait]
pub trait GroupCourier: Send + Sync + 'static {
    /// The routing that is in force from now on.
    fn follow(&self, _routing: &Arc<Routing>) {}

    /// Makes one attempt to tell a receiver by one way.
    async fn carry(
        &self,
        receiver: &str,
        integration: &Integration,
        notification: &Notification,
        key: &Key,
        now: Timestamp,
    ) -> Outcome;
}

/// Sends what is to be sent, once for all nodes.
pub(crate) struct Notifier {
    engine: Engine,
    courier: Arc<dyn GroupCourier>,
    leadership: Arc<Leadership>,
    recorder: Recorder,
    /// Where people look at alerts.
    external_url: Arc<str>,
    /// By way; those of another configuration are dropped when they are idle.
    lanes: HashMap<String, Arc<Lane>>,
    routing: Option<Arc<Routing>>,
}

impl Notifier {
    pub(crate) fn new(
        engine: Engine,
        courier: Arc<dyn GroupCourier>,
        external_url: Arc<str>,
    ) -> Self {
        Self {
            leadership: Leadership::new(&engine, TERMS),
            recorder: Recorder::start(engine.clone()),
            engine,
            courier,
            external_url,
            lanes: HashMap::new(),
            routing: None,
        }
    }

    /// Runs until it is to stop; then another node may take over at once.
    pub(crate) async fn run(mut self, stop: impl Future<Output = ()>) {
        let leadership = Arc::clone(&self.leadership);
        let position = Arc::clone(&self.engine.shared.seq);
        // Apart from the work: what is to be told does not wait for the lease to be renewed.
        tokio::select! {
            () = leadership.keep(|| position.signal()) => {}
            () = self.work() => {}
            () = stop => {}
        }
        leadership.give_up().await;
    }

    async fn work(&mut self) {
        let mut changes = self.engine.changes();
        let clock = Arc::clone(self.engine.clock());
        let mut led = false;
        loop {
            changes.mark_unchanged();
            let leads = self.leadership.leads();
            if leads && !led {
                self.take_over();
            }
            led = leads;
            let next_ms = self.look(leads);
            let wait_ms = next_ms.map_or(i64::MAX, |at| (at - clock.now_ms()).max(0));
            let wait = Duration::from_millis(wait_ms.unsigned_abs()).min(PERIOD);
            tokio::select! {
                () = changes.changed() => {}
                () = clock.sleep(wait) => {}
            }
        }
    }

    /// Another node may have stopped in the middle: every group is looked at, and what was told is in the state.
    fn take_over(&self) {
        let now_ms = self.engine.clock().now_ms();
        let shared = &self.engine.shared;
        let state = shared.read_state();
        shared.groups.rebuild(&state, now_ms);
    }

    /// Hands groups whose time has come to their lanes; answers when the next one's comes, in milliseconds since the
    /// epoch. Who does not lead only keeps their times.
    fn look(&mut self, leads: bool) -> Option<i64> {
        let now_ms = self.engine.clock().now_ms();
        let shared = &self.engine.shared;
        let state = shared.read_state();
        let due = shared.groups.change(|groups| {
            let due = groups.take_due(now_ms, AT_ONCE);
            // Also where nobody is told: what is over would stay for ever.
            for id in &due {
                groups.keep(*id, state.world(World::Live), now_ms);
            }
            let urgent: Vec<(GroupId, usize, Vec<Fingerprint>)> = due
                .into_iter()
                .filter_map(|id| groups.group(id))
                .map(|g| {
                    let judged = g.alerts.iter().rev().take(JUDGED).copied().collect();
                    (g.id, g.route, judged)
                })
                .collect();
            (Arc::clone(groups.routing()), urgent, groups.next_due_ms())
        });
        drop(state);
        let (routing, due, next_ms) = due?;
        if leads && !due.is_empty() {
            self.follow(&routing);
            let due = self.by_urgency(due);
            for (urgency, id, route) in due {
                let receiver = &routing.receivers[routing.routes[route].receiver];
                for integration in &receiver.integrations {
                    let way = integration.way(&receiver.name);
                    if let Some(lane) = self.lanes.get(&way) {
                        lane.push(id, urgency);
                    }
                }
            }
        }
        next_ms
    }

    /// Judges how urgent groups are: the severity of their worst alert.
    fn by_urgency(
        &self,
        due: Vec<(GroupId, usize, Vec<Fingerprint>)>,
    ) -> Vec<(Severity, GroupId, usize)> {
        self.engine.read(|state| {
            let (organisation, world) = (state.organisation(), state.world(World::Live));
            let judge = |alerts: &[Fingerprint]| {
                let (organisation, world) = (organisation?, world?);
                let known = alerts.iter().filter_map(|f| world.alerts.get(f));
                known.map(|a| organisation.severity_of(&a.alert)).min()
            };
            due.into_iter()
                .map(|(id, route, alerts)| (judge(&alerts).unwrap_or(Severity::Sev4), id, route))
                .collect()
        })
    }

    /// Keeps a lane for every way of the configuration in force.
    fn follow(&mut self, routing: &Arc<Routing>) {
        if self
            .routing
            .as_ref()
            .is_some_and(|r| Arc::ptr_eq(r, routing))
        {
            return;
        }
        self.routing = Some(Arc::clone(routing));
        self.courier.follow(routing);
        let mut lanes = HashMap::new();
        for receiver in &routing.receivers {
            for integration in &receiver.integrations {
                let way = integration.way(&receiver.name);
                let lane = self.lanes.remove(&way).unwrap_or_else(|| {
                    Lane::new(
                        self.engine.clone(),
                        Arc::clone(&self.courier),
                        self.recorder.clone(),
                        Arc::clone(&self.leadership),
                        Arc::clone(&self.external_url),
                        &way,
                        integration.kind.name(),
                    )
                });
                lanes.insert(way, lane);
            }
        }
        self.lanes = lanes;
        self.engine
            .shared
            .set_ways(self.lanes.values().map(|l| l.health()));
    }
}
