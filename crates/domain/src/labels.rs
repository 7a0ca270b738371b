//! A set of names and values in one allocation, for a hundred thousand alerts at a time.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names and values, sorted by name, without empty values. Stored as `len name len value ...` with little-endian
/// 32-bit lengths, so that a set costs one allocation and is hashed, compared and journaled as it lies.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(Box<[u8]>);

/// Bytes that are not an encoded label set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an encoded set of labels")]
pub struct Malformed;

impl Labels {
    /// Sorts `pairs` by name and drops empty values; of a repeated name the last value counts.
    #[must_use]
    pub fn from_pairs<'a>(pairs: &mut Vec<(&'a str, &'a str)>) -> Self {
        pairs.sort_by(|a, b| a.0.cmp(b.0));
        let size = pairs
            .iter()
            .map(|(name, value)| 8 + name.len() + value.len())
            .sum();
        let mut bytes = Vec::with_capacity(size);
        for (i, (name, value)) in pairs.iter().enumerate() {
            let repeated = pairs.get(i + 1).is_some_and(|next| next.0 == *name);
            if !repeated && !value.is_empty() {
                put(&mut bytes, name);
                put(&mut bytes, value);
            }
        }
        Self(bytes.into_boxed_slice())
    }

    /// Reads a set as [`Labels::as_bytes`] gave it, checking its form.
    ///
    /// # Errors
    /// When the bytes have another form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = bytes;
        while !rest.is_empty() {
            take(&mut rest).ok_or(Malformed)?;
            take(&mut rest).ok_or(Malformed)?;
        }
        Ok(Self(bytes.into()))
    }

    /// The encoded set.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is no label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values in order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || Some((take(&mut rest)?, take(&mut rest)?)))
    }

    /// Each name with its value, as they lie.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let pair = rest;
            take_bytes(&mut rest)?;
            take_bytes(&mut rest)?;
            pair.get(..pair.len() - rest.len())
        })
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        // Only what is given is checked as text: filters look at a hundred thousand sets.
        let mut rest = &*self.0;
        loop {
            let found = take_bytes(&mut rest)?;
            let value = take_bytes(&mut rest)?;
            if found == name.as_bytes() {
                return std::str::from_utf8(value).ok();
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(take_bytes(rest)?).ok()
}

fn take_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, tail) = rest.split_first_chunk::<4>()?;
    let len = u32::from_le_bytes(*len) as usize;
    let (text, tail) = tail.split_at_checked(len)?;
    *rest = tail;
    Some(text)
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_sorted_and_keeps_the_last_of_a_repeated_name() {
        let labels = Labels::from_pairs(&mut vec![("b", "1"), ("a", "x"), ("b", "2"), ("c", "")]);
        assert_eq!(labels.iter().collect::<Vec<_>>(), [("a", "x"), ("b", "2")]);
        assert_eq!(labels.get("b"), Some("2"));
        assert_eq!(labels.get("c"), None);
    }

    #[test]
    fn bytes_of_another_form_are_refused() {
        let good = Labels::from_pairs(&mut vec![("name", "wert")]);
        assert_eq!(Labels::from_bytes(good.as_bytes()), Ok(good.clone()));
        for bad in [
            &good.as_bytes()[..7],
            &[1, 0, 0, 0],
            &[1, 0, 0, 0, 0xff, 0, 0, 0, 0],
        ] {
            assert_eq!(Labels::from_bytes(bad), Err(Malformed), "{bad:?}");
        }
    }
}
