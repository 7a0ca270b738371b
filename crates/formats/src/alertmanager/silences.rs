//! Silences as Alertmanager's API v2 takes and tells them. `recurrence` is ours; others ignore it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stentor_domain::matcher::{Matcher, Op};
use stentor_domain::recurrence::Recurrence;
use stentor_domain::silence::{Silence, SilenceId, Wanted};
use stentor_domain::uuid::NotAUuid;

use super::outgoing::rfc3339;
use crate::batch::instant;

/// A silence as it is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GettableSilence<'a> {
    /// Its name.
    pub id: String,
    status: Status,
    updated_at: String,
    /// Free texts of programs; we keep none.
    annotations: BTreeMap<String, String>,
    comment: &'a str,
    created_by: &'a str,
    ends_at: String,
    matchers: Vec<Condition<'a>>,
    starts_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<Returning>,
}

#[derive(Debug, Serialize)]
struct Status {
    state: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Condition<'a> {
    is_equal: bool,
    is_regex: bool,
    name: &'a str,
    value: &'a str,
}

/// When a silence comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Returning {
    /// An iCalendar rule.
    rule: String,
    /// How long each time lasts, in seconds.
    duration: i64,
    /// The time zone, as IANA names it.
    #[serde(default = "utc")]
    zone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

impl<'a> GettableSilence<'a> {
    /// A silence as it stands at `now_ms` (milliseconds since the epoch).
    #[must_use]
    pub fn new(silence: &'a Silence, now_ms: i64) -> Self {
        let wanted = &silence.wanted;
        let matchers = wanted.matchers.iter().map(|m| Condition {
            is_equal: m.op().is_equal(),
            is_regex: m.op().is_regex(),
            name: m.name(),
            value: m.value(),
        });
        let recurrence = wanted.recurrence.as_ref().map(|r| Returning {
            rule: r.rule().to_owned(),
            duration: r.duration_ms() / 1000,
            zone: r.zone().to_owned(),
        });
        Self {
            id: silence.id.to_string(),
            status: Status {
                state: wanted.state(now_ms).name(),
            },
            updated_at: rfc3339(silence.updated_ms),
            annotations: BTreeMap::new(),
            comment: &wanted.comment,
            created_by: &wanted.created_by,
            ends_at: rfc3339(wanted.ends_ms),
            matchers: matchers.collect(),
            starts_at: rfc3339(wanted.starts_ms),
            recurrence,
        }
    }
}

/// A silence as it is asked for. Fields that we do not know are ignored, as Alertmanager does.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostableSilence {
    #[serde(default)]
    id: Option<String>,
    matchers: Vec<Asked>,
    starts_at: String,
    ends_at: String,
    created_by: String,
    comment: String,
    #[serde(default)]
    recurrence: Option<Returning>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    name: String,
    value: String,
    is_regex: bool,
    #[serde(default = "yes")]
    is_equal: bool,
}

fn yes() -> bool {
    true
}

/// A silence that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSilence {
    /// It has another form.
    #[error("{0}")]
    Form(String),
    /// It names another one that cannot exist.
    #[error("id: {0}")]
    Id(#[from] NotAUuid),
}

impl PostableSilence {
    /// Reads the body of `POST /api/v2/silences`: which silence is changed, if any, and what is asked for.
    ///
    /// # Errors
    /// The body is not such an object, or a part of it cannot be read.
    pub fn read(body: &[u8]) -> Result<(Option<SilenceId>, Wanted), BadSilence> {
        let asked: Self =
            serde_json::from_slice(body).map_err(|e| BadSilence::Form(e.to_string()))?;
        let id = asked.id.filter(|id| !id.is_empty());
        let id = id.map(|id| id.parse()).transpose()?;
        let matchers = asked.matchers.into_iter().map(|m| {
            let op = Op::of(m.is_regex, m.is_equal);
            Matcher::new(m.name, op, m.value).map_err(|e| BadSilence::Form(e.to_string()))
        });
        let recurrence = asked.recurrence.map(|r| {
            let duration_ms = r.duration.saturating_mul(1000);
            Recurrence::new(r.rule, duration_ms, r.zone)
                .map_err(|e| BadSilence::Form(e.to_string()))
        });
        let wanted = Wanted {
            matchers: matchers.collect::<Result<_, _>>()?,
            starts_ms: time("startsAt", &asked.starts_at)?,
            ends_ms: time("endsAt", &asked.ends_at)?,
            recurrence: recurrence.transpose()?,
            created_by: asked.created_by,
            comment: asked.comment,
        };
        Ok((id, wanted))
    }
}

fn time(name: &str, text: &str) -> Result<i64, BadSilence> {
    let time = instant(text).map(Timestamp::as_millisecond);
    time.ok_or_else(|| BadSilence::Form(format!("{name} is not a time as RFC 3339 writes it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_read_as_it_is_told() {
        let body = br#"{"id":"","matchers":[{"name":"job","value":"a|b","isRegex":true},
            {"name":"x","value":"y","isRegex":false,"isEqual":false}],"startsAt":"2026-11-21T02:10:00.000Z",
            "endsAt":"2026-11-21T03:10:00+01:00","createdBy":"ada","comment":"why","annotations":{"a":"b"},
            "recurrence":{"rule":"FREQ=DAILY","duration":60,"zone":"Europe/Berlin"}}"#;
        let (id, wanted) = PostableSilence::read(body).unwrap();
        assert_eq!(id, None);
        assert_eq!(wanted.matchers[0].op(), Op::Matches);
        assert_eq!(wanted.matchers[1].op(), Op::NotEqual);
        assert_eq!(wanted.starts_ms, 1_795_227_000_000);
        assert_eq!(wanted.ends_ms, 1_795_227_000_000);
        let silence = Silence {
            id: SilenceId::from_random([1; 16]),
            wanted,
            updated_ms: 0,
        };
        let told = serde_json::to_value(GettableSilence::new(&silence, 1_795_227_000_001)).unwrap();
        assert_eq!(told["status"]["state"], "expired");
        assert_eq!(told["startsAt"], "2026-11-21T02:10:00.000Z");
        assert_eq!(told["recurrence"]["duration"], 60);
        assert_eq!(told["annotations"], serde_json::json!({}));
        let again = PostableSilence::read(told.to_string().as_bytes()).unwrap();
        assert_eq!(again, (Some(silence.id), silence.wanted));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let check = |from: &str, to: &str| {
            let body = r#"{"id":"","matchers":[{"name":"job","value":"a","isRegex":true}],"createdBy":"x",
                "startsAt":"2026-11-21T02:10:00Z","endsAt":"2026-11-21T03:10:00Z","comment":"y"}"#;
            assert!(body.contains(from), "{from}");
            let body = body.replace(from, to);
            assert!(PostableSilence::read(body.as_bytes()).is_err(), "{body}");
        };
        check("\"id\":\"\"", "\"id\":\"7\"");
        check("\"a\"", "\"(\"");
        check("\"job\"", "\"\"");
        check("03:10:00Z", "soon");
        check("\"comment\":\"y\"", "\"comment\":7");
        check("{\"id\"", "[{\"id\"");
    }
}
