//! Senders of alerts and heartbeats other than Prometheus, each at an address of its own, as `sources.toml` declares
//! them. All are answered only when what they said is durable.

mod alerts;
mod beat;
mod counters;
mod door;
mod figures;
mod heartbeat;
pub(crate) mod limit;
mod ping;
mod push;
mod report;

use axum::Router;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use http::Method;

use crate::{App, Problem};

pub(crate) use counters::{Counters, gauges};
pub(crate) use report::{SourceReport, reports};

pub(crate) fn routes() -> Router<App> {
    let ping = get(ping::alone).post(ping::alone);
    let further = get(ping::further).post(ping::further);
    Router::new()
        .route("/in/{source}", any(receive))
        .route("/ping/{token}", ping)
        .route("/ping/{token}/{*rest}", further)
        .route("/api/push/{token}", any(push::receive))
}

/// What came for a source, by its kind.
async fn receive(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let source = door::by_name(&app, &name, request.headers(), &query)?;
    if source.kind.heartbeat().is_some() {
        return heartbeat::receive(&app, &source, &query, request).await;
    }
    match *request.method() {
        Method::POST => alerts::receive(&app, &source, request).await,
        Method::OPTIONS => alerts::handshake(&source, request.headers()),
        _ => Err(crate::problem::wrong_method().await),
    }
}
