//! From the tree to a template of our engine.
//!
//! The dot is the variable `dot`, `$` is `root`. A variable is a cell, because an assignment inside a loop must be
//! seen outside of it. Called templates become macros. Everything that has a value is a call of a function that
//! behaves as Go's counterpart does.

use std::fmt::Write as _;

use super::library::Library;
use super::markup::{Markup, Place};
use super::syntax::{Base, Choice, Command, Node, Operand, Pipeline, Range};
use super::{Escape, MAX_TEMPLATE, Untranslatable, words};

/// Longest translation, with everything that it calls.
const MAX_WRITTEN: usize = 8 * MAX_TEMPLATE;

type Result<T> = std::result::Result<T, Untranslatable>;

/// Writes the nodes of `text`, after the templates they call.
pub(super) fn emit(
    library: &Library,
    text: &str,
    nodes: &[Node],
    escape: Escape,
) -> Result<String> {
    let mut macros = Macros {
        library,
        escape,
        done: Vec::new(),
        open: Vec::new(),
        written: String::new(),
        names: 0,
    };
    let body = macros.body(text, nodes)?;
    Ok(macros.written + &body)
}

struct Macros<'a> {
    library: &'a Library,
    escape: Escape,
    /// Names of called templates in the order of their macros.
    done: Vec<String>,
    /// Those that are being written: a template that calls itself is refused.
    open: Vec<String>,
    written: String,
    names: usize,
}

impl Macros<'_> {
    fn body(&mut self, text: &str, nodes: &[Node]) -> Result<String> {
        let mut body = Body {
            macros: self,
            text,
            out: String::new(),
            markup: Markup::default(),
            variables: Vec::new(),
        };
        body.nodes(nodes)?;
        Ok(body.out)
    }

    /// The macro of a template; what is wrong with it otherwise.
    fn named(&mut self, name: &str) -> std::result::Result<String, String> {
        if let Some(index) = self.done.iter().position(|done| done == name) {
            return Ok(format!("t{index}"));
        }
        if self.open.iter().any(|open| open == name) {
            return Err(format!("the template {name:?} calls itself"));
        }
        let Some((text, nodes)) = self.library.get(name) else {
            return Err(format!("the template {name:?} is not known"));
        };
        self.open.push(name.to_owned());
        let body = self
            .body(text, nodes)
            .map_err(|error| format!("in the template {name:?}, {error}"))?;
        self.open.pop();
        let index = self.done.len();
        self.done.push(name.to_owned());
        let _ = write!(
            self.written,
            "{{% macro t{index}(dot) %}}{{% set root = dot %}}{body}{{% endmacro %}}"
        );
        if self.written.len() > MAX_WRITTEN {
            return Err("the templates that are called are too long".to_owned());
        }
        Ok(format!("t{index}"))
    }

    fn fresh(&mut self) -> usize {
        self.names += 1;
        self.names
    }
}

struct Body<'a, 'b> {
    macros: &'a mut Macros<'b>,
    text: &'a str,
    out: String,
    markup: Markup,
    /// Names in the template and our names, innermost last.
    variables: Vec<(String, String)>,
}

impl Body<'_, '_> {
    fn error<T>(&self, at: usize, what: impl Into<String>) -> Result<T> {
        Err(Untranslatable::at(self.text, at, what))
    }

    fn write(&mut self, text: impl std::fmt::Display) {
        let _ = write!(self.out, "{text}");
    }

    fn nodes(&mut self, nodes: &[Node]) -> Result<()> {
        let outer = self.variables.len();
        for node in nodes {
            match node {
                Node::Text(text) => {
                    self.markup.read(text);
                    if text.contains('{') {
                        self.write(format_args!("{{{{ {} }}}}", literal(text)));
                    } else {
                        self.out.push_str(text);
                    }
                }
                Node::Show(pipeline) => self.show(pipeline)?,
                Node::Choice(choice) => self.choice(choice)?,
                Node::Range(range) => self.range(range)?,
                Node::Call { name, value, at } => {
                    let value = match value {
                        Some(pipeline) => self.value(pipeline)?,
                        None => "none".to_owned(),
                    };
                    let show = self.place(*at)?;
                    let named = self.macros.named(name);
                    let name = match named {
                        Ok(name) => name,
                        Err(what) => return self.error(*at, what),
                    };
                    let called = format!("{name}({value})");
                    // What it says is escaped inside of it; only what kind of address it is was not looked at.
                    let called = match show {
                        "show_address" => format!("address({called})"),
                        _ => called,
                    };
                    self.write(format_args!("{{{{ {called} }}}}"));
                }
            }
        }
        self.variables.truncate(outer);
        Ok(())
    }

    /// The function that shows a value which stands here.
    fn place(&mut self, at: usize) -> Result<&'static str> {
        if self.macros.escape != Escape::Html {
            return Ok("show");
        }
        match self.markup.value() {
            Place::Text => Ok("show"),
            Place::Address => Ok("show_address"),
            Place::Nowhere => self.error(
                at,
                "a value is shown only as text or in a quoted attribute of HTML",
            ),
        }
    }

    fn show(&mut self, pipeline: &Pipeline) -> Result<()> {
        let value = self.value(pipeline)?;
        match pipeline.names.as_slice() {
            [] => {
                let show = self.place(pipeline.at)?;
                self.write(format_args!("{{{{ {show}({value}) }}}}"));
                Ok(())
            }
            [name] if pipeline.assigns => match self.variable(name).map(str::to_owned) {
                Some(cell) => {
                    self.write(format_args!("{{% set {cell}.v = {value} %}}"));
                    Ok(())
                }
                None => self.error(pipeline.at, format!("the variable ${name} is not declared")),
            },
            [name] => {
                self.declare(name, &value);
                Ok(())
            }
            _ => self.error(pipeline.at, "two variables are declared only by range"),
        }
    }

    fn declare(&mut self, name: &str, value: &str) {
        let cell = format!("v{}", self.macros.fresh());
        self.write(format_args!("{{% set {cell} = namespace(v={value}) %}}"));
        self.variables.push((name.to_owned(), cell));
    }

    fn variable(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, cell)| cell.as_str())
    }

    fn choice(&mut self, choice: &Choice) -> Result<()> {
        let outer = self.variables.len();
        let value = self.value(&choice.condition)?;
        let kept = format!("c{}", self.macros.fresh());
        self.write(format_args!("{{% set {kept} = {value} %}}"));
        match choice.condition.names.as_slice() {
            [] => {}
            [name] if !choice.condition.assigns => self.declare(name, &kept),
            _ => return self.error(choice.condition.at, "this declaration is not translated"),
        }
        self.write(format_args!("{{% if truth({kept}) %}}"));
        if choice.with {
            self.write(format_args!("{{% with dot = {kept} %}}"));
        }
        self.nodes(&choice.then)?;
        if choice.with {
            self.write("{% endwith %}");
        }
        if !choice.otherwise.is_empty() {
            self.write("{% else %}");
            self.nodes(&choice.otherwise)?;
        }
        self.write("{% endif %}");
        self.variables.truncate(outer);
        Ok(())
    }

    fn range(&mut self, range: &Range) -> Result<()> {
        let outer = self.variables.len();
        let value = self.value(&range.over)?;
        let pair = format!("p{}", self.macros.fresh());
        self.write(format_args!(
            "{{% for {pair} in pairs({value}) %}}{{% set dot = {pair}[1] %}}"
        ));
        match range.over.names.as_slice() {
            _ if range.over.assigns => {
                return self.error(
                    range.over.at,
                    "range to variables that exist is not translated",
                );
            }
            [] => {}
            [value] => self.declare(value, &format!("{pair}[1]")),
            [key, value] => {
                self.declare(key, &format!("{pair}[0]"));
                self.declare(value, &format!("{pair}[1]"));
            }
            _ => return self.error(range.over.at, "this declaration is not translated"),
        }
        self.nodes(&range.body)?;
        self.variables.truncate(outer);
        if !range.otherwise.is_empty() {
            self.write("{% else %}");
            self.nodes(&range.otherwise)?;
        }
        self.write("{% endfor %}");
        Ok(())
    }

    fn value(&mut self, pipeline: &Pipeline) -> Result<String> {
        let mut value = None;
        for command in &pipeline.commands {
            value = Some(self.command(command, value)?);
        }
        value.map_or_else(|| self.error(pipeline.at, "a value is expected here"), Ok)
    }

    fn command(&mut self, command: &Command, piped: Option<String>) -> Result<String> {
        let Some((first, rest)) = command.operands.split_first() else {
            return self.error(command.at, "a value is expected here");
        };
        let mut arguments = Vec::with_capacity(rest.len() + 1);
        for operand in rest {
            arguments.push(self.operand(operand)?);
        }
        arguments.extend(piped);
        if let Base::Function(name) = &first.base {
            return self.function(name, first, &arguments);
        }
        if arguments.is_empty() {
            return self.operand(first);
        }
        match first.fields.split_last() {
            Some((method, fields)) => {
                let on = self.fields(first, fields)?;
                let arguments = arguments.join(", ");
                Ok(format!("call({on}, {}, {arguments})", literal(method)))
            }
            None => self.error(command.at, "only functions and methods take arguments"),
        }
    }

    fn function(&self, name: &str, operand: &Operand, arguments: &[String]) -> Result<String> {
        if !operand.fields.is_empty() {
            return self.error(operand.at, "a function has no fields; put it into brackets");
        }
        match words::check(name, arguments.len()) {
            Ok(()) => Ok(format!("f_{name}({})", arguments.join(", "))),
            Err(what) => self.error(operand.at, what),
        }
    }

    fn operand(&mut self, operand: &Operand) -> Result<String> {
        self.fields(operand, &operand.fields)
    }

    /// An operand with some of its fields.
    fn fields(&mut self, operand: &Operand, fields: &[String]) -> Result<String> {
        let mut value = match &operand.base {
            Base::Dot => "dot".to_owned(),
            Base::Variable(name) if name.is_empty() => "root".to_owned(),
            Base::Variable(name) => match self.variable(name) {
                Some(cell) => format!("{cell}.v"),
                None => {
                    return self.error(operand.at, format!("the variable ${name} is not declared"));
                }
            },
            // What the author of the template wrote for Slack is markup.
            Base::Text(text) if self.macros.escape == Escape::Slack => {
                format!("own({})", literal(text))
            }
            Base::Text(text) => literal(text),
            Base::Integer(number) => format!("({number})"),
            Base::Float(number) => format!("({number:?})"),
            Base::Bool(truth) => truth.to_string(),
            Base::Nil => "none".to_owned(),
            Base::Function(name) => self.function(name, operand, &[])?,
            Base::Pipeline(pipeline) if pipeline.names.is_empty() => self.value(pipeline)?,
            Base::Pipeline(_) => {
                return self.error(operand.at, "a declaration in brackets is not translated");
            }
        };
        for field in fields {
            value = format!("get({value}, {})", literal(field));
        }
        Ok(value)
    }
}

/// A text as our engine writes it.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                literal.push('\\');
                literal.push(c);
            }
            c if c.is_control() => {
                let _ = write!(literal, "\\u{:04x}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}
