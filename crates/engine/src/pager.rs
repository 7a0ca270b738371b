//! The pages lane of one world: takes what this node decided and claims what is due, reads once more whether it still is, sends, records.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use stentor_channels::{Key, Message, Outcome, backoff};
use stentor_domain::command::Command;
use stentor_domain::event::DeliveryOutcome;
use stentor_domain::notice::{self, Notice};
use stentor_domain::page::Page;
use stentor_domain::world::World;
use stentor_store::{Attempt, Claim, Lane, OutboxRow};

use crate::courier::Courier;
use crate::engine::Engine;
use crate::project::{Errand, LEASE_MS};

/// Messages on their way at the same time.
const CONCURRENT: usize = 128;

/// How long to wait before an outcome is handed in again.
const RECORD_AGAIN: Duration = Duration::from_secs(2);

/// Looks for work at least this often: a lost signal costs time, never truth.
const PERIOD: Duration = Duration::from_secs(5);

/// How long a message waits whose page readers do not see yet.
const UNFOLDED: Duration = Duration::from_millis(100);

pub(crate) struct Pager {
    engine: Engine,
    world: World,
    courier: Arc<dyn Courier>,
    /// Keys on their way from this node: its own lease would let it claim them again.
    under_way: Arc<Mutex<HashSet<String>>>,
    /// The outbox may hold something earlier than was thought when it was looked into last.
    look: AtomicBool,
}

impl Pager {
    pub(crate) fn new(engine: Engine, world: World, courier: Arc<dyn Courier>) -> Arc<Self> {
        Arc::new(Self {
            engine,
            world,
            courier,
            under_way: Arc::default(),
            look: AtomicBool::new(true),
        })
    }

    /// Runs until the node stops, or until `finished` says that the world is over.
    pub(crate) async fn run(self: Arc<Self>, finished: impl Fn(&Engine) -> bool + Send) {
        let clock = self.engine.clock();
        self.engine.shared.handover.open(self.world);
        let mut changes = self.engine.changes();
        let mut look_at = Duration::ZERO;
        loop {
            changes.mark_unchanged();
            self.take();
            let over = finished(&self.engine);
            let now = clock.monotonic();
            if self.look.swap(false, Ordering::AcqRel) || over || now >= look_at {
                let pause = match self.claim().await {
                    Ok(0) if over && self.idle() => break,
                    Ok(_) => self.pause().await,
                    Err(error) => {
                        tracing::warn!(world = %self.world, %error, "the pages lane cannot read its outbox");
                        Duration::from_secs(1)
                    }
                };
                look_at = now + pause;
            }
            tokio::select! {
                () = changes.changed() => {}
                () = clock.sleep(look_at.saturating_sub(clock.monotonic())) => {}
            }
        }
        self.engine.shared.handover.close(self.world);
    }

    fn idle(&self) -> bool {
        self.under_way.lock().is_ok_and(|keys| keys.is_empty())
    }

    fn busy(&self) -> usize {
        self.under_way.lock().map_or(0, |keys| keys.len())
    }

    /// Sends what this node decided. What there is no room for, and what waited long, is claimed as if it were
    /// another's.
    fn take(self: &Arc<Self>) {
        let fresh_ms = self.engine.clock().now_ms() + LEASE_MS / 2;
        for row in self.engine.shared.handover.take(self.world) {
            if row.lease_until_ms < fresh_ms || self.busy() >= CONCURRENT {
                self.look.store(true, Ordering::Release);
            } else {
                self.start(row);
            }
        }
    }

    /// Claims what is due.
    async fn claim(self: &Arc<Self>) -> Result<usize, stentor_store::StoreError> {
        let now_ms = self.engine.clock().now_ms();
        let busy = self.busy();
        if busy >= CONCURRENT {
            self.look.store(true, Ordering::Release);
            return Ok(0);
        }
        let claim = Claim {
            world: self.world,
            lane: Lane::Pages,
            holder: &self.engine.shared.node,
            now_ms,
            until_ms: now_ms + LEASE_MS,
            limit: CONCURRENT + busy,
        };
        let rows = self.engine.store().claim(claim).await?;
        if rows.len() == claim.limit {
            self.look.store(true, Ordering::Release);
        }
        Ok(rows
            .into_iter()
            .filter(|row| self.start(row.clone()))
            .count())
    }

    /// Sends a message on its own task, so that a slow receiver delays nobody else; false when it is on its way.
    fn start(self: &Arc<Self>, row: OutboxRow) -> bool {
        let fresh = self
            .under_way
            .lock()
            .is_ok_and(|mut keys| keys.insert(row.key.clone()));
        if fresh {
            let pager = Arc::clone(self);
            tokio::spawn(async move {
                let key = row.key.clone();
                pager.send(row).await;
                if let Ok(mut keys) = pager.under_way.lock() {
                    keys.remove(&key);
                }
                // A place became free.
                pager.engine.shared.seq.signal();
            });
        }
        fresh
    }

    /// How long until the next message is due.
    async fn pause(&self) -> Duration {
        let due = self
            .engine
            .store()
            .next_due_ms(self.world, Lane::Pages)
            .await
            .ok()
            .flatten();
        let now_ms = self.engine.clock().now_ms();
        let wait_ms = due.map_or(i64::MAX, |due| (due - now_ms).max(0));
        // Rows under way are due by their own lease; they wake the lane when they end.
        let floor = if self.idle() {
            Duration::ZERO
        } else {
            Duration::from_millis(250)
        };
        Duration::from_millis(wait_ms.unsigned_abs()).clamp(floor, PERIOD)
    }

    async fn send(&self, row: OutboxRow) {
        let Ok(errand) = serde_json::from_str::<Errand>(&row.body) else {
            let error = "this row of the outbox cannot be read".to_owned();
            tracing::error!(key = %row.key, "{error}");
            return self.postpone(&row, error, backoff::LONGEST).await;
        };
        let now = self.engine.clock().now();
        let (is_known, newest) = self.engine.read(|state| {
            let world = state.world(self.world);
            world.map_or((false, 0), |w| {
                (w.pages.contains_key(&errand.page), w.last.page)
            })
        });
        if errand.page.0 > newest {
            // Committed, and claimed before it was folded.
            self.engine.clock().sleep(UNFOLDED).await;
            return self.look.store(true, Ordering::Release);
        }
        if !is_known {
            // Its incident was closed, and the row went with it; one that did not must not be taken up in a circle.
            let error = "this page is over".to_owned();
            return self.postpone(&row, error, backoff::LONGEST).await;
        }
        let Some((page, message)) = self.compose(&errand, &row.key) else {
            self.record(&row, &errand, DeliveryOutcome::Superseded)
                .await;
            return;
        };
        let outcome = self
            .courier
            .carry(&page.person, &errand.channel, &message, now)
            .await;
        match outcome {
            Outcome::Delivered { detail } => {
                self.record(&row, &errand, DeliveryOutcome::Delivered { detail })
                    .await;
            }
            Outcome::Failed { error } => {
                self.record(&row, &errand, DeliveryOutcome::Failed { error })
                    .await;
            }
            Outcome::Retry { error, after } => {
                if row.attempts == 0 {
                    let outcome = DeliveryOutcome::Delayed {
                        error: error.clone(),
                    };
                    self.record(&row, &errand, outcome).await;
                }
                let wait = backoff::wait_at_least(row.attempts + 1, &message.key, after);
                self.postpone(&row, error, wait).await;
            }
        }
    }

    /// The message, if it still has to be sent.
    fn compose(&self, errand: &Errand, key: &str) -> Option<(Page, Message)> {
        self.engine.read(|state| {
            let organisation = state.organisation()?;
            let (page, about) = state
                .world(self.world)?
                .page_due(errand.page, &errand.channel)?;
            let link = format!(
                "{}/p/{}",
                organisation.console_url,
                self.engine.link_of(self.world, page)
            );
            let Notice {
                subject,
                text,
                event,
            } = notice::compose(organisation, self.world, about, page, &link);
            let message = Message {
                key: Key::new(key).ok()?,
                drill: self.world.is_drill(),
                person_name: organisation.person_name(&page.person).to_owned(),
                subject,
                text,
                link: Some(link),
                event_type: "page.issued".into(),
                event,
                time: Timestamp::from_millisecond(page.issued_ms).unwrap_or_default(),
            };
            Some((page.clone(), message))
        })
    }

    async fn record(&self, row: &OutboxRow, errand: &Errand, outcome: DeliveryOutcome) {
        let command = Command::RecordDelivery {
            page: errand.page,
            key: row.key.clone(),
            channel: errand.channel.clone(),
            outcome,
        };
        // While this goes on the message counts as under way, so this node does not send it again.
        while let Err(error) = self.engine.submit(self.world, command.clone()).await {
            tracing::warn!(key = %row.key, %error, "the outcome of a delivery was not recorded yet");
            self.engine.clock().sleep(RECORD_AGAIN).await;
        }
    }

    async fn postpone(&self, row: &OutboxRow, error: String, wait: Duration) {
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(60_000);
        let attempt = Attempt {
            key: row.key.clone(),
            holder: self.engine.shared.node.clone(),
            next_try_ms: self.engine.clock().now_ms() + wait_ms,
            error,
        };
        if let Err(error) = self.engine.store().postpone(&attempt).await {
            tracing::warn!(key = %row.key, %error, "a delivery could not be postponed");
            // The row is still leased to this node, which would take it up at once.
            self.engine.clock().sleep(wait).await;
        }
        self.look.store(true, Ordering::Release);
    }
}
