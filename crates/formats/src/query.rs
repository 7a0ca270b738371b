//! The query of an address: names and values, decoded.

use std::borrow::Cow;

/// Longest query, in bytes.
const MAX_QUERY: usize = 16 * 1024;

/// Names and values in the order in which they came; sequences that are not UTF-8 become U+FFFD. `None` when the query
/// is too long.
pub(crate) fn pairs(query: &str) -> Option<Vec<(Cow<'_, str>, Cow<'_, str>)>> {
    if query.len() > MAX_QUERY {
        return None;
    }
    serde_urlencoded::from_str(query).ok()
}

/// The last value of a name; of a repeated name the last counts.
pub(crate) fn last<'q>(pairs: &'q [(Cow<'q, str>, Cow<'q, str>)], name: &str) -> Option<&'q str> {
    let found = pairs.iter().rev().find(|(n, _)| n == name);
    found.map(|(_, value)| value.as_ref())
}
