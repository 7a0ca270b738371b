//! The mail server and how to talk to it.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::Server;
use crate::secret::SecretRef;

/// When the connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// STARTTLS, and no mail without it.
    #[default]
    Starttls,
    /// STARTTLS when offered. Whoever sits on the wire can take the offer away.
    StarttlsOpportunistic,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// Never: for a relay on this machine.
    None,
}

/// A login at the mail server.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user name.
    pub username: String,
    /// Where the password is kept; read at each use.
    pub password: SecretRef,
    /// Send the password over a connection that is not encrypted. For a relay on this machine only.
    pub allow_unencrypted: bool,
}

/// One mail server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server's name, also the one its certificate must bear.
    pub host: String,
    /// 587 by custom, 465 for [`Tls::Implicit`].
    pub port: u16,
    /// When to encrypt.
    pub tls: Tls,
    /// Whether and how to log in.
    pub login: Option<Login>,
    /// The sender's address. Its domain is also that of the Message-ID.
    pub from: String,
    /// The sender's display name.
    pub from_name: Option<String>,
    /// A CA certificate to trust in addition to the machine's, as PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// The name to greet with; the sender's domain when not given.
    pub helo: Option<String>,
    /// For the whole attempt, from connecting to the server's final word.
    pub timeout: Duration,
}

/// The settings cannot work.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BadSettings {
    /// The sender's address.
    #[error("`from` is not an e-mail address ({0})")]
    From(String),
    /// A name that could not be said in SMTP.
    #[error("`{0}` is not a host name")]
    Host(&'static str),
    /// The extra CA.
    #[error("`ca` cannot be used ({0}); give PEM text with one or more CERTIFICATE blocks")]
    Ca(String),
}

/// How a certificate starts in PEM.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// What a host name may consist of; brackets and colons for address literals.
fn is_host(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-_[]:".contains(&b);
    (1..=253).contains(&name.len()) && name.bytes().all(plain)
}

impl Settings {
    /// The settings as the library wants them: the sender and the server.
    pub(crate) fn check(&self) -> Result<(lettre::Address, Server), BadSettings> {
        let bad_from = |e: lettre::address::AddressError| BadSettings::From(e.to_string());
        let from: lettre::Address = self.from.parse().map_err(bad_from)?;
        let helo = self
            .helo
            .clone()
            .unwrap_or_else(|| from.domain().to_owned());
        if !is_host(&self.host) {
            return Err(BadSettings::Host("host"));
        }
        if !is_host(&helo) {
            return Err(BadSettings::Host("helo"));
        }
        let tls = match self.tls {
            Tls::None => None,
            _ => Some(self.tls_parameters()?),
        };
        let server = Server {
            host: self.host.clone(),
            port: self.port,
            tls: self.tls,
            parameters: tls,
            helo: ClientId::Domain(helo),
        };
        Ok((from, server))
    }

    fn tls_parameters(&self) -> Result<TlsParameters, BadSettings> {
        let bad = |error: &dyn fmt::Display| BadSettings::Ca(error.to_string());
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.ca_pem {
            // The library takes a text without any certificate for "nothing to add".
            if !pem.windows(BEGIN.len()).any(|part| part == BEGIN) {
                return Err(bad(&"no certificate in it"));
            }
            builder =
                builder.add_root_certificate(Certificate::from_pem(pem).map_err(|e| bad(&e))?);
        }
        builder.build().map_err(|e| bad(&e))
    }
}
