//! Webhooks of version 4.

use jiff::Timestamp;
use stentor_domain::notification::Notification;
use stentor_domain::routing::WebhookIntegration;

use super::http::Endpoint;
use super::{Surroundings, payload};
use crate::{Key, Outcome};

pub(super) struct Webhook {
    endpoint: Endpoint,
    receiver: String,
    max_alerts: usize,
}

impl Webhook {
    pub(super) fn new(
        receiver: &str,
        settings: &WebhookIntegration,
        with: &Surroundings<'_>,
    ) -> Result<Self, String> {
        let endpoint = Endpoint::new(&settings.url, &settings.http, settings.timeout_ms, with)?;
        Ok(Self {
            endpoint,
            receiver: stentor_domain::notification::receiver_quoted(receiver),
            max_alerts: usize::try_from(settings.max_alerts).unwrap_or(usize::MAX),
        })
    }

    pub(super) fn destination(&self) -> String {
        self.endpoint.destination()
    }

    pub(super) async fn send(&self, of: &Notification, key: &Key, now: Timestamp) -> Outcome {
        let body = match payload::json(&self.receiver, of, self.max_alerts) {
            Ok(body) => body,
            Err(error) => return Outcome::failed(error),
        };
        match self.endpoint.post(body, key).await {
            Ok(answer) => self.endpoint.judge(&answer, now),
            Err(outcome) => outcome,
        }
    }
}
