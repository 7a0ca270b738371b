//! What can go wrong on the way out. Texts name the host only: paths and queries of webhooks are often secrets.

use std::net::IpAddr;
use std::time::Duration;

use crate::Kind;

/// A request that brought no usable answer, and what to do about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EgressError {
    /// The address is not one that is ever contacted.
    #[error("not a usable address: {0}")]
    Target(&'static str),
    /// The guard refused every address of the host.
    #[error(
        "{host} is {kind} ({address}), which is not contacted unless the configuration names it; if that is meant, add its network to `allow` under `[network]`"
    )]
    Refused {
        /// Whom the request was for.
        host: String,
        /// The first address that was refused.
        address: IpAddr,
        /// Why.
        kind: Kind,
    },
    /// The name does not resolve.
    #[error("{host} could not be resolved ({reason}); check the spelling and this machine's DNS")]
    Resolve {
        /// Whom the request was for.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No TCP connection.
    #[error(
        "no connection to {host} ({reason}); check that it runs and that a firewall lets this machine through"
    )]
    Connect {
        /// Whom the request was for.
        host: String,
        /// What the last address answered.
        reason: String,
    },
    /// The certificate was not accepted, or the TLS handshake failed otherwise.
    #[error(
        "no secure connection to {host} ({reason}); check its certificate, or name its certification authority (CA) in the configuration"
    )]
    Tls {
        /// Whom the request was for.
        host: String,
        /// What the TLS library said.
        reason: String,
    },
    /// No complete answer in time.
    #[error("{host} gave no complete answer within {after:?}")]
    Timeout {
        /// Whom the request was for.
        host: String,
        /// The limit.
        after: Duration,
    },
    /// Redirects are not followed.
    #[error(
        "{host} answered {status} and points elsewhere; redirects are not followed, so configure the final address"
    )]
    Redirect {
        /// Whom the request was for.
        host: String,
        /// The 3xx status.
        status: u16,
    },
    /// The answer is longer than the limit of the request.
    #[error("{host} answers with more than {limit} bytes")]
    BodyTooLong {
        /// Whom the request was for.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// Not HTTP, a head beyond the limits, or a connection that broke off.
    #[error("{host} broke off or does not speak HTTP properly ({reason})")]
    Protocol {
        /// Whom the request was for.
        host: String,
        /// What the HTTP library said.
        reason: String,
    },
    /// A certificate given in the configuration cannot be read.
    #[error(
        "the extra CA certificate cannot be used ({0}); give PEM text with one or more CERTIFICATE blocks"
    )]
    BadCa(String),
}

impl EgressError {
    /// Whether the same request would fail for ever, so that only a change of configuration (ours or theirs) helps.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(
            self,
            Self::Target(_) | Self::Refused { .. } | Self::Redirect { .. } | Self::BadCa(_)
        )
    }
}
