//! Silences that hold, found by what they ask for: a hundred of them must not cost a hundred looks at every alert.

use std::collections::HashMap;

use crate::labels::Labels;
use crate::matcher::Op;
use crate::silence::{Silence, SilenceId};

/// Fewer than so many are looked at one by one.
const FEW: usize = 8;

/// Silences that hold at one time.
#[derive(Clone, Debug, Default)]
pub(super) struct Holding<'a> {
    /// Those that ask for a label to have a value, by both.
    by_label: HashMap<(&'a str, &'a str), Vec<&'a Silence>>,
    /// All others.
    others: Vec<&'a Silence>,
}

impl<'a> Holding<'a> {
    /// An index of silences that hold.
    pub(super) fn new(silences: impl Iterator<Item = &'a Silence>) -> Self {
        let all: Vec<&Silence> = silences.collect();
        let mut index = Self::default();
        if all.len() < FEW {
            index.others = all;
            return index;
        }
        for silence in all {
            let matchers = &silence.wanted.matchers;
            let asked = |m: &&crate::matcher::Matcher| m.op() == Op::Equal && !m.value().is_empty();
            match matchers.iter().find(asked) {
                Some(m) => {
                    let found = index.by_label.entry((m.name(), m.value()));
                    found.or_default().push(silence);
                }
                None => index.others.push(silence),
            }
        }
        index
    }

    pub(super) fn is_empty(&self) -> bool {
        self.others.is_empty() && self.by_label.is_empty()
    }

    /// Those that mean an alert with these labels, in order of their names.
    pub(super) fn of(&self, labels: &Labels) -> Vec<SilenceId> {
        let mut found = Vec::new();
        let mut look = |some: &[&Silence]| {
            let fitting = some.iter().filter(|s| s.wanted.fits(labels));
            found.extend(fitting.map(|s| s.id));
        };
        look(&self.others);
        if !self.by_label.is_empty() {
            for pair in labels.iter() {
                if let Some(some) = self.by_label.get(&pair) {
                    look(some);
                }
            }
        }
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::Matcher;
    use crate::silence::Wanted;

    fn silence(n: u8, matchers: &[(&str, Op, &str)]) -> Silence {
        let matchers = matchers.iter();
        let matchers = matchers.map(|(name, op, value)| Matcher::new(*name, *op, *value).unwrap());
        Silence {
            id: SilenceId::from_random([n; 16]),
            wanted: Wanted {
                matchers: matchers.collect(),
                starts_ms: 0,
                ends_ms: 1,
                recurrence: None,
                created_by: String::new(),
                comment: String::new(),
            },
            updated_ms: 0,
        }
    }

    #[test]
    fn the_index_finds_what_a_look_at_each_finds() {
        let mut all = vec![
            silence(1, &[("job", Op::Equal, "a"), ("x", Op::NotEqual, "y")]),
            silence(2, &[("job", Op::Matches, "a|b")]),
            silence(3, &[("missing", Op::Equal, ""), ("job", Op::Equal, "b")]),
            silence(4, &[("missing", Op::Equal, ""), ("x", Op::NotEqual, "")]),
        ];
        all.extend((5..20).map(|n| silence(n, &[("n", Op::Equal, &n.to_string())])));
        for some in [&all[..4], &all[..]] {
            let index = Holding::new(some.iter());
            for pairs in [
                vec![("job", "a")],
                vec![("job", "a"), ("x", "y")],
                vec![("job", "b"), ("n", "7")],
                vec![("job", "b"), ("missing", "z")],
                vec![("x", "z")],
                vec![],
            ] {
                let labels = Labels::from_pairs(&mut pairs.clone());
                let each = some.iter().filter(|s| s.wanted.fits(&labels));
                let mut each: Vec<_> = each.map(|s| s.id).collect();
                each.sort_unstable();
                assert_eq!(index.of(&labels), each, "{pairs:?}");
            }
        }
    }
}
