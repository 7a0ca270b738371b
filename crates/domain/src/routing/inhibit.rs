//! Inhibition: which alerts are kept quiet by others. Indexed, so that its cost does not grow with rules times
//! alerts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::alert::Fingerprint;
use crate::labels::Labels;
use crate::matcher::{Matcher, Op};
use crate::routing::{InhibitRule, Routing};

/// Finds the rules whose matchers may fit an alert, by a label that each of them asks to be equal to a value.
#[derive(Clone, Debug, Default)]
pub struct RuleIndex {
    by_label: HashMap<String, HashMap<String, Vec<usize>>>,
    /// Rules without such a condition.
    others: Vec<usize>,
}

impl RuleIndex {
    /// An index of one side of all rules.
    #[must_use]
    pub fn new<'a>(sides: impl Iterator<Item = &'a [Matcher]>) -> Self {
        let mut index = Self::default();
        for (rule, matchers) in sides.enumerate() {
            let key = matchers
                .iter()
                .find(|m| m.op() == Op::Equal && !m.value().is_empty());
            let rules = match key {
                Some(key) => index
                    .by_label
                    .entry(key.name().to_owned())
                    .or_default()
                    .entry(key.value().to_owned())
                    .or_default(),
                None => &mut index.others,
            };
            rules.push(rule);
        }
        index
    }

    /// Places of the rules that may fit.
    fn candidates<'a>(&'a self, labels: &'a Labels) -> impl Iterator<Item = usize> + 'a {
        let by_label = labels
            .iter()
            .filter(|_| !self.by_label.is_empty())
            .filter_map(|(name, value)| self.by_label.get(name)?.get(value))
            .flatten();
        self.others.iter().chain(by_label).copied()
    }
}

/// The alerts that are the source of a rule, by the labels in which others must agree with them.
#[derive(Clone, Debug, Default)]
pub struct Inhibition {
    sources: HashMap<(usize, u64), Vec<Fingerprint>>,
}

/// A firing alert's labels, looked up by its identity.
pub trait Firing {
    /// The labels of the alert while it fires at the time in question.
    fn labels(&self, fingerprint: Fingerprint) -> Option<&Labels>;
}

impl Inhibition {
    /// Notes an alert that fires.
    pub(crate) fn add(&mut self, routing: &Routing, fingerprint: Fingerprint, labels: &Labels) {
        for rule in sources(routing, labels) {
            let key = (rule, agreement(&routing.inhibit_rules[rule], labels));
            let same = self.sources.entry(key).or_default();
            if !same.contains(&fingerprint) {
                same.push(fingerprint);
            }
        }
    }

    /// Forgets an alert.
    pub(crate) fn remove(&mut self, routing: &Routing, fingerprint: Fingerprint, labels: &Labels) {
        for rule in sources(routing, labels) {
            let key = (rule, agreement(&routing.inhibit_rules[rule], labels));
            if let Some(same) = self.sources.get_mut(&key) {
                same.retain(|f| *f != fingerprint);
                if same.is_empty() {
                    self.sources.remove(&key);
                }
            }
        }
    }

    /// The alert that keeps another quiet.
    #[must_use]
    pub fn inhibited_by(
        &self,
        routing: &Routing,
        labels: &Labels,
        firing: &impl Firing,
    ) -> Option<Fingerprint> {
        if self.sources.is_empty() {
            return None;
        }
        let mut rules: Vec<usize> = routing.target_index.candidates(labels).collect();
        rules.sort_unstable();
        rules.into_iter().find_map(|at| {
            let rule = &routing.inhibit_rules[at];
            if !fits(&rule.target, labels) {
                return None;
            }
            // An alert that is both source and target is not kept quiet by others of which that is true too.
            let both = fits(&rule.source, labels);
            let same = self.sources.get(&(at, agreement(rule, labels)))?;
            same.iter().copied().find(|source| {
                firing.labels(*source).is_some_and(|found| {
                    agrees(rule, found, labels) && !(both && fits(&rule.target, found))
                })
            })
        })
    }
}

fn sources<'a>(routing: &'a Routing, labels: &'a Labels) -> impl Iterator<Item = usize> + 'a {
    let candidates = routing.source_index.candidates(labels);
    candidates.filter(|rule| fits(&routing.inhibit_rules[*rule].source, labels))
}

fn fits(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|m| m.fits(labels))
}

/// The same number for alerts that agree. Others may share it: [`agrees`] tells.
fn agreement(rule: &InhibitRule, labels: &Labels) -> u64 {
    let mut hasher = DefaultHasher::new();
    for name in &rule.equal {
        labels.get(name).unwrap_or("").hash(&mut hasher);
    }
    hasher.finish()
}

fn agrees(rule: &InhibitRule, a: &Labels, b: &Labels) -> bool {
    let value = |labels: &Labels, name: &str| labels.get(name).unwrap_or("").to_owned();
    rule.equal
        .iter()
        .all(|name| value(a, name) == value(b, name))
}
