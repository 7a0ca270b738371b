//! Pushes as Uptime Kuma takes them, by any method.

use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;
use stentor_domain::heartbeat::{Beat, Signal};
use stentor_domain::source::SourceKind;
use stentor_engine::NotAdmitted;
use stentor_formats::uptime_kuma::{Push, Refused, Taken};

use super::counters::Reason;
use super::{beat, door};
use crate::{App, Problem};

pub(super) async fn receive(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    // Nothing in the body counts.
    drop(request);
    match take(&app, &token, &query.unwrap_or_default()).await {
        Ok(()) => json(StatusCode::OK, &Taken::new()),
        Err(problem) => json(problem.status, &Refused::new(problem.message)),
    }
}

async fn take(app: &App, token: &str, query: &str) -> Result<(), Problem> {
    let not_found = |message: String| {
        let todo = "Compare the address with sources.toml.";
        Problem::new(StatusCode::NOT_FOUND, "not-found", message, todo)
    };
    let push = Push::read(query).map_err(|bad| {
        app.senders.refused(None, Reason::Form);
        not_found(bad.to_string())
    })?;
    let wanted = |s: &stentor_domain::source::Source| matches!(s.kind, SourceKind::UptimeKuma(_));
    let source = app.engine.source_of(token, None, wanted);
    let source = source.map_err(|not| match not {
        NotAdmitted::Unreadable => door::closed(app),
        NotAdmitted::Unknown => {
            app.senders.refused(None, Reason::Unknown);
            not_found("no monitor is known by this token".to_owned())
        }
        NotAdmitted::Ambiguous => {
            not_found("several sources have this token; give each one of its own".to_owned())
        }
    })?;
    let signal = if push.up {
        Signal::Success
    } else {
        Signal::Fail
    };
    let said = Beat {
        duration_ms: push.ping_ms.map(|ms| ms.round() as i64),
        message: beat::message(push.msg.as_bytes()),
        ..Beat::new(signal)
    };
    beat::record(app, &source, said).await?;
    Ok(())
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}
