//! Names that one part of a configuration declares and others refer to.

use std::collections::BTreeSet;

use super::problem::{instead, quoted};
use super::reader::Text;
use crate::ids::is_slug;

/// The declared names of one kind.
#[derive(Debug)]
pub(super) struct Names<'a> {
    kind: &'static str,
    /// How one is declared, for instance `[people.NAME] in people.toml`.
    declare: &'static str,
    names: BTreeSet<&'a str>,
    /// False when what declares them is missing or broken: then no reference is called dangling.
    complete: bool,
}

impl<'a> Names<'a> {
    /// Names of a kind.
    pub(super) fn new(
        kind: &'static str,
        declare: &'static str,
        names: impl Iterator<Item = &'a str>,
        complete: bool,
    ) -> Self {
        Self {
            kind,
            declare,
            names: names.collect(),
            complete,
        }
    }

    /// Whether a name is declared, as far as can be known.
    pub(super) fn has(&self, name: &str) -> bool {
        !self.complete || self.names.contains(name)
    }

    /// The name as an id; reported at its place when nothing declares it.
    pub(super) fn find<Id: for<'t> From<&'t str>>(&self, name: &Text<'_>) -> Id {
        if !self.has(name) && !name.source_is_full() {
            let declare = if is_slug(name) {
                self.declare.replace("NAME", name)
            } else {
                self.declare.to_owned()
            };
            let todo = if self.names.is_empty() {
                format!("declare it as {declare}")
            } else {
                let like = instead(name, self.names.iter().copied());
                let or = if like.ends_with('?') {
                    " If not,"
                } else {
                    ", or"
                };
                format!("{like}{or} declare it as {declare}")
            };
            name.refuse(format!("there is no {} {}", self.kind, quoted(name)), todo);
        }
        Id::from(name)
    }
}
