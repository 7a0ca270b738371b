//! The page behind the link in a message: a summary of one line, and an answer. No sign-in; opening it changes nothing.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stentor_domain::command::Command;
use stentor_domain::duty::PageAbout;
use stentor_domain::ids::MaintenanceId;
use stentor_domain::incident::{Incident, Progress};
use stentor_domain::organisation::Organisation;
use stentor_domain::page::{Page, PageAnswer, PageCause, Via};
use stentor_domain::state::Announced;
use stentor_domain::timeline;
use stentor_domain::world::World;

use super::site::Site;
use super::thing::{About, Thing};
use super::words::{self, SeverityWords};
use super::{paths, render};
use crate::{App, Committed, Problem, PublicForm, Visitor};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/p/{link}", get(show).post(answer))
}

/// What the holder of the link may see.
#[derive(Clone, Debug, Serialize)]
struct LinkView {
    name: String,
    title: String,
    /// None when it is about announced work.
    severity: Option<SeverityWords>,
    service: String,
    opened_ms: Option<i64>,
    incident: String,
    url: String,
    why: String,
    /// What was answered, and what follows from it.
    answer: Option<&'static str>,
    answered_ms: Option<i64>,
    what_now: String,
    ask: Ask,
}

/// The buttons.
#[derive(Clone, Debug, Default, Serialize)]
struct Ask {
    yes: Option<String>,
    no: Option<&'static str>,
    consequence: &'static str,
}

async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    let (world, page) = app.engine.page_of(&link).ok_or_else(gone)?;
    let view = app.engine.read(|state| {
        let organisation = state.organisation()?;
        Some(match state.world(world)?.page_about(&page)? {
            PageAbout::Incident(incident) => LinkView::new(organisation, world, incident, &page),
            PageAbout::Maintenance(id, work) => {
                LinkView::of_work(organisation, world, (id, work), &page)
            }
        })
    });
    let p = view.ok_or_else(gone)?;
    let site = Site::of(&app, visitor.0.as_ref(), "").in_world(world);
    Ok(render::page("link.html", render::view! { site, p }))
}

fn gone() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "link-over",
        "This link opens nothing any more: its incident was closed, or the link is not complete.",
        "Copy the whole link from the message. To see what is open, sign in.",
    )
}

#[derive(Deserialize)]
struct Answer {
    answer: String,
    #[serde(default)]
    reason: String,
}

async fn answer(
    State(app): State<App>,
    Path(link): Path<String>,
    form: PublicForm<Answer>,
) -> Result<Response, Problem> {
    let (world, page) = app.engine.page_of(&link).ok_or_else(gone)?;
    let accept = match form.value.answer.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(Problem::invalid("the answer is \"yes\" or \"no\"")),
    };
    let once = form.once(page.person.as_str());
    let command = Command::AnswerPage {
        page: page.id,
        accept,
        reason: form.value.reason,
        via: Via::Link,
    };
    let done = app.submit(world, command, once).await?;
    Ok((Committed(done.seq), Redirect::to(&format!("/p/{link}"))).into_response())
}

impl LinkView {
    fn new(organisation: &Organisation, world: World, incident: &Incident, page: &Page) -> Self {
        let (answer, answered_ms) = answered(page);
        Self {
            name: organisation.person_name(&page.person).to_owned(),
            title: incident.title.clone(),
            severity: Some(words::severity(incident.severity)),
            service: organisation.service_name(&incident.service).to_owned(),
            opened_ms: Some(incident.opened_ms),
            incident: incident.id.to_string(),
            url: paths::incident(world, incident.id),
            why: words::sentence(&timeline::cause(&page.cause)),
            answer,
            answered_ms,
            what_now: what_now(organisation, incident, page),
            ask: ask(incident, page),
        }
    }

    /// About announced work whose time passed without a word.
    fn of_work(
        organisation: &Organisation,
        world: World,
        (id, work): (MaintenanceId, &Announced),
        page: &Page,
    ) -> Self {
        let (answer, answered_ms) = answered(page);
        let last = work.updates.last();
        let about = About::Maintenance(Some(id));
        let thing = Thing {
            world,
            about,
            number: 0,
        };
        let seen = page.is_waiting().then(|| "I have seen it".to_owned());
        Self {
            name: organisation.person_name(&page.person).to_owned(),
            title: last.map_or_else(String::new, |u| u.wording.title.clone()),
            severity: None,
            service: work.components.join(", "),
            opened_ms: None,
            incident: id.to_string(),
            url: thing.url(),
            why: words::sentence(&timeline::cause(&page.cause)),
            answer,
            answered_ms,
            what_now: "Next: sign in, and say what becomes of the work.".to_owned(),
            ask: Ask {
                yes: seen,
                no: None,
                consequence: "The public is told nothing by it.",
            },
        }
    }
}

fn answered(page: &Page) -> (Option<&'static str>, Option<i64>) {
    match page.answer {
        PageAnswer::None => (None, None),
        PageAnswer::Acknowledged { at_ms } => (Some(said_yes(page.cause)), Some(at_ms)),
        PageAnswer::Declined { at_ms } => (Some("You said no."), Some(at_ms)),
    }
}

fn said_yes(cause: PageCause) -> &'static str {
    match cause {
        PageCause::Escalation { .. } => "You have it.",
        PageCause::Handoff { .. } => "You accepted.",
        _ => "You have seen it.",
    }
}

/// Where things stand, for somebody who may just have answered.
fn what_now(organisation: &Organisation, incident: &Incident, page: &Page) -> String {
    if !incident.is_open() {
        return "The incident is resolved.".to_owned();
    }
    let stopped = incident
        .escalation
        .as_ref()
        .is_none_or(|e| e.progress == Progress::Stopped);
    let paging = if stopped {
        "Nobody else is paged."
    } else {
        "The next people are being paged."
    };
    match incident.commander() {
        Some(person) if *person == page.person => {
            format!(
                "You lead {}. {paging} Next: sign in, look, and tell people.",
                incident.id
            )
        }
        Some(person) => format!("{} leads. {paging}", organisation.person_name(person)),
        None => format!("Nobody leads yet. {paging}"),
    }
}

fn ask(incident: &Incident, page: &Page) -> Ask {
    let waits = page.is_waiting();
    let yes = |text: &str| waits.then(|| text.to_owned());
    match page.cause {
        _ if !incident.is_open() => Ask::default(),
        PageCause::Escalation { .. } => Ask {
            yes: yes("I have it"),
            no: (!matches!(page.answer, PageAnswer::Declined { .. }))
                .then_some("Not me: pass it on"),
            consequence: "“I have it” stops the paging. “Not me” pages the next people at once.",
        },
        PageCause::Handoff { handoff } => match incident.handoffs.get(&handoff) {
            Some(offer) => Ask {
                yes: Some(format!("Accept: I am {}", offer.role.title())),
                no: Some("Decline"),
                consequence: "Until you accept, the role stays where it is.",
            },
            None => Ask::default(),
        },
        _ => Ask {
            yes: yes("I have seen it"),
            no: None,
            consequence: "",
        },
    }
}
