//! One alert: parsed without copying what needs no unescaping, then judged and given its times.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use stentor_domain::alert::{Alert, Fingerprint};
use stentor_domain::labels::Labels;

use super::{MAX_LABEL_VALUE, MAX_LABELS, MAX_NAME, MAX_TEXT};

/// What missing times are resolved with.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Now, in milliseconds since the epoch.
    pub now_ms: i64,
    /// How long an alert without an end fires after it was sent, in milliseconds.
    pub resolve_timeout_ms: i64,
}

/// An alert, and whether its end was ours to set.
pub(super) struct Read {
    pub(super) alert: Alert,
    pub(super) is_timeout: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow, default)]
    labels: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    annotations: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    starts_at: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    ends_at: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "generatorURL")]
    generator_url: Option<Cow<'a, str>>,
}

pub(super) fn read(item: &[u8], clock: Clock) -> Result<Read, String> {
    let wire: Wire<'_> = serde_json::from_slice(item).map_err(plainly)?;
    let labels = wire.labels.unwrap_or_default();
    labels.judge("label", MAX_LABEL_VALUE)?;
    let annotations = wire.annotations.unwrap_or_default();
    annotations.judge("annotation", MAX_TEXT)?;
    let labels = labels.collect();
    if labels.is_empty() {
        return Err("at least one label with a value is needed".into());
    }
    let generator_url = wire.generator_url.unwrap_or_default();
    if generator_url.len() > MAX_TEXT {
        return Err(format!("generatorURL has more than {MAX_TEXT} bytes"));
    }
    let starts = time("startsAt", wire.starts_at.as_deref())?;
    let ends = time("endsAt", wire.ends_at.as_deref())?;
    let starts_ms = starts.or(ends).unwrap_or(clock.now_ms);
    let ends_ms = ends.unwrap_or(clock.now_ms + clock.resolve_timeout_ms);
    if ends_ms < starts_ms {
        return Err("it ends before it starts".into());
    }
    let alert = Alert {
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: annotations.collect(),
        starts_ms,
        ends_ms,
        generator_url: generator_url.into(),
    };
    let is_timeout = ends.is_none();
    Ok(Read { alert, is_timeout })
}

/// The place within the element helps; serde_json counts lines from its beginning.
fn plainly(error: serde_json::Error) -> String {
    format!("not an alert: {error}")
}

/// Go's zero time, which Go programs send for "none".
const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// Milliseconds since the epoch; `None` when absent.
fn time(field: &str, text: Option<&str>) -> Result<Option<i64>, String> {
    let Some(text) = text.filter(|t| !t.is_empty() && *t != ZERO_TIME) else {
        return Ok(None);
    };
    let time: Timestamp = text
        .parse()
        .map_err(|_| format!("{field} is not a time as RFC 3339 writes it"))?;
    // The same instant written otherwise is none too.
    const ZERO_SECOND: i64 = -62_135_596_800;
    Ok((time.as_second() != ZERO_SECOND).then(|| time.as_millisecond()))
}

/// Names and values in the order in which they came.
#[derive(Default)]
struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Pairs<'_> {
    fn judge(&self, what: &str, longest: usize) -> Result<(), String> {
        if self.0.len() > MAX_LABELS {
            return Err(format!("more than {MAX_LABELS} {what}s"));
        }
        for (name, value) in &self.0 {
            if name.is_empty() {
                return Err(format!("a {what} has no name"));
            }
            if name.len() > MAX_NAME {
                return Err(format!("a {what}'s name has more than {MAX_NAME} bytes"));
            }
            if value.len() > longest {
                return Err(format!("a {what}'s value has more than {longest} bytes"));
            }
        }
        Ok(())
    }

    fn collect(&self) -> Labels {
        let pairs = self.0.iter().map(|(n, v)| (n.as_ref(), v.as_ref()));
        Labels::from_pairs(&mut pairs.collect())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pick;
        impl<'de> Visitor<'de> for Pick {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some((name, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
                    // One more than allowed is enough to refuse it.
                    if pairs.len() <= MAX_LABELS {
                        pairs.push((name.0, value.0));
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Pick)
    }
}

/// Text that is borrowed when nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
