//! The lane of one way of one receiver: a slow or broken receiver delays nobody else.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stentor_channels::{Key, Outcome, backoff};
use stentor_domain::notification::Notification;
use stentor_domain::routing::{Duty, GroupId, Integration, Moment, Routing, duty};
use stentor_domain::severity::Severity;
use stentor_domain::told::Delivered;
use stentor_domain::world::World;

use super::GroupCourier;
use super::recorder::Recorder;
use crate::engine::Engine;
use crate::health::WayHealth;
use crate::leadership::Leadership;

/// Messages on their way at the same time by one way.
const CONCURRENT: usize = 48;

/// How long to wait when nothing better is known.
const AGAIN: Duration = Duration::from_secs(1);

/// Attempts go on for at least this long, however short the group's interval is, in milliseconds (Alertmanager's
/// smallest time limit).
const AT_LEAST_MS: i64 = 10_000;

pub(crate) struct Lane {
    engine: Engine,
    courier: Arc<dyn GroupCourier>,
    recorder: Recorder,
    leadership: Arc<Leadership>,
    external_url: Arc<str>,
    /// The receiver and the way, for instance `ops/webhook[0]`.
    way: Arc<str>,
    queue: Mutex<Queue>,
    health: Arc<WayHealth>,
}

#[derive(Default)]
struct Queue {
    /// The most urgent first, then in the order of coming.
    waiting: BinaryHeap<Reverse<(Severity, u64, GroupId)>>,
    /// What waits or is under way; true when its time came again meanwhile.
    known: HashMap<GroupId, bool>,
    workers: usize,
    order: u64,
}

/// What is to be sent, and where.
struct Errand {
    routing: Arc<Routing>,
    receiver: usize,
    integration: usize,
    notification: Notification,
    duty: Duty,
    key: String,
    until_ms: i64,
}

impl Errand {
    fn parts(&self) -> Option<(&str, &Integration)> {
        let receiver = self.routing.receivers.get(self.receiver)?;
        let integration = receiver.integrations.get(self.integration)?;
        Some((&receiver.name, integration))
    }
}

impl Lane {
    pub(crate) fn new(
        engine: Engine,
        courier: Arc<dyn GroupCourier>,
        recorder: Recorder,
        leadership: Arc<Leadership>,
        external_url: Arc<str>,
        way: &str,
        kind: &'static str,
    ) -> Arc<Self> {
        Arc::new(Self {
            engine,
            courier,
            recorder,
            leadership,
            external_url,
            way: way.into(),
            queue: Mutex::default(),
            health: Arc::new(WayHealth::new(way, kind)),
        })
    }

    pub(crate) fn health(&self) -> Arc<WayHealth> {
        Arc::clone(&self.health)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A group's time has come.
    pub(crate) fn push(self: &Arc<Self>, group: GroupId, urgency: Severity) {
        let mut queue = self.queue();
        if let Some(again) = queue.known.get_mut(&group) {
            *again = true;
            return;
        }
        queue.known.insert(group, false);
        let order = queue.order;
        queue.order += 1;
        queue.waiting.push(Reverse((urgency, order, group)));
        self.health
            .waits(queue.waiting.len(), self.engine.clock().now_ms());
        if queue.workers < CONCURRENT {
            queue.workers += 1;
            tokio::spawn(Arc::clone(self).work());
        }
    }

    /// What a group was told is on record, or there was nothing to tell.
    pub(crate) fn recorded(self: &Arc<Self>, group: GroupId) {
        let again = self.queue().known.remove(&group);
        if again == Some(true) {
            self.push(group, Severity::Sev4);
        }
    }

    async fn work(self: Arc<Self>) {
        while let Some((urgency, group)) = self.next() {
            self.tell(group, urgency).await;
        }
    }

    fn next(&self) -> Option<(Severity, GroupId)> {
        let mut queue = self.queue();
        let next = queue.waiting.pop();
        if next.is_none() {
            queue.workers -= 1;
        }
        self.health
            .waits(queue.waiting.len(), self.engine.clock().now_ms());
        next.map(|Reverse((urgency, _, group))| (urgency, group))
    }

    /// Tells the receiver about a group, if there is something to tell, with attempts until the group's next look.
    async fn tell(self: &Arc<Self>, group: GroupId, _urgency: Severity) {
        let mut attempt = 0;
        let mut until_ms = None;
        loop {
            // Read anew before each attempt: what is over meanwhile is not told as if it were not.
            let errand = self
                .leadership
                .leads()
                .then(|| self.errand(group))
                .flatten();
            let Some(errand) = errand else {
                return self.recorded(group);
            };
            let until_ms = *until_ms.get_or_insert(errand.until_ms);
            if errand.notification.alerts.is_empty() {
                // It is not told of ends; that it need not be told of these again is put on record.
                return self.deliver(group, errand.duty, false);
            }
            match self.attempt(&errand).await {
                Outcome::Delivered { .. } => return self.deliver(group, errand.duty, true),
                Outcome::Failed { error } => {
                    self.health.failed(&error);
                    self.health.gave_up();
                    tracing::error!(receiver = %self.way, group = %errand.notification.group_key, %error, "a notification failed");
                    return self.recorded(group);
                }
                Outcome::Retry { error, after } => {
                    attempt += 1;
                    self.health.failed(&error);
                    if attempt == 1 {
                        tracing::warn!(receiver = %self.way, group = %errand.notification.group_key, %error, "a notification is delayed");
                    }
                    let wait = Key::new(&*errand.key)
                        .map_or(AGAIN, |key| backoff::wait_at_least(attempt, &key, after));
                    let clock = self.engine.clock();
                    let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                    if clock.now_ms().saturating_add(wait_ms) >= until_ms {
                        // The group's next look goes on.
                        self.health.gave_up();
                        return self.recorded(group);
                    }
                    clock.sleep(wait).await;
                }
            }
        }
    }

    async fn attempt(&self, errand: &Errand) -> Outcome {
        let (Some((receiver, integration)), Ok(key)) = (errand.parts(), Key::new(&*errand.key))
        else {
            let error = "the receiver is not configured any more".to_owned();
            return Outcome::Failed { error };
        };
        let now = self.engine.clock().now();
        let began = self.engine.clock().monotonic();
        let outcome = self
            .courier
            .carry(receiver, integration, &errand.notification, &key, now)
            .await;
        let took = self.engine.clock().monotonic().saturating_sub(began);
        self.health.attempted(took);
        outcome
    }

    fn deliver(self: &Arc<Self>, group: GroupId, duty: Duty, sent: bool) {
        if sent {
            self.health.delivered();
        }
        let delivered = Delivered {
            group,
            to: Arc::clone(&self.way),
            firing: duty.firing,
            resolved: duty.resolved,
            sent,
        };
        self.recorder.give(Arc::clone(self), delivered);
    }

    /// What is to be told about a group by this way now.
    fn errand(&self, id: GroupId) -> Option<Errand> {
        let now_ms = self.engine.clock().now_ms();
        let grace_ms = self.engine.alert_grace_ms();
        let shared = &self.engine.shared;
        let state = shared.read_state();
        let (routing, group) = shared.groups.read(|groups| {
            let groups = groups?;
            Some((Arc::clone(groups.routing()), groups.group(id).cloned()))
        })?;
        let (group, world) = (group?, state.world(World::Live)?);
        let route = routing.routes.get(group.route)?;
        let receiver = routing.receivers.get(route.receiver)?;
        let integration = receiver
            .integrations
            .iter()
            .position(|i| i.way(&receiver.name) == *self.way)?;
        let moment = Moment::new(Some(&routing), world, now_ms, grace_ms);
        let duty = duty(
            &moment,
            &group,
            &receiver.integrations[integration],
            &self.way,
        )?;
        let since_ms = world.told(id, &self.way).map_or(0, |t| t.at_ms);
        let key = shared
            .key
            .notification(id, &self.way, since_ms, &duty.firing, &duty.resolved);
        let notification = Notification {
            receiver: receiver.name.clone(),
            group_key: group.key(&routing),
            group_labels: group.labels.clone(),
            alerts: duty.alerts.clone(),
            external_url: self.external_url.to_string(),
            reason: duty.reason,
        };
        let until_ms = group.next_ms.max(now_ms + AT_LEAST_MS);
        drop(state);
        Some(Errand {
            receiver: route.receiver,
            integration,
            routing: Arc::clone(&routing),
            notification,
            duty,
            key,
            until_ms,
        })
    }
}
