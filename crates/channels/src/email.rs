//! E-mail by SMTP.

mod compose;
mod server;
mod settings;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;
use lettre::address::Envelope;
use tokio::time::timeout;

pub use settings::{BadSettings, Login, Settings, Tls};

pub(crate) use self::compose::{AutoSubmitted, header};
pub(crate) use self::server::{Account, Server, Trouble};
use crate::clean;
use crate::secret::Secrets;
use crate::{Address, Channel, Message, Outcome};

/// Sends mail through one server.
pub struct Email {
    settings: Settings,
    from: lettre::Address,
    server: Server,
    secrets: Secrets,
}

impl Email {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`BadSettings`].
    pub fn new(settings: Settings, secrets: Secrets) -> Result<Self, BadSettings> {
        let (from, server) = settings.check()?;
        Ok(Self {
            settings,
            from,
            server,
            secrets,
        })
    }

    async fn deliver(&self, to: &lettre::Address, mail: &[u8]) -> Result<String, Trouble> {
        let envelope = Envelope::new(Some(self.from.clone()), vec![to.clone()])
            .map_err(|error| Trouble::Refused(error.to_string()))?;
        let account = match &self.settings.login {
            Some(login) => {
                let password = self.secrets.resolve(&login.password).await;
                Some(Account {
                    username: login.username.clone(),
                    password: password.map_err(|e| Trouble::Server(e.to_string()))?,
                    allow_unencrypted: login.allow_unencrypted,
                })
            }
            None => None,
        };
        self.server.deliver(&envelope, account.as_ref(), mail).await
    }
}

#[async_trait]
impl Channel for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    fn destination(&self, to: &Address) -> Option<String> {
        match to {
            Address::Email(_) => Some(format!("{}:{}", self.settings.host, self.settings.port)),
            Address::Webhook { .. } => None,
        }
    }

    async fn send(&self, to: &Address, message: &Message, _: Timestamp) -> Outcome {
        if message.drill {
            return Outcome::refused_drill();
        }
        let Address::Email(to) = to else {
            return Outcome::wrong_address(self.name());
        };
        let mail = match compose::compose(&self.settings, &self.from, to, message) {
            Ok(mail) => mail.formatted(),
            Err(error) => return Outcome::failed(error),
        };
        match timeout(self.settings.timeout, self.deliver(to, &mail)).await {
            Ok(Ok(said)) => Outcome::Delivered {
                detail: clean::line(&said, 200),
            },
            Ok(Err(Trouble::Refused(error))) => Outcome::failed(error),
            Ok(Err(Trouble::Server(error))) => Outcome::retry(error),
            // Whether the server took the mail is unknown: the repeat carries the same Message-ID.
            Err(_) => Outcome::retry(format!(
                "{} did not finish within {:?}",
                self.settings.host, self.settings.timeout
            )),
        }
    }
}
