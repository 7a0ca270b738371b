//! Comparisons and logic.

use std::cmp::Ordering;

use minijinja::value::{Value, ValueKind};

use super::{truth, whole, wrong};
use crate::go_template::Wrong;
use crate::go_template::data::Span;

pub(super) fn call(name: &str, arguments: &[Value]) -> Result<Value, Wrong> {
    Ok(match (name, arguments) {
        ("eq", [first, others @ ..]) => {
            let mut found = false;
            for other in others {
                found = found || equal(first, other)?;
            }
            found.into()
        }
        ("ne", [a, b]) => (!equal(a, b)?).into(),
        ("lt", [a, b]) => order(a, b)?.is_lt().into(),
        ("le", [a, b]) => order(a, b)?.is_le().into(),
        ("gt", [a, b]) => order(a, b)?.is_gt().into(),
        ("ge", [a, b]) => order(a, b)?.is_ge().into(),
        ("not", [value]) => (!truth(value)).into(),
        // The first that decides, or the last.
        ("and", values) => decisive(values, false),
        ("or", values) => decisive(values, true),
        _ => return Err(wrong(format!("{name} is not called this way"))),
    })
}

fn decisive(values: &[Value], decides: bool) -> Value {
    let found = values.iter().find(|value| truth(value) == decides);
    found.or(values.last()).cloned().unwrap_or_default()
}

fn equal(a: &Value, b: &Value) -> Result<bool, Wrong> {
    match (a.kind(), b.kind()) {
        (ValueKind::Bool, ValueKind::Bool) => Ok(a.is_true() == b.is_true()),
        _ => order(a, b).map(Ordering::is_eq),
    }
}

fn order(a: &Value, b: &Value) -> Result<Ordering, Wrong> {
    if let (Some(a), Some(b)) = (a.as_str(), b.as_str()) {
        return Ok(a.cmp(b));
    }
    let different = || wrong("values of different kinds are not compared");
    let integer =
        |value: &Value| value.is_integer() || value.downcast_object_ref::<Span>().is_some();
    let number = |value: &Value| value.is_number() || integer(value);
    if !(number(a) && number(b)) || integer(a) != integer(b) {
        return Err(different());
    }
    if integer(a) {
        let (a, b) = whole(a).zip(whole(b)).ok_or_else(different)?;
        return Ok(a.cmp(&b));
    }
    let number = |value: &Value| f64::try_from(value.clone()).map_err(|_| different());
    Ok(number(a)?.total_cmp(&number(b)?))
}
