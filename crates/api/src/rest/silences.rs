//! Silences, with times at which they come back.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use stentor_domain::command::Command;
use stentor_domain::silence::SilenceId;
use stentor_domain::world::World;
use stentor_engine::Done;

use super::caller::{Act, Caller, Json, Place};
use super::openapi::{OfSilence, Once};
use super::wire::{NewSilence, Silence, Silenced};
use crate::seq::Committed;
use crate::{App, Problem, silences};

type Answered = Result<Response, Problem>;

#[utoipa::path(get, path = "/api/v1/silences", operation_id = "list_silences", tag = "silences",
    responses((status = 200, body = Vec<Silence>, description = "Those that ended within 30 days among them")))]
/// Lists silences, the first to end first.
pub(super) async fn list(State(app): State<App>, _caller: Caller) -> Json<Vec<Silence>> {
    let now_ms = app.engine.clock().now_ms();
    let mut all = silences::all(&app);
    all.sort_by_key(|s| (s.wanted.ends_ms, s.id));
    Json(all.iter().map(|s| Silence::tell(s, now_ms)).collect())
}

fn named(place: &Place) -> Result<SilenceId, Problem> {
    let id: Result<SilenceId, _> = place.word("silence").parse();
    id.map_err(|_| Problem::not_found("a silence is named by its UUID"))
}

#[utoipa::path(get, path = "/api/v1/silences/{silence}", operation_id = "read_silence", tag = "silences",
    params(OfSilence), responses((status = 200, body = Silence, description = "The silence")))]
/// Tells about one silence.
pub(super) async fn one(
    State(app): State<App>,
    _caller: Caller,
    place: Place,
) -> Result<Json<Silence>, Problem> {
    let id = named(&place)?;
    let now_ms = app.engine.clock().now_ms();
    let found = app.engine.read(|state| {
        let silence = state.world(World::Live)?.silences.get(&id)?;
        Some(Silence::tell(silence, now_ms))
    });
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found(format!("there is no silence {id}")))
}

#[utoipa::path(post, path = "/api/v1/silences", operation_id = "create_silence", tag = "silences", params(Once),
    request_body = NewSilence, responses((status = 201, body = Silenced, description = "It is set")))]
/// Sets a silence.
pub(super) async fn create(State(app): State<App>, act: Act<NewSilence>) -> Answered {
    let done = set(&app, None, act).await?;
    Ok((StatusCode::CREATED, answer(done)).into_response())
}

#[utoipa::path(put, path = "/api/v1/silences/{silence}", operation_id = "change_silence", tag = "silences",
    params(OfSilence, Once), request_body = NewSilence,
    responses((status = 200, body = Silenced, description = "It is changed; under a new name when the past would change")))]
/// Changes a silence. What was silenced so far stays readable: a change that would alter it ends the old one.
pub(super) async fn change(State(app): State<App>, act: Act<NewSilence>) -> Answered {
    let id = named(&act.place)?;
    set(&app, Some(id), act).await.map(answer)
}

async fn set(app: &App, id: Option<SilenceId>, act: Act<NewSilence>) -> Result<Done, Problem> {
    let now_ms = app.engine.clock().now_ms();
    let wanted = act.what.wanted(act.by.as_str(), now_ms)?;
    let loud = wanted.fits_everything();
    let command = Command::SetSilence {
        id,
        fresh: silences::fresh(),
        wanted,
        by: act.by.to_string(),
    };
    let done = app.submit(World::Live, command, act.once).await?;
    if loud {
        tracing::warn!(by = %act.by, "a silence fits every alert");
    }
    Ok(done)
}

#[utoipa::path(delete, path = "/api/v1/silences/{silence}", operation_id = "end_silence", tag = "silences",
    params(OfSilence), responses((status = 200, body = Silenced, description = "It is over")))]
/// Ends a silence.
pub(super) async fn end(State(app): State<App>, caller: Caller, place: Place) -> Answered {
    let command = Command::EndSilence {
        id: named(&place)?,
        by: caller.person.to_string(),
    };
    let done = app.engine.submit(World::Live, command).await?;
    Ok(answer(done))
}

fn answer(done: Done) -> Response {
    let silence = done.silence.map(|id| id.to_string());
    (Committed(done.seq), Json(Silenced { silence })).into_response()
}
