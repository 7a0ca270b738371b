//! One event as an alert.

use std::borrow::Cow;
use stentor_domain::alert::Alert;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{is_json, media_type};
use crate::batch::{Clock, Draft, FixedLabels, MAX_VALUES, Pairs, Status, bounds, rfc3339};
use crate::json::{Object, kind, scalar, shown, unfit};

/// The version that is read.
const VERSION: &str = "1.0";

/// Attributes that every event has.
const REQUIRED: [&str; 4] = ["id", "source", "specversion", "type"];

/// Extension attributes that differ from event to event by their nature. As labels they would make each event an alert
/// of its own that nothing resolves, so they become annotations.
const PER_EVENT: [&str; 9] = [
    "dataref",
    "expirytime",
    "recordedtime",
    "sampledrate",
    "sampledratereason",
    "sequence",
    "sequencetype",
    "traceparent",
    "tracestate",
];

/// What a status says when it is over.
const RESOLVED: [&str; 2] = ["resolved", "ok"];

/// The attributes of an event.
#[derive(Debug, Default)]
pub(super) struct Event<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// Reads an event whose attributes and data are members of one object.
pub(super) fn structured(
    object: &Object<'_>,
    clock: Clock,
    fixed: &FixedLabels,
) -> Result<Alert, String> {
    let mut event = Event::default();
    for (name, value) in object.iter() {
        if matches!(&**name, "data" | "data_base64") || value.get() == "null" {
            continue;
        }
        let text = scalar(value).ok_or_else(|| {
            let (name, found) = (shown(name), unfit(value));
            format!("the attribute {name} is {found}, where a text is expected")
        })?;
        event.push(name.clone(), text);
    }
    let encoded = object.text("data_base64")?;
    if encoded.is_empty() {
        let data = object.get("data").and_then(Object::of);
        return event.alert(data, clock, fixed);
    }
    if object.get("data").is_some() {
        return Err("data and data_base64 are both there".into());
    }
    let data = STANDARD
        .decode(encoded.as_bytes())
        .map_err(|e| format!("data_base64 is not base64: {e}"))?;
    let media = event.get("datacontenttype").map(media_type);
    if media.is_some_and(|media| !is_json(&media)) {
        return event.alert(None, clock, fixed);
    }
    bounds(&data, MAX_VALUES).map_err(|e| format!("data_base64: {e}"))?;
    event.alert(serde_json::from_slice(&data).ok(), clock, fixed)
}

impl<'a> Event<'a> {
    /// Adds an attribute; of a repeated name the last counts.
    pub(super) fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.0.push((name.into(), value.into()));
    }

    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().rev().find(|(n, _)| n == name)?;
        Some(value.as_ref()).filter(|value| !value.is_empty())
    }

    /// The alert that the event is, with what an object in its data says.
    pub(super) fn alert(
        &self,
        data: Option<Object<'_>>,
        clock: Clock,
        fixed: &FixedLabels,
    ) -> Result<Alert, String> {
        for name in REQUIRED {
            self.get(name)
                .ok_or_else(|| format!("the attribute {name} is missing"))?;
        }
        let version = self.get("specversion").unwrap_or_default();
        if version != VERSION {
            let version = shown(version);
            return Err(format!(
                "the attribute specversion is {version}, and only {VERSION:?} is read"
            ));
        }
        let data = data.unwrap_or_default();
        let (mut labels, mut annotations) = self.pairs();
        labels.extend(pairs(&data, "labels")?);
        annotations.extend(pairs(&data, "annotations")?);
        let time = rfc3339("the attribute time", self.get("time"))?;
        let starts = rfc3339("startsAt", Some(&data.text("startsAt")?))?;
        let ends = rfc3339("endsAt", Some(&data.text("endsAt")?))?;
        let status = self.status(&data);
        let source = self.get("source").filter(|source| is_web(source));
        let draft = Draft {
            labels,
            annotations,
            starts_ms: starts.or(time),
            // The time of an event that says "over" is the end; of any other the begin.
            ends_ms: ends.or(time.filter(|_| status == Status::Resolved)),
            generator_url: source.unwrap_or_default().into(),
            status,
        };
        draft.judge(clock, fixed)
    }

    /// Labels and annotations that the attributes make.
    fn pairs(&self) -> (Pairs<'_>, Pairs<'_>) {
        let (mut labels, mut annotations) = (Pairs::default(), Pairs::default());
        for (name, value) in &self.0 {
            match &**name {
                "specversion" | "datacontenttype" | "dataschema" | "time" | "status" => {}
                "type" => labels.push("alertname", value.as_ref()),
                "id" => annotations.push("id", value.as_ref()),
                name if PER_EVENT.contains(&name) => annotations.push(name, value.as_ref()),
                name => labels.push(name, value.as_ref()),
            }
        }
        (labels, annotations)
    }

    /// What the data says, else what an extension attribute says. Only a text says something: many kinds of data have a
    /// "status" that is an object or a number and means something else.
    fn status(&self, data: &Object<'_>) -> Status {
        let said = data.get("status").filter(|value| kind(value) == "a text");
        let said = said.and_then(scalar);
        match said.as_deref().or(self.get("status")) {
            Some(text) if RESOLVED.iter().any(|r| r.eq_ignore_ascii_case(text.trim())) => {
                Status::Resolved
            }
            Some(_) => Status::Firing,
            None => Status::ByTimes,
        }
    }
}

/// A member of the data that is an object of texts. Something else of this name is not meant for us.
fn pairs<'a>(data: &Object<'a>, name: &str) -> Result<Pairs<'a>, String> {
    match data.get(name) {
        Some(value) if kind(value) == "an object" => data.pairs(name),
        _ => Ok(Pairs::default()),
    }
}

fn is_web(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}
