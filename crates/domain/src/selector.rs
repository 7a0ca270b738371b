//! Which alerts belong to a service.

use regex::Regex;

use crate::labels::Labels;

/// Conditions on labels that must all hold.
#[derive(Clone, Debug)]
pub struct Selector {
    conditions: Vec<(String, Condition)>,
}

#[derive(Clone, Debug)]
enum Condition {
    Is(String),
    Matches(Regex),
}

/// Largest compiled size of a pattern, in bytes. The engine is linear in the text whatever the pattern.
const MAX_PATTERN: usize = 1 << 20;

impl Selector {
    /// A selector of labels that are equal to a value, and labels that match a pattern as a whole.
    ///
    /// # Errors
    /// The label and what is wrong with its pattern.
    pub fn new<'a>(
        equal: impl IntoIterator<Item = (&'a str, &'a str)>,
        patterns: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, (String, String)> {
        let mut conditions: Vec<(String, Condition)> = equal
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Condition::Is(value.to_owned())))
            .collect();
        for (name, pattern) in patterns {
            // Compiled alone first: `a)|(b` must not escape its anchors.
            let compile = |text: &str| {
                let built = regex::RegexBuilder::new(text)
                    .size_limit(MAX_PATTERN)
                    .build();
                built.map_err(|e| (name.to_owned(), e.to_string()))
            };
            compile(pattern)?;
            let regex = compile(&format!("^(?:{pattern})$"))?;
            conditions.push((name.to_owned(), Condition::Matches(regex)));
        }
        Ok(Self { conditions })
    }

    /// Whether all conditions hold. A missing label counts as empty, as in Prometheus.
    #[must_use]
    pub fn fits(&self, labels: &Labels) -> bool {
        self.conditions.iter().all(|(name, condition)| {
            let value = labels.get(name).unwrap_or("");
            match condition {
                Condition::Is(expected) => value == expected,
                Condition::Matches(regex) => regex.is_match(value),
            }
        })
    }

    /// More is more specific: an equality weighs more than a pattern.
    #[must_use]
    pub fn specificity(&self) -> (usize, usize) {
        let equalities = self
            .conditions
            .iter()
            .filter(|(_, c)| matches!(c, Condition::Is(_)))
            .count();
        (self.conditions.len(), equalities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_together_and_patterns_are_anchored() {
        let selector = Selector::new([("job", "shop")], [("instance", "web-[0-9]+")]).unwrap();
        let check = |pairs: &[(&str, &str)], fits: bool| {
            assert_eq!(
                selector.fits(&Labels::from_pairs(&mut pairs.to_vec())),
                fits,
                "{pairs:?}"
            );
        };
        check(&[("job", "shop"), ("instance", "web-1")], true);
        check(&[("job", "shop"), ("instance", "xweb-1")], false);
        check(&[("job", "shop")], false);
        check(&[("job", "mail"), ("instance", "web-1")], false);
        assert_eq!(selector.specificity(), (2, 1));
    }

    #[test]
    fn a_pattern_that_cannot_be_compiled_is_named() {
        assert_eq!(Selector::new([], [("job", "(")]).unwrap_err().0, "job");
        assert_eq!(Selector::new([], [("job", "a)|(b")]).unwrap_err().0, "job");
        assert_eq!(
            Selector::new([], [("job", "(a{1000}){1000}")])
                .unwrap_err()
                .0,
            "job"
        );
    }
}
