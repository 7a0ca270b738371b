//! E-mail by SMTP.

mod compose;
mod settings;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

pub use settings::{BadSettings, Login, Settings, Tls};

use self::wire::Wire;
use crate::clean;
use crate::secret::Secrets;
use crate::{Address, Channel, Message, Outcome};

/// Sends mail through one server.
///
/// Every mail takes a connection of its own. A connection that was given up half-way through a dialogue can therefore
/// never be taken for a fresh one, and a page that hangs holds up no other.
pub struct Email {
    settings: Settings,
    from: lettre::Address,
    tls: Option<TlsParameters>,
    helo: ClientId,
    secrets: Secrets,
}

/// Why an attempt ended early.
enum Trouble {
    /// The server, its configuration or ours; the recipient has no part in it.
    Server(String),
    /// A permanent refusal of this mail.
    Refused(String),
}

impl Email {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`BadSettings`].
    pub fn new(settings: Settings, secrets: Secrets) -> Result<Self, BadSettings> {
        let (from, tls, helo) = settings.check()?;
        Ok(Self {
            settings,
            from,
            tls,
            helo,
            secrets,
        })
    }

    async fn deliver(&self, to: &lettre::Address, mail: &[u8]) -> Result<String, Trouble> {
        let server = |error: SmtpError| Trouble::Server(self.explain(&error));
        let mut connection = self.connect().await?;
        if let Some(login) = &self.settings.login {
            if !connection.is_encrypted() && !login.allow_unencrypted {
                return Err(Trouble::Server(format!(
                    "{} offers no encryption, so the password was not sent; use tls = \"starttls\" or \"implicit\"",
                    self.settings.host
                )));
            }
            let password = self.secrets.resolve(&login.password).await;
            let password = password.map_err(|e| Trouble::Server(e.to_string()))?;
            let who = Credentials::new(login.username.clone(), password.expose().to_owned());
            connection
                .auth(DEFAULT_MECHANISMS, &who)
                .await
                .map_err(server)?;
        }
        let envelope = Envelope::new(Some(self.from.clone()), vec![to.clone()])
            .map_err(|error| Trouble::Refused(error.to_string()))?;
        let answer = connection.send(&envelope, mail).await.map_err(|error| {
            if error.is_permanent() {
                Trouble::Refused(self.explain(&error))
            } else {
                Trouble::Server(self.explain(&error))
            }
        })?;
        // The mail is accepted; what the server thinks of our farewell changes nothing.
        let _ = connection.quit().await;
        let said: Vec<&str> = answer.message().collect();
        Ok(format!("{}: {}", answer.code(), said.join(" ")))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Trouble> {
        let server = |error: SmtpError| Trouble::Server(self.explain(&error));
        let (host, port) = (self.settings.host.as_str(), self.settings.port);
        let mut connection = match (&self.tls, self.settings.tls) {
            (Some(tls), Tls::Implicit) => {
                let tls = Some(tls.clone());
                AsyncSmtpConnection::connect_tokio1((host, port), None, &self.helo, tls, None).await
            }
            _ => {
                let wire = Wire::connect(host, port).await;
                let wire = wire.map_err(|e| Trouble::Server(format!("{host}:{port}: {e}")))?;
                AsyncSmtpConnection::connect_with_transport(Box::new(wire), &self.helo).await
            }
        }
        .map_err(server)?;
        let upgrade = match self.settings.tls {
            Tls::Starttls => true, // fails when the server does not offer it
            Tls::StarttlsOpportunistic => connection.can_starttls(),
            Tls::Implicit | Tls::None => false,
        };
        if let (true, Some(tls)) = (upgrade, self.tls.clone()) {
            connection.starttls(tls, &self.helo).await.map_err(server)?;
        }
        Ok(connection)
    }

    fn explain(&self, error: &SmtpError) -> String {
        let said = clean::line(&error.to_string(), 300);
        // The library reports a certificate it refused as a connection that failed.
        let hint = if said.contains("certificate") {
            "; check the server's certificate, or name its CA in the configuration"
        } else {
            ""
        };
        format!(
            "{}:{}: {said}{hint}",
            self.settings.host, self.settings.port
        )
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
