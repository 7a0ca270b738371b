//! Channels that work, are slow, fail, refuse, hang, or deliver and do not say so.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_domain::ids::PersonId;
use stentor_engine::{Courier, Message, Outcome, PageToken};

use super::World;
use super::clock::NodeClock;

/// How a channel behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Works,
    Slow(Duration),
    Fails,
    Refuses,
    Hangs(Duration),
    /// The message arrives and the confirmation is lost.
    LosesAnswers,
}

/// Attempts at one message beyond which something runs in circles.
const STORM: usize = 1_000;

/// One attempt.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) at_ms: i64,
    pub(crate) page: u32,
    pub(crate) channel: String,
    pub(crate) key: String,
}

pub(crate) struct SimulatedCourier {
    pub(crate) world: Weak<World>,
    pub(crate) clock: Arc<NodeClock>,
    pub(crate) node: String,
}

impl SimulatedCourier {
    /// Waits as the living do: a dead node's attempt never ends.
    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
        if self.clock.is_dead() {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Courier for SimulatedCourier {
    async fn carry(
        &self,
        person: &PersonId,
        channel: &str,
        message: &Message,
        _now: Timestamp,
    ) -> Outcome {
        if self.clock.is_dead() {
            return std::future::pending().await;
        }
        let Some(world) = self.world.upgrade() else {
            return std::future::pending().await;
        };
        let link = message.link.as_ref().unwrap();
        let attempt = Attempt {
            at_ms: world.true_ms(),
            page: PageToken::parse(link.rsplit('/').next().unwrap())
                .unwrap()
                .page
                .0,
            channel: channel.to_owned(),
            key: message.key.to_string(),
        };
        world.note(format!(
            "{}: {} to {person} by {channel}",
            self.node, message.subject
        ));
        let before = world.attempted(attempt);
        if before > STORM {
            world.complain(format!("{} was sent {before} times", message.key));
            return std::future::pending().await;
        }
        let mood = world.mood(channel);
        let retry = |error: &str| Outcome::Retry {
            error: error.to_owned(),
            after: None,
        };
        match mood {
            Mood::Works => self.wait(Duration::from_millis(200)).await,
            Mood::Slow(pause) => self.wait(pause).await,
            Mood::LosesAnswers => {
                self.wait(Duration::from_millis(300)).await;
                world.deliver(person.as_str(), message);
                return retry("no answer");
            }
            Mood::Fails => {
                self.wait(Duration::from_millis(50)).await;
                return retry("the connection was refused");
            }
            Mood::Refuses => {
                self.wait(Duration::from_millis(50)).await;
                let error = "no such mailbox".to_owned();
                return Outcome::Failed { error };
            }
            Mood::Hangs(pause) => {
                self.wait(pause).await;
                return retry("timed out");
            }
        }
        world.deliver(person.as_str(), message);
        Outcome::Delivered {
            detail: "taken".to_owned(),
        }
    }
}

/// The moods of all channels.
pub(crate) type Moods = BTreeMap<String, Mood>;
