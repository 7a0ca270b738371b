//! The functions of Go's templates and of Alertmanager.

mod compare;
pub(super) mod fields;
mod text;
mod time;

use minijinja::value::{Value, ValueKind};

use super::budget::Budget;
use super::data::{List, Moment, Of, Pairs, Record, Span};
use super::{Escape, Wrong};

fn wrong(what: impl Into<String>) -> Wrong {
    Wrong::new(what)
}

/// Calls a function. That it exists and how many arguments it takes was checked before.
pub(super) fn call(
    name: &str,
    arguments: &[Value],
    escape: Escape,
    now_ms: i64,
    budget: &mut Budget,
) -> Result<Value, Wrong> {
    budget.steps(arguments.len() + 1)?;
    // What a function reads counts, too.
    budget.steps(
        arguments
            .iter()
            .map(|a| a.as_str().map_or(0, str::len))
            .sum::<usize>()
            / 64,
    )?;
    let result = match (name, arguments) {
        ("index", [value, keys @ ..]) => keys
            .iter()
            .try_fold(value.clone(), |value, key| fields::index(&value, key))?,
        ("slice", [value, ends @ ..]) => fields::slice(value, ends)?,
        ("len", [value]) => fields::length(value)?.into(),
        ("eq" | "ne" | "lt" | "le" | "gt" | "ge" | "not" | "and" | "or", _) => {
            compare::call(name, arguments)?
        }
        ("since" | "date" | "tz" | "humanizeDuration", _) => time::call(name, arguments, now_ms)?,
        _ => text::call(name, arguments, escape, budget)?,
    };
    made(&result, budget)?;
    Ok(result)
}

/// Counts what a function or a method made.
fn made(value: &Value, budget: &mut Budget) -> Result<(), Wrong> {
    if let Some(text) = value.as_str() {
        budget.made(text.len())
    } else if let Some(list) = value.downcast_object_ref::<List>() {
        budget.steps(list.items.len())?;
        budget.made(64 * list.items.len())
    } else if let Some(pairs) = value.downcast_object_ref::<Pairs>() {
        budget.steps(pairs.0.len())?;
        budget.made(64 * pairs.0.len())
    } else {
        Ok(())
    }
}

/// What `if` makes of a value: empty, zero and nothing are false.
pub(super) fn truth(value: &Value) -> bool {
    if let Some(list) = value.downcast_object_ref::<List>() {
        return !list.items.is_empty();
    }
    if let Some(pairs) = value.downcast_object_ref::<Pairs>() {
        return !pairs.0.is_empty();
    }
    if let Some(Span(ns)) = value.downcast_object_ref::<Span>() {
        return *ns != 0;
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => false,
        ValueKind::Bool | ValueKind::Number | ValueKind::String => value.is_true(),
        _ => true,
    }
}

/// A text.
fn text_of<'a>(name: &str, value: &'a Value) -> Result<&'a str, Wrong> {
    value
        .as_str()
        .ok_or_else(|| wrong(format!("{name} wants a text, not {}", describe(value))))
}

/// A list of texts.
fn texts(value: &Value) -> Result<Vec<&str>, Wrong> {
    let list = value
        .downcast_object_ref::<List>()
        .filter(|list| list.of == Of::Other);
    let texts: Option<Vec<_>> =
        list.and_then(|list| list.items.iter().map(Value::as_str).collect());
    texts.ok_or_else(|| wrong("a list of texts is expected"))
}

/// A whole number of nanoseconds or the like; `28800e9` is one.
fn whole(value: &Value) -> Option<i64> {
    if let Some(Span(ns)) = value.downcast_object_ref::<Span>() {
        return Some(*ns);
    }
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let number = f64::try_from(value.clone())
        .ok()
        .filter(|_| value.is_number())?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole, and within the bounds"
    )]
    (number.fract() == 0.0 && number.abs() < 9e18).then_some(number as i64)
}

/// What a value is, in messages.
fn describe(value: &Value) -> &'static str {
    if value.downcast_object_ref::<Record>().is_some() {
        "a structure"
    } else if value.downcast_object_ref::<Moment>().is_some() {
        "a time"
    } else if value.downcast_object_ref::<Span>().is_some() {
        "a duration"
    } else if value.downcast_object_ref::<List>().is_some() {
        "a list"
    } else if value.downcast_object_ref::<Pairs>().is_some() {
        "a map"
    } else if value.as_str().is_some() {
        "a text"
    } else if value.is_number() {
        "a number"
    } else if value.kind() == ValueKind::Bool {
        "true or false"
    } else {
        "nothing"
    }
}
