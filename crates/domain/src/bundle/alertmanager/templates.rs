//! Files with templates that a routing names, and how they become part of a bundle.
//!
//! The patterns of `templates` may lead anywhere on the machine that reads them. What was found there is kept in the
//! bundle under names of its own, so that every node tells receivers the same: the rank of the routing's file among
//! all routings, the place in the order of reading, and the name of the file.

use std::collections::BTreeMap;

use super::tree;
use super::view::View;
use crate::bundle::problem::{Problem, Problems, Source};
use crate::go_template::Library;

/// Where they lie in a bundle.
const FOLDER: &str = "alertmanager.templates/";
/// Most template files of one routing.
pub const MAX_TEMPLATE_FILES: usize = 200;
/// Most bytes of all template files of one routing.
pub const MAX_TEMPLATE_BYTES: usize = 1024 * 1024;
/// Longest name that is kept, in characters.
const MAX_NAME: usize = 60;

/// A pattern of `templates`, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFile {
    /// As people find it.
    pub shown: String,
    /// Its last name, under which templates may call it.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// The patterns of a routing; none when it cannot be read, which others say.
#[must_use]
pub fn patterns(name: &str, text: &str) -> Vec<Pattern> {
    let problems = Problems::default();
    let source = Source {
        name,
        text,
        problems: &problems,
    };
    let Some(tree) = tree::parse(source) else {
        return Vec::new();
    };
    let patterns = View::root(&tree, source).list("templates");
    let pattern = |view: &View<'_>| {
        let (line, column) = view.position();
        let text = view.scalar()?.to_owned();
        Some(Pattern { text, line, column })
    };
    patterns.iter().filter_map(pattern).collect()
}

/// Whether a name, without slashes, is one that the pattern means: `*` is any text, `?` any character, `[a-z]` and
/// `[^a-z]` a character of some, and `\` takes the next one as it is.
#[must_use]
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut begin) = (0, 0);
    // Where to go on when the last star has to take one character more.
    let mut star = None;
    loop {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, begin));
            at += 1;
            continue;
        }
        if at == pattern.len() && begin == name.len() {
            return true;
        }
        let one = name.get(begin).and_then(|c| one(&pattern[at..], *c));
        if let Some(length) = one {
            at += length;
            begin += 1;
            continue;
        }
        match star {
            Some((back, taken)) if taken < name.len() => {
                star = Some((back, taken + 1));
                at = back + 1;
                begin = taken + 1;
            }
            _ => return false,
        }
    }
}

/// How much of a pattern means one character, if it means this one.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == c).then_some(2),
        ['[', rest @ ..] => {
            let (not, mut rest, mut length) = match rest {
                ['^', rest @ ..] => (true, rest, 2),
                rest => (false, rest, 1),
            };
            let mut found = false;
            loop {
                let (low, used) = member(rest)?;
                rest = &rest[used..];
                length += used;
                let mut high = low;
                if let ['-', after @ ..] = rest {
                    let (end, used) = member(after)?;
                    high = end;
                    rest = &after[used..];
                    length += used + 1;
                }
                found |= (low..=high).contains(&c);
                if let [']', ..] = rest {
                    return (found != not).then_some(length + 1);
                }
            }
        }
        [literal, ..] => (*literal == c).then_some(1),
        [] => None,
    }
}

/// A character between brackets, and how much of the pattern it is.
fn member(rest: &[char]) -> Option<(char, usize)> {
    match rest {
        ['\\', c, ..] => Some((*c, 2)),
        ['-' | ']', ..] | [] => None,
        [c, ..] => Some((*c, 1)),
    }
}

/// The templates that a routing's fields may call: Alertmanager's own, and those of the files, later ones in the place
/// of earlier ones.
///
/// # Errors
/// Every file that is no template, with its place.
pub fn library(files: &[TemplateFile]) -> Result<Library, Vec<Problem>> {
    let mut library = Library::default();
    let mut problems = Vec::new();
    for file in files {
        if let Err(error) = library.add_file(&file.name, &file.text) {
            let from_one = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            problems.push(Problem {
                file: file.shown.clone(),
                line: from_one(error.line),
                column: from_one(error.column),
                what: error.what,
                todo: "mend the template, or take the file out of `templates`".to_owned(),
            });
        }
    }
    if problems.is_empty() {
        Ok(library)
    } else {
        Err(problems)
    }
}

/// Whether a path in a bundle is that of a template file.
#[must_use]
pub fn is_template(path: &str) -> bool {
    path.strip_prefix(FOLDER).is_some_and(|rest| {
        let number = |at: usize| {
            rest.get(at..at + 3)
                .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        };
        let dash = |at: usize| rest.as_bytes().get(at) == Some(&b'-');
        number(0) && dash(3) && number(4) && dash(7) && rest.len() > 8 && !rest.contains('/')
    })
}

/// Puts the template files of each routing into a bundle's files; they are given by the path of the routing.
pub fn with_templates(
    files: &mut BTreeMap<String, String>,
    templates: &BTreeMap<String, Vec<TemplateFile>>,
) {
    let routings: Vec<String> = files
        .keys()
        .filter(|path| super::is_routing(path))
        .cloned()
        .collect();
    for (rank, routing) in routings.iter().enumerate() {
        for (number, file) in templates.get(routing).into_iter().flatten().enumerate() {
            let plain = |c: char| {
                if c.is_ascii_alphanumeric() || "._-".contains(c) {
                    c
                } else {
                    '_'
                }
            };
            let name: String = file.name.chars().map(plain).take(MAX_NAME).collect();
            let path = format!("{FOLDER}{rank:03}-{number:03}-{name}");
            files.insert(path, file.text.clone());
        }
    }
}

/// The templates of one routing in a bundle; none when no file belongs to it.
pub(super) fn of_routing(
    files: &BTreeMap<String, String>,
    rank: usize,
    problems: &Problems,
) -> Option<Library> {
    let prefix = format!("{FOLDER}{rank:03}-");
    let ours = files
        .iter()
        .filter(|(path, _)| is_template(path) && path.starts_with(&prefix));
    let ours: Vec<TemplateFile> = ours
        .map(|(path, text)| TemplateFile {
            shown: path.clone(),
            name: path[prefix.len() + 4..].to_owned(),
            text: text.clone(),
        })
        .collect();
    if ours.is_empty() {
        return None;
    }
    match library(&ours) {
        Ok(library) => Some(library),
        Err(found) => {
            found.into_iter().for_each(|problem| problems.push(problem));
            None
        }
    }
}
