//! `POST /api/v2/alerts`: answered only when the alerts are durable.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use stentor_domain::command::Command;
use stentor_domain::world::World;
use stentor_engine::SubmitError;
use stentor_formats::alertmanager::{self, BadAlert, Batch, Clock, MAX_BODY};

use super::sender::Sender;
use crate::senders::limit;
use crate::seq::Committed;
use crate::{App, Problem, body};

/// Bad alerts that are named in an answer at most.
const NAMED: usize = 100;

/// How long a batch waits for room in memory.
const ROOM_WITHIN: Duration = Duration::from_secs(5);

/// When a source said no end and there is no configuration yet, in milliseconds: Alertmanager's default.
const RESOLVE_TIMEOUT_MS: i64 = 300_000;

pub(super) async fn alerts(
    State(app): State<App>,
    _sender: Sender,
    request: Request,
) -> Result<Response, Problem> {
    let announced = announced(request.headers())?;
    let _room = room(&app, announced).await?;
    let bytes = body::read(&app, request.into_body(), MAX_BODY).await?;
    let clock = Clock {
        now_ms: app.engine.clock().now_ms(),
        resolve_timeout_ms: app.engine.read(|state| {
            let organisation = state.organisation();
            organisation.map_or(RESOLVE_TIMEOUT_MS, |o| o.rules.resolve_timeout_ms)
        }),
    };
    let batch = alertmanager::read(&bytes, clock).map_err(|unreadable| {
        let todo = "Send an array of alerts as Alertmanager's API v2 takes it.";
        Problem::new(
            StatusCode::BAD_REQUEST,
            "not-a-batch",
            unreadable.to_string(),
            todo,
        )
    })?;
    drop(bytes);
    take(&app, batch, clock.now_ms).await
}

/// Records the good alerts, then tells of the bad ones.
async fn take(app: &App, mut batch: Batch, now_ms: i64) -> Result<Response, Problem> {
    let over = limit::apply_to_all(app, &mut batch.alerts, now_ms);
    // As Alertmanager does it, the sender is not told of those.
    let limited = limit::apply_by_name(app, &mut batch.alerts, now_ms);
    if limited > 0 {
        app.metrics.limited(limited);
        tracing::warn!(
            "{limited} alerts are dropped, as many of their name are open already (--alerts.per-alertname-limit)"
        );
    }
    let (good, bad) = (batch.alerts.len() as u64, batch.bad.len() as u64);
    let firing = batch.alerts.iter().filter(|a| a.ends_ms > now_ms).count() as u64;
    let mut seq = app.engine.seq();
    if good > 0 {
        let done = app
            .engine
            .submit(World::Live, Command::ReceiveAlerts(batch.alerts));
        let done = done.await.map_err(|error| match error {
            // Whatever keeps alerts from being judged (no configuration) is no fault of the sender.
            SubmitError::Refused(refusal) => Problem::unavailable(refusal.to_string()),
            other => other.into(),
        })?;
        seq = done.seq;
    }
    app.metrics.took(good, firing, bad);
    if over > 0 {
        app.metrics.over_limit(over);
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-alerts",
            format!(
                "{good} alerts were taken and {over} were not: no more than {} may be open",
                limit::MAX_OPEN
            ),
            "Look for a label whose values never end, and send again when some are over.",
        ));
    }
    if bad == 0 {
        return Ok((Committed(seq), StatusCode::OK).into_response());
    }
    Ok((Committed(seq), complaint(&batch.bad)).into_response())
}

#[derive(Serialize)]
struct Complaint<'a> {
    code: &'static str,
    message: String,
    todo: &'static str,
    alerts: Vec<Bad<'a>>,
}

#[derive(Serialize)]
struct Bad<'a> {
    index: usize,
    reason: &'a str,
}

pub(crate) fn complaint(bad: &[BadAlert]) -> Response {
    let first = &bad[0];
    let more = match bad.len() - 1 {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    let complaint = Complaint {
        code: "bad-alerts",
        message: format!("alert {}: {}{more}", first.index, first.reason),
        todo: "Correct the alerts named here; all others of the batch were taken.",
        alerts: bad
            .iter()
            .take(NAMED)
            .map(|b| Bad {
                index: b.index,
                reason: &b.reason,
            })
            .collect(),
    };
    let json = serde_json::to_vec(&complaint).unwrap_or_default();
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::BAD_REQUEST, kind, json).into_response()
}

/// How many bytes are announced, within the limit; a body of unknown length may fill it.
pub(crate) fn announced(headers: &HeaderMap) -> Result<usize, Problem> {
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|e| e != "identity")
    {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let todo = "Send the body without Content-Encoding.";
        return Err(Problem::new(
            status,
            "compressed",
            "compressed bodies are not taken",
            todo,
        ));
    }
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|l| l.to_str().ok());
    let length = length.and_then(|l| l.parse().ok()).unwrap_or(MAX_BODY);
    if length > MAX_BODY {
        return Err(Problem::too_large(MAX_BODY));
    }
    Ok(length)
}

/// All bodies that are read at the same time share one bound on memory.
pub(crate) async fn room(
    app: &App,
    bytes: usize,
) -> Result<tokio::sync::OwnedSemaphorePermit, Problem> {
    let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX);
    let room = std::sync::Arc::clone(&app.intake_room).acquire_many_owned(kib);
    tokio::select! {
        // There nearly always is room, and a timer costs more than looking.
        biased;
        permit = room => permit.map_err(|_| Problem::unavailable("the node is stopping")),
        () = app.engine.clock().sleep(ROOM_WITHIN) => Err(SubmitError::Busy.into()),
    }
}
