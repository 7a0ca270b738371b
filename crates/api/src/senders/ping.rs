//! Pings as healthchecks.io takes them: `/ping/TOKEN`, or `/ping/TOKEN/NAME` where several sources share a token.

use std::borrow::Cow;

use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};
use stentor_domain::heartbeat::Beat;
use stentor_domain::source::{Source, SourceKind};
use stentor_engine::NotAdmitted;
use stentor_formats::healthchecks::{BODY_LIMIT, MAX_BODY, Ping};

use super::counters::Reason;
use super::figures::{duration_ms, size};
use super::{beat, door};
use crate::{App, Problem};

/// An answer that is not "OK", as such clients expect it: a status and a line.
struct Refused(StatusCode, Cow<'static, str>);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem.status, problem.message.into())
    }
}

pub(super) async fn alone(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let query = query.unwrap_or_default();
    answer(receive(&app, &token, None, "", &query, request).await)
}

pub(super) async fn further(
    State(app): State<App>,
    Path((token, rest)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let query = query.unwrap_or_default();
    let (name, tail) = split(&rest);
    answer(receive(&app, &token, name, tail, &query, request).await)
}

/// The name, when one stands first, and what follows. What is also a signal is one: `fail`, not a source called so.
fn split(rest: &str) -> (Option<&str>, &str) {
    let (first, tail) = rest.split_once('/').unwrap_or((rest, ""));
    let is_signal =
        matches!(first, "" | "start" | "fail" | "log") || first.bytes().all(|b| b.is_ascii_digit());
    if is_signal {
        (None, rest)
    } else {
        (Some(first), tail)
    }
}

async fn receive(
    app: &App,
    token: &str,
    name: Option<&str>,
    tail: &str,
    query: &str,
    request: Request,
) -> Result<(), Refused> {
    let bytes = beat::head(app, request.into_body(), MAX_BODY).await?;
    let ping = Ping::read(tail, query, &bytes).map_err(|bad| {
        app.senders.refused(None, Reason::Form);
        let status = StatusCode::from_u16(bad.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Refused(status, bad.to_string().into())
    })?;
    let source = find(app, token, name, ping.create)?;
    let said = said(&ping, query);
    let said = said.inspect_err(|_| app.senders.refused(Some(&source), Reason::Form))?;
    beat::record(app, &source, said).await?;
    Ok(())
}

fn find(app: &App, token: &str, name: Option<&str>, create: bool) -> Result<Source, Refused> {
    let wanted = |source: &Source| {
        matches!(
            source.kind,
            SourceKind::Healthchecks(_) | SourceKind::Heartbeat(_)
        )
    };
    app.engine
        .source_of(token, name, wanted)
        .map_err(|not| match not {
            NotAdmitted::Unreadable => door::closed(app).into(),
            NotAdmitted::Ambiguous => Refused(
                StatusCode::CONFLICT,
                "several sources have this token; put the name of one behind it: /ping/TOKEN/NAME"
                    .into(),
            ),
            NotAdmitted::Unknown => {
                app.senders.refused(None, Reason::Unknown);
                let text = if create {
                    "not found; create=1 declares nothing here: declare the source in sources.toml"
                } else {
                    "not found"
                };
                Refused(StatusCode::NOT_FOUND, text.into())
            }
        })
}

/// What a ping says. Its figures stand in the query, as `size` in bytes and `duration` in seconds.
fn said(ping: &Ping<'_>, query: &str) -> Result<Beat, Problem> {
    let fields: Result<Vec<(Cow<'_, str>, Cow<'_, str>)>, _> = serde_urlencoded::from_str(query);
    let fields = fields.map_err(|_| super::figures::bad("the query cannot be read"))?;
    let figure = |name: &str| {
        let found = fields.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, value)| &**value)
    };
    Ok(Beat {
        signal: ping.signal,
        run: ping.rid.map(|rid| rid.to_string()),
        duration_ms: figure("duration").map(duration_ms).transpose()?,
        size: figure("size").map(size).transpose()?,
        message: beat::message(ping.body),
    })
}

fn answer(taken: Result<(), Refused>) -> Response {
    let (status, text) = match taken {
        Ok(()) => (StatusCode::OK, Cow::Borrowed("OK")),
        Err(Refused(status, text)) => (status, text),
    };
    let headers = [
        (HeaderName::from_static(BODY_LIMIT.0), BODY_LIMIT.1),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (status, headers, text.into_owned()).into_response()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_name_stands_before_the_signal() {
        let check = |rest: &str, name: Option<&str>, tail: &str| {
            assert_eq!(split(rest), (name, tail), "{rest}");
        };
        check("start", None, "start");
        check("fail/", None, "fail/");
        check("255", None, "255");
        check("backup", Some("backup"), "");
        check("backup/start", Some("backup"), "start");
        check("backup/0/", Some("backup"), "0/");
        check("backup/start/more", Some("backup"), "start/more");
    }
}
