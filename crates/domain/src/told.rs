//! What receivers were told: by group and way, which alerts they know to fire.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::Fingerprint;
use crate::ids::PersonId;
use crate::labels::Malformed;
use crate::routing::GroupId;

/// What one receiver was told about one group, by one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The receiver and the way, for instance `ops/webhook[0]`.
    pub to: Arc<str>,
    /// The alerts that the last message named as firing, in order.
    pub firing: Box<[Fingerprint]>,
    /// Alerts that an earlier message named as firing and that were kept quiet since: their end is still owed.
    pub owed: Box<[Fingerprint]>,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
}

impl Told {
    /// Whether the receiver knows that an alert fires.
    #[must_use]
    pub fn knows(&self, fingerprint: Fingerprint) -> bool {
        self.firing.binary_search(&fingerprint).is_ok()
            || self.owed.binary_search(&fingerprint).is_ok()
    }
}

/// A message that was delivered, as it is journaled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// About which group.
    pub group: GroupId,
    /// The receiver and the way.
    pub to: Arc<str>,
    /// Alerts that it named as firing, in order.
    pub firing: Vec<Fingerprint>,
    /// Alerts that it named as ended, in order.
    pub resolved: Vec<Fingerprint>,
    /// Whether a message left. A receiver that is not told of ends only forgets.
    pub sent: bool,
}

/// What people noted about a group of alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupNotes {
    /// Who has it, and until when it is not told again.
    pub acknowledged: Option<Acknowledged>,
    /// Who works on it.
    pub assignee: Option<PersonId>,
    /// What was said about it, oldest first.
    pub comments: Vec<Comment>,
    /// When something was noted last, in milliseconds since the epoch.
    pub noted_ms: i64,
}

/// An acknowledgement of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who.
    pub by: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Until when, in milliseconds since the epoch.
    pub until_ms: i64,
}

/// A comment on a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Who.
    pub by: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// What. Text from people.
    pub text: String,
}

/// Largest decompressed batch that is read back, in bytes.
const MAX_DECODED: usize = 1 << 28;

/// Encodes messages for the journal, lz4-compressed. An entry without its payload would be lost for ever, so what cannot
/// happen stops the node rather than being written.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "postcard refuses only sequences of unknown length, and these are lists; the golden journal proves it"
)]
pub(crate) fn encode(all: &[Delivered]) -> Vec<u8> {
    let bytes = postcard::to_stdvec(all).expect("a list of messages has a length");
    lz4_flex::compress_prepend_size(&bytes)
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// When the bytes are not such an encoding.
pub(crate) fn decode(compressed: &[u8]) -> Result<Vec<Delivered>, Malformed> {
    let size = compressed.first_chunk::<4>().ok_or(Malformed)?;
    if u32::from_le_bytes(*size) as usize > MAX_DECODED {
        return Err(Malformed);
    }
    let bytes = lz4_flex::decompress_size_prepended(compressed).map_err(|_| Malformed)?;
    let mut all: Vec<Delivered> = postcard::from_bytes(&bytes).map_err(|_| Malformed)?;
    // Few names for many messages: they share them.
    let mut names: Vec<Arc<str>> = Vec::new();
    for one in &mut all {
        match names.iter().find(|n| **n == one.to) {
            Some(known) => one.to = Arc::clone(known),
            None if names.len() < 64 => names.push(Arc::clone(&one.to)),
            None => {}
        }
    }
    Ok(all)
}
