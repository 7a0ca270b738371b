//! A place in a JSON document: the part of JSONPath (RFC 9535) that names exactly one value.

use std::fmt;
use std::iter::Peekable;
use std::str::{CharIndices, FromStr};

/// Steps of a path at most.
const MAX_STEPS: usize = 16;

/// Longest path, in bytes.
const MAX_BYTES: usize = 500;

/// Largest place in a list.
const MAX_INDEX: usize = 99_999;

/// The way to one value: `alert.labels.name`, `$.results[0]['display name']`, or `$` for the whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To a member of an object.
    Member(Box<str>),
    /// To an element of a list, from 0.
    Element(usize),
}

/// Text that is not a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at character {at}")]
pub struct BadPath {
    /// What is wrong.
    pub what: &'static str,
    /// Where, in characters from 1.
    pub at: usize,
}

impl Path {
    /// The steps from the top.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl FromStr for Path {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let mut reader = Reader {
            text,
            rest: text.char_indices().peekable(),
        };
        if text.len() > MAX_BYTES {
            return Err(reader.bad("the path is too long"));
        }
        let mut steps = Vec::new();
        let mut first = true;
        if reader.take('$') {
            first = false;
        } else if text.is_empty() {
            return Err(reader.bad("the path is empty"));
        }
        while reader.rest.peek().is_some() {
            if steps.len() == MAX_STEPS {
                return Err(reader.bad("the path has too many steps"));
            }
            let step = if reader.take('[') {
                reader.bracket()?
            } else if first || reader.take('.') {
                reader.member()?
            } else {
                return Err(reader.bad("a \".\" or \"[\" is expected"));
            };
            first = false;
            steps.push(step);
        }
        Ok(Self(steps))
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

impl Reader<'_> {
    fn bad(&mut self, what: &'static str) -> BadPath {
        let at = self.rest.peek().map_or(self.text.len(), |(at, _)| *at);
        let at = self.text[..at].chars().count() + 1;
        BadPath { what, at }
    }

    fn take(&mut self, wanted: char) -> bool {
        self.rest.next_if(|(_, c)| *c == wanted).is_some()
    }

    /// A name without quotes.
    fn member(&mut self) -> Result<Step, BadPath> {
        let mut name = String::new();
        while let Some((_, c)) = self.rest.next_if(|(_, c)| is_plain(*c)) {
            name.push(c);
        }
        if !name.is_empty() {
            return Ok(Step::Member(name.into()));
        }
        Err(self.bad("a name is expected (one with other characters stands in ['…']; \"*\", \"?\" and \"..\" are not read)"))
    }

    /// What stands in brackets, behind the first.
    fn bracket(&mut self) -> Result<Step, BadPath> {
        let step = match self.rest.peek() {
            Some((_, quote @ ('\'' | '"'))) => {
                let quote = *quote;
                self.rest.next();
                self.quoted(quote)?
            }
            Some((_, c)) if c.is_ascii_digit() => self.index()?,
            _ => return Err(self.bad("a number or a name in quotes is expected")),
        };
        if self.take(']') {
            Ok(step)
        } else {
            Err(self.bad("a \"]\" is expected"))
        }
    }

    fn index(&mut self) -> Result<Step, BadPath> {
        let mut index = 0_usize;
        while let Some((_, c)) = self.rest.next_if(|(_, c)| c.is_ascii_digit()) {
            let digit = c.to_digit(10).unwrap_or_default() as usize;
            index = index * 10 + digit;
            if index > MAX_INDEX {
                return Err(self.bad("the number is too large"));
            }
        }
        Ok(Step::Element(index))
    }

    fn quoted(&mut self, quote: char) -> Result<Step, BadPath> {
        let mut name = String::new();
        loop {
            match self.rest.next() {
                Some((_, c)) if c == quote => return Ok(Step::Member(name.into())),
                Some((_, '\\')) => match self.rest.next_if(|(_, c)| matches!(c, '\\' | '\'' | '"'))
                {
                    Some((_, c)) => name.push(c),
                    None => return Err(self.bad("behind a \"\\\" only \\, ' and \" are read")),
                },
                Some((_, c)) => name.push(c),
                None => return Err(self.bad("the closing quote is missing")),
            }
        }
    }
}

/// Whether a character may stand in a name without quotes.
fn is_plain(c: char) -> bool {
    !c.is_control() && !c.is_whitespace() && !".[]'\"*?,:()$\\".contains(c)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Element(index) if n == 0 => write!(f, "$[{index}]")?,
                Step::Element(index) => write!(f, "[{index}]")?,
                Step::Member(name) if !name.is_empty() && name.chars().all(is_plain) => {
                    let dot = if n == 0 { "" } else { "." };
                    write!(f, "{dot}{name}")?;
                }
                Step::Member(name) => {
                    let root = if n == 0 { "$" } else { "" };
                    let name = name.replace('\\', "\\\\").replace('\'', "\\'");
                    write!(f, "{root}['{name}']")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_has_steps() {
        let check = |text: &str, shown: &str, steps: usize| {
            let path: Path = text.parse().unwrap();
            assert_eq!(path.to_string(), shown, "{text}");
            assert_eq!(path.steps().len(), steps, "{text}");
        };
        check("a", "a", 1);
        check("$", "$", 0);
        check("$.a.b[0]['x y']", "a.b[0]['x y']", 4);
        check("a.b", "a.b", 2);
        check("@timestamp", "@timestamp", 1);
        check("app-version.größe", "app-version.größe", 2);
        check("$[12].a", "$[12].a", 2);
        check("[0]", "$[0]", 1);
        check("['a.b'][\"it's\"]", "$['a.b']['it\\'s']", 2);
        check(
            r"a['\\\'\x27']".replace("x27", "\"").as_str(),
            "a['\\\\\\'\"']",
            2,
        );
        check("['']", "$['']", 1);
    }

    #[test]
    fn what_is_no_path_is_refused_at_its_place() {
        let check = |text: &str, what: &str, at: usize| {
            let bad = text.parse::<Path>().unwrap_err();
            assert!(bad.what.contains(what), "{text}: {bad}");
            assert_eq!(bad.at, at, "{text}: {bad}");
        };
        check("", "is empty", 1);
        check("$a", "\".\" or \"[\"", 2);
        check(".a", "name is expected", 1);
        check("a.", "name is expected", 3);
        check("ä..b", "name is expected", 3);
        check("a.*", "name is expected", 3);
        check("a[*]", "a number or a name", 3);
        check("a[?(@.x)]", "a number or a name", 3);
        check("a[-1]", "a number or a name", 3);
        check("a[0:2]", "\"]\" is expected", 4);
        check("a[100000]", "too large", 9);
        check("a[0", "\"]\" is expected", 4);
        check("a['x", "closing quote", 5);
        check("a['\\u0041']", "behind", 5);
        check("a b", "\".\" or \"[\"", 2);
        check(&"a.".repeat(17), "too many steps", 32);
        check(&"a".repeat(501), "too long", 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_a_path_is_read_back(text in prop_oneof![any::<String>(), "[a$.\\[\\]'\"\\\\0-9é*]{0,40}"]) {
            if let Ok(path) = text.parse::<Path>() {
                prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
            }
        }
    }
}
