//! From tokens to the tree.

use std::collections::BTreeMap;

use super::lexer::{Placed, Token, tokens};
use super::syntax::{Base, Choice, Command, Node, Operand, Pipeline, Range};
use super::{MAX_DEPTH, Untranslatable};

/// A text's own nodes, and the templates it defines.
pub(super) struct Parsed {
    pub(super) nodes: Vec<Node>,
    pub(super) defined: BTreeMap<String, Vec<Node>>,
}

pub(super) fn parse(text: &str, most: usize) -> Result<Parsed> {
    let mut parser = Parser {
        text,
        tokens: tokens(text, most)?,
        next: 0,
        depth: 0,
        defined: BTreeMap::new(),
    };
    let (nodes, end) = parser.nodes()?;
    if let Some((word, at)) = end {
        return parser.error(at, format!("{{{{ {word} }}}} without its beginning"));
    }
    Ok(Parsed {
        nodes,
        defined: parser.defined,
    })
}

/// Whether nothing but blanks is there.
pub(super) fn is_empty(nodes: &[Node]) -> bool {
    nodes
        .iter()
        .all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Placed>,
    next: usize,
    depth: usize,
    defined: BTreeMap<String, Vec<Node>>,
}

/// The keyword that ended nodes, and where.
type End = (String, usize);
type Result<T> = std::result::Result<T, Untranslatable>;

impl Parser<'_> {
    fn error<T>(&self, at: usize, what: impl Into<String>) -> Result<T> {
        Err(Untranslatable::at(self.text, at, what))
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|placed| &placed.token)
    }

    fn at(&self) -> usize {
        self.tokens
            .get(self.next)
            .map_or(self.text.len(), |placed| placed.at)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += 1;
        token
    }

    fn expect(&mut self, token: &Token, what: &str) -> Result<()> {
        if self.peek() == Some(token) {
            self.next += 1;
            return Ok(());
        }
        self.error(self.at(), format!("{what} is expected here"))
    }

    /// Nodes up to the end, or to an action that ends them: `end` or `else`, of which the keyword is taken.
    fn nodes(&mut self) -> Result<(Vec<Node>, Option<End>)> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.error(self.at(), "blocks lie too deep in each other");
        }
        let mut nodes = Vec::new();
        while let Some(token) = self.take() {
            if let Token::Text(text) = token {
                nodes.push(Node::Text(text));
                continue;
            }
            let at = self.at();
            let word = match self.peek() {
                Some(Token::Word(word)) => word.clone(),
                _ => String::new(),
            };
            match word.as_str() {
                "end" | "else" => {
                    self.next += 1;
                    self.depth -= 1;
                    return Ok((nodes, Some((word, at))));
                }
                "if" | "with" => {
                    self.next += 1;
                    nodes.push(Node::Choice(self.choice(word == "with")?));
                }
                "range" => {
                    self.next += 1;
                    nodes.push(Node::Range(self.range()?));
                }
                "template" | "block" => {
                    self.next += 1;
                    nodes.push(self.call(at, word == "block")?);
                }
                "define" => {
                    if self.depth > 1 {
                        return self.error(at, "define stands inside of another block");
                    }
                    self.next += 1;
                    let name = self.name()?;
                    self.expect(&Token::Close, "\"}}\"")?;
                    let body = self.until_end()?;
                    self.define(at, name, body)?;
                }
                "break" | "continue" => {
                    self.next += 1;
                    self.expect(&Token::Close, "\"}}\"")?;
                    nodes.push(match word.as_str() {
                        "break" => Node::Break(at),
                        _ => Node::Continue(at),
                    });
                }
                _ => {
                    let pipeline = self.pipeline()?;
                    self.expect(&Token::Close, "\"}}\"")?;
                    nodes.push(Node::Show(pipeline));
                }
            }
        }
        self.depth -= 1;
        Ok((nodes, None))
    }

    /// One text may define a template only once; an empty definition does not count.
    fn define(&mut self, at: usize, name: String, body: Vec<Node>) -> Result<()> {
        match self.defined.get(&name) {
            Some(known) if !is_empty(known) => {
                if !is_empty(&body) {
                    return self.error(at, format!("the template {name:?} is defined twice"));
                }
            }
            _ => {
                self.defined.insert(name, body);
            }
        }
        Ok(())
    }

    fn name(&mut self) -> Result<String> {
        match self.take() {
            Some(Token::Quoted(name)) => Ok(name),
            _ => self.error(self.at(), "the name of a template is expected here"),
        }
    }

    fn until_end(&mut self) -> Result<Vec<Node>> {
        match self.nodes()? {
            (nodes, Some((word, _))) if word == "end" => {
                self.expect(&Token::Close, "\"}}\"")?;
                Ok(nodes)
            }
            (_, Some((word, at))) => self.error(at, format!("{word} is not expected here")),
            (_, None) => self.error(self.text.len(), "{{ end }} is missing"),
        }
    }

    fn choice(&mut self, with: bool) -> Result<Choice> {
        let condition = self.pipeline()?;
        self.expect(&Token::Close, "\"}}\"")?;
        let (then, end) = self.nodes()?;
        let otherwise = match end {
            Some((word, _)) if word == "else" => self.otherwise()?,
            Some(_) => {
                self.expect(&Token::Close, "\"}}\"")?;
                Vec::new()
            }
            None => return self.error(self.text.len(), "{{ end }} is missing"),
        };
        Ok(Choice {
            with,
            condition,
            then,
            otherwise,
        })
    }

    /// What follows the word `else`: nodes, or another `if` or `with` that shares the end.
    fn otherwise(&mut self) -> Result<Vec<Node>> {
        let with = match self.peek() {
            Some(Token::Word(word)) if word == "if" => false,
            Some(Token::Word(word)) if word == "with" => true,
            _ => {
                self.expect(&Token::Close, "\"}}\"")?;
                return self.until_end();
            }
        };
        self.next += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.error(self.at(), "too many times \"else if\"");
        }
        let choice = self.choice(with)?;
        self.depth -= 1;
        Ok(vec![Node::Choice(choice)])
    }

    fn range(&mut self) -> Result<Range> {
        let over = self.pipeline()?;
        self.expect(&Token::Close, "\"}}\"")?;
        let (body, end) = self.nodes()?;
        let otherwise = match end {
            Some((word, _)) if word == "else" => {
                self.expect(&Token::Close, "\"}}\"")?;
                self.until_end()?
            }
            Some(_) => {
                self.expect(&Token::Close, "\"}}\"")?;
                Vec::new()
            }
            None => return self.error(self.text.len(), "{{ end }} is missing"),
        };
        Ok(Range {
            over,
            body,
            otherwise,
        })
    }

    fn call(&mut self, at: usize, block: bool) -> Result<Node> {
        let name = self.name()?;
        let value = match self.peek() {
            Some(Token::Close) => None,
            _ => Some(self.pipeline()?),
        };
        self.expect(&Token::Close, "\"}}\"")?;
        if block {
            let body = self.until_end()?;
            self.define(at, name.clone(), body)?;
        }
        Ok(Node::Call { name, value, at })
    }

    fn pipeline(&mut self) -> Result<Pipeline> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.error(self.at(), "brackets lie too deep in each other");
        }
        let at = self.at();
        let (names, assigns) = self.declared();
        let mut commands = vec![self.command()?];
        while self.peek() == Some(&Token::Pipe) {
            self.next += 1;
            commands.push(self.command()?);
        }
        self.depth -= 1;
        Ok(Pipeline {
            at,
            names,
            assigns,
            commands,
        })
    }

    /// `$x :=`, `$x =` or `$i, $x :=`, if it stands here.
    fn declared(&mut self) -> (Vec<String>, bool) {
        let token = |n: usize| self.tokens.get(self.next + n).map(|placed| &placed.token);
        let (names, sign) = match (token(0), token(1), token(2)) {
            (Some(Token::Variable(a)), Some(Token::Comma), Some(Token::Variable(b))) => {
                (vec![a.clone(), b.clone()], 3)
            }
            (Some(Token::Variable(a)), _, _) => (vec![a.clone()], 1),
            _ => return (Vec::new(), false),
        };
        let assigns = match token(sign) {
            Some(Token::Declare) => false,
            Some(Token::Assign) => true,
            _ => return (Vec::new(), false),
        };
        self.next += sign + 1;
        (names, assigns)
    }

    fn command(&mut self) -> Result<Command> {
        let at = self.at();
        let mut operands = Vec::new();
        while let Some(operand) = self.operand()? {
            operands.push(operand);
        }
        if operands.is_empty() {
            return self.error(at, "a value is expected here");
        }
        Ok(Command { at, operands })
    }

    fn operand(&mut self) -> Result<Option<Operand>> {
        let at = self.at();
        let mut fields = Vec::new();
        let base = match self.peek().cloned() {
            Some(Token::Dot) => Base::Dot,
            Some(Token::Field(name)) => {
                fields.push(name);
                Base::Dot
            }
            Some(Token::Variable(name)) => Base::Variable(name),
            Some(Token::Quoted(text)) => Base::Text(text),
            Some(Token::Integer(number)) => Base::Integer(number),
            Some(Token::Float(number)) => Base::Float(number),
            Some(Token::Word(word)) => match word.as_str() {
                "true" => Base::Bool(true),
                "false" => Base::Bool(false),
                "nil" => Base::Nil,
                _ => Base::Function(word),
            },
            Some(Token::Left) => {
                self.next += 1;
                let inner = self.pipeline()?;
                if self.peek() != Some(&Token::Right) {
                    return self.error(at, "a bracket without its end");
                }
                Base::Pipeline(Box::new(inner))
            }
            _ => return Ok(None),
        };
        self.next += 1;
        while let Some(Placed {
            token: Token::Field(name),
            spaced: false,
            ..
        }) = self.tokens.get(self.next)
        {
            fields.push(name.clone());
            self.next += 1;
        }
        Ok(Some(Operand { at, base, fields }))
    }
}
