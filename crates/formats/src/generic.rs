//! JSON of any shape, read by a mapping that the organisation declares.

use std::borrow::Cow;
use stentor_domain::alert::Alert;

use serde_json::Value;
use serde_json::value::RawValue;
use stentor_domain::source::{Mapping, Path, Step};

use crate::batch::{
    Batch, Clock, Draft, FixedLabels, MAX_TEXT, MAX_VALUES, Pairs, Status, Unreadable, bounds,
    items, rfc3339, told,
};
use crate::json::{Object, kind, shown};

/// Values in one alert at most: all of them are held at once, and most will not be looked at.
const MAX_ITEM_VALUES: usize = 50_000;

/// Names repeated in a message at most.
const MAX_NAMES: usize = 8;

/// Numbers from here on are milliseconds since the epoch, smaller ones seconds: the year 5138, or 1973.
const MILLISECONDS_FROM: f64 = 1e11;

/// Reads a body by a mapping. One bad alert does not lose the others.
///
/// # Errors
/// The body is not JSON, is beyond a limit, or has no list where the mapping expects the alerts.
pub fn read(
    body: &[u8],
    mapping: &Mapping,
    clock: Clock,
    fixed: &FixedLabels,
) -> Result<Batch, Unreadable> {
    bounds(body, MAX_VALUES)?;
    let whole: &RawValue = serde_json::from_slice(body).map_err(|e| Unreadable::Json(told(&e)))?;
    let items = match &mapping.items {
        Some(path) => items(list(whole, path)?.as_bytes())?,
        None => vec![whole.get().as_bytes()],
    };
    Ok(Batch::read(items, clock, |item| {
        alert(item, mapping, clock, fixed)
    }))
}

/// The list at a path of the body, unparsed.
fn list<'a>(whole: &'a RawValue, path: &Path) -> Result<&'a str, Unreadable> {
    let mut value = whole;
    for step in path.steps() {
        let inner = match step {
            Step::Member(name) => Object::of(value).and_then(|object| object.get(name)),
            Step::Element(index) => element(value, *index)?,
        };
        value = inner.ok_or_else(|| {
            let found = kind(value);
            Unreadable::Part(format!("there is nothing at {path}, where the alerts are expected: before its end there is {found}"))
        })?;
    }
    if value.get().starts_with('[') {
        return Ok(value.get());
    }
    let found = kind(value);
    Err(Unreadable::Part(format!(
        "at {path} there is {found}, where the list of alerts is expected"
    )))
}

fn element(value: &RawValue, index: usize) -> Result<Option<&RawValue>, Unreadable> {
    if !value.get().starts_with('[') {
        return Ok(None);
    }
    let elements = items(value.get().as_bytes())?;
    let element = elements
        .get(index)
        .map(|element| serde_json::from_slice(element));
    element.transpose().map_err(|e| Unreadable::Json(told(&e)))
}

fn alert(
    item: &[u8],
    mapping: &Mapping,
    clock: Clock,
    fixed: &FixedLabels,
) -> Result<Alert, String> {
    bounds(item, MAX_ITEM_VALUES).map_err(|e| e.to_string())?;
    let item: Value =
        serde_json::from_slice(item).map_err(|e| format!("not an alert: {}", told(&e)))?;
    let mut labels = Pairs::default();
    if let Some(path) = &mapping.alertname {
        labels.push("alertname", name(&item, path)?);
    } else if let Some(name) = fixed.get("alertname") {
        labels.push("alertname", name.clone());
    }
    for (name, path) in &mapping.labels {
        labels.push(name.as_str(), text(&item, path).unwrap_or_default());
    }
    let mut annotations = Pairs::default();
    for (name, path) in &mapping.annotations {
        // A long text is cut rather than the alert lost.
        let mut text = text(&item, path).unwrap_or_default();
        if text.len() > MAX_TEXT {
            text = text[..text.floor_char_boundary(MAX_TEXT)].to_owned().into();
        }
        annotations.push(name.as_str(), text);
    }
    let status = match &mapping.status {
        Some(status) => {
            let said = text(&item, &status.path).unwrap_or_default();
            let over = status
                .resolved
                .iter()
                .any(|r| r.eq_ignore_ascii_case(said.trim()));
            if over {
                Status::Resolved
            } else {
                Status::Firing
            }
        }
        None => Status::ByTimes,
    };
    let draft = Draft {
        labels,
        annotations,
        starts_ms: time(&item, mapping.starts_at.as_ref())?,
        ends_ms: time(&item, mapping.ends_at.as_ref())?,
        generator_url: Cow::Borrowed(""),
        status,
    };
    draft.judge(clock, fixed)
}

/// The value at a path, or the last one on the way to it and how many steps lead there.
fn find<'v>(item: &'v Value, path: &Path) -> Result<&'v Value, (&'v Value, usize)> {
    let mut value = item;
    for (taken, step) in path.steps().iter().enumerate() {
        let inner = match step {
            Step::Member(name) => value.get(&**name),
            Step::Element(index) => value.get(*index),
        };
        value = inner.ok_or((value, taken))?;
    }
    Ok(value)
}

/// What is at a path as text; `None` when there is nothing. Objects and lists are written as JSON.
fn text<'v>(item: &'v Value, path: &Path) -> Option<Cow<'v, str>> {
    match find(item, path).ok()? {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}

/// The name of an alert, which has to be there.
fn name<'v>(item: &'v Value, path: &Path) -> Result<Cow<'v, str>, String> {
    match find(item, path) {
        Ok(Value::String(text)) if !text.is_empty() => Ok(text.into()),
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string().into()),
        Ok(other) => Err(format!(
            "at {path} there is {}, where its name is expected",
            described(other)
        )),
        Err((value, taken)) => {
            let total = path.steps().len();
            Err(format!(
                "there is nothing at {path}, where its name is expected: after {taken} of {total} steps there is {}",
                described(value)
            ))
        }
    }
}

/// What a value is, for people who look for another one.
fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "true or false".into(),
        Value::Number(_) => "a number".into(),
        Value::String(text) if text.is_empty() => "an empty text".into(),
        Value::String(_) => "a text".into(),
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(members) if members.is_empty() => "an object without members".into(),
        Value::Object(members) => {
            let names: Vec<_> = members
                .keys()
                .take(MAX_NAMES)
                .map(|name| shown(name))
                .collect();
            let more = if members.len() > names.len() {
                ", …"
            } else {
                ""
            };
            format!("an object with {}{more}", names.join(", "))
        }
    }
}

/// A time in milliseconds since the epoch; `None` when there is nothing at the path.
fn time(item: &Value, path: Option<&Path>) -> Result<Option<i64>, String> {
    let Some(path) = path else {
        return Ok(None);
    };
    let number = match find(item, path) {
        Ok(Value::String(text)) => match text.parse::<f64>() {
            Ok(number) => number,
            Err(_) => return rfc3339(&path.to_string(), Some(text)),
        },
        Ok(Value::Number(number)) => number.as_f64().unwrap_or(f64::NAN),
        Ok(Value::Null) | Err(_) => return Ok(None),
        Ok(other) => {
            return Err(format!(
                "at {path} there is {}, where a time is expected",
                described(other)
            ));
        }
    };
    let ms = if number.abs() < MILLISECONDS_FROM {
        number * 1000.0
    } else {
        number
    };
    // Zero is how programs without a word for "none" write it.
    if ms == 0.0 {
        return Ok(None);
    }
    // The last millisecond of the year 9999; what follows is no time that anybody means.
    if !(0.0..=253_402_300_799_999.0).contains(&ms) {
        return Err(format!(
            "the number at {path} is not a time in seconds or milliseconds since 1970"
        ));
    }
    Ok(Some(ms as i64))
}
