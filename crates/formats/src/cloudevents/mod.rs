//! CloudEvents 1.0 over HTTP, in JSON: binary (attributes in headers), structured (all in the body) and batched.

mod event;
mod header;
#[cfg(test)]
mod tests;

use serde_json::value::RawValue;

use crate::batch::{
    Batch, Clock, FixedLabels, MAX_LABELS, MAX_VALUES, Unreadable, bounds, items, told,
};
use crate::json::{Object, shown};
use event::Event;

/// What the names of headers with attributes begin with.
const PREFIX: &str = "ce-";

/// Reads a request: names and values of its headers, and its body. Each event is an alert whose labels are its type (as
/// `alertname`), source, subject and extension attributes, and what an object in its data says in `labels`,
/// `annotations`, `status`, `startsAt` and `endsAt`. One bad event does not lose the others.
///
/// # Errors
/// The request is no event, is not JSON, or is beyond a limit.
pub fn read<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    body: &[u8],
    clock: Clock,
    fixed: &FixedLabels,
) -> Result<Batch, Unreadable> {
    let mut content_type = None;
    let mut attributes = Vec::new();
    for (name, value) in headers {
        let prefix = name.get(..PREFIX.len());
        if name.eq_ignore_ascii_case("content-type") {
            content_type = Some(String::from_utf8_lossy(value));
        } else if prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX)) {
            attributes.push((&name[PREFIX.len()..], value));
        }
    }
    let media = content_type.as_deref().map(media_type).unwrap_or_default();
    bounds(body, MAX_VALUES)?;
    match &*media {
        "application/cloudevents-batch+json" => {
            let items = items(body)?;
            Ok(Batch::read(items, clock, |item| {
                let object: Object<'_> =
                    serde_json::from_slice(item).map_err(|e| format!("not an event: {}", told(&e)))?;
                event::structured(&object, clock, fixed)
            }))
        }
        "application/cloudevents+json" => {
            let object = Object::of_body(body)?;
            Ok(Batch::read(vec![object], clock, |object| {
                event::structured(&object, clock, fixed)
            }))
        }
        other if other.starts_with("application/cloudevents") => {
            let other = shown(other);
            Err(Unreadable::Part(format!("events in the form {other} are not read; send them as JSON")))
        }
        _ if attributes.is_empty() => Err(Unreadable::Part(
            "this is no event: it has neither the content type application/cloudevents+json nor headers such as ce-id"
                .into(),
        )),
        _ if attributes.len() > MAX_LABELS => Err(Unreadable::Part(format!(
            "the event has more than {MAX_LABELS} attributes"
        ))),
        media => {
            let data = binary_data(media, body)?;
            Ok(Batch::read(vec![attributes], clock, |attributes| {
                let mut event = Event::default();
                for (name, value) in attributes {
                    let name = name.to_ascii_lowercase();
                    let value = header::decode(value)
                        .ok_or_else(|| format!("the attribute {} is not UTF-8", shown(&name)))?;
                    event.push(name, value);
                }
                event.alert(data.and_then(Object::of), clock, fixed)
            }))
        }
    }
}

/// The data of an event whose attributes are in headers, when it is JSON.
fn binary_data<'a>(media: &str, body: &'a [u8]) -> Result<Option<&'a RawValue>, Unreadable> {
    if body.trim_ascii().is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice(body) {
        Ok(data) => Ok(Some(data)),
        Err(error) if is_json(media) => Err(Unreadable::Json(told(&error))),
        // Data of another type is the sender's affair.
        Err(_) => Ok(None),
    }
}

/// The media type of a content type, without parameters.
fn media_type(content_type: &str) -> String {
    let media = content_type.split(';').next().unwrap_or_default();
    media.trim().to_ascii_lowercase()
}

fn is_json(media: &str) -> bool {
    matches!(media, "application/json" | "text/json") || media.ends_with("+json")
}
