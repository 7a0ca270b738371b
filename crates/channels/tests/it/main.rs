//! The channels against real receivers, and the pure parts by tables.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod backoff;
mod breaker;
mod email;
mod email_tls;
mod go_template;
mod group;
mod group_beside;
mod group_email;
mod group_slack;
mod group_webhook;
mod message;
mod notification;
mod secret;
mod signature;
mod webhook;

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;
use stentor_channels::secret::Secrets;
use stentor_channels::{Key, Message};

/// A page as the engine would write it.
fn page(key: &str) -> Message {
    Message {
        key: Key::new(key).unwrap(),
        drill: false,
        person_name: "Ada".to_owned(),
        subject: "The shop does not answer".to_owned(),
        text: "Shop: down since 12:00 UTC.\n\nhttp://stentor.example.org/a/token\n".to_owned(),
        link: Some("http://stentor.example.org/a/token".to_owned()),
        event_type: "page.requested".to_owned(),
        event: json!({ "incident": "INC-1", "severity": "sev1" }),
        time: "2026-03-01T12:00:00Z".parse().unwrap(),
    }
}

/// The time of the attempt. The receiver checks it against the real clock.
#[expect(clippy::disallowed_methods, reason = "tests are an outermost place")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn secrets(base: &Path) -> Secrets {
    Secrets {
        base: base.to_owned(),
        credentials: None,
    }
}
