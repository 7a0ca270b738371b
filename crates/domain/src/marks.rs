//! A glance at labels: which alerts cannot have a label, told without touching the labels themselves.

use serde::{Deserialize, Serialize};

use crate::labels::Labels;
use crate::matcher::{Matcher, Op};

/// A few bits for each label of a set (a Bloom filter). What it excludes is not there; what it does not may be missing
/// all the same. A filter over a hundred thousand alerts waits for memory more than for anything else, and these eight
/// bytes lie beside the alert's other facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(u64);

impl Marks {
    /// Those of all labels of a set.
    #[must_use]
    pub fn of(labels: &Labels) -> Self {
        Self(labels.pairs().fold(0, |marks, pair| marks | mark(pair)))
    }

    /// Those that an alert must have for all `matchers` to hold.
    #[must_use]
    pub fn needed<'a>(matchers: impl IntoIterator<Item = &'a Matcher>) -> Self {
        let exact = matchers.into_iter().filter(|m| m.op() == Op::Equal);
        // An empty value is no label, so there is nothing to see.
        exact.fold(Self::default(), |needed, m| {
            let pair = Labels::from_pairs(&mut vec![(m.name(), m.value())]);
            Self(needed.0 | Self::of(&pair).0)
        })
    }

    /// Whether none of the `needed` is missing.
    #[must_use]
    pub fn may_hold(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }
}

/// Three bits of 64. The hash is our own and stays as it is: marks are kept in snapshots.
fn mark(pair: &[u8]) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(SPREAD);
    let (words, rest) = pair.as_chunks::<8>();
    let hash = words
        .iter()
        .fold(0, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let hash = mix(hash, u64::from_le_bytes(last));
    // The upper bits of a product depend on all of it.
    1 << (hash >> 58) | 1 << (hash >> 52 & 63) | 1 << (hash >> 46 & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        Labels::from_pairs(&mut pairs.to_vec())
    }

    fn matcher(text: &str) -> Matcher {
        Matcher::parse(text).unwrap()
    }

    #[test]
    fn what_holds_is_never_excluded() {
        let set = labels(&[
            ("alertname", "Down"),
            ("instance", "host-1"),
            ("shard", "7"),
        ]);
        for text in [
            "alertname=Down",
            "instance=host-1",
            "shard=\"7\"",
            "shard=~\"7|8\"",
            "shard!=\"8\"",
            "missing=\"\"",
        ] {
            let matcher = matcher(text);
            assert!(matcher.fits(&set), "{text}");
            assert!(
                Marks::of(&set).may_hold(Marks::needed([&matcher])),
                "{text}"
            );
        }
    }

    #[test]
    fn most_of_what_does_not_hold_is_excluded() {
        let wanted = [matcher("instance=\"host-42\"")];
        let needed = Marks::needed(&wanted);
        let passed = |n: &usize| {
            let host = format!("host-{n}");
            let shard = (n % 100).to_string();
            let set = [
                ("alertname", "Down"),
                ("instance", &*host),
                ("job", "node"),
                ("shard", &*shard),
            ];
            Marks::of(&labels(&set)).may_hold(needed)
        };
        let passed = (0..10_000).filter(passed).count();
        assert!((1..500).contains(&passed), "{passed} of 10,000");
    }

    #[test]
    fn marks_stay_as_they_are() {
        // A snapshot of an older build holds them.
        let set = labels(&[("alertname", "Down"), ("instance", "host-1")]);
        assert_eq!(Marks::of(&set).0, 0x0200_1000_1011_0008);
    }
}
