//! The tree of routes: which of them an alert takes.

use crate::labels::Labels;
use crate::matcher::Matcher;
use crate::routing::{GroupId, Routing};

/// One route, with everything that it takes over from its parents.
#[derive(Clone, Debug)]
pub struct Route {
    /// What an alert must satisfy; the root takes all.
    pub matchers: Vec<Matcher>,
    /// Who is told: a place in [`Routing::receivers`].
    pub receiver: usize,
    /// Which alerts go together.
    pub group_by: GroupBy,
    /// How long the first alert of a group waits for others, in milliseconds.
    pub group_wait_ms: i64,
    /// How long a group waits between two looks, in milliseconds.
    pub group_interval_ms: i64,
    /// After this long what has not changed is told again, in milliseconds.
    pub repeat_interval_ms: i64,
    /// Names of times in which nothing is told.
    pub mute: Vec<String>,
    /// Names of times outside of which nothing is told; empty means always.
    pub active: Vec<String>,
    /// Whether the routes after this one are looked at too.
    pub continues: bool,
    /// Places of the children in [`Routing::routes`].
    pub children: Vec<usize>,
    /// The first part of the key of its groups, for instance `{}/{team="x"}`.
    pub key: String,
}

/// Which alerts go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Each alert by itself (`...`).
    All,
    /// Those that agree in these labels.
    Names(Vec<String>),
}

impl GroupBy {
    /// The labels that a group of this kind has in common, of an alert with these labels.
    #[must_use]
    pub fn labels(&self, labels: &Labels) -> Labels {
        match self {
            Self::All => labels.clone(),
            Self::Names(names) => {
                let own = labels
                    .iter()
                    .filter(|(name, _)| names.iter().any(|n| n == name));
                Labels::from_pairs(&mut own.collect())
            }
        }
    }
}

impl Routing {
    /// The routes that an alert takes, in order: the deepest that fit; a parent only when no child does.
    #[must_use]
    pub fn routes_of(&self, labels: &Labels) -> Vec<usize> {
        let mut taken = Vec::new();
        self.walk(0, labels, &mut taken);
        taken
    }

    /// The group of a route whose alerts have these labels in common.
    #[must_use]
    pub fn group_of(&self, route: &Route, labels: &Labels) -> GroupId {
        let receiver = self.receivers.get(route.receiver);
        let receiver = receiver.map_or("", |r| r.name.as_str());
        GroupId::told_to(receiver, &route.key, labels)
    }

    fn walk(&self, at: usize, labels: &Labels, taken: &mut Vec<usize>) -> bool {
        let Some(route) = self.routes.get(at) else {
            return false;
        };
        if !route.matchers.iter().all(|m| m.fits(labels)) {
            return false;
        }
        let before = taken.len();
        for child in &route.children {
            let fits = self.walk(*child, labels, taken);
            if fits && !self.routes[*child].continues {
                break;
            }
        }
        if taken.len() == before {
            taken.push(at);
        }
        true
    }
}
