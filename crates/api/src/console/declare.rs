//! Declaring an incident by hand.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use minijinja::context;
use serde::Deserialize;
use stentor_domain::bulletin::Impact;
use stentor_domain::command::Command;
use stentor_domain::ids::ServiceId;
use stentor_domain::incident::CauseClass;
use stentor_domain::severity::Severity;
use stentor_domain::world::World;

use super::site::Site;
use super::{paths, render, words};
use crate::{App, Committed, Form, Problem, SignedIn};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/incidents", post(declare))
        .route("/incidents/new", get(ask))
}

async fn ask(State(app): State<App>, who: SignedIn) -> Response {
    let site = Site::of(&app, Some(&who), "incidents")
        .in_world(World::Live)
        .with_troubles(&app)
        .await;
    let services: Vec<_> = app.engine.read(|state| {
        let services = state.organisation().map(|o| o.services.values());
        let services = services.into_iter().flatten();
        services
            .map(|s| context! { id => s.id.as_str(), name => s.name.clone() })
            .collect()
    });
    let severities = words::severities();
    let causes = words::causes();
    render::page(
        "declare.html",
        render::view! { site, services, severities, causes },
    )
}

#[derive(Deserialize)]
struct Declared {
    title: String,
    service: String,
    #[serde(default)]
    severity: String,
    impact: Impact,
    cause: CauseClass,
}

async fn declare(State(app): State<App>, form: Form<Declared>) -> Result<Response, Problem> {
    let declared = form.value;
    let severity = match declared.severity.as_str() {
        "" => None,
        name => Some(
            Severity::named(name).ok_or_else(|| Problem::invalid("there is no such severity"))?,
        ),
    };
    let command = Command::Declare {
        service: ServiceId::from(declared.service.as_str()),
        title: declared.title,
        severity,
        impact: declared.impact,
        cause: declared.cause,
        by: form.who.person,
    };
    let done = app.submit(World::Live, command, form.once).await?;
    let to = done
        .incident
        .map_or("/".to_owned(), |id| paths::incident(World::Live, id));
    Ok((Committed(done.seq), Redirect::to(&to)).into_response())
}
