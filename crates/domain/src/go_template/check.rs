//! What can be judged before anything is rendered: functions, variables, and which templates are called.

use super::syntax::{Base, Command, Node, Operand, Pipeline};
use super::{Untranslatable, words};

/// A template that is called, and the byte at which it is.
pub(super) type Called<'a> = (&'a str, usize);

/// Looks through nodes; the templates that they call.
pub(super) fn check<'a>(text: &str, nodes: &'a [Node]) -> Result<Vec<Called<'a>>> {
    let mut check = Check {
        text,
        variables: Vec::new(),
        loops: 0,
        called: Vec::new(),
    };
    check.nodes(nodes)?;
    Ok(check.called)
}

struct Check<'a, 'b> {
    text: &'b str,
    /// Innermost last.
    variables: Vec<&'a str>,
    loops: usize,
    called: Vec<Called<'a>>,
}

type Result<T> = std::result::Result<T, Untranslatable>;

impl<'a> Check<'a, '_> {
    fn error<T>(&self, at: usize, what: impl Into<String>) -> Result<T> {
        Err(Untranslatable::at(self.text, at, what))
    }

    fn nodes(&mut self, nodes: &'a [Node]) -> Result<()> {
        let outer = self.variables.len();
        for node in nodes {
            self.node(node)?;
        }
        self.variables.truncate(outer);
        Ok(())
    }

    fn node(&mut self, node: &'a Node) -> Result<()> {
        let outer = self.variables.len();
        match node {
            Node::Text(_) => {}
            Node::Show(pipeline) => return self.pipeline(pipeline, 1),
            Node::Choice(choice) => {
                self.pipeline(&choice.condition, 1)?;
                self.nodes(&choice.then)?;
                self.nodes(&choice.otherwise)?;
            }
            Node::Range(range) => {
                self.pipeline(&range.over, 2)?;
                self.loops += 1;
                self.nodes(&range.body)?;
                self.loops -= 1;
                self.nodes(&range.otherwise)?;
            }
            Node::Call { name, value, at } => {
                if let Some(pipeline) = value {
                    self.pipeline(pipeline, 1)?;
                }
                self.called.push((name, *at));
            }
            Node::Break(at) | Node::Continue(at) => {
                if self.loops == 0 {
                    return self.error(*at, "break and continue stand only inside of range");
                }
            }
        }
        self.variables.truncate(outer);
        Ok(())
    }

    /// `most` names may be given by it.
    fn pipeline(&mut self, pipeline: &'a Pipeline, most: usize) -> Result<()> {
        for (position, command) in pipeline.commands.iter().enumerate() {
            self.command(command, usize::from(position > 0))?;
        }
        if pipeline.names.len() > most {
            return self.error(pipeline.at, "so many variables are not given here");
        }
        for name in &pipeline.names {
            if !pipeline.assigns {
                self.variables.push(name);
            } else if !self.is_known(name) {
                let what = format!("the variable ${name} is not declared");
                return self.error(pipeline.at, what);
            }
        }
        Ok(())
    }

    fn is_known(&self, name: &str) -> bool {
        name.is_empty() || self.variables.contains(&name)
    }

    fn command(&mut self, command: &'a Command, piped: usize) -> Result<()> {
        let Some((first, rest)) = command.operands.split_first() else {
            return self.error(command.at, "a value is expected here");
        };
        for operand in rest {
            self.operand(operand, 0)?;
        }
        let arguments = rest.len() + piped;
        let takes = !first.fields.is_empty() || matches!(first.base, Base::Function(_));
        if arguments > 0 && !takes {
            return self.error(command.at, "only functions and methods take arguments");
        }
        self.operand(first, arguments)
    }

    fn operand(&mut self, operand: &'a Operand, arguments: usize) -> Result<()> {
        match &operand.base {
            Base::Variable(name) if !self.is_known(name) => {
                self.error(operand.at, format!("the variable ${name} is not declared"))
            }
            Base::Function(_) if !operand.fields.is_empty() => {
                self.error(operand.at, "a function has no fields; put it into brackets")
            }
            Base::Function(name) => match words::check(name, arguments) {
                Ok(()) => Ok(()),
                Err(what) => self.error(operand.at, what),
            },
            Base::Pipeline(inner) if !inner.names.is_empty() => {
                self.error(operand.at, "a declaration in brackets is not translated")
            }
            Base::Pipeline(inner) => self.pipeline(inner, 0),
            _ => Ok(()),
        }
    }
}
