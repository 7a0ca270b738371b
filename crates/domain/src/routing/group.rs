//! The identity of a group of alerts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::labels::Labels;

/// Identity of a group: the same on every node and after every start. Too long to be made to clash with another on
/// purpose, as labels come from strangers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub [u8; 16]);

impl GroupId {
    /// The group of a route that tells `receiver`, with these labels in common. Routes beside each other may have the
    /// same key: one that continues, and the next with the same matchers and another receiver.
    #[must_use]
    pub fn told_to(receiver: &str, route_key: &str, labels: &Labels) -> Self {
        let mut hasher = Sha256::new();
        for text in [receiver, route_key] {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
        hasher.update(labels.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }

    /// The group of a route with these labels in common.
    #[must_use]
    pub fn of(route_key: &str, labels: &Labels) -> Self {
        let mut hasher = Sha256::new();
        hasher.update((route_key.len() as u64).to_le_bytes());
        hasher.update(route_key);
        hasher.update(labels.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupId({self})")
    }
}

/// A text that is not 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a group is named by 32 hexadecimal digits")]
pub struct NotAGroup;

impl FromStr for GroupId {
    type Err = NotAGroup;

    fn from_str(text: &str) -> Result<Self, NotAGroup> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAGroup);
        }
        u128::from_str_radix(text, 16)
            .map(|number| Self(number.to_be_bytes()))
            .map_err(|_| NotAGroup)
    }
}

impl Serialize for GroupId {
    /// As text where people may read it, as bytes elsewhere.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for GroupId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return <[u8; 16]>::deserialize(deserializer).map(Self);
        }
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A group's key as Alertmanager writes it: the route's key and the labels in common.
pub(super) fn key(route_key: &str, labels: &Labels) -> String {
    use fmt::Write as _;
    let mut text = format!("{route_key}:{{");
    for (i, (name, value)) in labels.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{name}=");
        quote(&mut text, value);
    }
    text.push('}');
    text
}

/// As Go's `%q` writes a text; receivers compare keys byte by byte.
fn quote(into: &mut String, text: &str) {
    use fmt::Write as _;
    into.push('"');
    for c in text.chars() {
        // Writing to a String cannot fail.
        let _ = match c {
            '"' => write!(into, "\\\""),
            '\\' => write!(into, "\\\\"),
            '\u{7}' => write!(into, "\\a"),
            '\u{8}' => write!(into, "\\b"),
            '\u{c}' => write!(into, "\\f"),
            '\n' => write!(into, "\\n"),
            '\r' => write!(into, "\\r"),
            '\t' => write!(into, "\\t"),
            '\u{b}' => write!(into, "\\v"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => write!(into, "\\x{:02x}", c as u32),
            // Spaces other than the ordinary one, and what does not show, are written by number.
            c if c != ' ' && (c.is_whitespace() || c.is_control()) => {
                write!(into, "\\u{:04x}", c as u32)
            }
            c => write!(into, "{c}"),
        };
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_alertmanager_writes_them() {
        let labels = Labels::from_pairs(&mut vec![("team", "x\"y\n"), ("alertname", "A")]);
        assert_eq!(
            key("{}/{team=\"x\"}", &labels),
            "{}/{team=\"x\"}:{alertname=\"A\", team=\"x\\\"y\\n\"}"
        );
        assert_eq!(key("{}", &Labels::default()), "{}:{}");
    }

    #[test]
    fn an_identity_is_read_as_it_is_written() {
        let id = GroupId::of("{}", &Labels::default());
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_ne!(id, GroupId::of("{}/{}", &Labels::default()));
        assert_eq!("x".parse::<GroupId>(), Err(NotAGroup));
    }
}
