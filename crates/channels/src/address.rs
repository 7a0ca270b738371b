//! Where a person can be reached.

use std::fmt;

use stentor_egress::{EgressError, Target};

use crate::secret::SecretRef;

/// One way to reach one person. `Debug` does not show it: contact details are personal data.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// An e-mail address.
    Email(lettre::Address),
    /// A receiver of signed webhooks.
    Webhook {
        /// Where to post.
        url: Target,
        /// The secret that signs.
        secret: SecretRef,
    },
}

/// The text is no address.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BadAddress {
    /// Not an e-mail address.
    #[error("not an e-mail address ({0}); write it as name@example.org")]
    Email(String),
    /// Not a URL to post to.
    #[error(transparent)]
    Webhook(#[from] EgressError),
}

/// The longest path of RFC 5321, section 4.5.3.1.3, without its angle brackets.
const MAX_EMAIL: usize = 254;

impl Address {
    /// A checked e-mail address, without a display name.
    ///
    /// # Errors
    /// [`BadAddress::Email`].
    pub fn email(text: &str) -> Result<Self, BadAddress> {
        if text.len() > MAX_EMAIL {
            return Err(BadAddress::Email(format!("longer than {MAX_EMAIL} bytes")));
        }
        text.parse()
            .map(Self::Email)
            .map_err(|e: lettre::address::AddressError| BadAddress::Email(e.to_string()))
    }

    /// A checked webhook address. Whether its host may be contacted is judged when it is.
    ///
    /// # Errors
    /// [`BadAddress::Webhook`].
    pub fn webhook(url: &str, secret: SecretRef) -> Result<Self, BadAddress> {
        let url = Target::parse(url)?;
        Ok(Self::Webhook { url, secret })
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email(_) => "Address(email)",
            Self::Webhook { .. } => "Address(webhook)",
        })
    }
}
