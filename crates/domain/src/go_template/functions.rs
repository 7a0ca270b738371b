//! The functions of Go's templates and of Alertmanager.

mod compare;
mod fields;
mod text;

use minijinja::value::{Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

use super::data::{List, Moment, Of, Pairs, Record};
use super::{Escape, format};

/// An error of a template at work.
fn wrong(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, what.into())
}

/// Makes everything that a translation calls known to the engine.
pub(super) fn register(engine: &mut Environment<'static>, escape: Escape) {
    engine.add_function("namespace", minijinja::functions::namespace);
    engine.add_function("own", |text: String| Value::from_safe_string(text));
    engine.add_function("show", move |value: Value| {
        let text = format::plain(&value).map_err(wrong)?;
        Ok::<_, Error>(text::escaped(escape, text, &value))
    });
    engine.add_function("show_address", move |value: Value| {
        let text = format::plain(&value).map_err(wrong)?;
        let text = if value.is_safe() {
            text
        } else {
            text::address(text)
        };
        Ok::<_, Error>(text::escaped(escape, text, &value))
    });
    engine.add_function("address", text::address);
    engine.add_function("truth", |value: Value| truth(&value));
    engine.add_function("pairs", fields::pairs);
    engine.add_function("get", |value: Value, name: String| {
        fields::get(&value, &name)
    });
    engine.add_function(
        "call",
        |value: Value, name: String, arguments: Rest<Value>| {
            fields::call(&value, &name, &arguments)
        },
    );
    engine.add_function("f_index", |value: Value, keys: Rest<Value>| {
        keys.iter()
            .try_fold(value, |value, key| fields::index(&value, key))
    });
    engine.add_function("f_slice", |value: Value, ends: Rest<Value>| {
        fields::slice(&value, &ends)
    });
    engine.add_function("f_len", |value: Value| fields::length(&value));
    compare::register(engine);
    text::register(engine, escape);
}

/// What `if` makes of a value: empty, zero and nothing are false.
fn truth(value: &Value) -> bool {
    if let Some(list) = value.downcast_object_ref::<List>() {
        return !list.items.is_empty();
    }
    if let Some(pairs) = value.downcast_object_ref::<Pairs>() {
        return !pairs.0.is_empty();
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => false,
        ValueKind::Bool | ValueKind::Number | ValueKind::String => value.is_true(),
        _ => true,
    }
}

/// A list of texts.
fn texts(value: &Value) -> Result<Vec<&str>, Error> {
    let list = value
        .downcast_object_ref::<List>()
        .filter(|list| list.of == Of::Other);
    let texts: Option<Vec<_>> =
        list.and_then(|list| list.items.iter().map(Value::as_str).collect());
    texts.ok_or_else(|| wrong("a list of texts is expected"))
}

/// What a value is, in messages.
fn describe(value: &Value) -> &'static str {
    if value.downcast_object_ref::<Record>().is_some() {
        "a structure"
    } else if value.downcast_object_ref::<Moment>().is_some() {
        "a time"
    } else if value.downcast_object_ref::<List>().is_some() {
        "a list"
    } else if value.downcast_object_ref::<Pairs>().is_some() {
        "a map"
    } else if value.as_str().is_some() {
        "a text"
    } else {
        "a plain value"
    }
}
