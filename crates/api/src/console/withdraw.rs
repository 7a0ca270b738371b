//! Taking a statement back: why, in which languages, what will be public, once.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde::Serialize;
use stentor_domain::announcement::Reason;
use stentor_domain::bulletin::{Language, Wording};
use stentor_domain::command::Command;
use stentor_domain::decide::decide;
use stentor_domain::event::Event;
use stentor_domain::ids::PersonId;

use super::incident::{no_configuration, section};
use super::statement::Words;
use super::thing::{self, About, Thing};
use super::update_form::Field;
use super::{paths, render, words};
use crate::{App, Committed, Form, Problem, SignedIn};

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new();
    let incidents = paths::both("/withdraw/{number}");
    for path in incidents.iter().chain(&thing::both("/withdraw/{number}")) {
        routes = routes
            .route(path, get(ask).post(withdraw))
            .route(&format!("{path}/preview"), post(preview))
            .route(&format!("{path}/edit"), post(edit));
    }
    routes
}

type Fields = BTreeMap<String, String>;

/// The reasons as they were written, by the field's name.
struct Filled {
    reason: String,
    translations: BTreeMap<Language, String>,
}

impl Filled {
    fn read(mut fields: Fields) -> Self {
        let plain = |text: String| text.replace("\r\n", "\n").trim().to_owned();
        let reason = plain(fields.remove("reason").unwrap_or_default());
        let others = fields.into_iter().filter_map(|(name, text)| {
            let tag = name.strip_prefix("reason_")?;
            Some((Language::try_from(tag.to_owned()).ok()?, plain(text)))
        });
        Self {
            reason,
            translations: others.filter(|(_, text)| !text.is_empty()).collect(),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let others = self.translations.iter();
        let others = others.map(|(tag, text)| Field::new(&format!("reason_{tag}"), text));
        std::iter::once(Field::new("reason", &self.reason))
            .chain(others)
            .collect()
    }

    fn command(&self, thing: Thing, by: &PersonId) -> Result<Command, Problem> {
        let reason = Reason {
            text: self.reason.clone(),
            translations: self.translations.clone(),
        };
        let (number, by) = (thing.number, by.clone());
        match thing.about {
            About::Incident(incident) => Ok(Command::WithdrawUpdate {
                incident,
                number,
                reason,
                by,
            }),
            About::Maintenance(Some(id)) => Ok(Command::WithdrawMaintenance {
                id,
                number,
                reason,
                by,
            }),
            About::Denial(Some(id)) => Ok(Command::WithdrawDenial {
                id,
                number,
                reason,
                by,
            }),
            About::Maintenance(None) | About::Denial(None) => {
                Err(Problem::not_found("Nothing was said about this yet."))
            }
        }
    }
}

async fn ask(State(app): State<App>, who: SignedIn, thing: Thing) -> Result<Response, Problem> {
    form(&app, &who, thing, &Filled::read(Fields::new()), None).await
}

async fn edit(
    State(app): State<App>,
    thing: Thing,
    sent: Form<Fields>,
) -> Result<Response, Problem> {
    form(&app, &sent.who, thing, &Filled::read(sent.value), None).await
}

/// A further language of the page, and what was written in it.
#[derive(Serialize)]
struct Other {
    language: String,
    value: String,
}

async fn form(
    app: &App,
    who: &SignedIn,
    thing: Thing,
    filled: &Filled,
    error: Option<String>,
) -> Result<Response, Problem> {
    let site = section(app, who, thing.world).await;
    let (title, others) = app.engine.read(|state| {
        let organisation = state.organisation().ok_or_else(no_configuration)?;
        let title = said(state.world(thing.world), thing).ok_or_else(|| {
            Problem::not_found("There is no such statement; perhaps it left the page.")
        })?;
        let others = organisation.page.languages.iter().skip(1).map(|tag| Other {
            language: tag.to_string(),
            value: filled.translations.get(tag).cloned().unwrap_or_default(),
        });
        Ok::<_, Problem>((title, others.collect::<Vec<_>>()))
    })?;
    let code = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = render::page(
        "withdraw.html",
        render::view! {
            site, title, others, error, reason => filled.reason, url => thing.url(), name => thing.name(),
            number => thing.number,
        },
    );
    Ok((code, page).into_response())
}

/// The title of the statement that an address names.
fn said(world: Option<&stentor_domain::state::WorldState>, thing: Thing) -> Option<String> {
    let of = world?;
    let number = thing.number;
    match thing.about {
        About::Incident(id) => {
            let mut all = of.disclosed.get(&id)?.updates.iter();
            Some(all.find(|u| u.number == number)?.title.clone())
        }
        About::Maintenance(id) => {
            let mut all = of.maintenance.get(&id?)?.updates.iter();
            Some(all.find(|u| u.number == number)?.wording.title.clone())
        }
        About::Denial(id) => {
            let mut all = of.denials.get(&id?)?.updates.iter();
            Some(all.find(|u| u.number == number)?.wording.title.clone())
        }
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
    let command = filled.command(thing, &sent.who.person)?;
    let decided = app.engine.read(|state| {
        let organisation = state.organisation().ok_or_else(no_configuration)?;
        let decision = decide(state, thing.world, &command, site.now_ms());
        let decision = decision.map_err(Problem::from)?;
        let worded = decision.events.into_iter().find_map(withdrawn);
        let (first, others) =
            worded.ok_or_else(|| Problem::unavailable("the withdrawal gave no text"))?;
        Ok::<_, Problem>(Words::new(organisation, first, others))
    });
    let worded = match decided {
        Ok(worded) => worded,
        Err(problem) if problem.status.is_client_error() => {
            let said = words::sentence(&problem.message);
            return form(&app, &sent.who, thing, &filled, Some(said)).await;
        }
        Err(problem) => return Err(problem),
    };
    let fields = filled.fields();
    Ok(render::page(
        "withdraw_preview.html",
        render::view! {
            site, worded, fields, url => thing.url(), name => thing.name(), number => thing.number,
        },
    ))
}

fn withdrawn(event: Event) -> Option<(Wording, BTreeMap<Language, Wording>)> {
    match event {
        Event::UpdateWithdrawn(e) => {
            let wording = Wording {
                title: e.update.title,
                sections: e.update.sections,
            };
            Some((wording, e.update.translations))
        }
        Event::MaintenanceSaid(e) => Some((e.update.wording, e.update.translations)),
        Event::DenialSaid(e) => Some((e.update.wording, e.update.translations)),
        _ => None,
    }
}

async fn withdraw(
    State(app): State<App>,
    thing: Thing,
    sent: Form<Fields>,
) -> Result<Response, Problem> {
    let filled = Filled::read(sent.value);
    let command = filled.command(thing, &sent.who.person)?;
    match app.submit(thing.world, command, sent.once).await {
        Ok(done) => Ok((Committed(done.seq), Redirect::to(&thing.url())).into_response()),
        Err(problem) if problem.status.is_client_error() => {
            let said = words::sentence(&problem.message);
            form(&app, &sent.who, thing, &filled, Some(said)).await
        }
        Err(problem) => Err(problem),
    }
}
