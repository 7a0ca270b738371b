//! What is asked for: the parameters of Alertmanager's lists, and ours for pages of them.

use std::sync::Arc;

use stentor_domain::labels::Labels;
use stentor_domain::matcher::{Matcher, Op, parse_matchers};

use super::{Row, Sort};

/// Matchers in one request at most.
const MAX_MATCHERS: usize = 64;

/// A query that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadQuery(pub(crate) String);

/// Which alerts, and which part of them.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) matchers: Vec<Matcher>,
    /// A pattern on the name of a receiver.
    pub(crate) receiver: Option<Matcher>,
    /// Matchers on the labels of a receiver; ours have their name only.
    pub(crate) receiver_matchers: Vec<Matcher>,
    pub(crate) active: bool,
    pub(crate) silenced: bool,
    pub(crate) inhibited: bool,
    /// Groups that the times of their routes keep quiet.
    pub(crate) muted: bool,
    pub(crate) sort: Sort,
    /// At most so many; all without.
    pub(crate) limit: Option<usize>,
    pub(crate) offset: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            matchers: Vec::new(),
            receiver: None,
            receiver_matchers: Vec::new(),
            active: true,
            silenced: true,
            inhibited: true,
            muted: true,
            sort: Sort::default(),
            limit: None,
            offset: 0,
        }
    }
}

impl Query {
    /// Reads the query of an address. Parameters of other names are ignored, as Alertmanager does.
    pub(crate) fn read(query: &str) -> Result<Self, BadQuery> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|e| BadQuery(e.to_string()))?;
        let mut asked = Self::default();
        for (name, value) in pairs {
            asked.take(&name, &value)?;
        }
        Ok(asked)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), BadQuery> {
        match name {
            "active" => self.active = flag(name, value)?,
            "silenced" => self.silenced = flag(name, value)?,
            "inhibited" => self.inhibited = flag(name, value)?,
            "muted" => self.muted = flag(name, value)?,
            // Every alert of ours is processed when it is recorded.
            "unprocessed" => {
                flag(name, value)?;
            }
            "filter" => self.matchers.push(one(value, self.matchers.len())?),
            "receiver_matchers" => {
                let matcher = one(value, self.receiver_matchers.len())?;
                self.receiver_matchers.push(matcher);
            }
            "receiver" => {
                let pattern = Matcher::new("receiver", Op::Matches, value);
                let failed = |e| BadQuery(format!("failed to parse receiver param: {e}"));
                self.receiver = Some(pattern.map_err(failed)?);
            }
            "limit" => self.limit = Some(number(name, value)?),
            "offset" => self.offset = number(name, value)?,
            "sort" => self.sort = Sort::read(value),
            _ => {}
        }
        Ok(())
    }

    /// Takes matchers as people write them, separated by commas.
    pub(crate) fn filter_by(&mut self, text: &str) -> Result<(), BadQuery> {
        let found = parse_matchers(text).map_err(|e| BadQuery(e.to_string()))?;
        if found.len() > MAX_MATCHERS {
            return Err(too_many());
        }
        self.matchers = found;
        Ok(())
    }

    /// Whether a receiver of this name is asked for.
    pub(crate) fn wants(&self, receiver: &str) -> bool {
        if self.receiver_matchers.is_empty() {
            return self.receiver.as_ref().is_none_or(|r| r.fits_text(receiver));
        }
        let labels = Labels::from_pairs(&mut vec![("name", receiver)]);
        self.receiver.as_ref().is_none_or(|r| r.fits_text(receiver))
            && self.receiver_matchers.iter().all(|m| m.fits(&labels))
    }

    /// Whether some receivers only are asked for.
    pub(super) fn picks_receivers(&self) -> bool {
        self.receiver.is_some() || !self.receiver_matchers.is_empty()
    }

    pub(super) fn wants_one_of(&self, receivers: &[Arc<str>]) -> bool {
        receivers.iter().any(|r| self.wants(r))
    }

    /// Whether what keeps alerts quiet decides about them.
    pub(super) fn picks_states(&self) -> bool {
        !(self.active && self.silenced && self.inhibited)
    }

    /// Whether an alert in this state is asked for.
    pub(super) fn wants_state(&self, row: &Row) -> bool {
        let quiet = &row.quiet;
        (self.active || quiet.is_quiet())
            && (self.silenced || quiet.silenced_by.is_empty())
            && (self.inhibited || quiet.inhibited_by.is_none())
    }
}

fn one(text: &str, before: usize) -> Result<Matcher, BadQuery> {
    if before >= MAX_MATCHERS {
        return Err(too_many());
    }
    Matcher::parse(text).map_err(|e| BadQuery(e.to_string()))
}

fn too_many() -> BadQuery {
    BadQuery(format!("more than {MAX_MATCHERS} matchers"))
}

fn flag(name: &str, value: &str) -> Result<bool, BadQuery> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(BadQuery(format!("{name} is true or false"))),
    }
}

fn number(name: &str, value: &str) -> Result<usize, BadQuery> {
    let number: Result<u32, _> = value.parse();
    number
        .map(|n| n as usize)
        .map_err(|_| BadQuery(format!("{name} is a number from 0 on")))
}
