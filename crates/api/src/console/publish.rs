//! Telling people: choose an approved text, fill it, see exactly what will be public, publish once.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stentor_domain::bulletin::{Language, StatusUpdate, Wording};
use stentor_domain::decide::{Refusal, decide};
use stentor_domain::event::{Event, UpdatePublished};
use stentor_domain::ids::TemplateId;
use stentor_domain::incident::Incident;
use stentor_domain::template::Subject;

use super::act::act;
use super::incident::{no_configuration, section, view};
use super::paths::{self, Named};
use super::statement::Words;
use super::update_form::{Filled, TemplateView, chosen, fitting, nexts, texts};
use super::{render, words};
use crate::{App, Form, Problem, SignedIn};

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new();
    for path in paths::both("/publish") {
        routes = routes.route(&path, get(choose).post(publish));
    }
    for path in paths::both("/publish/preview") {
        routes = routes.route(&path, post(preview));
    }
    for path in paths::both("/publish/edit") {
        routes = routes.route(&path, post(edit));
    }
    routes
}

#[derive(Deserialize)]
struct Choice {
    template: Option<String>,
    corrects: Option<u32>,
}

type Fields = BTreeMap<String, String>;

async fn choose(
    State(app): State<App>,
    who: SignedIn,
    named: Named,
    Query(choice): Query<Choice>,
) -> Result<Response, Problem> {
    // A correction says where the incident stands now, unless something else is chosen.
    let status = app.engine.read(|state| {
        let said = state.world(named.world)?.disclosed.get(&named.incident)?;
        choice.corrects?;
        Some(said.updates.last()?.status.name())
    });
    let template = choice.template.unwrap_or_default();
    let filled = Filled::of(template, choice.corrects, status);
    form(&app, &who, named, &filled, None).await
}

async fn edit(
    State(app): State<App>,
    named: Named,
    sent: Form<Fields>,
) -> Result<Response, Problem> {
    form(&app, &sent.who, named, &Filled::read(sent.value), None).await
}

async fn form(
    app: &App,
    who: &SignedIn,
    named: Named,
    filled: &Filled,
    error: Option<String>,
) -> Result<Response, Problem> {
    let site = section(app, who, named.world).await;
    let i = view(app, who, named, site.now_ms()).await?;
    let (templates, chosen_view, status, next) = app.engine.read(|state| {
        let organisation = state.organisation().ok_or_else(no_configuration)?;
        let world = state.world(named.world);
        let incident = world.and_then(|w| w.incidents.get(&named.incident));
        // What was said of a closed incident can still be put right.
        if incident.is_none() && filled.corrects.is_none() {
            return Err(Problem::from(closed(named)));
        }
        let is_open = incident.is_some_and(Incident::is_open);
        let said = world.and_then(|w| w.disclosed.get(&named.incident)?.updates.last());
        let id = TemplateId::from(filled.template.as_str());
        let template = organisation.templates.get(&id);
        let template = template.or_else(|| fitting(organisation, is_open, said.map(|u| u.status)));
        let template = template.filter(|t| t.subject() == Subject::Incident);
        let all = texts(organisation, Subject::Incident);
        let all: Vec<TemplateView> = all.map(|t| TemplateView::new(t, &filled.values)).collect();
        let (status, next) = chosen(filled, template);
        let view = template.map(|t| TemplateView::new(t, &filled.values));
        Ok::<_, Problem>((all, view, status, next))
    })?;
    let code = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = render::page(
        "publish.html",
        render::view! {
            site, i, templates, chosen => chosen_view, status, next, error,
            statuses => words::statuses(), nexts => nexts(), corrects => filled.corrects,
        },
    );
    Ok((code, page).into_response())
}

fn closed(named: Named) -> Refusal {
    Refusal::Conflict(format!(
        "{} is not open: nothing more can be said about it",
        named.incident
    ))
}

/// The update as the public would see it.
#[derive(Serialize)]
struct Shown {
    status: &'static str,
    impact: &'static str,
    components: Vec<String>,
    next_ms: Option<i64>,
}

/// Decides without recording: what is shown is what the same decision would publish.
async fn preview(
    State(app): State<App>,
    named: Named,
    sent: Form<Fields>,
) -> Result<Response, Problem> {
    let filled = Filled::read(sent.value);
    let site = section(&app, &sent.who, named.world).await;
    let now_ms = site.now_ms();
    let command = filled.command(named.incident, &sent.who.person, now_ms);
    let decided = app
        .engine
        .read(|state| decide(state, named.world, &command, now_ms));
    let decision = match decided {
        Ok(decision) => decision,
        Err(refusal) => {
            let said = words::sentence(&refusal.to_string());
            return form(&app, &sent.who, named, &filled, Some(said)).await;
        }
    };
    let published = decision.events.into_iter().find_map(|event| match event {
        Event::UpdatePublished(published) => Some(published),
        _ => None,
    });
    let published = published.ok_or_else(|| Problem::unavailable("the update gave no text"))?;
    let i = view(&app, &sent.who, named, now_ms).await?;
    let (u, wording, translations) = shown(published);
    let worded = app.engine.read(|state| {
        let organisation = state.organisation().ok_or_else(no_configuration)?;
        Ok::<_, Problem>(Words::new(organisation, wording, translations))
    })?;
    let fields = filled.fields(u.next_ms);
    Ok(render::page(
        "preview.html",
        render::view! { site, i, u, worded, fields, corrects => filled.corrects },
    ))
}

fn shown(published: UpdatePublished) -> (Shown, Wording, BTreeMap<Language, Wording>) {
    let StatusUpdate {
        status,
        title,
        sections,
        next_update_ms,
        translations,
        ..
    } = published.update;
    let shown = Shown {
        status: status.name(),
        impact: words::impact(published.impact),
        components: published.components,
        next_ms: next_update_ms,
    };
    (shown, Wording { title, sections }, translations)
}

async fn publish(
    State(app): State<App>,
    named: Named,
    sent: Form<Fields>,
) -> Result<Response, Problem> {
    let filled = Filled::read(sent.value);
    let command = filled.command(
        named.incident,
        &sent.who.person,
        app.engine.clock().now_ms(),
    );
    let answer = act(&app, named, command, sent.once).await;
    match answer {
        Err(problem) if problem.status.is_client_error() => {
            let said = words::sentence(&problem.message);
            form(&app, &sent.who, named, &filled, Some(said)).await
        }
        answer => answer,
    }
}
