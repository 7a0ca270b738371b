//! What only the live world is given: channels, people's addresses, secrets.

use std::sync::{Arc, Mutex, RwLock};

use async_trait::async_trait;
use jiff::Timestamp;
use stentor_channels::breaker::{Breakers, Permit, Policy};
use stentor_channels::email::{self, Email, Login, Tls};
use stentor_channels::secret::{SecretRef, Secrets};
use stentor_channels::webhook::Webhook;
use stentor_channels::{Address, Channel, Message, Outcome};
use stentor_domain::ids::PersonId;
use stentor_domain::organisation::{self, EmailSpec, Organisation};
use stentor_egress::{Client, Guard, Limits, Network};
use stentor_store::{Contact, Store};

use crate::courier::Courier;
use crate::places::Places;

/// Carries messages to real people.
pub(crate) struct LiveCourier {
    store: Arc<dyn Store>,
    places: Places,
    channels: RwLock<Channels>,
    breakers: Mutex<Breakers>,
}

/// The channels as a configuration declares them.
#[derive(Default)]
struct Channels {
    /// The configuration's hash.
    hash: String,
    usable: Vec<Arc<dyn Channel>>,
    /// Names of the others, and why they cannot be used.
    unusable: Vec<(&'static str, String)>,
}

/// For the whole attempt to hand a mail to the server.
const MAIL_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

impl LiveCourier {
    pub(crate) fn new(store: Arc<dyn Store>, places: Places) -> Self {
        let breakers = Mutex::new(Breakers::new(Policy::default()));
        Self {
            store,
            places,
            channels: RwLock::default(),
            breakers,
        }
    }

    /// Takes over the channels of a configuration. One that could not be used is tried again each time: what it lacks
    /// may be a file that somebody puts there meanwhile.
    pub(crate) fn configure(&self, hash: &str, organisation: &Organisation) {
        let known = |c: &Channels| c.hash == hash && c.unusable.is_empty();
        if self.channels.read().is_ok_and(|c| known(&c)) {
            return;
        }
        let mut channels = Channels {
            hash: hash.to_owned(),
            ..Channels::default()
        };
        if let Some(spec) = &organisation.email {
            match self.email(spec, organisation) {
                Ok(email) => channels.usable.push(Arc::new(email)),
                Err(error) => channels.unusable.push(("email", error)),
            }
        }
        match self.webhook(organisation) {
            Ok(webhook) => channels.usable.push(Arc::new(webhook)),
            Err(error) => channels.unusable.push(("webhook", error)),
        }
        if let Ok(mut before) = self.channels.write() {
            for (name, error) in &channels.unusable {
                if !before.unusable.contains(&(*name, error.clone())) {
                    tracing::error!(channel = name, %error, "a channel cannot be used");
                }
            }
            *before = channels;
        }
    }

    fn secrets(&self) -> Secrets {
        Secrets {
            base: self.places.configuration(),
            credentials: self.places.credentials.clone(),
        }
    }

    fn email(&self, spec: &EmailSpec, organisation: &Organisation) -> Result<Email, String> {
        let tls = match spec.tls.as_str() {
            "starttls" => Tls::Starttls,
            "starttls-opportunistic" => Tls::StarttlsOpportunistic,
            "implicit" => Tls::Implicit,
            "none" => Tls::None,
            other => return Err(format!("unknown way of encrypting: {other:?}")),
        };
        let ca_pem = match &spec.ca_file {
            Some(file) => {
                let path = self.places.configuration().join(file);
                let read = std::fs::read(&path);
                Some(read.map_err(|e| format!("{} cannot be read: {e}", path.display()))?)
            }
            None => None,
        };
        let login = match (&spec.username, &spec.password) {
            (Some(username), Some(password)) => Some(Login {
                username: username.clone(),
                password: reference(password),
                allow_unencrypted: spec.allow_plaintext_auth,
            }),
            _ => None,
        };
        let settings = email::Settings {
            host: spec.host.clone(),
            port: spec.port,
            tls,
            login,
            from: spec.from.clone(),
            from_name: Some(organisation.name.clone()),
            ca_pem,
            helo: None,
            timeout: MAIL_TIMEOUT,
        };
        Email::new(settings, self.secrets()).map_err(|e| e.to_string())
    }

    fn webhook(&self, organisation: &Organisation) -> Result<Webhook, String> {
        let allowed: Result<Vec<Network>, String> = organisation
            .allow_networks
            .iter()
            .map(|text| {
                text.parse()
                    .map_err(|_| format!("{text:?} is not a network"))
            })
            .collect();
        let guard = Guard::allowing(allowed?);
        let client = Client::new(guard, Limits::default(), None).map_err(|e| e.to_string())?;
        Ok(Webhook::new(client, self.secrets()))
    }

    /// The channel, or why there is none.
    fn channel(&self, name: &str) -> Result<Arc<dyn Channel>, String> {
        let missing = || format!("{name} is not set up; see [{name}] in stentor.toml");
        let known = self.channels.read().map_err(|_| missing())?;
        if let Some(channel) = known.usable.iter().find(|channel| channel.name() == name) {
            return Ok(Arc::clone(channel));
        }
        let why = known
            .unusable
            .iter()
            .find(|(unusable, _)| *unusable == name);
        Err(why.map_or_else(missing, |(_, error)| {
            format!("{name} cannot be used: {error}")
        }))
    }
}

pub(crate) fn reference(secret: &organisation::SecretRef) -> SecretRef {
    match secret {
        organisation::SecretRef::File(path) => SecretRef::File(path.into()),
        organisation::SecretRef::Credential(name) => SecretRef::Credential(name.clone()),
    }
}

/// A person's address for a channel.
fn address(contact: &Contact, channel: &str) -> Result<Address, String> {
    let missing = || {
        format!(
            "no {channel} address is known for {}; add it to contacts.toml",
            contact.person
        )
    };
    match channel {
        "email" => {
            let text = contact.email.as_ref().ok_or_else(missing)?;
            Address::email(text).map_err(|e| e.to_string())
        }
        "webhook" => {
            let url = contact.webhook_url.as_ref().ok_or_else(missing)?;
            let secret = contact.webhook_secret.as_ref().ok_or_else(missing)?;
            let secret = secret.parse::<SecretRef>().map_err(|e| e.to_string())?;
            Address::webhook(url, secret).map_err(|e| e.to_string())
        }
        _ => Err(missing()),
    }
}

#[async_trait]
impl Courier for LiveCourier {
    async fn carry(
        &self,
        person: &PersonId,
        channel: &str,
        message: &Message,
        now: Timestamp,
    ) -> Outcome {
        // What lacks here can be mended at any time, and then the page must still go out.
        let later = |error: String| Outcome::Retry { error, after: None };
        let contact = match self.store.contact(person.as_str()).await {
            Ok(Some(contact)) => contact,
            Ok(None) => {
                return later(format!(
                    "nothing is known of how to reach {person}; add them to contacts.toml"
                ));
            }
            Err(error) => return later(error.to_string()),
        };
        let address = match address(&contact, channel) {
            Ok(address) => address,
            Err(error) => return later(error),
        };
        let channel = match self.channel(channel) {
            Ok(channel) => channel,
            Err(error) => return later(error),
        };
        let destination = channel.destination(&address);
        if let Some(destination) = &destination
            && let Ok(mut breakers) = self.breakers.lock()
            && let Permit::Wait(until) = breakers.ask(destination, now)
        {
            let wait = until.duration_since(now).unsigned_abs();
            let error = format!("{destination} keeps failing and is left alone until {until:.0}");
            return Outcome::Retry {
                error,
                after: Some(wait),
            };
        }
        let outcome = channel.send(&address, message, now).await;
        if let Some(destination) = &destination
            && let Ok(mut breakers) = self.breakers.lock()
        {
            breakers.report(destination, !outcome.is_trouble(), now);
        }
        outcome
    }
}
