//! One mail server, and how a mail is handed to it.

use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::Tls;
use super::wire::Wire;
use crate::clean;
use crate::secret::Secret;

/// A mail server.
///
/// Every mail takes a connection of its own. A connection that was given up half-way through a dialogue can therefore
/// never be taken for a fresh one, and a page that hangs holds up no other.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    /// `None` for [`Tls::None`].
    pub(crate) parameters: Option<TlsParameters>,
    pub(crate) helo: ClientId,
}

/// Who logs in.
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) password: Secret,
    /// Send the password over a connection that is not encrypted.
    pub(crate) allow_unencrypted: bool,
}

/// Why an attempt ended early.
pub(crate) enum Trouble {
    /// The server, its configuration or ours; the recipient has no part in it.
    Server(String),
    /// A permanent refusal of this mail.
    Refused(String),
}

impl Server {
    /// Hands over a mail; what the server answered.
    pub(crate) async fn deliver(
        &self,
        envelope: &Envelope,
        account: Option<&Account>,
        mail: &[u8],
    ) -> Result<String, Trouble> {
        let server = |error: SmtpError| Trouble::Server(self.explain(&error));
        let mut connection = self.connect().await?;
        if let Some(account) = account {
            if !connection.is_encrypted() && !account.allow_unencrypted {
                return Err(Trouble::Server(format!(
                    "{} offers no encryption, so the password was not sent; use tls = \"starttls\" or \"implicit\"",
                    self.host
                )));
            }
            let password = account.password.expose().to_owned();
            let who = Credentials::new(account.username.clone(), password);
            connection
                .auth(DEFAULT_MECHANISMS, &who)
                .await
                .map_err(server)?;
        }
        let answer = connection.send(envelope, mail).await.map_err(|error| {
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
        let (host, port) = (self.host.as_str(), self.port);
        let mut connection = match (&self.parameters, self.tls) {
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
        let upgrade = match self.tls {
            Tls::Starttls => true, // fails when the server does not offer it
            Tls::StarttlsOpportunistic => connection.can_starttls(),
            Tls::Implicit | Tls::None => false,
        };
        if let (true, Some(tls)) = (upgrade, self.parameters.clone()) {
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
        format!("{}:{}: {said}{hint}", self.host, self.port)
    }
}
