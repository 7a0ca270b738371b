//! What the tests of group senders share.

use std::time::Duration;

use stentor_channels::group::{GroupSender, Surroundings, Unusable};
use stentor_channels::secret::Secret;
use stentor_channels::{Key, Outcome};
use stentor_domain::go_template::Library;
use stentor_domain::notification::Notification;
use stentor_domain::routing::{Integration, Kind, SecretAt, Settings};
use stentor_egress::{Client, Guard, Limits};

use crate::now;

/// The testkit's receiver wants one; group webhooks are not signed.
pub(crate) const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A secret of this text: its place says what it is.
pub(crate) fn at(text: &str) -> SecretAt {
    SecretAt::Yaml(text.to_owned())
}

pub(crate) fn integration(kind: Kind, settings: Settings) -> Integration {
    Integration {
        kind,
        index: 0,
        send_resolved: true,
        settings,
    }
}

/// A sender for `settings`; the file `ca` holds `ca_pem`.
pub(crate) fn try_sender(integration: &Integration, ca_pem: &str) -> Result<GroupSender, Unusable> {
    let guard = Guard::allowing(["127.0.0.0/8".parse().unwrap()]);
    let limits = Limits {
        total: Duration::from_secs(30),
        ..Limits::default()
    };
    let client = Client::new(guard.clone(), limits, None).unwrap();
    let secrets = |at: &SecretAt| match at {
        SecretAt::Yaml(text) => Ok(Secret::new(text.clone())),
        SecretAt::File(name) => Err(format!("the file {name} is missing")),
    };
    let files = |name: &str| match name {
        "ca" => Ok(ca_pem.as_bytes().to_vec()),
        other => Err(format!("the file {other} is missing")),
    };
    let with = Surroundings {
        secrets: &secrets,
        files: &files,
        library: &Library::default(),
        client: &client,
        guard: &guard,
        limits,
    };
    GroupSender::new("team.x (shop)", integration, &with)
}

pub(crate) fn sender(integration: &Integration) -> GroupSender {
    try_sender(integration, "").unwrap()
}

pub(crate) async fn send(sender: &GroupSender, of: &Notification, key: &str) -> Outcome {
    sender.send(of, &Key::new(key).unwrap(), now()).await
}

#[track_caller]
pub(crate) fn assert_delivered(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
}

#[track_caller]
pub(crate) fn assert_failed(outcome: &Outcome, part: &str) {
    match outcome {
        Outcome::Failed { error } => assert!(error.contains(part), "{error}"),
        other => panic!("{other:?}"),
    }
}
