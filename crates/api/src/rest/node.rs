//! How what we talk to is doing.

use axum::extract::State;

use super::caller::{Caller, Json, Place};
use super::openapi::InWorld;
use super::wire::{Lane, Mirror};
use crate::{App, Problem};

#[utoipa::path(get, path = "/api/v1/mirrors", operation_id = "list_mirrors", tag = "health",
    responses((status = 200, body = Vec<Mirror>, description = "Every mirror of every world")))]
/// Tells how the mirrors are.
pub(super) async fn mirrors(State(app): State<App>, _caller: Caller) -> Json<Vec<Mirror>> {
    let mirrors = app.engine.mirrors();
    Json(mirrors.into_iter().map(Mirror::from).collect())
}

#[utoipa::path(get, path = "/api/v1/worlds/{world}/lanes", operation_id = "list_lanes", tag = "health", params(InWorld),
    responses((status = 200, body = Vec<Lane>, description = "Every lane of the world")))]
/// Tells what waits to be sent.
pub(super) async fn lanes(
    State(app): State<App>,
    _caller: Caller,
    place: Place,
) -> Result<Json<Vec<Lane>>, Problem> {
    let lanes = app.engine.lanes(place.world()?).await?;
    Ok(Json(lanes.into_iter().map(Lane::from).collect()))
}
