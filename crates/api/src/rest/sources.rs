//! The declared sources of alerts and heartbeats.

use axum::extract::State;

use super::caller::{Caller, Json};
use super::wire::Source;
use crate::{App, senders};

#[utoipa::path(get, path = "/api/v1/sources", operation_id = "list_sources", tag = "health",
    responses((status = 200, body = Vec<Source>, description = "Every source that sources.toml declares")))]
/// Tells how the senders of alerts and heartbeats are.
pub(super) async fn list(State(app): State<App>, _caller: Caller) -> Json<Vec<Source>> {
    let reports = senders::reports(&app);
    Json(reports.into_iter().map(Source::from).collect())
}
