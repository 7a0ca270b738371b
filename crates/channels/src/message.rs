//! What is sent.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

/// One message to one person. The texts may quote strangers (alert labels); each channel escapes them at its exit.
#[derive(Clone, Debug)]
pub struct Message {
    /// The derived outward key, the same for every repeat of this message.
    pub key: Key,
    /// Whether it belongs to a drill. Channels that reach the real world refuse it (DRILL-1).
    pub drill: bool,
    /// How the person is addressed.
    pub person_name: String,
    /// One line: what is broken.
    pub subject: String,
    /// Plain text, with the links in it.
    pub text: String,
    /// The link that lets its holder see and acknowledge.
    pub link: Option<String>,
    /// What happened, for machines: a dotted name such as `page.requested`.
    pub event_type: String,
    /// The particulars, for machines.
    pub event: Value,
    /// When the message was decided; not the time of the attempt.
    pub time: Timestamp,
}

/// A derived outward key: 8 to 128 letters, digits, `-` or `_`, so that it can stand in a Message-ID, a `webhook-id`
/// (which must not contain a dot) or a URL as it is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

/// The text cannot be an outward key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an outward key has 8 to 128 letters, digits, \"-\" or \"_\"")]
pub struct BadKey;

impl Key {
    /// Checks and wraps.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn new(text: impl Into<String>) -> Result<Self, BadKey> {
        let text = text.into();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if (8..=128).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text))
        } else {
            Err(BadKey)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.0)
    }
}
