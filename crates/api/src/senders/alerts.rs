//! Alerts in the form of their source, and the handshake that senders of CloudEvents ask for.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use stentor_domain::command::Command;
use stentor_domain::source::{Source, SourceKind};
use stentor_domain::world::World;
use stentor_engine::SubmitError;
use stentor_formats::batch::{Batch, Clock, FixedLabels, MAX_BODY, Unreadable};
use stentor_formats::{alertmanager_webhook, cloudevents, generic, grafana};

use super::counters::Reason;
use super::limit;
use crate::intake::{announced, complaint, room};
use crate::seq::Committed;
use crate::{App, Problem, body};

/// Takes what a source posted; answered when it is durable.
pub(super) async fn receive(
    app: &App,
    source: &Source,
    request: Request,
) -> Result<Response, Problem> {
    let announced = announced(request.headers())?;
    let _room = room(app, announced).await?;
    let (parts, body) = request.into_parts();
    let bytes = body::read(app, body, MAX_BODY).await?;
    let clock = Clock {
        now_ms: app.engine.clock().now_ms(),
        resolve_timeout_ms: source.resolve_timeout_ms,
    };
    let batch = read(source, &parts.headers, &bytes, clock).map_err(|unreadable| {
        app.senders.refused(Some(source), Reason::Form);
        let kind = source.kind.name();
        Problem::new(
            StatusCode::BAD_REQUEST,
            "not-a-batch",
            unreadable.to_string(),
            format!("This source is of the kind {kind:?}; compare with what its sender sends."),
        )
    })?;
    drop(bytes);
    take(app, source, batch, clock.now_ms).await
}

fn read(
    source: &Source,
    headers: &HeaderMap,
    body: &[u8],
    clock: Clock,
) -> Result<Batch, Unreadable> {
    let fixed = fixed(source);
    match &source.kind {
        SourceKind::AlertmanagerWebhook => alertmanager_webhook::read(body, clock, &fixed),
        SourceKind::Grafana => grafana::read(body, clock, &fixed),
        SourceKind::Generic(mapping) => generic::read(body, mapping, clock, &fixed),
        SourceKind::CloudEvents => {
            let headers = headers.iter().map(|(n, v)| (n.as_str(), v.as_bytes()));
            cloudevents::read(headers, body, clock, &fixed)
        }
        SourceKind::Heartbeat(_) | SourceKind::Healthchecks(_) | SourceKind::UptimeKuma(_) => {
            Err(Unreadable::Part("this source sends no alerts".to_owned()))
        }
    }
}

/// The labels that each alert of a source gets.
fn fixed(source: &Source) -> FixedLabels {
    let mut fixed = source.labels.clone();
    fixed.insert("source".to_owned(), source.id.to_string());
    if let Some(service) = &source.service {
        fixed.insert("service".to_owned(), service.to_string());
    }
    fixed
}

/// Records the good alerts, then tells of the others.
async fn take(
    app: &App,
    source: &Source,
    mut batch: Batch,
    now_ms: i64,
) -> Result<Response, Problem> {
    let refused = limit::apply(app, source, &mut batch.alerts, now_ms);
    let taken = batch.alerts.len() as u64;
    let mut seq = app.engine.seq();
    if taken > 0 {
        let command = Command::ReceiveAlerts(batch.alerts);
        let done = app.engine.submit(World::Live, command).await;
        let done = done.map_err(|error| match error {
            // Whatever keeps alerts from being judged (no configuration) is no fault of the sender.
            SubmitError::Refused(refusal) => Problem::unavailable(refusal.to_string()),
            other => other.into(),
        })?;
        seq = done.seq;
    }
    let counters = &app.senders;
    counters.took_alerts(source, now_ms, taken, batch.left_out);
    counters.refused_many(Some(source), Reason::Form, batch.bad.len() as u64);
    counters.refused_many(Some(source), Reason::Limit, refused);
    if refused > 0 {
        let most = source.max_alerts;
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "max-alerts",
            format!(
                "{taken} alerts were taken and {refused} were not: no more than {most} alerts of the source {:?} may be \
                 open",
                source.id
            ),
            "Send again when some are over, or raise max_alerts of the source in sources.toml.",
        ));
    }
    if batch.bad.is_empty() {
        return Ok((Committed(seq), StatusCode::OK).into_response());
    }
    Ok((Committed(seq), complaint(&batch.bad)).into_response())
}

const ASKED_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
const ASKED_RATE: HeaderName = HeaderName::from_static("webhook-request-rate");
const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");

/// Whoever has the token may send (HTTP 1.1 Web Hooks for Event Delivery, section 4). The answer is given at once: an
/// address to call back later would let anybody make us call addresses.
pub(super) fn handshake(source: &Source, asked: &HeaderMap) -> Result<Response, Problem> {
    if source.kind != SourceKind::CloudEvents {
        return Err(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "wrong-method",
            "only a source of the kind \"cloudevents\" answers OPTIONS",
            "Send what it has to say with POST.",
        ));
    }
    let mut answer = (StatusCode::OK, [(header::ALLOW, "POST, OPTIONS")]).into_response();
    let headers = answer.headers_mut();
    if let Some(origin) = asked.get(ASKED_ORIGIN) {
        headers.insert(ALLOWED_ORIGIN, origin.clone());
    }
    if asked.contains_key(ASKED_RATE) {
        headers.insert(ALLOWED_RATE, HeaderValue::from_static("*"));
    }
    Ok(answer)
}
