//! Heartbeats of our own form: `/in/NAME`, with figures in the query or in the body as JSON or as a form.

use std::borrow::Cow;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use serde_json::Value;
use stentor_domain::heartbeat::{Beat, Signal};
use stentor_domain::source::Source;

use super::figures::{bad, duration_ms, size};
use super::{beat, counters::Reason};
use crate::seq::Committed;
use crate::{App, Problem};

/// Bytes of a body that are read.
const MAX_BODY: usize = 10_000;

/// Longest name of a run, in bytes.
const MAX_RUN: usize = 64;

/// Names and values, wherever they stood.
type Fields<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

pub(super) async fn receive(
    app: &App,
    source: &Source,
    query: &str,
    request: Request,
) -> Result<Response, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::POST) {
        return Err(crate::problem::wrong_method().await);
    }
    let (parts, body) = request.into_parts();
    let bytes = beat::head(app, body, MAX_BODY).await?;
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|k| k.to_str().ok()).unwrap_or_default();
    let read = read(query, kind, &bytes);
    let said = read.inspect_err(|_| app.senders.refused(Some(source), Reason::Form))?;
    let done = beat::record(app, source, said).await?;
    Ok((StatusCode::OK, Committed(done.seq), "OK").into_response())
}

/// What the query and the body say; of a name in both the body counts.
fn read(query: &str, kind: &str, body: &[u8]) -> Result<Beat, Problem> {
    let fields: Result<Fields<'_>, _> = serde_urlencoded::from_str(query);
    let mut fields = fields.map_err(|_| bad("the query cannot be read"))?;
    let mut message = String::new();
    if kind.starts_with("application/json") {
        fields.extend(json(body)?);
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let form: Result<Fields<'_>, _> = serde_urlencoded::from_bytes(body);
        fields.extend(form.map_err(|_| bad("the form cannot be read"))?);
    } else {
        message = beat::message(body);
    }
    let said = |name: &str| {
        let found = fields.iter().rev().find(|(n, _)| n == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|v| !v.is_empty())
    };
    let run = said("rid").map(str::to_owned);
    if run.as_ref().is_some_and(|run| run.len() > MAX_RUN) {
        return Err(bad("rid has more than 64 characters"));
    }
    if let Some(msg) = said("msg") {
        message = beat::message(msg.as_bytes());
    }
    Ok(Beat {
        signal: said("status").map_or(Ok(Signal::Success), signal)?,
        run,
        duration_ms: said("duration").map(duration_ms).transpose()?,
        size: said("size").map(size).transpose()?,
        message,
    })
}

/// The members of an object, as text.
fn json(body: &[u8]) -> Result<Fields<'static>, Problem> {
    if body.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    if body.len() > MAX_BODY {
        return Err(bad("the JSON has more than 10000 bytes"));
    }
    let object: Result<serde_json::Map<String, Value>, _> = serde_json::from_slice(body);
    let object = object.map_err(|e| bad(&format!("the body is not a JSON object: {e}")))?;
    let fields = object.into_iter().filter_map(|(name, value)| {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some((name.into(), text.into()))
    });
    Ok(fields.collect())
}

fn signal(status: &str) -> Result<Signal, Problem> {
    match status.to_ascii_lowercase().as_str() {
        "ok" | "up" | "success" | "true" => Ok(Signal::Success),
        "fail" | "failed" | "failure" | "down" | "error" | "false" => Ok(Signal::Fail),
        "start" => Ok(Signal::Start),
        "log" => Ok(Signal::Log),
        number => number.parse().map(Signal::Exit).map_err(|_| {
            bad("status is none of: success, fail, start, log, or an exit status from 0 to 255")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_is_read_from_query_and_body() {
        let check = |query: &str, kind: &str, body: &str, expect: Beat| {
            let found = read(query, kind, body.as_bytes());
            assert_eq!(found, Ok(expect), "{query} {kind} {body}");
        };
        let ok = || Beat::new(Signal::Success);
        let full = || Beat {
            signal: Signal::Exit(3),
            run: Some("a".into()),
            duration_ms: Some(1_500),
            size: Some(7),
            message: "it is done".into(),
        };
        let form = "application/x-www-form-urlencoded";
        check("", "", "", ok());
        check("token=x&status=", "", "", ok());
        let query = "status=3&rid=a&duration=1.5&size=7&msg=it+is+done";
        check(query, "", "", full());
        check("", form, query, full());
        check("size=9&token=x", form, query, full());
        let json =
            r#"{"status":3,"rid":"a","duration":1.5,"size":7,"msg":"it is done","more":[1]}"#;
        check("", "application/json; charset=utf-8", json, full());
        check("", "application/json", " ", ok());
        let said = Beat {
            message: "line\nline".into(),
            ..Beat::new(Signal::Fail)
        };
        check("status=DOWN", "text/plain", " line\nline\n", said);
        check("status=start", "", "", Beat::new(Signal::Start));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let check = |query: &str, kind: &str, body: &str, expect: &str| {
            let problem = read(query, kind, body.as_bytes()).unwrap_err();
            assert_eq!(problem.code, "bad-heartbeat");
            assert!(problem.message.contains(expect), "{problem:?}");
        };
        check("status=perhaps", "", "", "exit status from 0 to 255");
        check("status=256", "", "", "exit status from 0 to 255");
        check("size=many", "", "", "bytes");
        check("duration=-3", "", "", "seconds");
        check("", "application/json", "[1]", "not a JSON object");
    }
}
