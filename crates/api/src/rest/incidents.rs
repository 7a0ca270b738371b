//! Reading incidents, open and closed.

use axum::extract::{RawQuery, State};
use serde::Deserialize;
use stentor_domain::ids::IncidentId;
use stentor_domain::world::World;
use stentor_engine::TimelineFilter;
use utoipa::IntoParams;

use super::caller::{Caller, Json, Place};
use super::openapi::{InWorld, OfIncident};
use super::wire::{Around, Incident, Incidents, Summary};
use crate::{App, Problem};

/// Incidents in one answer at most.
const MOST: usize = 200;

/// Lines of a timeline in one answer at most.
const LINES: usize = 1_000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// Only incidents with a lower number.
    before: Option<u32>,
    /// At most so many; 50 unless said otherwise, 200 at most.
    limit: Option<usize>,
}

#[utoipa::path(get, path = "/api/v1/worlds/{world}/incidents", operation_id = "list_incidents", tag = "incidents", params(InWorld, Part),
    responses((status = 200, body = Incidents, description = "Newest first")))]
/// Lists incidents, newest first.
pub(super) async fn list(
    State(app): State<App>,
    _caller: Caller,
    place: Place,
    RawQuery(query): RawQuery,
) -> Result<Json<Incidents>, Problem> {
    let part: Part = serde_urlencoded::from_str(query.as_deref().unwrap_or_default())
        .map_err(|e| Problem::invalid(format!("the query: {e}")))?;
    let limit = part.limit.unwrap_or(50).clamp(1, MOST);
    let world = place.world()?;
    let rows = app
        .engine
        .store()
        .incidents(world, part.before, limit)
        .await?;
    let before = rows
        .last()
        .filter(|_| rows.len() == limit)
        .map(|row| row.id);
    let incidents = rows.into_iter().map(Summary::from).collect();
    Ok(Json(Incidents { incidents, before }))
}

#[utoipa::path(get, path = "/api/v1/worlds/{world}/incidents/{incident}", operation_id = "read_incident", tag = "incidents", params(OfIncident),
    responses((status = 200, body = Incident, description = "The incident with its timeline")))]
/// Tells everything about one incident.
pub(super) async fn one(
    State(app): State<App>,
    _caller: Caller,
    place: Place,
) -> Result<Json<Incident>, Problem> {
    let world = place.world()?;
    let number = place.number("incident")?;
    tell(&app, world, number).await.map(Json)
}

async fn tell(app: &App, world: World, number: u32) -> Result<Incident, Problem> {
    let id = IncidentId(number);
    let row = app.engine.store().incident(world, number).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("there is no {id} in {world}")))?;
    let filter = TimelineFilter {
        world,
        incident: number,
        limit: LINES,
    };
    let timeline = app.engine.store().timeline(filter).await?;
    let (open, pages, updates) = app.engine.read(|state| {
        let Some(w) = state.world(world) else {
            return (None, Vec::new(), Vec::new());
        };
        let pages = w.pages.values().filter(|p| p.incident == id).cloned();
        let said = w.disclosed.get(&id).map(|said| said.updates.clone());
        (
            w.incidents.get(&id).cloned(),
            pages.collect(),
            said.unwrap_or_default(),
        )
    });
    let known = match open {
        Some(open) => open,
        // Closed: what memory let go of stands in the row.
        None => serde_json::from_str(&row.data)
            .map_err(|e| Problem::unavailable(format!("{id} cannot be read: {e}")))?,
    };
    let around = Around {
        phase: row.phase,
        pages,
        updates,
        timeline,
        now_ms: app.engine.clock().now_ms(),
    };
    Ok(Incident::tell(known, around))
}
