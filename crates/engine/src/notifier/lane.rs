//! The lane of one way of one receiver: a slow or broken receiver delays nobody else.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use stentor_channels::{Key, Outcome, backoff};
use stentor_domain::notification::Notification;
use stentor_domain::routing::{Duty, GroupId, Integration, Moment, Routing, duty};
use stentor_domain::severity::Severity;
use stentor_domain::told::Delivered;
use stentor_domain::world::World;

use super::GroupCourier;
use super::queue::{Queue, Tries};
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
    work: Mutex<Work>,
    health: Arc<WayHealth>,
}

#[derive(Default)]
struct Work {
    queue: Queue,
    workers: usize,
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
            work: Mutex::default(),
            health: Arc::new(WayHealth::new(way, kind)),
        })
    }

    pub(crate) fn health(&self) -> Arc<WayHealth> {
        Arc::clone(&self.health)
    }

    /// A group's time has come.
    pub(crate) fn push(self: &Arc<Self>, group: GroupId, urgency: Severity) {
        let mut work = self.lock();
        if work.queue.push(group, urgency) {
            self.employ(&mut work);
        }
    }

    /// What a group was told is on record, or there was nothing to tell.
    pub(crate) fn recorded(self: &Arc<Self>, group: GroupId) {
        let again = self.lock().queue.done(group);
        if let Some(urgency) = again {
            self.push(group, urgency);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something more waits.
    fn employ(self: &Arc<Self>, work: &mut Work) {
        self.health
            .waits(work.queue.len(), self.engine.clock().now_ms());
        if work.workers < CONCURRENT {
            work.workers += 1;
            tokio::spawn(Arc::clone(self).work());
        }
    }

    async fn work(self: Arc<Self>) {
        while let Some((group, tries)) = self.next() {
            let told = AssertUnwindSafe(self.tell(group, tries)).catch_unwind();
            if told.await.is_err() {
                // Its next look goes on; what failed here must not keep it from being told for ever.
                self.health.gave_up();
                tracing::error!(receiver = %self.way, "telling a group failed within; please report it");
                self.recorded(group);
            }
        }
    }

    fn next(&self) -> Option<(GroupId, Tries)> {
        let mut work = self.lock();
        let next = work.queue.pop();
        if next.is_none() {
            work.workers -= 1;
        }
        self.health
            .waits(work.queue.len(), self.engine.clock().now_ms());
        next
    }

    /// Tells the receiver about a group, if there is something to tell: one attempt, with others to follow until the
    /// group's next look.
    async fn tell(self: &Arc<Self>, group: GroupId, mut tries: Tries) {
        // Read anew before each attempt: what is over meanwhile is not told as if it were not.
        let errand = self
            .leadership
            .leads()
            .then(|| self.errand(group))
            .flatten();
        let Some(errand) = errand else {
            return self.recorded(group);
        };
        if errand.notification.alerts.is_empty() {
            // It is not told of ends; that it need not be told of these again is put on record.
            return self.deliver(group, errand.duty, false);
        }
        match self.attempt(&errand).await {
            Outcome::Delivered { .. } => self.deliver(group, errand.duty, true),
            Outcome::Failed { error } => {
                self.health.failed(&error);
                self.health.gave_up();
                tracing::error!(receiver = %self.way, group = %errand.notification.group_key, %error, "a notification failed");
                self.recorded(group);
            }
            Outcome::Retry { error, after } => {
                tries.failed += 1;
                self.health.failed(&error);
                if tries.failed == 1 {
                    tracing::warn!(receiver = %self.way, group = %errand.notification.group_key, %error, "a notification is delayed");
                }
                self.later(group, tries, &errand, after);
            }
        }
    }

    /// Tries again later. No worker waits meanwhile: others may get through, and who comes new is not held up.
    fn later(
        self: &Arc<Self>,
        group: GroupId,
        mut tries: Tries,
        errand: &Errand,
        after: Option<Duration>,
    ) {
        let until_ms = *tries.until_ms.get_or_insert(errand.until_ms);
        let wait = Key::new(&*errand.key).map_or(AGAIN, |key| {
            backoff::wait_at_least(tries.failed, &key, after)
        });
        let clock = Arc::clone(self.engine.clock());
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        if clock.now_ms().saturating_add(wait_ms) >= until_ms {
            // The group's next look goes on.
            self.health.gave_up();
            return self.recorded(group);
        }
        self.lock().queue.failed(group, tries);
        let lane = Arc::clone(self);
        tokio::spawn(async move {
            clock.sleep(wait).await;
            let mut work = lane.lock();
            if work.queue.retry(group) {
                lane.employ(&mut work);
            }
        });
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
