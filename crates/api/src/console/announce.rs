//! Announcing work and denying false messages: choose a text, fill it, see what will be public, say it once.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stentor_domain::bulletin::{Language, Wording};
use stentor_domain::decide::decide;
use stentor_domain::event::Event;
use stentor_domain::ids::TemplateId;
use stentor_domain::organisation::Organisation;
use stentor_domain::state::WorldState;
use stentor_domain::template::Subject;

use super::announce_form::{Filled, fitting, statuses};
use super::incident::{no_configuration, section};
use super::statement::Words;
use super::thing::{self, About, Thing};
use super::update_form::{TemplateView, texts};
use super::{render, words};
use crate::{App, Committed, Form, Problem, SignedIn};

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new();
    for path in thing::both("/say") {
        routes = routes
            .route(&path, get(choose).post(say))
            .route(&format!("{path}/preview"), post(preview))
            .route(&format!("{path}/edit"), post(edit));
    }
    routes
}

type Fields = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Choice {
    template: Option<String>,
    status: Option<String>,
    corrects: Option<u32>,
}

async fn choose(
    State(app): State<App>,
    who: SignedIn,
    thing: Thing,
    Query(choice): Query<Choice>,
) -> Result<Response, Problem> {
    let mut filled = Filled {
        template: choice.template.unwrap_or_default(),
        status: choice.status.unwrap_or_default(),
        corrects: choice.corrects,
        ..Filled::default()
    };
    // A correction says where it stands now, unless something else is chosen.
    if filled.status.is_empty() && filled.corrects.is_some() {
        let now = app
            .engine
            .read(|state| Now::of(state.world(thing.world), thing.about));
        filled.status = now.status.to_owned();
    }
    form(&app, &who, thing, &filled, None).await
}

async fn edit(
    State(app): State<App>,
    thing: Thing,
    sent: Form<Fields>,
) -> Result<Response, Problem> {
    let filled = Filled::read(sent.value).again();
    form(&app, &sent.who, thing, &filled, None).await
}

/// What was said so far.
#[derive(Default)]
struct Now {
    status: &'static str,
    window_ms: Option<(i64, i64)>,
    components: Vec<String>,
    seen_at: Vec<String>,
    is_known: bool,
}

impl Now {
    fn of(world: Option<&WorldState>, about: About) -> Self {
        let found = world.and_then(|of| match about {
            About::Maintenance(id) => {
                let work = of.maintenance.get(&id?)?;
                let last = work.updates.last()?;
                Some(Self {
                    status: last.status.name(),
                    window_ms: Some((last.starts_ms, last.ends_ms)),
                    components: work.components.clone(),
                    is_known: true,
                    ..Self::default()
                })
            }
            About::Denial(id) => {
                let denied = of.denials.get(&id?)?;
                let circulates = denied.updates.last()?.circulates;
                Some(Self {
                    status: if circulates { "circulating" } else { "ended" },
                    seen_at: denied.seen_at.clone(),
                    is_known: true,
                    ..Self::default()
                })
            }
            About::Incident(_) => None,
        });
        found.unwrap_or_default()
    }
}

/// A service that may be affected.
#[derive(Serialize)]
struct Affected {
    id: String,
    name: String,
    chosen: bool,
}

fn affected(organisation: &Organisation, filled: &Filled, now: &Now) -> Vec<Affected> {
    let services = organisation.services.values();
    let public = services.filter_map(|s| Some((s, s.public_name.as_ref()?)));
    let all = public.map(|(service, name)| Affected {
        id: service.id.to_string(),
        name: name.clone(),
        chosen: if filled.services.is_empty() {
            now.components.contains(name)
        } else {
            filled.services.iter().any(|id| *id == *service.id.as_str())
        },
    });
    all.collect()
}

fn subject(about: About) -> Result<Subject, Problem> {
    match about {
        About::Maintenance(_) => Ok(Subject::Maintenance),
        About::Denial(_) => Ok(Subject::Denial),
        About::Incident(_) => Err(Problem::not_found("This address names no announcement.")),
    }
}

async fn form(
    app: &App,
    who: &SignedIn,
    thing: Thing,
    filled: &Filled,
    error: Option<String>,
) -> Result<Response, Problem> {
    let site = section(app, who, thing.world).await;
    let subject = subject(thing.about)?;
    let is_new = matches!(thing.about, About::Maintenance(None) | About::Denial(None));
    let (now, templates, chosen, services, status) = app.engine.read(|state| {
        let organisation = state.organisation().ok_or_else(no_configuration)?;
        let now = Now::of(state.world(thing.world), thing.about);
        if !is_new && !now.is_known {
            let message = format!("{} is not on the page any more.", thing.name());
            return Err(Problem::not_found(message));
        }
        let wanted = match (filled.status.as_str(), subject) {
            ("", Subject::Denial) => "circulating",
            ("", _) if is_new => "scheduled",
            ("", _) => now.status,
            (status, _) => status,
        };
        let named = TemplateId::from(filled.template.as_str());
        let named = organisation.templates.get(&named);
        let template = named.filter(|t| t.subject() == subject);
        let template = template.or_else(|| fitting(organisation, subject, wanted));
        let views: Vec<TemplateView> = texts(organisation, subject)
            .map(|t| TemplateView::new(t, &BTreeMap::new()))
            .collect();
        let chosen = template.map(|t| TemplateView::new(t, &filled.values));
        // A text that was chosen by hand says where it stands, unless that was chosen too.
        let own = template.map(|t| t.announces.name());
        let status = match filled.status.as_str() {
            "" if named.is_some() => own.unwrap_or(wanted).to_owned(),
            _ => wanted.to_owned(),
        };
        let services = affected(organisation, filled, &now);
        Ok((now, views, chosen, services, status))
    })?;
    let code = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let seen_at = if filled.seen_at.is_empty() {
        now.seen_at.join("\n")
    } else {
        filled.seen_at.clone()
    };
    let page = render::page(
        "announce.html",
        render::view! {
            site, templates, chosen, services, status, error, is_new, seen_at,
            is_work => subject == Subject::Maintenance, statuses => statuses(subject, is_new),
            begins => filled.begins, ends => filled.ends, window => now.window_ms, corrects => filled.corrects,
            url => thing.url(), name => thing.name(), back => if is_new { overview(thing) } else { thing.url() },
        },
    );
    Ok((code, page).into_response())
}

fn overview(thing: Thing) -> String {
    format!("{}/public", super::paths::below(thing.world))
}

/// What would be said.
struct Said {
    status: &'static str,
    components: Vec<String>,
    seen_at: Vec<String>,
    window_ms: Option<(i64, i64)>,
    wording: Wording,
    translations: BTreeMap<Language, Wording>,
}

fn said(event: Event) -> Option<Said> {
    match event {
        Event::MaintenanceSaid(e) => Some(Said {
            status: e.update.status.name(),
            components: e.components,
            seen_at: Vec::new(),
            window_ms: Some((e.update.starts_ms, e.update.ends_ms)),
            wording: e.update.wording,
            translations: e.update.translations,
        }),
        Event::DenialSaid(e) => Some(Said {
            status: if e.update.circulates {
                "circulating"
            } else {
                "ended"
            },
            components: Vec::new(),
            seen_at: e.seen_at,
            window_ms: None,
            wording: e.update.wording,
            translations: e.update.translations,
        }),
        _ => None,
    }
}

/// Decides without recording: what is shown is what the same decision would publish.
async fn preview(
    State(app): State<App>,
    thing: Thing,
    sent: Form<Fields>,
) -> Result<Response, Problem> {
    let filled = Filled::read(sent.value);
    let site = section(&app, &sent.who, thing.world).await;
    let decided = filled.command(thing.about, &sent.who.person);
    let decided = decided.and_then(|command| {
        let decided = app
            .engine
            .read(|state| decide(state, thing.world, &command, site.now_ms()));
        decided.map_err(|refusal| refusal.to_string())
    });
    let decision = match decided {
        Ok(decision) => decision,
        Err(error) => {
            let error = words::sentence(&error);
            return form(&app, &sent.who, thing, &filled.again(), Some(error)).await;
        }
    };
    let said = decision.events.into_iter().find_map(said);
    let said = said.ok_or_else(|| Problem::unavailable("the words gave no text"))?;
    let worded = app.engine.read(|state| {
        let organisation = state.organisation().ok_or_else(no_configuration)?;
        Ok::<_, Problem>(Words::new(organisation, said.wording, said.translations))
    })?;
    let fields = filled.fields(said.window_ms);
    Ok(render::page(
        "announce_preview.html",
        render::view! {
            site, worded, fields, status => said.status, components => said.components, seen_at => said.seen_at,
            window => said.window_ms, corrects => filled.corrects, url => thing.url(),
        },
    ))
}

async fn say(
    State(app): State<App>,
    thing: Thing,
    sent: Form<Fields>,
) -> Result<Response, Problem> {
    let filled = Filled::read(sent.value);
    let command = match filled.command(thing.about, &sent.who.person) {
        Ok(command) => command,
        Err(error) => {
            let error = words::sentence(&error);
            return form(&app, &sent.who, thing, &filled, Some(error)).await;
        }
    };
    match app.submit(thing.world, command, sent.once).await {
        Ok(done) => {
            let about = match thing.about {
                About::Maintenance(id) => About::Maintenance(done.maintenance.or(id)),
                About::Denial(id) => About::Denial(done.denial.or(id)),
                other => other,
            };
            let to = Thing { about, ..thing }.url();
            Ok((Committed(done.seq), Redirect::to(&to)).into_response())
        }
        Err(problem) if problem.status.is_client_error() => {
            let said = words::sentence(&problem.message);
            form(&app, &sent.who, thing, &filled.again(), Some(said)).await
        }
        Err(problem) => Err(problem),
    }
}
