//! One file: its syntax, and the names it declares.

use toml::Spanned;
use toml::de::{DeTable, Error};

use super::problem::{Problems, Source};
use super::reader::Table;

/// Most syntax errors reported of one file: one missing bracket makes many.
const MAX_SYNTAX: usize = 10;

/// What the parser says when a name is there twice. What it recovers then is as good as a sound file.
const REPEATED: &str = "duplicate key";

/// A file that has been parsed.
#[derive(Debug)]
pub(super) struct Document<'a> {
    source: Source<'a>,
    table: Spanned<DeTable<'a>>,
    /// Its syntax is wrong, so what it declares is partly guesswork.
    pub(super) broken: bool,
}

impl<'a> Document<'a> {
    /// Parses a file and reports what is wrong with its syntax.
    pub(super) fn parse(name: &'a str, text: &'a str, problems: &'a Problems) -> Self {
        let source = Source {
            name,
            text,
            problems,
        };
        let (table, mut errors) = DeTable::parse_recoverable(text);
        errors.sort_by_key(start);
        report(&source, &errors);
        Self {
            source,
            table,
            broken: errors.iter().any(|e| e.message() != REPEATED),
        }
    }

    /// The whole file as a table with these keys; `None` when it is broken.
    pub(super) fn root<'d>(&'d self, keys: &[&str]) -> Option<Table<'d>> {
        if self.broken {
            return None;
        }
        Some(Table::whole_file(self.source, self.table.get_ref(), keys))
    }

    /// The names declared under `[section.NAME]`, reporting nothing.
    pub(super) fn names(&self, section: &str) -> impl Iterator<Item = &str> {
        let declared = self.table.get_ref().get(section);
        let declared = declared.and_then(|value| value.get_ref().as_table());
        declared
            .into_iter()
            .flat_map(|table| table.keys().map(|key| key.get_ref().as_ref()))
    }
}

fn start(error: &Error) -> usize {
    error.span().map_or(0, |span| span.start)
}

fn report(source: &Source<'_>, errors: &[Error]) {
    let text = source.text;
    let mut repeated_table: Option<usize> = None;
    for error in errors.iter().take(MAX_SYNTAX) {
        let at = text.floor_char_boundary(start(error));
        if error.message() != REPEATED {
            source.refuse(at, error.message(), "correct the TOML syntax");
            continue;
        }
        // The keys of a table that is there twice are reported with the table.
        if repeated_table.is_some_and(|table| !text[table..at].contains("\n[")) {
            continue;
        }
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        repeated_table = line.starts_with('[').then_some(at);
        source.refuse(
            at,
            "this name is already in use here",
            "keep one of the two",
        );
    }
}
