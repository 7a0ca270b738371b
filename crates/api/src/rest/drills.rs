//! Rehearsals.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use stentor_domain::world::World;

use super::caller::{Act, Caller, Json, Place};
use super::openapi::{OfDrill, Once};
use super::wire::{Drill, DrillWithInbox, Message, Nothing, Started};
use crate::seq::Committed;
use crate::{App, Problem};

/// Messages of an inbox in one answer at most.
const MESSAGES: usize = 1_000;

#[utoipa::path(get, path = "/api/v1/drills", operation_id = "list_drills", tag = "drills",
    responses((status = 200, body = Vec<Drill>, description = "Newest first")))]
/// Lists drills, newest first.
pub(super) async fn list(State(app): State<App>, _caller: Caller) -> Json<Vec<Drill>> {
    Json(app.engine.read(|state| {
        let drills = state
            .worlds
            .iter()
            .rev()
            .filter_map(|(world, w)| match world {
                World::Drill(number) => Some(Drill::tell(*number, w.drill.as_ref()?)),
                World::Live => None,
            });
        drills.collect()
    }))
}

#[utoipa::path(get, path = "/api/v1/drills/{drill}", operation_id = "read_drill", tag = "drills", params(OfDrill),
    responses((status = 200, body = DrillWithInbox, description = "The drill, its inbox and its scorecard")))]
/// Tells about one drill.
pub(super) async fn one(
    State(app): State<App>,
    _caller: Caller,
    place: Place,
) -> Result<Json<DrillWithInbox>, Problem> {
    let number = place.number("drill")?;
    let world = World::Drill(number);
    let drill = app.engine.read(|state| {
        let drill = state.world(world)?.drill.as_ref()?;
        Some(Drill::tell(number, drill))
    });
    let drill = drill.ok_or_else(|| Problem::not_found(format!("there is no {world}")))?;
    let messages = app.engine.store().inbox(world, MESSAGES).await?;
    let inbox = messages.into_iter().map(Message::from).collect();
    Ok(Json(DrillWithInbox { drill, inbox }))
}

#[utoipa::path(post, path = "/api/v1/drills", operation_id = "start_drill", tag = "drills", params(Once), request_body = Nothing,
    responses((status = 201, body = Started, description = "It plays by itself and ends with a scorecard")))]
/// Starts the first drill. While one that the caller started still runs, that one is the answer, whatever the key.
pub(super) async fn start(State(app): State<App>, act: Act<Nothing>) -> Result<Response, Problem> {
    let running = app.engine.read(|state| {
        let mine = state.worlds.iter().rev().find(|(_, w)| {
            let drill = w.drill.as_ref();
            drill.is_some_and(|d| d.scorecard.is_none() && d.by == act.by)
        });
        mine.map(|(world, _)| *world)
    });
    let world = match running {
        Some(world) => world,
        None => app.engine.start_drill(act.by).await?,
    };
    let body = Json(Started {
        world: world.to_string(),
    });
    Ok((StatusCode::CREATED, Committed(app.engine.seq()), body).into_response())
}
