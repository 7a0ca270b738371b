//! What fires, and what people note about groups of it. Of the live world: drills have no groups.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use stentor_domain::command::Command;
use stentor_domain::ids::PersonId;
use stentor_domain::routing::GroupId;
use stentor_domain::world::World;
use stentor_engine::Idempotency;
use utoipa::IntoParams;

use super::caller::{Act, Caller, Json, Place};
use super::openapi::{OfGroup, Once};
use super::wire::{
    Acknowledge, Acted, Alert, AlertGroup, AlertGroups, Alerts, Assign, NewComment, end_of, short,
};
use crate::firing::{Look, Query};
use crate::seq::Committed;
use crate::{App, Problem};

type Answered = Result<Response, Problem>;

/// Alerts or groups in one answer when nothing is said about it.
const USUAL: usize = 100;

/// Alerts or groups in one answer at most.
const MOST: usize = 1_000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "described, and read elsewhere")]
pub(super) struct Part {
    /// A matcher on labels, for instance `severity=~"page|critical"`; repeatable, all must hold.
    filter: Option<Vec<String>>,
    /// Only those told to a receiver of this name: a pattern.
    receiver: Option<String>,
    /// `false` leaves out those that nothing keeps quiet.
    active: Option<bool>,
    /// `false` leaves out those that a silence keeps quiet.
    silenced: Option<bool>,
    /// `false` leaves out those that another alert keeps quiet.
    inhibited: Option<bool>,
    /// `startsAt`, `severity` (the worst first) or the name of a label; `-` before it turns it round. Groups are always
    /// in the order of their labels.
    sort: Option<String>,
    /// At most so many; 100 unless said otherwise, 1000 at most.
    limit: Option<u32>,
    /// Passes over so many.
    offset: Option<u32>,
}

fn asked(query: Option<&str>) -> Result<Query, Problem> {
    let query = Query::read(query.unwrap_or_default());
    let mut query = query.map_err(|e| Problem::invalid(e.to_string()))?;
    query.limit = Some(query.limit.unwrap_or(USUAL).clamp(1, MOST));
    Ok(query)
}

#[utoipa::path(get, path = "/api/v1/alerts", operation_id = "list_alerts", tag = "alerts", params(Part),
    responses((status = 200, body = Alerts, description = "A part of the alerts that fire")))]
/// Lists alerts that fire.
pub(super) async fn list(
    State(app): State<App>,
    _caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Alerts>, Problem> {
    let query = asked(query.as_deref())?;
    let found = Look::of(&app).alerts(&app.engine, &query);
    Ok(Json(Alerts {
        alerts: found.rows.iter().map(Alert::from).collect(),
        total: found.total,
    }))
}

#[utoipa::path(get, path = "/api/v1/alert-groups", operation_id = "list_alert_groups", tag = "alerts", params(Part),
    responses((status = 200, body = AlertGroups, description = "A part of the groups")))]
/// Lists groups of alerts with what people noted about them.
pub(super) async fn groups(
    State(app): State<App>,
    _caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<AlertGroups>, Problem> {
    let query = asked(query.as_deref())?;
    let look = Look::of(&app);
    let found = look.groups(&app.engine, &query);
    let groups = found.groups.iter();
    Ok(Json(AlertGroups {
        groups: groups.map(|g| AlertGroup::tell(g, look.now_ms)).collect(),
        total: found.total,
    }))
}

#[utoipa::path(get, path = "/api/v1/alert-groups/{group}", operation_id = "read_alert_group", tag = "alerts",
    params(OfGroup), responses((status = 200, body = AlertGroup, description = "The group with all its alerts")))]
/// Tells about one group.
pub(super) async fn group(
    State(app): State<App>,
    _caller: Caller,
    place: Place,
) -> Result<Json<AlertGroup>, Problem> {
    let look = Look::of(&app);
    let group = look.group(&app.engine, named(&app, &place)?);
    let group = group.ok_or_else(gone)?;
    Ok(Json(AlertGroup::tell(&group, look.now_ms)))
}

fn gone() -> Problem {
    Problem::not_found("there is no such group of alerts, or it is over")
}

/// The group that an address names.
fn named(app: &App, place: &Place) -> Result<GroupId, Problem> {
    let id: Result<GroupId, _> = place.word("group").parse();
    let id = id.map_err(|e| Problem::not_found(e.to_string()))?;
    let known = app
        .engine
        .read_groups(|_, groups| groups.is_some_and(|g| g.group(id).is_some()));
    known.then_some(id).ok_or_else(gone)
}

async fn submit(app: &App, command: Command, once: Idempotency) -> Answered {
    let done = app.submit(World::Live, command, once).await?;
    Ok((Committed(done.seq), Json(Acted::from(done))).into_response())
}

#[utoipa::path(post, path = "/api/v1/alert-groups/{group}/acknowledge", operation_id = "acknowledge_alert_group",
    tag = "alerts", params(OfGroup, Once), request_body = Acknowledge,
    responses((status = 200, body = Acted, description = "It is not told again until then")))]
/// "I have it": the group is not told again for a while.
pub(super) async fn acknowledge(State(app): State<App>, act: Act<Acknowledge>) -> Answered {
    let asked = act.what;
    let now_ms = app.engine.clock().now_ms();
    let command = Command::AcknowledgeGroup {
        group: named(&app, &act.place)?,
        until_ms: Some(end_of(asked.until.as_deref(), asked.for_seconds, now_ms)?),
        comment: short("comment", asked.comment)?,
        by: act.by.to_string(),
    };
    submit(&app, command, act.once).await
}

#[utoipa::path(delete, path = "/api/v1/alert-groups/{group}/acknowledge", operation_id = "release_alert_group",
    tag = "alerts", params(OfGroup), responses((status = 200, body = Acted, description = "It is told again")))]
/// Gives a group back.
pub(super) async fn release(State(app): State<App>, caller: Caller, place: Place) -> Answered {
    let command = Command::AcknowledgeGroup {
        group: named(&app, &place)?,
        until_ms: None,
        comment: String::new(),
        by: caller.person.to_string(),
    };
    let done = app.engine.submit(World::Live, command).await?;
    Ok((Committed(done.seq), Json(Acted::from(done))).into_response())
}

#[utoipa::path(post, path = "/api/v1/alert-groups/{group}/assign", operation_id = "assign_alert_group",
    tag = "alerts", params(OfGroup, Once), request_body = Assign,
    responses((status = 200, body = Acted, description = "Given")))]
/// Gives a group to somebody, or to nobody.
pub(super) async fn assign(State(app): State<App>, act: Act<Assign>) -> Answered {
    let to = act.what.to.map(|to| short("to", to)).transpose()?;
    let command = Command::AssignGroup {
        group: named(&app, &act.place)?,
        to: to.map(|to| PersonId::from(to.as_str())),
        by: act.by.to_string(),
    };
    submit(&app, command, act.once).await
}

#[utoipa::path(post, path = "/api/v1/alert-groups/{group}/comments", operation_id = "comment_alert_group",
    tag = "alerts", params(OfGroup, Once), request_body = NewComment,
    responses((status = 200, body = Acted, description = "Said")))]
/// Says something about a group.
pub(super) async fn comment(State(app): State<App>, act: Act<NewComment>) -> Answered {
    let command = Command::CommentGroup {
        group: named(&app, &act.place)?,
        text: act.what.text,
        by: act.by.to_string(),
    };
    submit(&app, command, act.once).await
}
