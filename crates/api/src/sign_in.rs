//! Signing in by a link that works once, and signing out.
//!
//! Mail scanners open links: only the button on the page takes the link's token.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use crate::{App, Form, Problem, console, cookies};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in/{token}", get(offer).post(take))
        .route("/sign-out", post(leave))
}

/// A form with a button only.
#[derive(Deserialize)]
struct Pressed {}

/// The token stays in the address: it is neither looked up nor written into the page.
async fn offer() -> Response {
    console::sign_in_page()
}

async fn take(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Problem> {
    let Some((person, session)) = app.engine.sign_in(&token).await? else {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "link-spent",
            "This sign-in link was used already, or it is too old.",
            "Make a new one with `stentor sign-in`.",
        ));
    };
    tracing::info!(%person, "signed in");
    let cookie = cookies::start(&app, &session);
    let cookie = cookie.ok_or_else(|| Problem::unavailable("the session has no cookie"))?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

async fn leave(
    State(app): State<App>,
    headers: HeaderMap,
    _form: Form<Pressed>,
) -> Result<Response, Problem> {
    if let Some(session) = cookies::get(&headers, cookies::session_name(&app)) {
        app.engine.sign_out(session).await?;
    }
    let mut response = Redirect::to("/").into_response();
    if let Some(cookie) = cookies::end(&app) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
