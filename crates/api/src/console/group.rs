//! A group of alerts: what is in it, and what people do about it.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use stentor_domain::command::Command;
use stentor_domain::ids::PersonId;
use stentor_domain::routing::GroupId;
use stentor_domain::world::World;
use stentor_engine::Idempotency;

use super::alert_view::GroupRow;
use super::render;
use super::site::{Seen, Site};
use crate::firing::Look;
use crate::form::ReaderForm;
use crate::reader::Reader;
use crate::{App, Committed, Problem, Surface};

/// Alerts of a group on its page.
const ALERTS: usize = 25;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/alert-groups/{group}", get(page))
        .route("/alert-groups/{group}/acknowledge", post(acknowledge))
        .route("/alert-groups/{group}/release", post(release))
        .route("/alert-groups/{group}/assign", post(assign))
        .route("/alert-groups/{group}/comments", post(comment))
}

fn named(text: &str) -> Result<GroupId, Problem> {
    text.parse().map_err(|_| gone())
}

fn gone() -> Problem {
    Problem::not_found("There is no such group of alerts, or it is over.")
}

async fn page(
    State(app): State<App>,
    who: Reader,
    Path(group): Path<String>,
    axum::extract::Query(seen): axum::extract::Query<Seen>,
) -> Result<Response, Problem> {
    if let Some(nothing) = seen.nothing_new(&app) {
        return Ok(nothing);
    }
    let look = Look::of(&app);
    let found = look.group(&app.engine, named(&group)?).ok_or_else(gone)?;
    let site = Site::read(&app, &who, "alerts").with_troubles(&app).await;
    let (group, people) = app.engine.read(|state| {
        let organisation = state.organisation().map(|o| &**o);
        let people = organisation
            .filter(|_| app.options.surface == Surface::Stentor)
            .into_iter()
            .flat_map(|o| o.people.iter());
        let people: Vec<(String, String)> = people
            .map(|(id, p)| (id.to_string(), p.name.clone()))
            .collect();
        let group = GroupRow::with(&found, organisation, look.now_ms, ALERTS);
        (group, people)
    });
    Ok(render::page(
        "group.html",
        render::view! { site, group, people },
    ))
}

async fn act(
    app: &App,
    group: GroupId,
    command: Command,
    once: Idempotency,
) -> Result<Response, Problem> {
    let known = app
        .engine
        .read_groups(|_, groups| groups.is_some_and(|g| g.group(group).is_some()));
    if !known {
        return Err(gone());
    }
    let done = app.submit(World::Live, command, once).await?;
    let to = format!("{}/alert-groups/{group}", app.options.route_prefix);
    Ok((Committed(done.seq), Redirect::to(&to)).into_response())
}

#[derive(Deserialize)]
struct Acknowledged {
    /// For how many minutes.
    minutes: u32,
    #[serde(default)]
    comment: String,
}

async fn acknowledge(
    State(app): State<App>,
    Path(group): Path<String>,
    form: ReaderForm<Acknowledged>,
) -> Result<Response, Problem> {
    let group = named(&group)?;
    let now_ms = app.engine.clock().now_ms();
    let command = Command::AcknowledgeGroup {
        group,
        until_ms: Some(now_ms + i64::from(form.value.minutes) * 60_000),
        comment: form.value.comment,
        by: form.who.called(""),
    };
    act(&app, group, command, form.once).await
}

#[derive(Deserialize)]
struct Nothing {}

async fn release(
    State(app): State<App>,
    Path(group): Path<String>,
    form: ReaderForm<Nothing>,
) -> Result<Response, Problem> {
    let group = named(&group)?;
    let command = Command::AcknowledgeGroup {
        group,
        until_ms: None,
        comment: String::new(),
        by: form.who.called(""),
    };
    act(&app, group, command, form.once).await
}

#[derive(Deserialize)]
struct Assigned {
    #[serde(default)]
    to: String,
}

async fn assign(
    State(app): State<App>,
    Path(group): Path<String>,
    form: ReaderForm<Assigned>,
) -> Result<Response, Problem> {
    let group = named(&group)?;
    let to = form.value.to.as_str();
    let command = Command::AssignGroup {
        group,
        to: (!to.is_empty()).then(|| PersonId::from(to)),
        by: form.who.called(""),
    };
    act(&app, group, command, form.once).await
}

#[derive(Deserialize)]
struct Commented {
    text: String,
}

async fn comment(
    State(app): State<App>,
    Path(group): Path<String>,
    form: ReaderForm<Commented>,
) -> Result<Response, Problem> {
    let group = named(&group)?;
    let command = Command::CommentGroup {
        group,
        text: form.value.text,
        by: form.who.called(""),
    };
    act(&app, group, command, form.once).await
}
