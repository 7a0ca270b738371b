//! What is wrong with a configuration, where, and what to do about it.

use std::cell::RefCell;
use std::fmt;

use serde::Serialize;

/// More problems than this are not worth reading; the rest appear when these are solved.
const MAX_PROBLEMS: usize = 500;

/// Most names compared with a wrong one.
const MAX_COMPARED: usize = 1_000;

/// Longest value repeated in a message, in characters.
const MAX_QUOTED: usize = 60;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file, relative to the configuration directory.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub todo: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}; {}",
            self.file, self.line, self.column, self.what, self.todo
        )
    }
}

impl Problem {
    /// A problem of a file as a whole.
    pub(super) fn of_file(file: &str, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: 1,
            column: 1,
            what: what.into(),
            todo: todo.into(),
        }
    }
}

/// Collects problems while reading goes on, so that all are reported at once.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Takes a problem in, while there is room.
    pub(super) fn push(&self, problem: Problem) {
        if !self.full() {
            self.0.borrow_mut().push(problem);
        }
    }

    /// Whether further problems are left out. Then no time is spent on describing them.
    pub(super) fn full(&self) -> bool {
        self.0.borrow().len() >= MAX_PROBLEMS
    }

    /// All problems in the order of files and lines, or `value` when there is none.
    pub(super) fn none_or<T>(self, value: T) -> Result<T, Vec<Problem>> {
        let mut problems = self.0.into_inner();
        problems.sort();
        problems.dedup();
        if problems.is_empty() {
            Ok(value)
        } else {
            Err(problems)
        }
    }
}

/// A file being read: positions are byte offsets into its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// All of it.
    pub(super) text: &'a str,
    /// Where its problems go.
    pub(super) problems: &'a Problems,
}

impl Source<'_> {
    /// Reports a problem at a byte of the text.
    pub(super) fn refuse(&self, at: usize, what: impl Into<String>, todo: impl Into<String>) {
        if self.problems.full() {
            return;
        }
        let (line, column) = position(self.text, at);
        self.problems.push(Problem {
            file: self.name.to_owned(),
            line,
            column,
            what: what.into(),
            todo: todo.into(),
        });
    }
}

/// Line and column of a byte, both from 1.
pub(super) fn position(text: &str, at: usize) -> (u32, u32) {
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.matches('\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .trim_start_matches('\u{feff}')
        .chars()
        .count();
    let from_one = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
    (from_one(line), from_one(column))
}

/// A value as it may stand in a message: quoted, escaped, not endless.
pub(super) fn quoted(value: &str) -> String {
    match value.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{:?}…", &value[..end]),
        None => format!("{value:?}"),
    }
}

/// The name most like `wrong`, as a question; without one, the names there are.
pub(super) fn instead<'a>(wrong: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    let wrong = &wrong[..wrong.floor_char_boundary(64)];
    let near = names
        .clone()
        .take(MAX_COMPARED)
        .map(|name| {
            (
                strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .min()
        .filter(|(distance, name)| *distance <= 1.max(name.chars().count() / 3));
    if let Some((_, name)) = near {
        return format!("did you mean \"{name}\"?");
    }
    let shown: Vec<String> = names.clone().take(12).map(quoted).collect();
    let more = if names.count() > shown.len() {
        ", …"
    } else {
        ""
    };
    if shown.is_empty() {
        return "declare it first; there is none yet".to_owned();
    }
    let one_of = if shown.len() == 1 { "" } else { "one of " };
    format!("write {one_of}{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_has_a_line_and_a_column_in_characters() {
        let check = |text: &str, at: usize, expected: (u32, u32)| {
            assert_eq!(position(text, at), expected, "{at} in {text:?}");
        };
        check("", 0, (1, 1));
        check("ab\ncd", 4, (2, 2));
        check("é = 1", 3, (1, 3));
        check("é = 1", 1, (1, 1));
        check("\u{feff}a", 3, (1, 1));
        check("a\r\nb", 3, (2, 1));
        check("a", 99, (1, 2));
    }

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        let names = ["ada", "ben", "cleopatra"];
        let check = |wrong: &str, expected: &str| {
            assert_eq!(instead(wrong, names.into_iter()), expected, "{wrong}");
        };
        check("adda", "did you mean \"ada\"?");
        check("Ben", "did you mean \"ben\"?");
        check("cleoptara", "did you mean \"cleopatra\"?");
        check("zoe", "write one of \"ada\", \"ben\", \"cleopatra\"");
        let none = instead("ada", std::iter::empty());
        assert_eq!(none, "declare it first; there is none yet");
    }
}
