//! Text becomes public only here.
//!
//! `Public<T>` has no public constructor and cannot be deserialised. The only functions that make one read the
//! state that a disclosure entry was folded into, so whatever the publisher is handed was decided, recorded and
//! authorised (WORD-7). A private incident cannot reach a public surface because no function exists that does it.

use std::ops::Deref;

/// Something the organisation decided to say in public.
///
/// ```compile_fail
/// // There is no way to call something public from outside.
/// let leak = stentor_domain::disclosure::Public("internal host names");
/// ```
///
/// ```compile_fail
/// // Nor to read one back from text.
/// fn needs<T: serde::de::DeserializeOwned>() {}
/// needs::<stentor_domain::disclosure::Public<String>>();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public<T>(T);

impl<T> Public<T> {
    /// For this crate's readers of folded disclosures only.
    pub(crate) fn disclosed(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for Public<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
