//! What people do to an open incident: have it, pass it on, get help, hand over, judge, note.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use serde::Deserialize;
use stentor_domain::command::Command;
use stentor_domain::ids::{HandoffId, PageId, PersonId};
use stentor_domain::incident::{CauseClass, Incident, Role};
use stentor_domain::page::Via;
use stentor_domain::severity::Severity;
use stentor_domain::state::WorldState;
use stentor_engine::Idempotency;

use super::paths::{self, Named};
use super::view::{page_to_pass, waiting_page};
use crate::{App, Committed, Form, Problem};

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new();
    for (rest, handler) in [
        ("/have-it", post(have_it)),
        ("/pass-on", post(pass_on)),
        ("/help", post(help)),
        ("/handoffs", post(offer)),
        ("/handoffs/{handoff}", post(answer_offer)),
        ("/severity", post(severity)),
        ("/cause", post(cause)),
        ("/notes", post(note)),
    ] {
        for path in paths::both(rest) {
            routes = routes.route(&path, handler.clone());
        }
    }
    routes
}

/// Carries a command out once and goes back to the incident.
pub(super) async fn act(
    app: &App,
    named: Named,
    command: Command,
    once: Idempotency,
) -> Result<Response, Problem> {
    let done = app.submit(named.world, command, once).await?;
    let to = paths::incident(named.world, named.incident);
    Ok((Committed(done.seq), Redirect::to(&to)).into_response())
}

#[derive(Deserialize)]
struct Nothing {}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

type Find = fn(&WorldState, &Incident, &PersonId) -> Option<PageId>;

fn find_page(app: &App, named: Named, person: &PersonId, find: Find) -> Option<PageId> {
    app.engine.read(|state| {
        let of = state.world(named.world)?;
        find(of, of.incidents.get(&named.incident)?, person)
    })
}

/// "I have it": answers the person's own page, so that the organisation's rule says who commands; without a page it
/// takes the command.
async fn have_it(
    State(app): State<App>,
    named: Named,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let by = form.who.person;
    let command = match find_page(&app, named, &by, waiting_page) {
        Some(page) => Command::AnswerPage {
            page,
            accept: true,
            reason: String::new(),
            via: Via::Console,
        },
        None => Command::TakeCommand {
            incident: named.incident,
            by,
        },
    };
    act(&app, named, command, form.once).await
}

async fn pass_on(
    State(app): State<App>,
    named: Named,
    form: Form<Reason>,
) -> Result<Response, Problem> {
    let page = find_page(&app, named, &form.who.person, page_to_pass);
    // A repeated press finds the page answered already; any page of the right form finds the stored answer.
    let page = page.unwrap_or(PageId(0));
    let command = Command::AnswerPage {
        page,
        accept: false,
        reason: form.value.reason,
        via: Via::Console,
    };
    act(&app, named, command, form.once).await
}

async fn help(
    State(app): State<App>,
    named: Named,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let command = Command::GetHelp {
        incident: named.incident,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

#[derive(Deserialize)]
struct Offer {
    role: String,
    to: String,
    #[serde(default)]
    reason: String,
}

async fn offer(
    State(app): State<App>,
    named: Named,
    form: Form<Offer>,
) -> Result<Response, Problem> {
    let role =
        Role::named(&form.value.role).ok_or_else(|| Problem::invalid("there is no such role"))?;
    let command = Command::OfferHandoff {
        incident: named.incident,
        role,
        to: PersonId::from(form.value.to.as_str()),
        reason: form.value.reason,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

#[derive(Deserialize)]
struct Which {
    handoff: u32,
}

#[derive(Deserialize)]
struct OfferAnswer {
    answer: String,
    #[serde(default)]
    reason: String,
}

async fn answer_offer(
    State(app): State<App>,
    named: Named,
    Path(which): Path<Which>,
    form: Form<OfferAnswer>,
) -> Result<Response, Problem> {
    let accept = match form.value.answer.as_str() {
        "accept" => true,
        "decline" => false,
        _ => return Err(Problem::invalid("the answer is \"accept\" or \"decline\"")),
    };
    let command = Command::AnswerHandoff {
        incident: named.incident,
        handoff: HandoffId(which.handoff),
        accept,
        reason: form.value.reason,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

#[derive(Deserialize)]
struct Judged {
    severity: Severity,
    #[serde(default)]
    reason: String,
}

async fn severity(
    State(app): State<App>,
    named: Named,
    form: Form<Judged>,
) -> Result<Response, Problem> {
    let Judged { severity, reason } = form.value;
    let command = Command::SetSeverity {
        incident: named.incident,
        severity,
        reason,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

#[derive(Deserialize)]
struct Caused {
    cause: CauseClass,
}

async fn cause(
    State(app): State<App>,
    named: Named,
    form: Form<Caused>,
) -> Result<Response, Problem> {
    let command = Command::SetCause {
        incident: named.incident,
        cause: form.value.cause,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

async fn note(State(app): State<App>, named: Named, form: Form<Note>) -> Result<Response, Problem> {
    // Browsers send line ends as CR LF.
    let text = form.value.text.replace("\r\n", "\n");
    let command = Command::AddNote {
        incident: named.incident,
        text,
        by: form.who.person,
    };
    act(&app, named, command, form.once).await
}
