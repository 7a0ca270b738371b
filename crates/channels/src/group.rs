//! Notifications about groups of alerts, as Alertmanager's receivers send them.
//!
//! A [`GroupSender`] is made once for each integration of a configuration and used for all of its notifications.
//! Everything that can be read or judged beforehand is: addresses, secrets, header lines, templates. What the
//! templates cannot say is said in our own words rather than not at all, and [`GroupSender::problems`] tells which.

mod email;
mod http;
mod payload;
mod slack;
mod texts;
mod webhook;
mod words;

use std::borrow::Cow;

use jiff::Timestamp;
use stentor_domain::go_template::Library;
use stentor_domain::notification::Notification;
use stentor_domain::routing::{Integration, SecretAt, Settings};
use stentor_egress::{Client, Guard, Limits};

pub use self::http::CONNECTIONS;
use crate::secret::Secret;
use crate::{Key, Outcome};

/// What a sender is made with.
pub struct Surroundings<'a> {
    /// Reads a secret; otherwise says why not.
    pub secrets: &'a dyn Fn(&SecretAt) -> Result<Secret, String>,
    /// Reads a file that the configuration names; otherwise says why not.
    pub files: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// The templates that fields may call.
    pub library: &'a Library,
    /// The client of all integrations that have no certificates of their own; see [`CONNECTIONS`].
    pub client: &'a Client,
    /// What a client of their own may reach.
    pub guard: &'a Guard,
    /// The limits of a client of their own.
    pub limits: Limits,
}

/// An integration that cannot be delivered to as it is configured, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{receiver}/{integration}: {reason}")]
pub struct Unusable {
    /// The receiver's name.
    pub receiver: String,
    /// The integration, for instance `webhook[0]`.
    pub integration: String,
    /// Why, and what to do.
    pub reason: String,
}

/// Tells one integration about groups.
pub struct GroupSender {
    way: Way,
    send_resolved: bool,
    destination: String,
    problems: Vec<String>,
}

enum Way {
    Webhook(Box<webhook::Webhook>),
    Email(Box<email::Email>),
    Slack(Box<slack::Slack>),
}

impl GroupSender {
    /// Prepares an integration of the receiver.
    ///
    /// # Errors
    /// [`Unusable`]: a secret or file cannot be read, an address is none, or something is asked for that cannot be
    /// done.
    pub fn new(
        receiver: &str,
        integration: &Integration,
        with: &Surroundings<'_>,
    ) -> Result<Self, Unusable> {
        let mut problems = Vec::new();
        let made = match &integration.settings {
            Settings::Webhook(settings) => webhook::Webhook::new(receiver, settings, with)
                .map(|webhook| (webhook.destination(), Way::Webhook(Box::new(webhook)))),
            Settings::Email(settings) => email::Email::new(receiver, settings, with, &mut problems)
                .map(|email| (email.destination(), Way::Email(Box::new(email)))),
            Settings::Slack(settings) => slack::Slack::new(settings, with, &mut problems)
                .map(|slack| (slack.destination(), Way::Slack(Box::new(slack)))),
            Settings::NotDelivered => Err(format!(
                "{} is understood but not delivered to; use a webhook, mail or Slack",
                integration.kind.name()
            )),
        };
        let (destination, way) = made.map_err(|reason| Unusable {
            receiver: receiver.to_owned(),
            integration: integration.name(),
            reason,
        })?;
        Ok(Self {
            way,
            send_resolved: integration.send_resolved,
            destination,
            problems,
        })
    }

    /// What is not sent as it was configured: fields whose templates are not translated or fail on a sample, and header
    /// lines that are left out. In their place stand our own texts.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Whom an attempt talks to, without secrets: what a circuit breaker is kept for.
    #[must_use]
    pub fn destination(&self) -> &str {
        &self.destination
    }

    /// Makes one attempt. Every attempt at the same notification carries the same key. Ends are left out for an
    /// integration that is not told of them; a notification without anything else is not sent.
    pub async fn send(&self, notification: &Notification, key: &Key, now: Timestamp) -> Outcome {
        let told = self.told(notification);
        if told.alerts.is_empty() {
            return Outcome::Delivered {
                detail: "nothing that this integration is told of".to_owned(),
            };
        }
        match &self.way {
            Way::Webhook(webhook) => webhook.send(&told, key, now).await,
            Way::Email(email) => email.send(&told, key, now).await,
            Way::Slack(slack) => slack.send(&told, key, now).await,
        }
    }

    fn told<'a>(&self, notification: &'a Notification) -> Cow<'a, Notification> {
        if self.send_resolved || notification.alerts.iter().all(|a| a.ended_ms.is_none()) {
            return Cow::Borrowed(notification);
        }
        let mut told = notification.clone();
        told.alerts.retain(|alert| alert.ended_ms.is_none());
        Cow::Owned(told)
    }
}
