//! How much work and memory one rendering may take.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use super::Wrong;

/// Steps of one rendering: some hundred for each of a few thousand alerts.
const MAX_STEPS: usize = 3_000_000;
/// Bytes of all texts and lists that one rendering makes, whether they are shown or not.
const MAX_MADE: usize = 32 * 1024 * 1024;
/// How deep blocks, calls and brackets may lie in each other while a template runs.
const MAX_DEPTH: usize = 200;
/// Memory of one compiled expression, in bytes.
const MAX_EXPRESSION: usize = 1024 * 1024;
/// Longest text that an expression is applied to, in bytes.
const MAX_SEARCHED: usize = 64 * 1024;
/// What compiling an expression counts, in steps.
const COMPILING: usize = 30_000;

/// What is left of it.
#[derive(Debug, Default)]
pub(super) struct Budget {
    steps: usize,
    made: usize,
    depth: usize,
    /// Expressions that were compiled for this rendering.
    expressions: HashMap<String, Regex>,
}

impl Budget {
    /// Takes steps.
    pub(super) fn steps(&mut self, count: usize) -> Result<(), Wrong> {
        self.steps = self.steps.saturating_add(count);
        if self.steps > MAX_STEPS {
            return Err(Wrong::new("the template takes too many steps"));
        }
        Ok(())
    }

    /// Takes the memory of a text or list, and the time to make it.
    pub(super) fn made(&mut self, bytes: usize) -> Result<(), Wrong> {
        self.made = self.made.saturating_add(bytes);
        if self.made > MAX_MADE {
            return Err(Wrong::new("the template makes too many texts"));
        }
        self.steps(bytes / 64)
    }

    /// Goes one block, call or bracket deeper.
    pub(super) fn enter(&mut self) -> Result<(), Wrong> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Wrong::new(
                "templates and blocks lie too deep in each other",
            ));
        }
        self.steps(1)
    }

    /// Comes back.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// An expression, to be applied to this text.
    pub(super) fn expression(&mut self, pattern: &str, text: &str) -> Result<Regex, Wrong> {
        if text.len() > MAX_SEARCHED {
            return Err(Wrong::new(format!(
                "a regular expression is applied to more than {MAX_SEARCHED} bytes"
            )));
        }
        // Time grows with both lengths.
        self.steps((text.len() / 16 + 1).saturating_mul(pattern.len() / 16 + 1))?;
        if let Some(known) = self.expressions.get(pattern) {
            return Ok(known.clone());
        }
        self.steps(COMPILING)?;
        let built = RegexBuilder::new(pattern)
            .size_limit(MAX_EXPRESSION)
            .build();
        let built = built.map_err(|error| {
            Wrong::new(format!("the regular expression does not work: {error}"))
        })?;
        self.expressions.insert(pattern.to_owned(), built.clone());
        Ok(built)
    }
}
