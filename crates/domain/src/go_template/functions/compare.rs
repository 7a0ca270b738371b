//! Comparisons and logic.

use std::cmp::Ordering;

use minijinja::value::{Rest, Value, ValueKind};
use minijinja::{Environment, Error};

use super::{truth, wrong};

pub(super) fn register(engine: &mut Environment<'static>) {
    engine.add_function("f_eq", |first: Value, others: Rest<Value>| {
        for other in others.iter() {
            if equal(&first, other)? {
                return Ok(true);
            }
        }
        Ok::<_, Error>(false)
    });
    engine.add_function("f_ne", |a: Value, b: Value| equal(&a, &b).map(|same| !same));
    engine.add_function("f_lt", |a: Value, b: Value| {
        order(&a, &b).map(Ordering::is_lt)
    });
    engine.add_function("f_le", |a: Value, b: Value| {
        order(&a, &b).map(Ordering::is_le)
    });
    engine.add_function("f_gt", |a: Value, b: Value| {
        order(&a, &b).map(Ordering::is_gt)
    });
    engine.add_function("f_ge", |a: Value, b: Value| {
        order(&a, &b).map(Ordering::is_ge)
    });
    engine.add_function("f_not", |value: Value| !truth(&value));
    // The first that decides, or the last.
    engine.add_function("f_and", |values: Rest<Value>| decisive(&values, false));
    engine.add_function("f_or", |values: Rest<Value>| decisive(&values, true));
}

fn decisive(values: &[Value], decides: bool) -> Value {
    let found = values.iter().find(|value| truth(value) == decides);
    found.or(values.last()).cloned().unwrap_or_default()
}

fn equal(a: &Value, b: &Value) -> Result<bool, Error> {
    match (a.kind(), b.kind()) {
        (ValueKind::Bool, ValueKind::Bool) => Ok(a.is_true() == b.is_true()),
        _ => order(a, b).map(Ordering::is_eq),
    }
}

fn order(a: &Value, b: &Value) -> Result<Ordering, Error> {
    if let (Some(a), Some(b)) = (a.as_str(), b.as_str()) {
        return Ok(a.cmp(b));
    }
    let different = || wrong("values of different kinds are not compared");
    if !(a.is_number() && b.is_number()) || a.is_integer() != b.is_integer() {
        return Err(different());
    }
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        return Ok(a.cmp(&b));
    }
    let number = |value: &Value| f64::try_from(value.clone()).map_err(|_| different());
    Ok(number(a)?.total_cmp(&number(b)?))
}
