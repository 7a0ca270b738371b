//! Names and values in the order in which they came.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use stentor_domain::labels::Labels;

use super::{FixedLabels, MAX_LABELS, MAX_NAME};

/// Labels or annotations before they are judged.
#[derive(Debug, Default)]
pub(crate) struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Pairs<'a> {
    /// Adds one. Of a repeated name the last value counts.
    pub(crate) fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        // One more than allowed is enough to refuse it.
        if self.0.len() <= MAX_LABELS {
            self.0.push((name.into(), value.into()));
        }
    }

    /// Adds others behind these.
    pub(crate) fn extend(&mut self, others: Self) {
        for (name, value) in others.0 {
            self.push(name, value);
        }
    }

    pub(super) fn judge(&self, what: &str, longest: usize) -> Result<(), String> {
        if self.0.len() > MAX_LABELS {
            return Err(format!("more than {MAX_LABELS} {what}s"));
        }
        for (name, value) in &self.0 {
            if name.is_empty() {
                return Err(format!("a {what} has no name"));
            }
            if name.len() > MAX_NAME {
                return Err(format!("a {what}'s name has more than {MAX_NAME} bytes"));
            }
            if value.len() > longest {
                return Err(format!("a {what}'s value has more than {longest} bytes"));
            }
        }
        Ok(())
    }

    pub(super) fn collect(&self) -> Labels {
        self.collect_with(&FixedLabels::new())
    }

    /// With further ones that count above these.
    pub(super) fn collect_with(&self, above: &FixedLabels) -> Labels {
        let own = self.0.iter().map(|(n, v)| (n.as_ref(), v.as_ref()));
        let above = above.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        Labels::from_pairs(&mut own.chain(above).collect())
    }

    /// Whether none has a value.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, value)| value.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pick;
        impl<'de> Visitor<'de> for Pick {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Pairs(Vec::with_capacity(8));
                while let Some((name, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
                    pairs.push(name.0, value.0);
                }
                Ok(pairs)
            }
        }
        deserializer.deserialize_map(Pick)
    }
}

/// Text that is borrowed when nothing in it is escaped.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);
