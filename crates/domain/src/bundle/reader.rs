//! Reading TOML so that every problem is found in one go: each value knows where it stands, and a wrong one is
//! reported and left out instead of ending the reading.

use std::ops::{Deref, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Source, instead, quoted};
use crate::ids::is_slug;

/// Longest text on one line, in characters.
const MAX_LINE: usize = 500;
/// Longest text of several lines, in characters.
const MAX_TEXT: usize = 8_000;

/// A value and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a, T> {
    value: T,
    at: usize,
    source: Source<'a>,
}

/// A text and where it stands.
pub(super) type Text<'a> = At<'a, &'a str>;

impl<T> Deref for At<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'a, T> At<'a, T> {
    /// Reports a problem with it.
    pub(super) fn refuse(&self, what: impl Into<String>, todo: impl Into<String>) {
        self.source.refuse(self.at, what, todo);
    }

    /// Whether no further problem would be taken, so that describing one is in vain.
    pub(super) fn source_is_full(&self) -> bool {
        self.source.problems.full()
    }

    /// Another value at the same place.
    pub(super) fn with<U>(&self, value: U) -> At<'a, U> {
        At {
            value,
            at: self.at,
            source: self.source,
        }
    }
}

impl<'a> At<'a, &'a DeValue<'a>> {
    fn expected(&self, kind: &str) {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.refuse(
            format!("{found} stands where {kind} is expected"),
            format!("write {kind}"),
        );
    }

    /// A text of one line, not empty.
    fn line(&self) -> Option<Text<'a>> {
        let text = self.text(MAX_LINE)?;
        if text.contains(|c: char| c.is_control()) {
            text.refuse("the text holds a control character", "write it on one line");
            return None;
        }
        Some(text)
    }

    fn text(&self, most: usize) -> Option<Text<'a>> {
        let DeValue::String(text) = self.value else {
            self.expected("a text in quotes");
            return None;
        };
        let text = self.with(text.as_ref());
        if text.trim().is_empty() {
            text.refuse("the text is empty", "write something, or remove the key");
            return None;
        }
        if text.chars().count() > most {
            text.refuse(
                format!("the text is longer than {most} characters"),
                "shorten it",
            );
            return None;
        }
        let harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        if !text.chars().all(harmless) {
            text.refuse("the text holds a control character", "remove it");
            return None;
        }
        Some(text)
    }

    fn items(&self) -> Vec<Self> {
        let DeValue::Array(items) = self.value else {
            self.expected("a list in [ ]");
            return Vec::new();
        };
        let place = |item: &'a Spanned<DeValue<'a>>| At {
            value: item.get_ref(),
            at: item.span().start,
            source: self.source,
        };
        items.iter().map(place).collect()
    }

    fn table(&self) -> Option<Table<'a>> {
        if let DeValue::Table(table) = self.value {
            return Some(Table {
                source: self.source,
                table,
                at: self.at,
            });
        }
        self.expected("a table");
        None
    }
}

/// A table and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    source: Source<'a>,
    table: &'a DeTable<'a>,
    at: usize,
}

impl<'a> Table<'a> {
    /// All of a file, with these keys.
    pub(super) fn whole_file(source: Source<'a>, table: &'a DeTable<'a>, keys: &[&str]) -> Self {
        let file = Table {
            source,
            table,
            at: 0,
        };
        file.allow_only(keys);
        file
    }

    /// The place of the table itself.
    pub(super) fn here(&self) -> At<'a, ()> {
        At {
            value: (),
            at: self.at,
            source: self.source,
        }
    }

    /// Reports every other key.
    pub(super) fn allow_only(&self, keys: &[&str]) {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !keys.contains(&name) && !self.source.problems.full() {
                self.source.refuse(
                    key.span().start,
                    format!("there is no key {} here", quoted(name)),
                    instead(name, keys.iter().copied()),
                );
            }
        }
    }

    fn missing(&self, key: &str, example: &str) {
        self.source.refuse(
            self.at,
            format!("\"{key}\" is missing"),
            format!("add {example}"),
        );
    }

    /// A value of any kind.
    pub(super) fn value(&self, key: &str) -> Option<At<'a, &'a DeValue<'a>>> {
        let value = self.table.get(key)?;
        Some(At {
            value: value.get_ref(),
            at: value.span().start,
            source: self.source,
        })
    }

    /// A text of one line, when there is one.
    pub(super) fn line(&self, key: &str) -> Option<Text<'a>> {
        self.value(key)?.line()
    }

    /// A text of one line; `example` is what to add when it is missing.
    pub(super) fn need(&self, key: &str, example: &str) -> Option<Text<'a>> {
        if self.value(key).is_none() {
            self.missing(key, example);
        }
        self.line(key)
    }

    /// A text of one line as it goes into the organisation; empty when it was refused.
    pub(super) fn need_owned(&self, key: &str, example: &str) -> String {
        self.need(key, example)
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    }

    /// A text of any number of lines, when there is one.
    pub(super) fn text(&self, key: &str) -> Option<Text<'a>> {
        self.value(key)?.text(MAX_TEXT)
    }

    /// A list of texts of one line each; empty when there is none.
    pub(super) fn lines(&self, key: &str) -> Vec<Text<'a>> {
        let items = self.value(key).map(|value| value.items());
        items
            .unwrap_or_default()
            .iter()
            .filter_map(At::line)
            .collect()
    }

    /// A whole number within a range, when there is one.
    pub(super) fn whole(&self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.value(key)?;
        let DeValue::Integer(number) = *value else {
            value.expected("a whole number");
            return None;
        };
        let number = u32::from_str_radix(number.as_str(), number.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            value.refuse(
                format!("\"{key}\" is out of range"),
                format!("write {} to {}", range.start(), range.end()),
            );
        }
        number
    }

    /// `true` or `false`, when it stands there.
    pub(super) fn flag(&self, key: &str) -> Option<At<'a, bool>> {
        let value = self.value(key)?;
        if let DeValue::Boolean(flag) = *value {
            return Some(value.with(*flag));
        }
        value.expected("true or false");
        None
    }

    /// A text, date or time as it is written; TOML has its own form for dates, and people use both.
    pub(super) fn moment(&self, key: &str) -> Option<At<'a, String>> {
        moment(&self.value(key)?)
    }

    /// A list of texts, dates or times.
    pub(super) fn moments(&self, key: &str) -> Vec<At<'a, String>> {
        let items = self.value(key).map(|value| value.items());
        items
            .unwrap_or_default()
            .iter()
            .filter_map(moment)
            .collect()
    }

    /// A table with these keys, when there is one.
    pub(super) fn table(&self, key: &str, keys: &[&str]) -> Option<Table<'a>> {
        let table = self.value(key)?.table()?;
        table.allow_only(keys);
        Some(table)
    }

    /// A list of tables with these keys.
    pub(super) fn list(&self, key: &str, keys: &[&str]) -> Vec<Table<'a>> {
        let tables = self.list_freely(key);
        tables.iter().for_each(|table| table.allow_only(keys));
        tables
    }

    /// A list of tables whose keys depend on what they hold.
    pub(super) fn list_freely(&self, key: &str) -> Vec<Table<'a>> {
        let items = self.value(key).map(|value| value.items());
        let tables = items.unwrap_or_default();
        tables.iter().filter_map(At::table).collect()
    }

    /// A text of one line or a list of such, when there is one; an empty list says something else than none.
    pub(super) fn line_or_lines(&self, key: &str) -> Option<Vec<Text<'a>>> {
        let value = self.value(key)?;
        if matches!(*value, DeValue::Array(_)) {
            return Some(self.lines(key));
        }
        value.line().map(|text| vec![text])
    }

    /// The tables `[key.NAME]`, each with these keys. Names are slugs.
    pub(super) fn named(&self, key: &str, keys: &[&str]) -> Vec<(&'a str, Table<'a>)> {
        let tables = self.named_freely(key, keys).into_iter();
        let slug = |(name, table): (Text<'a>, Table<'a>)| {
            refuse_unless_slug(&name);
            (*name, table)
        };
        tables.map(slug).collect()
    }

    /// The tables `[key.NAME]`, each with these keys. A table stands where its name does.
    pub(super) fn named_freely(&self, key: &str, keys: &[&str]) -> Vec<(Text<'a>, Table<'a>)> {
        let mut found = Vec::new();
        for (name, value) in self.entries(key) {
            if let Some(table) = value.table() {
                table.allow_only(keys);
                found.push((
                    name,
                    Table {
                        at: name.at,
                        ..table
                    },
                ));
            }
        }
        found
    }

    /// A table of texts of one line: names and values, both with their places.
    pub(super) fn pairs(&self, key: &str) -> Vec<(Text<'a>, Text<'a>)> {
        let entries = self.entries(key).into_iter();
        entries
            .filter_map(|(name, value)| Some((name, value.line()?)))
            .collect()
    }

    fn entries(&self, key: &str) -> Vec<(Text<'a>, At<'a, &'a DeValue<'a>>)> {
        let Some(table) = self.value(key).and_then(|value| value.table()) else {
            return Vec::new();
        };
        let place = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &'a std::borrow::Cow<'a, str> = key.get_ref();
            let name = At {
                value: name.as_ref(),
                at: key.span().start,
                source: self.source,
            };
            let value = At {
                value: value.get_ref(),
                at: value.span().start,
                source: self.source,
            };
            (name, value)
        };
        table.table.iter().map(place).collect()
    }
}

/// Reports a name that is not a slug.
fn refuse_unless_slug(name: &Text<'_>) {
    if !is_slug(name) {
        name.refuse(
            format!("{} cannot be a name", quoted(name)),
            "use 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -",
        );
    }
}

fn moment<'a>(value: &At<'a, &'a DeValue<'a>>) -> Option<At<'a, String>> {
    if let DeValue::Datetime(moment) = **value {
        return Some(value.with(moment.to_string()));
    }
    value.line().map(|text| text.with(text.trim().to_owned()))
}
