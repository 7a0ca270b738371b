//! Inhibition: which alerts are kept quiet by others. Indexed, so that its cost does not grow with rules times
//! alerts.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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

/// Rules that are looked at one after the other rather than searched for.
const FEW: usize = 16;

/// The lists of labels in which rules ask alerts to agree. Many rules share one.
#[derive(Clone, Debug, Default)]
pub struct Agreements {
    lists: Vec<Vec<String>>,
    /// By rule: a place in `lists`.
    of_rule: Vec<usize>,
}

impl Agreements {
    /// Those of all rules.
    #[must_use]
    pub fn new(rules: &[InhibitRule]) -> Self {
        let mut places: HashMap<&[String], usize> = HashMap::new();
        let mut agreements = Self::default();
        for rule in rules {
            let at = *places.entry(&rule.equal).or_insert_with(|| {
                agreements.lists.push(rule.equal.clone());
                agreements.lists.len() - 1
            });
            agreements.of_rule.push(at);
        }
        agreements
    }
}

/// The alerts that are the source of a rule, by the labels in which others must agree with them: first by the place of
/// the list of labels and what an alert has in it, then by rule. An alert so costs a search per list, not per rule.
#[derive(Clone, Debug, Default)]
pub struct Inhibition {
    sources: HashMap<(usize, u64), BTreeMap<usize, BTreeSet<Fingerprint>>>,
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
            let Some(key) = key(routing, rule, labels) else {
                continue;
            };
            let rules = self.sources.entry(key).or_default();
            rules.entry(rule).or_default().insert(fingerprint);
        }
    }

    /// Forgets an alert.
    pub(crate) fn remove(&mut self, routing: &Routing, fingerprint: Fingerprint, labels: &Labels) {
        for rule in sources(routing, labels) {
            let Some(key) = key(routing, rule, labels) else {
                continue;
            };
            let Some(rules) = self.sources.get_mut(&key) else {
                continue;
            };
            if let Some(same) = rules.get_mut(&rule) {
                same.remove(&fingerprint);
                if same.is_empty() {
                    rules.remove(&rule);
                }
            }
            if rules.is_empty() {
                self.sources.remove(&key);
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
        let lists = routing.agreements.lists.iter().enumerate();
        let agreeing =
            lists.filter_map(|(at, list)| self.sources.get(&(at, agreement(list, labels))));
        let targeting = OnceCell::new();
        let targeting = || {
            targeting.get_or_init(|| {
                let mut rules: Vec<usize> = routing.target_index.candidates(labels).collect();
                rules.sort_unstable();
                rules
            })
        };
        // Of each list the first rule that holds, and of those the first.
        let holding = agreeing.filter_map(|rules| {
            let holds = |at: usize, same: &BTreeSet<Fingerprint>| {
                let source = holds(&routing.inhibit_rules[at], same, labels, firing)?;
                Some((at, source))
            };
            if rules.len() <= FEW {
                rules.iter().find_map(|(at, same)| holds(*at, same))
            } else {
                let mut may = targeting().iter();
                may.find_map(|at| holds(*at, rules.get(at)?))
            }
        });
        holding.min_by_key(|(at, _)| *at).map(|(_, source)| source)
    }
}

/// The source by which a rule keeps an alert quiet.
fn holds(
    rule: &InhibitRule,
    sources: &BTreeSet<Fingerprint>,
    labels: &Labels,
    firing: &impl Firing,
) -> Option<Fingerprint> {
    if !fits(&rule.target, labels) {
        return None;
    }
    // An alert that is both source and target is not kept quiet by others of which that is true too.
    let both = fits(&rule.source, labels);
    sources.iter().copied().find(|source| {
        firing.labels(*source).is_some_and(|found| {
            agrees(rule, found, labels) && !(both && fits(&rule.target, found))
        })
    })
}

fn sources<'a>(routing: &'a Routing, labels: &'a Labels) -> impl Iterator<Item = usize> + 'a {
    let candidates = routing.source_index.candidates(labels);
    candidates.filter(|rule| fits(&routing.inhibit_rules[*rule].source, labels))
}

fn fits(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|m| m.fits(labels))
}

/// Under which the sources of a rule that agree with an alert are kept.
fn key(routing: &Routing, rule: usize, labels: &Labels) -> Option<(usize, u64)> {
    let at = *routing.agreements.of_rule.get(rule)?;
    let list = routing.agreements.lists.get(at)?;
    Some((at, agreement(list, labels)))
}

/// The same number for alerts that agree. Others may share it: [`agrees`] tells.
fn agreement(list: &[String], labels: &Labels) -> u64 {
    let mut hasher = DefaultHasher::new();
    for name in list {
        labels.get(name).unwrap_or("").hash(&mut hasher);
    }
    hasher.finish()
}

fn agrees(rule: &InhibitRule, a: &Labels, b: &Labels) -> bool {
    let value = |labels, name| Labels::get(labels, name).unwrap_or("");
    rule.equal
        .iter()
        .all(|name| value(a, name) == value(b, name))
}
