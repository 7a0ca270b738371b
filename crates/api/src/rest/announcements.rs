//! Announced work, false messages, and the directory of what is ours.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use stentor_domain::announcement::{self, Filled};
use stentor_domain::bulletin::StatusPage;
use stentor_domain::command::Command;
use stentor_domain::disclosure::Public;
use stentor_domain::ids::{DenialId, MaintenanceId, PersonId};
use stentor_domain::world::World;

use super::caller::{Act, Caller, Json, Place};
use super::openapi::{
    InWorld, OfDenial, OfDenialStatement, OfMaintenance, OfMaintenanceStatement, Once,
};
use super::wire::{
    Acted, Denial, DenialWord, Directory, Maintenance, MaintenanceWord, Withdrawal, moment, short,
};
use crate::seq::Committed;
use crate::{App, Problem};

type Answered = Result<Response, Problem>;

fn page(app: &App, world: World) -> Result<Public<StatusPage>, Problem> {
    let now_ms = app.engine.clock().now_ms();
    let page = app.engine.read(|state| {
        let known = world == World::Live || state.world(world).is_some();
        known.then(|| state.status_page(world, now_ms))
    });
    let page = page.ok_or_else(|| Problem::not_found(format!("there is no {world}")))?;
    page.ok_or_else(|| Problem::unavailable("no configuration is in force yet"))
}

async fn done<T>(app: App, act: Act<T>, command: Command, code: StatusCode) -> Answered {
    let done = app.submit(act.place.world()?, command, act.once).await?;
    Ok((code, Committed(done.seq), Json(Acted::from(done))).into_response())
}

#[utoipa::path(get, path = "/api/v1/directory", operation_id = "read_directory", tag = "public",
    responses((status = 200, body = Directory, description = "As it is published")))]
/// Tells where the organisation really speaks.
pub(super) async fn directory(
    State(app): State<App>,
    _caller: Caller,
) -> Result<Json<Directory>, Problem> {
    let page = page(&app, World::Live)?;
    Ok(Json(page.directory.clone().into()))
}

#[utoipa::path(get, path = "/api/v1/worlds/{world}/maintenance", operation_id = "list_maintenance", tag = "public",
    params(InWorld), responses((status = 200, body = Vec<Maintenance>, description = "What is ahead, then what is over")))]
/// Lists the announced work that is on the page.
pub(super) async fn list_maintenance(
    State(app): State<App>,
    _caller: Caller,
    place: Place,
) -> Result<Json<Vec<Maintenance>>, Problem> {
    let page = page(&app, place.world()?)?;
    let all = page.maintenance.iter().cloned();
    Ok(Json(all.map(Maintenance::from).collect()))
}

fn work(
    id: Option<MaintenanceId>,
    by: &PersonId,
    asked: &MaintenanceWord,
) -> Result<Command, Problem> {
    let services = asked.services.iter().map(|s| s.as_str().into());
    Ok(Command::SpeakOfMaintenance(announcement::MaintenanceWord {
        id,
        services: services.collect(),
        starts_ms: moment("starts_at", asked.starts_at.clone())?,
        ends_ms: moment("ends_at", asked.ends_at.clone())?,
        status: asked.status.map(Into::into),
        text: Filled {
            template: short("template", asked.template.clone())?.as_str().into(),
            values: asked.values.clone(),
        },
        corrects: asked.corrects,
        by: by.clone(),
    }))
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/maintenance", tag = "public", params(InWorld, Once),
    request_body = MaintenanceWord, responses((status = 201, body = Acted, description = "Announced")))]
/// Announces work: what is written becomes public.
pub(super) async fn announce_maintenance(
    State(app): State<App>,
    act: Act<MaintenanceWord>,
) -> Answered {
    let command = work(None, &act.by, &act.what)?;
    done(app, act, command, StatusCode::CREATED).await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/maintenance/{maintenance}/updates", tag = "public",
    params(OfMaintenance, Once), request_body = MaintenanceWord,
    responses((status = 200, body = Acted, description = "Published")))]
/// Says more about announced work: that it moves, begins, is watched, is over or will not take place; or corrects a
/// statement.
pub(super) async fn speak_of_maintenance(
    State(app): State<App>,
    act: Act<MaintenanceWord>,
) -> Answered {
    let id = MaintenanceId(act.place.number("maintenance")?);
    let command = work(Some(id), &act.by, &act.what)?;
    done(app, act, command, StatusCode::OK).await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/maintenance/{maintenance}/updates/{number}/withdraw",
    tag = "public", params(OfMaintenanceStatement, Once), request_body = Withdrawal,
    responses((status = 200, body = Acted, description = "Taken back")))]
/// Takes a statement about announced work back. It stays, marked, and the reason is published.
pub(super) async fn withdraw_maintenance(
    State(app): State<App>,
    mut act: Act<Withdrawal>,
) -> Answered {
    let command = Command::WithdrawMaintenance {
        id: MaintenanceId(act.place.number("maintenance")?),
        number: act.place.number("number")?,
        reason: std::mem::take(&mut act.what).reason()?,
        by: act.by.clone(),
    };
    done(app, act, command, StatusCode::OK).await
}

#[utoipa::path(get, path = "/api/v1/worlds/{world}/denials", operation_id = "list_denials", tag = "public",
    params(InWorld), responses((status = 200, body = Vec<Denial>, description = "What circulates, then what does not any more")))]
/// Lists the false messages that are denied on the page.
pub(super) async fn list_denials(
    State(app): State<App>,
    _caller: Caller,
    place: Place,
) -> Result<Json<Vec<Denial>>, Problem> {
    let page = page(&app, place.world()?)?;
    let all = page.denials.iter().cloned();
    Ok(Json(all.map(Denial::from).collect()))
}

fn denial(id: Option<DenialId>, by: &PersonId, asked: &DenialWord) -> Result<Command, Problem> {
    Ok(Command::SpeakOfDenial(announcement::DenialWord {
        id,
        seen_at: asked.seen_at.clone(),
        circulates: asked.circulates,
        text: Filled {
            template: short("template", asked.template.clone())?.as_str().into(),
            values: asked.values.clone(),
        },
        corrects: asked.corrects,
        by: by.clone(),
    }))
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/denials", tag = "public", params(InWorld, Once),
    request_body = DenialWord, responses((status = 201, body = Acted, description = "Denied")))]
/// Denies a false message: what is written becomes public.
pub(super) async fn deny(State(app): State<App>, act: Act<DenialWord>) -> Answered {
    let command = denial(None, &act.by, &act.what)?;
    done(app, act, command, StatusCode::CREATED).await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/denials/{denial}/updates", tag = "public",
    params(OfDenial, Once), request_body = DenialWord,
    responses((status = 200, body = Acted, description = "Published")))]
/// Says more about a false message, also that it circulates no more; or corrects a statement.
pub(super) async fn speak_of_denial(State(app): State<App>, act: Act<DenialWord>) -> Answered {
    let id = DenialId(act.place.number("denial")?);
    let command = denial(Some(id), &act.by, &act.what)?;
    done(app, act, command, StatusCode::OK).await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/denials/{denial}/updates/{number}/withdraw",
    tag = "public", params(OfDenialStatement, Once), request_body = Withdrawal,
    responses((status = 200, body = Acted, description = "Taken back")))]
/// Takes a statement about a false message back. It stays, marked, and the reason is published.
pub(super) async fn withdraw_denial(State(app): State<App>, mut act: Act<Withdrawal>) -> Answered {
    let command = Command::WithdrawDenial {
        id: DenialId(act.place.number("denial")?),
        number: act.place.number("number")?,
        reason: std::mem::take(&mut act.what).reason()?,
        by: act.by.clone(),
    };
    done(app, act, command, StatusCode::OK).await
}
