//! Who carries messages to people. The live world has channels and people's addresses; a drill has an inbox and
//! nothing else, so it cannot reach anybody however it is asked (DRILL-1).

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_channels::{Message, Outcome};
use stentor_domain::ids::PersonId;
use stentor_domain::world::World;
use stentor_store::{InboxMessage, Store};

/// Carries the messages of one world.
#[async_trait]
pub trait Courier: Send + Sync + 'static {
    /// Makes one attempt.
    async fn carry(
        &self,
        person: &PersonId,
        channel: &str,
        message: &Message,
        now: Timestamp,
    ) -> Outcome;
}

/// The built-in inbox of a drill.
pub(crate) struct DrillInbox {
    store: Arc<dyn Store>,
    drill: u32,
}

impl DrillInbox {
    pub(crate) fn new(store: Arc<dyn Store>, drill: u32) -> Self {
        Self { store, drill }
    }
}

#[async_trait]
impl Courier for DrillInbox {
    async fn carry(
        &self,
        person: &PersonId,
        channel: &str,
        message: &Message,
        now: Timestamp,
    ) -> Outcome {
        let kept = InboxMessage {
            key: message.key.to_string(),
            world: World::Drill(self.drill),
            time_ms: now.as_millisecond(),
            person: person.to_string(),
            channel: channel.to_owned(),
            subject: message.subject.clone(),
            body: message.text.clone(),
        };
        match self.store.put_inbox(&kept).await {
            Ok(()) => Outcome::Delivered {
                detail: "in the drill's inbox".into(),
            },
            Err(error) => Outcome::Retry {
                error: error.to_string(),
                after: None,
            },
        }
    }
}
