//! A checked absolute URL.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::Uri;
use url::Url;

use crate::EgressError;

/// Longer URLs are refused before they are parsed.
const MAX_URL: usize = 2048;

/// An absolute `http` or `https` URL without user name, password or fragment. `Debug` and `Display` show scheme, host
/// and port only, because the path of a webhook is often its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    uri: Uri,
    origin: Arc<str>,
}

impl Target {
    /// Parses and checks.
    ///
    /// # Errors
    /// [`EgressError::Target`] with the reason.
    pub fn parse(text: &str) -> Result<Self, EgressError> {
        let bad = EgressError::Target;
        if text.len() > MAX_URL {
            return Err(bad("a URL may have at most 2048 characters"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(bad("a URL holds no blanks or control characters"));
        }
        let url = Url::parse(text)
            .map_err(|_| bad("write an absolute URL such as https://example.org/hook"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("only http and https are spoken"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad(
                "a URL must not carry a user name or password; use a secret reference instead",
            ));
        }
        if url.fragment().is_some() {
            return Err(bad("a URL to be contacted has no #fragment"));
        }
        let uri = url
            .as_str()
            .parse()
            .map_err(|_| bad("the URL cannot be sent over HTTP"))?;
        Ok(Self {
            uri,
            origin: url.origin().ascii_serialization().into(),
        })
    }

    /// The URL in full, for the request line. It may hold a secret.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Scheme, host and port: what may be shown, and what a circuit breaker is kept for.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether the way there is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&http::uri::Scheme::HTTPS)
    }
}

impl FromStr for Target {
    type Err = EgressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}/…)", self.origin)
    }
}
