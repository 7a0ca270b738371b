//! What people do about incidents.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use stentor_domain::announcement::Filled;
use stentor_domain::command::Command;
use stentor_domain::ids::{HandoffId, IncidentId, PageId, PersonId};
use stentor_domain::organisation::PersonRole;
use stentor_domain::page::Via;
use stentor_domain::world::World;

use super::caller::{Act, Json, Place};
use super::openapi::{InWorld, OfHandoff, OfIncident, OfPage, OfStatement, Once};
use super::wire::{
    Acted, Answer, Confirmation, Declare, NewCause, NewSeverity, Note, Nothing, Offer, Report,
    Update, Withdrawal, moment, short,
};
use crate::seq::Committed;
use crate::{App, Problem};

type Answered = Result<Response, Problem>;

/// Submits the command that `make` makes of a request about an incident.
async fn about<T>(
    app: App,
    act: Act<T>,
    make: impl FnOnce(IncidentId, PersonId, T, &Place) -> Result<Command, Problem>,
) -> Answered {
    let world = act.place.world()?;
    let incident = IncidentId(act.place.number("incident")?);
    let command = make(incident, act.by, act.what, &act.place)?;
    let done = app.submit(world, command, act.once).await?;
    Ok((Committed(done.seq), Json(Acted::from(done))).into_response())
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents", tag = "incidents", params(InWorld, Once),
    request_body = Declare, responses((status = 201, body = Acted, description = "Declared")))]
/// Declares an incident.
pub(super) async fn declare(State(app): State<App>, act: Act<Declare>) -> Answered {
    let asked = act.what;
    let command = Command::Declare {
        service: short("service", asked.service)?.as_str().into(),
        title: short("title", asked.title)?,
        severity: asked.severity.map(Into::into),
        impact: asked.impact.into(),
        cause: asked.cause.map(Into::into).unwrap_or_default(),
        by: act.by,
    };
    let done = app.submit(act.place.world()?, command, act.once).await?;
    let body = Json(Acted::from(done));
    Ok((StatusCode::CREATED, Committed(done.seq), body).into_response())
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/pages/{page}/answer", tag = "incidents", params(OfPage, Once),
    request_body = Answer, responses((status = 200, body = Acted, description = "Answered")))]
/// Answers a page: "I have it", or "not me". Only the person who was paged, or a manager, may.
pub(super) async fn answer_page(State(app): State<App>, act: Act<Answer>) -> Answered {
    let world = act.place.world()?;
    let page = PageId(act.place.number("page")?);
    may_answer(&app, world, page, &act)?;
    let command = Command::AnswerPage {
        page,
        accept: act.what.accept,
        reason: short("reason", act.what.reason)?,
        via: Via::Api,
    };
    let done = app.submit(world, command, act.once).await?;
    Ok((Committed(done.seq), Json(Acted::from(done))).into_response())
}

fn may_answer(app: &App, world: World, page: PageId, act: &Act<Answer>) -> Result<(), Problem> {
    let person = app.engine.read(|state| {
        let page = state.world(world)?.pages.get(&page)?;
        Some(page.person.clone())
    });
    let person =
        person.ok_or_else(|| Problem::not_found("there is no such page, or it is over"))?;
    if person == act.by {
        return Ok(());
    }
    let refused = |_| Problem::not_allowed(format!("{page} is for {person}"));
    act.caller
        .must_be(app, PersonRole::Manager)
        .map_err(refused)
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/command", tag = "incidents",
    params(OfIncident, Once), request_body = Nothing,
    responses((status = 200, body = Acted, description = "Taken")))]
/// Takes the command when nobody has it.
pub(super) async fn take_command(State(app): State<App>, act: Act<Nothing>) -> Answered {
    about(app, act, |incident, by, _, _| {
        Ok(Command::TakeCommand { incident, by })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/help", tag = "incidents",
    params(OfIncident, Once), request_body = Nothing,
    responses((status = 200, body = Acted, description = "The next level is paged")))]
/// Pages the next level now.
pub(super) async fn get_help(State(app): State<App>, act: Act<Nothing>) -> Answered {
    about(app, act, |incident, by, _, _| {
        Ok(Command::GetHelp { incident, by })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/handoffs", tag = "incidents",
    params(OfIncident, Once), request_body = Offer,
    responses((status = 201, body = Acted, description = "Offered")))]
/// Offers a role to somebody.
pub(super) async fn offer_handoff(State(app): State<App>, act: Act<Offer>) -> Answered {
    let offered = about(app, act, |incident, by, asked, _| {
        Ok(Command::OfferHandoff {
            incident,
            role: asked.role.into(),
            to: short("to", asked.to)?.as_str().into(),
            reason: short("reason", asked.reason)?,
            by,
        })
    });
    let mut response = offered.await?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/handoffs/{handoff}/answer",
    tag = "incidents", params(OfHandoff, Once), request_body = Answer,
    responses((status = 200, body = Acted, description = "Answered")))]
/// Accepts or declines an offered role.
pub(super) async fn answer_handoff(State(app): State<App>, act: Act<Answer>) -> Answered {
    about(app, act, |incident, by, asked, place| {
        Ok(Command::AnswerHandoff {
            incident,
            handoff: HandoffId(place.number("handoff")?),
            accept: asked.accept,
            reason: short("reason", asked.reason)?,
            by,
        })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/notes", tag = "incidents",
    params(OfIncident, Once), request_body = Note,
    responses((status = 200, body = Acted, description = "Noted")))]
/// Adds a note to the timeline.
pub(super) async fn add_note(State(app): State<App>, act: Act<Note>) -> Answered {
    about(app, act, |incident, by, asked, _| {
        let text = asked.text;
        Ok(Command::AddNote { incident, text, by })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/severity", tag = "incidents",
    params(OfIncident, Once), request_body = NewSeverity,
    responses((status = 200, body = Acted, description = "Changed")))]
/// Judges the severity anew.
pub(super) async fn set_severity(State(app): State<App>, act: Act<NewSeverity>) -> Answered {
    about(app, act, |incident, by, asked, _| {
        Ok(Command::SetSeverity {
            incident,
            severity: asked.severity.into(),
            reason: short("reason", asked.reason)?,
            by,
        })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/cause", tag = "incidents",
    params(OfIncident, Once), request_body = NewCause,
    responses((status = 200, body = Acted, description = "Changed")))]
/// Revises the kind of cause.
pub(super) async fn set_cause(State(app): State<App>, act: Act<NewCause>) -> Answered {
    about(app, act, |incident, by, asked, _| {
        let cause = asked.cause.into();
        Ok(Command::SetCause {
            incident,
            cause,
            by,
        })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/updates", tag = "incidents",
    params(OfIncident, Once), request_body = Update,
    responses((status = 200, body = Acted, description = "Published")))]
/// Publishes an update: what is written becomes public.
pub(super) async fn publish_update(State(app): State<App>, act: Act<Update>) -> Answered {
    about(app, act, |incident, by, asked, _| {
        Ok(Command::PublishUpdate {
            incident,
            next_update_ms: moment("next_update", asked.next_update)?,
            template: short("template", asked.template)?.as_str().into(),
            values: asked.values,
            status: asked.status.map(Into::into),
            by,
        })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/updates/{number}/correct",
    tag = "incidents", params(OfStatement, Once), request_body = Update,
    responses((status = 200, body = Acted, description = "Published")))]
/// Corrects a published update by a further one. The earlier one stays, marked.
pub(super) async fn correct_update(State(app): State<App>, act: Act<Update>) -> Answered {
    about(app, act, |incident, by, asked, place| {
        Ok(Command::CorrectUpdate {
            incident,
            number: place.number("number")?,
            next_update_ms: moment("next_update", asked.next_update)?,
            text: Filled {
                template: short("template", asked.template)?.as_str().into(),
                values: asked.values,
            },
            status: asked.status.map(Into::into),
            by,
        })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/updates/{number}/withdraw",
    tag = "incidents", params(OfStatement, Once), request_body = Withdrawal,
    responses((status = 200, body = Acted, description = "Taken back")))]
/// Takes a published update back. It stays, marked, and the reason is published.
pub(super) async fn withdraw_update(State(app): State<App>, act: Act<Withdrawal>) -> Answered {
    about(app, act, |incident, by, asked, place| {
        Ok(Command::WithdrawUpdate {
            incident,
            number: place.number("number")?,
            reason: asked.reason()?,
            by,
        })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/resolve", tag = "incidents",
    params(OfIncident, Once), request_body = Nothing,
    responses((status = 200, body = Acted, description = "Resolved")))]
/// Says that it is over.
pub(super) async fn resolve(State(app): State<App>, act: Act<Nothing>) -> Answered {
    about(app, act, |incident, by, _, _| {
        Ok(Command::Resolve { incident, by })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/confirmations", tag = "incidents",
    params(OfIncident, Once), request_body = Confirmation,
    responses((status = 200, body = Acted, description = "Recorded")))]
/// Records who confirmed that it is over for them.
pub(super) async fn confirm(State(app): State<App>, act: Act<Confirmation>) -> Answered {
    about(app, act, |incident, by, asked, _| {
        Ok(Command::Confirm {
            incident,
            representative: short("representative", asked.representative)?,
            by,
        })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/report", tag = "incidents",
    params(OfIncident, Once), request_body = Report,
    responses((status = 200, body = Acted, description = "Written")))]
/// Writes the whole report; an earlier one is replaced.
pub(super) async fn write_report(State(app): State<App>, act: Act<Report>) -> Answered {
    about(app, act, |incident, by, asked, _| {
        let report = asked.checked()?;
        Ok(Command::WriteReport {
            incident,
            report,
            by,
        })
    })
    .await
}

#[utoipa::path(post, path = "/api/v1/worlds/{world}/incidents/{incident}/close", tag = "incidents",
    params(OfIncident, Once), request_body = Nothing,
    responses((status = 200, body = Acted, description = "Closed")))]
/// Closes the incident.
pub(super) async fn close(State(app): State<App>, act: Act<Nothing>) -> Answered {
    about(app, act, |incident, by, _, _| {
        Ok(Command::Close { incident, by })
    })
    .await
}
