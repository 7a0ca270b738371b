//! Runs a template: goes through its tree and writes what it says.

use minijinja::Value;

use super::budget::Budget;
use super::functions::{self, fields};
use super::library::Library;
use super::output::{Already, Output};
use super::syntax::{Base, Choice, Command, Node, Operand, Pipeline, Range};
use super::{Escape, RenderError, Untranslatable, Wrong};

/// Where the nodes stand that are gone through, for the places of errors.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    /// The called template's name, and the file that it stands in.
    pub(super) called: Option<(&'a str, Option<&'a str>)>,
    pub(super) text: &'a str,
}

/// How nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

type Result<T> = std::result::Result<T, RenderError>;

pub(super) struct Evaluation<'a> {
    library: &'a Library,
    frame: Frame<'a>,
    now_ms: i64,
    output: Output,
    budget: Budget,
    /// What `$` is.
    root: Value,
    /// The variables of this template begin here.
    base: usize,
    /// Innermost last.
    variables: Vec<(&'a str, Value)>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(
        library: &'a Library,
        frame: Frame<'a>,
        escape: Escape,
        root: Value,
        now_ms: i64,
    ) -> Self {
        Self {
            library,
            frame,
            now_ms,
            output: Output::new(escape),
            budget: Budget::default(),
            root,
            base: 0,
            variables: Vec::new(),
        }
    }

    /// The text that the nodes give.
    pub(super) fn run(mut self, nodes: &'a [Node]) -> Result<String> {
        let dot = self.root.clone();
        self.nodes(nodes, &dot)?;
        Ok(self.output.into_text())
    }

    /// Puts the place to what is wrong.
    fn placed<T>(&self, at: usize, result: std::result::Result<T, Wrong>) -> Result<T> {
        result.map_err(|Wrong(what)| {
            let placed = Untranslatable::at(self.frame.text, at, what);
            RenderError(match self.frame.called {
                None => placed.to_string(),
                Some((name, None)) => format!("in the template {name:?}, {placed}"),
                Some((name, Some(file))) => {
                    format!("in the template {name:?} of {file}, {placed}")
                }
            })
        })
    }

    fn error<T>(&self, at: usize, what: impl Into<String>) -> Result<T> {
        self.placed(at, Err(Wrong::new(what)))
    }

    fn nodes(&mut self, nodes: &'a [Node], dot: &Value) -> Result<Flow> {
        let entered = self.budget.enter();
        self.placed(0, entered)?;
        let outer = self.variables.len();
        let mut flow = Flow::On;
        for node in nodes {
            flow = self.node(node, dot)?;
            if flow != Flow::On {
                break;
            }
        }
        self.variables.truncate(outer);
        self.budget.leave();
        Ok(flow)
    }

    fn node(&mut self, node: &'a Node, dot: &Value) -> Result<Flow> {
        match node {
            Node::Text(text) => {
                let written = self.output.author(text);
                self.placed(0, written)?;
            }
            Node::Show(pipeline) => {
                let value = self.value(pipeline, dot)?;
                if pipeline.names.is_empty() {
                    let already = already(pipeline);
                    let written = self.output.value(&value, already);
                    self.placed(pipeline.at, written)?;
                } else {
                    self.keep(pipeline, &[value])?;
                }
            }
            Node::Choice(choice) => return self.choice(choice, dot),
            Node::Range(range) => return self.range(range, dot),
            Node::Call { name, value, at } => {
                let value = match value {
                    Some(pipeline) => self.value(pipeline, dot)?,
                    None => Value::from(()),
                };
                self.call(name, value, *at)?;
            }
            Node::Break(_) => return Ok(Flow::Break),
            Node::Continue(_) => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    /// Another template has its own `$` and its own variables.
    fn call(&mut self, name: &str, value: Value, at: usize) -> Result<()> {
        let library = self.library;
        let Some((name, found)) = library.get(name) else {
            return self.error(at, format!("the template {name:?} is not known"));
        };
        let entered = self.budget.enter();
        self.placed(at, entered)?;
        let frame = Frame {
            called: Some((name, found.file.as_deref())),
            text: &found.text,
        };
        let outer_frame = std::mem::replace(&mut self.frame, frame);
        let outer_base = std::mem::replace(&mut self.base, self.variables.len());
        let outer_root = std::mem::replace(&mut self.root, value.clone());
        self.nodes(&found.nodes, &value)?;
        self.frame = outer_frame;
        self.base = outer_base;
        self.root = outer_root;
        self.budget.leave();
        Ok(())
    }

    /// Declares or changes the variables that a pipeline names.
    fn keep(&mut self, pipeline: &'a Pipeline, values: &[Value]) -> Result<()> {
        for (name, value) in pipeline.names.iter().zip(values) {
            if !pipeline.assigns {
                self.variables.push((name, value.clone()));
                continue;
            }
            let known = self.variables[self.base..].iter_mut().rev();
            match known.into_iter().find(|(known, _)| known == name) {
                Some((_, kept)) => *kept = value.clone(),
                None => {
                    let what = format!("the variable ${name} is not declared");
                    return self.error(pipeline.at, what);
                }
            }
        }
        Ok(())
    }

    fn choice(&mut self, choice: &'a Choice, dot: &Value) -> Result<Flow> {
        let outer = self.variables.len();
        let value = self.value(&choice.condition, dot)?;
        self.keep(&choice.condition, std::slice::from_ref(&value))?;
        let flow = if !functions::truth(&value) {
            self.nodes(&choice.otherwise, dot)?
        } else if choice.with {
            self.nodes(&choice.then, &value)?
        } else {
            self.nodes(&choice.then, dot)?
        };
        self.variables.truncate(outer);
        Ok(flow)
    }

    fn range(&mut self, range: &'a Range, dot: &Value) -> Result<Flow> {
        let outer = self.variables.len();
        let over = self.value(&range.over, dot)?;
        let items = fields::pairs(&over);
        let items = self.placed(range.over.at, items)?;
        let taken = self.budget.steps(items.len());
        self.placed(range.over.at, taken)?;
        if items.is_empty() {
            return self.nodes(&range.otherwise, dot);
        }
        for (key, value) in items {
            match range.over.names.len() {
                0 => {}
                1 => self.keep(&range.over, std::slice::from_ref(&value))?,
                _ => self.keep(&range.over, &[key, value.clone()])?,
            }
            let flow = self.nodes(&range.body, &value)?;
            self.variables.truncate(outer);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    fn value(&mut self, pipeline: &'a Pipeline, dot: &Value) -> Result<Value> {
        let entered = self.budget.enter();
        self.placed(pipeline.at, entered)?;
        let mut value = None;
        for command in &pipeline.commands {
            value = Some(self.command(command, value, dot)?);
        }
        self.budget.leave();
        value.map_or_else(|| self.error(pipeline.at, "a value is expected here"), Ok)
    }

    fn command(
        &mut self,
        command: &'a Command,
        piped: Option<Value>,
        dot: &Value,
    ) -> Result<Value> {
        let Some((first, rest)) = command.operands.split_first() else {
            return self.error(command.at, "a value is expected here");
        };
        let decides = match &first.base {
            Base::Function(name) if name == "and" => Some(false),
            Base::Function(name) if name == "or" => Some(true),
            _ => None,
        };
        let mut arguments = Vec::with_capacity(rest.len() + 1);
        for operand in rest {
            let value = self.operand(operand, dot)?;
            // What follows the argument that decides is not looked at.
            if decides.is_some_and(|decides| functions::truth(&value) == decides) {
                return Ok(value);
            }
            arguments.push(value);
        }
        arguments.extend(piped);
        if let Base::Function(name) = &first.base {
            return self.function(name, &arguments, first.at);
        }
        if arguments.is_empty() {
            return self.operand(first, dot);
        }
        let Some((method, fields)) = first.fields.split_last() else {
            return self.error(command.at, "only functions and methods take arguments");
        };
        let on = self.fields(first, fields, dot)?;
        let called = fields::call(&on, method, &arguments, &mut self.budget);
        self.placed(first.at, called)
    }

    fn function(&mut self, name: &str, arguments: &[Value], at: usize) -> Result<Value> {
        let escape = self.output.escape();
        let called = functions::call(name, arguments, escape, self.now_ms, &mut self.budget);
        self.placed(at, called)
    }

    fn operand(&mut self, operand: &'a Operand, dot: &Value) -> Result<Value> {
        self.fields(operand, &operand.fields, dot)
    }

    /// An operand with some of its fields.
    fn fields(&mut self, operand: &'a Operand, fields: &[String], dot: &Value) -> Result<Value> {
        let taken = self.budget.steps(1);
        self.placed(operand.at, taken)?;
        let mut value = match &operand.base {
            Base::Dot => dot.clone(),
            Base::Variable(name) if name.is_empty() => self.root.clone(),
            Base::Variable(name) => {
                let known = self.variables[self.base..].iter().rev();
                match known.into_iter().find(|(known, _)| known == name) {
                    Some((_, value)) => value.clone(),
                    None => {
                        let what = format!("the variable ${name} is not declared");
                        return self.error(operand.at, what);
                    }
                }
            }
            // What the author of the template wrote for Slack is markup.
            Base::Text(text) if self.output.escape() == Escape::Slack => {
                Value::from_safe_string(text.clone())
            }
            Base::Text(text) => Value::from(text.as_str()),
            Base::Integer(number) => Value::from(*number),
            Base::Float(number) => Value::from(*number),
            Base::Bool(truth) => Value::from(*truth),
            Base::Nil => Value::from(()),
            Base::Function(name) => self.function(name, &[], operand.at)?,
            Base::Pipeline(pipeline) => self.value(pipeline, dot)?,
        };
        for field in fields {
            let found = fields::get(&value, field, &mut self.budget);
            value = self.placed(operand.at, found)?;
        }
        Ok(value)
    }
}

/// Whether a pipeline ends with a function that escapes for HTML or addresses: its work is not done twice.
fn already(pipeline: &Pipeline) -> Already {
    let last = pipeline.commands.last().and_then(|c| c.operands.first());
    match last.map(|operand| &operand.base) {
        Some(Base::Function(name)) if name == "html" => Already::Html,
        Some(Base::Function(name)) if name == "urlquery" => Already::Query,
        _ => Already::Nothing,
    }
}
