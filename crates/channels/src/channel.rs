//! What every channel is.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{Address, Message};

/// One way for messages to leave.
#[async_trait]
pub trait Channel: Send + Sync {
    /// The name in the configuration, metrics and the console.
    fn name(&self) -> &'static str;

    /// Whom an attempt would talk to, without secrets: what a circuit breaker is kept for. `None` when this channel
    /// does not serve such an address.
    fn destination(&self, to: &Address) -> Option<String>;

    /// Makes one attempt. It ends within the channel's time limit and never panics on what the other side answers.
    async fn send(&self, to: &Address, message: &Message, now: Timestamp) -> Outcome;
}

/// How one attempt ended. The texts are for operators: they name the host and what it said, never a secret or a
/// person's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The next system took responsibility.
    Delivered {
        /// What it answered.
        detail: String,
    },
    /// It may work later: same message, same key.
    Retry {
        /// What went wrong.
        error: String,
        /// The other side asked not to be tried before this has passed.
        after: Option<Duration>,
    },
    /// It will not work for this person by this channel; only a change helps.
    Failed {
        /// What went wrong and what to do.
        error: String,
    },
}

impl Outcome {
    /// Whether the attempt speaks against the destination as such, which is what a circuit breaker counts. A refusal
    /// of one recipient comes from a server that works.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        matches!(self, Self::Retry { .. })
    }

    pub(crate) fn retry(error: impl ToString) -> Self {
        Self::Retry {
            error: error.to_string(),
            after: None,
        }
    }

    pub(crate) fn failed(error: impl ToString) -> Self {
        Self::Failed {
            error: error.to_string(),
        }
    }

    /// The answer of a real channel to a drill's message. The drill's world has no such channel; this is the second
    /// lock on the door.
    pub(crate) fn refused_drill() -> Self {
        Self::failed("a drill's message does not leave the drill; it belongs in its inbox")
    }

    /// The answer to an address of another kind.
    pub(crate) fn wrong_address(channel: &str) -> Self {
        Self::failed(format!(
            "the channel {channel} does not serve this kind of address"
        ))
    }
}
