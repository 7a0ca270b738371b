//! Fields, methods, members and lengths of values.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::Value;

use super::{describe, made, text_of, texts, whole, wrong};
use crate::go_template::budget::Budget;
use crate::go_template::data::{List, Moment, Of, Pairs, Record, Span};
use crate::go_template::{Wrong, format, layout};

/// A field, or a method without arguments.
pub(in crate::go_template) fn get(
    value: &Value,
    name: &str,
    budget: &mut Budget,
) -> Result<Value, Wrong> {
    if let Some(list) = value.downcast_object_ref::<List>() {
        budget.steps(list.items.len())?;
    }
    let found = field(value, name)?;
    // What a structure holds is there already.
    if value.downcast_object_ref::<Record>().is_none() {
        made(&found, budget)?;
    }
    Ok(found)
}

fn field(value: &Value, name: &str) -> Result<Value, Wrong> {
    if let Some(record) = value.downcast_object_ref::<Record>() {
        let field = record.0.get(name).cloned();
        return field.ok_or_else(|| wrong(format!("there is no field {name}")));
    }
    if let Some(pairs) = value.downcast_object_ref::<Pairs>() {
        return Ok(match name {
            "SortedPairs" => sorted_pairs(pairs),
            "Names" => List::texts(pairs.sorted().into_iter().map(|(name, _)| name)),
            "Values" => List::texts(pairs.sorted().into_iter().map(|(_, value)| value)),
            "Remove" => return Err(wrong("Remove wants a list of names")),
            _ => pairs
                .0
                .get(name)
                .map(String::as_str)
                .unwrap_or_default()
                .into(),
        });
    }
    if let Some(list) = value.downcast_object_ref::<List>() {
        let all = |name: &str| -> Result<Value, Wrong> {
            let items: Result<_, _> = list.items.iter().map(|item| field(item, name)).collect();
            Ok(List::value(Of::Other, items?))
        };
        match (list.of, name) {
            (Of::Alerts, "Firing") => return Ok(with_status(list, "firing")),
            (Of::Alerts, "Resolved") => return Ok(with_status(list, "resolved")),
            (Of::Pairs, "Names") => return all("Name"),
            (Of::Pairs, "Values") => return all("Value"),
            _ => {}
        }
    }
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        if name == "String" {
            return format::plain(value).map(Value::from);
        }
        if let Some(found) = moment.field(name) {
            return Ok(found);
        }
    }
    if let Some(found) = value
        .downcast_object_ref::<Span>()
        .and_then(|span| span.field(name))
    {
        return Ok(found);
    }
    Err(wrong(format!("{} has no field {name}", describe(value))))
}

/// A method with arguments.
pub(in crate::go_template) fn call(
    value: &Value,
    name: &str,
    arguments: &[Value],
    budget: &mut Budget,
) -> Result<Value, Wrong> {
    let result = method(value, name, arguments)?;
    made(&result, budget)?;
    Ok(result)
}

fn method(value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Wrong> {
    let not_there = || {
        wrong(format!(
            "{} has no method {name} of this kind",
            describe(value)
        ))
    };
    let [argument] = arguments else {
        return Err(not_there());
    };
    if let Some(pairs) = value
        .downcast_object_ref::<Pairs>()
        .filter(|_| name == "Remove")
    {
        let names: BTreeSet<&str> = texts(argument)?.into_iter().collect();
        let kept = pairs
            .0
            .iter()
            .filter(|(name, _)| !names.contains(name.as_str()));
        let kept = kept.map(|(n, v)| (n.clone(), v.clone())).collect();
        return Ok(Value::from_object(Pairs(kept)));
    }
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        if name == "Format" {
            let text = layout::format(moment, text_of(name, argument)?);
            return text
                .map(Value::from)
                .ok_or_else(|| wrong("the time is beyond the calendar"));
        }
        if let Some(other) = argument.downcast_object_ref::<Moment>() {
            return moment.with_moment(name, other).ok_or_else(not_there);
        }
        if let Some(ns) = whole(argument).filter(|_| name == "Add") {
            return Ok(moment.plus(ns).value());
        }
    }
    if let Some(span) = value.downcast_object_ref::<Span>() {
        let found = whole(argument).and_then(|ns| span.with_span(name, ns));
        return found.ok_or_else(not_there);
    }
    Err(not_there())
}

fn sorted_pairs(pairs: &Pairs) -> Value {
    let pair = |(name, value): (&String, &String)| {
        let fields = BTreeMap::from([("Name", name.into()), ("Value", value.into())]);
        Value::from_object(Record(fields))
    };
    List::value(Of::Pairs, pairs.sorted().into_iter().map(pair).collect())
}

/// Go gives a plain list here, on which `Firing` cannot be asked for again.
fn with_status(list: &List, status: &str) -> Value {
    let has = |alert: &&Value| {
        let record = alert.downcast_object_ref::<Record>();
        record
            .and_then(|r| r.0.get("Status"))
            .and_then(Value::as_str)
            == Some(status)
    };
    List::value(Of::Other, list.items.iter().filter(has).cloned().collect())
}

/// What `range` goes over: positions or names, and values.
pub(in crate::go_template) fn pairs(value: &Value) -> Result<Vec<(Value, Value)>, Wrong> {
    if let Some(list) = value.downcast_object_ref::<List>() {
        let items = list.items.iter().enumerate();
        return Ok(items.map(|(i, item)| (i.into(), item.clone())).collect());
    }
    if let Some(map) = value.downcast_object_ref::<Pairs>() {
        return Ok(map.0.iter().map(|(n, v)| (n.into(), v.into())).collect());
    }
    Err(wrong(format!("range does not go over {}", describe(value))))
}

/// One member.
pub(super) fn index(value: &Value, key: &Value) -> Result<Value, Wrong> {
    if let Some(map) = value.downcast_object_ref::<Pairs>() {
        let name = key
            .as_str()
            .ok_or_else(|| wrong("a map is asked by a text"))?;
        return Ok(map
            .0
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
            .into());
    }
    if let Some(list) = value.downcast_object_ref::<List>() {
        let found = key.as_usize().and_then(|i| list.items.get(i));
        return found
            .cloned()
            .ok_or_else(|| wrong("there is no such member"));
    }
    Err(wrong(format!(
        "index does not look into {}",
        describe(value)
    )))
}

/// A part of a text, in bytes, or of a list.
pub(super) fn slice(value: &Value, ends: &[Value]) -> Result<Value, Wrong> {
    let length = length(value)?;
    let end = |n: usize, default: usize| match ends.get(n) {
        Some(end) => end.as_usize().ok_or_else(|| wrong("slice wants numbers")),
        None => Ok(default),
    };
    let range = end(0, 0)?..end(1, length)?;
    let outside = || wrong("slice goes beyond the end, or cuts a character");
    if let Some(text) = value.as_str() {
        return text.get(range).map(Value::from).ok_or_else(outside);
    }
    if let Some(list) = value.downcast_object_ref::<List>() {
        let items = list.items.get(range).ok_or_else(outside)?;
        return Ok(List::value(list.of, items.to_vec()));
    }
    Err(outside())
}

/// Members, or bytes of a text.
pub(super) fn length(value: &Value) -> Result<usize, Wrong> {
    if let Some(text) = value.as_str() {
        Ok(text.len())
    } else if let Some(list) = value.downcast_object_ref::<List>() {
        Ok(list.items.len())
    } else if let Some(map) = value.downcast_object_ref::<Pairs>() {
        Ok(map.0.len())
    } else {
        Err(wrong(format!("{} has no length", describe(value))))
    }
}
