//! From a template's text to its tokens.

use super::Untranslatable;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Text outside of actions, trimmed where its neighbours ask for it.
    Text(String),
    Open,
    Close,
    Word(String),
    /// `.name`
    Field(String),
    Dot,
    /// `$name`
    Variable(String),
    Quoted(String),
    Integer(i64),
    Float(f64),
    Pipe,
    Left,
    Right,
    Comma,
    Declare,
    Assign,
}

#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) at: usize,
    /// Whether a blank stands before it: `.a .b` are two values, `.a.b` is one.
    pub(super) spaced: bool,
}

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The tokens of a text of at most so many bytes.
pub(super) fn tokens(text: &str, most: usize) -> Result<Vec<Placed>, Untranslatable> {
    if text.len() > most {
        let what = format!("longer than {most} bytes");
        return Err(Untranslatable::at(text, 0, what));
    }
    let mut lexer = Lexer {
        text,
        at: 0,
        found: Vec::new(),
    };
    lexer.run()?;
    Ok(lexer.found)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    found: Vec<Placed>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), Untranslatable> {
        let mut trim = false;
        while self.at < self.text.len() {
            let start = self.at;
            let rest = &self.text[start..];
            let end = rest.find("{{").unwrap_or(rest.len());
            let mut piece = &rest[..end];
            if trim {
                piece = piece.trim_start_matches(BLANKS);
            }
            let after = &rest[end..];
            let mut inside = after.strip_prefix("{{").unwrap_or(after);
            let trims = inside.starts_with('-') && inside[1..].starts_with(BLANKS);
            if trims {
                piece = piece.trim_end_matches(BLANKS);
                inside = &inside[1..];
            }
            if !piece.is_empty() {
                self.push(Token::Text(piece.to_owned()), start, false);
            }
            self.at = self.text.len() - inside.len();
            if after.is_empty() {
                break;
            }
            trim = match inside.trim_start_matches(BLANKS).strip_prefix("/*") {
                Some(comment) => self.comment(comment)?,
                None => self.action(start + end)?,
            };
        }
        Ok(())
    }

    fn push(&mut self, token: Token, at: usize, spaced: bool) {
        self.found.push(Placed { token, at, spaced });
    }

    fn error<T>(&self, at: usize, what: impl Into<String>) -> Result<T, Untranslatable> {
        Err(Untranslatable::at(self.text, at, what))
    }

    /// The end of an action, if it stands here: whether what follows is trimmed.
    fn closing(&self) -> Option<(usize, bool)> {
        let rest = &self.text[self.at..];
        let bare = rest.trim_start_matches(BLANKS);
        let blanks = rest.len() - bare.len();
        if bare.starts_with("}}") {
            Some((blanks + 2, false))
        } else if blanks > 0 && bare.starts_with("-}}") {
            Some((blanks + 3, true))
        } else {
            None
        }
    }

    fn comment(&mut self, comment: &str) -> Result<bool, Untranslatable> {
        let start = self.at;
        let Some(end) = comment.find("*/") else {
            return self.error(start, "a comment without its end");
        };
        self.at = self.text.len() - comment.len() + end + 2;
        match self.closing() {
            Some((length, trim)) => {
                self.at += length;
                Ok(trim)
            }
            None => self.error(start, "a comment that does not end its action"),
        }
    }

    /// The tokens up to `}}`; whether what follows is trimmed.
    fn action(&mut self, start: usize) -> Result<bool, Untranslatable> {
        self.push(Token::Open, start, false);
        loop {
            if let Some((length, trim)) = self.closing() {
                self.push(Token::Close, self.at, true);
                self.at += length;
                return Ok(trim);
            }
            let rest = &self.text[self.at..];
            let bare = rest.trim_start_matches(BLANKS);
            let spaced = bare.len() < rest.len();
            self.at = self.text.len() - bare.len();
            if bare.is_empty() {
                return self.error(start, "an action without its end \"}}\"");
            }
            let (token, length) = self.token(bare)?;
            self.push(token, self.at, spaced);
            self.at += length;
        }
    }

    fn token(&self, rest: &str) -> Result<(Token, usize), Untranslatable> {
        let name = |text: &str| {
            let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
            text[..end.unwrap_or(text.len())].to_owned()
        };
        let mut chars = rest.chars();
        let (first, second) = (chars.next().unwrap_or(' '), chars.next().unwrap_or(' '));
        Ok(match first {
            '|' => (Token::Pipe, 1),
            '(' => (Token::Left, 1),
            ')' => (Token::Right, 1),
            ',' => (Token::Comma, 1),
            ':' if second == '=' => (Token::Declare, 2),
            '=' => (Token::Assign, 1),
            '"' => return self.quoted(rest),
            '`' => match rest[1..].find('`') {
                Some(end) => (Token::Quoted(rest[1..=end].to_owned()), end + 2),
                None => return self.error(self.at, "a text without its end"),
            },
            '$' => {
                let name = name(&rest[1..]);
                let length = name.len() + 1;
                (Token::Variable(name), length)
            }
            '.' if second == '_' || second.is_alphabetic() => {
                let name = name(&rest[1..]);
                let length = name.len() + 1;
                (Token::Field(name), length)
            }
            '.' if !second.is_ascii_digit() => (Token::Dot, 1),
            '+' | '-' | '.' | '0'..='9' => return self.number(rest),
            c if c == '_' || c.is_alphabetic() => {
                let name = name(rest);
                let length = name.len();
                (Token::Word(name), length)
            }
            other => return self.error(self.at, format!("{other:?} is not understood here")),
        })
    }

    fn number(&self, rest: &str) -> Result<(Token, usize), Untranslatable> {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "+-._".contains(c)));
        let text = &rest[..end.unwrap_or(rest.len())];
        if let Ok(integer) = text.parse() {
            return Ok((Token::Integer(integer), text.len()));
        }
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok((Token::Float(float), text.len())),
            _ => self.error(self.at, format!("the number {text:?} is not understood")),
        }
    }

    /// A text in quotes with Go's escapes.
    fn quoted(&self, rest: &str) -> Result<(Token, usize), Untranslatable> {
        let mut text = String::new();
        let mut chars = rest.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => return Ok((Token::Quoted(text), i + 1)),
                '\n' => break,
                '\\' => {
                    let escaped = chars.next().map(|(_, c)| c);
                    let digits = match escaped {
                        Some('x') => 2,
                        Some('u') => 4,
                        Some('U') => 8,
                        _ => 0,
                    };
                    let code = (0..digits).try_fold(0u32, |code, _| {
                        let digit = chars.next()?.1.to_digit(16)?;
                        code.checked_mul(16)?.checked_add(digit)
                    });
                    let plain = match escaped {
                        Some('n') => Some('\n'),
                        Some('t') => Some('\t'),
                        Some('r') => Some('\r'),
                        Some(c @ ('"' | '\\' | '\'')) => Some(c),
                        // A byte above 7F is half a character.
                        Some('x') => code.filter(|c| *c < 0x80).and_then(char::from_u32),
                        Some('u' | 'U') => code.and_then(char::from_u32),
                        _ => None,
                    };
                    match plain {
                        Some(c) => text.push(c),
                        None => return self.error(self.at + i, "this escape is not understood"),
                    }
                }
                c => text.push(c),
            }
        }
        self.error(self.at, "a text without its end")
    }
}
