//! Text that every engine stores alike.

use std::borrow::Cow;

/// The text as every engine stores it: U+0000 becomes U+FFFD, because PostgreSQL has no NUL in text and all engines
/// must answer alike. Engines apply this to every text column, and to every text a row is looked up by. Payloads are
/// bytes and stay as they are; an entry's kind is hashed, is a constant of ours and never contains NUL.
#[must_use]
pub fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
