//! What every request goes through and every answer carries, in one step: a layer costs each request more than what
//! is done in it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::{App, cors, headers, origin, seq};

/// Refuses what other sites send, waits for what was written before, and completes the answer.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let page = cors::let_in(&app, &request);
    let early = match page {
        Some(_) => cors::preflight(&request),
        None => origin::refusal(&app, &request),
    };
    let mut response = match early {
        Some(early) => early,
        None => seq::follow(&app, request, next).await,
    };
    headers::strict(&app, response.headers_mut());
    if let Some(page) = page {
        cors::complete(response.headers_mut(), page);
    }
    app.metrics.answered(response.status());
    response
}
