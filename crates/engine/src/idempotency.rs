//! Requests that may be repeated act once: the answer is stored in the transaction of what it answers.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use stentor_domain::decide::Decision;
use stentor_domain::ids::{DenialId, HandoffId, IncidentId, MaintenanceId};
use stentor_domain::silence::SilenceId;
use stentor_store::{IdempotentAnswer, Store, StoreError, Write};

/// What makes a request recognisable when it is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    key: String,
    request: String,
}

impl Idempotency {
    /// The key as `sender` chose it, and the SHA-256 of the whole request, hex. Senders do not share keys.
    #[must_use]
    pub fn new(sender: &str, key: &str, request: String) -> Self {
        // Names of people hold no slash, so no two senders can form one key.
        let key = format!("{sender}/{key}");
        Self { key, request }
    }

    /// What tells this request apart from all others.
    pub(crate) fn parts(&self) -> [&[u8]; 2] {
        [self.key.as_bytes(), self.request.as_bytes()]
    }
}

/// What a request was about, as stored.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct About {
    incident: Option<IncidentId>,
    handoff: Option<HandoffId>,
    #[serde(default)]
    silence: Option<SilenceId>,
    #[serde(default)]
    maintenance: Option<MaintenanceId>,
    #[serde(default)]
    denial: Option<DenialId>,
}

impl From<&Decision> for About {
    fn from(decision: &Decision) -> Self {
        Self {
            incident: decision.incident,
            handoff: decision.handoff,
            silence: decision.silence,
            maintenance: decision.maintenance,
            denial: decision.denial,
        }
    }
}

impl From<About> for Decision {
    /// A decision that was carried out before: it is only to be answered.
    fn from(about: About) -> Self {
        Self {
            incident: about.incident,
            handoff: about.handoff,
            silence: about.silence,
            maintenance: about.maintenance,
            denial: about.denial,
            ..Self::default()
        }
    }
}

/// What a key was used for before.
pub(crate) enum Earlier {
    /// Nothing.
    Unused,
    /// The same request.
    Answered(About),
    /// Another request.
    OtherRequest,
}

/// Answers of a group that are not durable yet, by key; each with its request.
#[derive(Default)]
pub(crate) struct Answers(HashMap<String, (String, About)>);

impl Answers {
    /// What a key was used for, earlier in this group or in the database. Ask while the transaction is open: then no
    /// other node can be answering the same request.
    pub(crate) async fn earlier(
        &self,
        store: &dyn Store,
        once: &Idempotency,
    ) -> Result<Earlier, StoreError> {
        let (request, about) = match self.0.get(&once.key) {
            Some((request, about)) => (request.clone(), *about),
            None => match store.answer(&once.key).await? {
                None => return Ok(Earlier::Unused),
                Some(stored) => {
                    let about = serde_json::from_str(&stored.answer).map_err(|e| {
                        StoreError::Corrupt(format!("the answer to {:?}: {e}", once.key))
                    })?;
                    (stored.request, about)
                }
            },
        };
        Ok(if request == once.request {
            Earlier::Answered(about)
        } else {
            Earlier::OtherRequest
        })
    }

    /// Notes what a request was about.
    pub(crate) fn note(&mut self, once: Idempotency, about: About) {
        self.0.insert(once.key, (once.request, about));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The writes that make them durable.
    pub(crate) fn writes(&self, now_ms: i64) -> impl Iterator<Item = Write> {
        self.0.iter().map(move |(key, (request, about))| {
            Write::Answer(IdempotentAnswer {
                key: key.clone(),
                request: request.clone(),
                answer: serde_json::to_string(about).unwrap_or_default(),
                time_ms: now_ms,
            })
        })
    }
}
