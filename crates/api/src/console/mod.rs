//! The console: server-rendered pages for people, usable without script, made for a telephone at three in the morning.
//!
//! A page reads the state once into a view, and a template draws the view. Whatever strangers wrote is escaped by the
//! templates; addresses become links only by `words::web_link`.

mod act;
mod alert_view;
mod alerts;
mod announce;
mod announce_form;
mod assets;
mod closing;
mod csv;
mod declare;
mod drill_page;
mod drills;
mod group;
mod home;
mod incident;
mod link;
mod mirrors;
mod paths;
mod public;
mod publish;
mod render;
mod silence_form;
mod silences;
mod site;
mod sources;
mod statement;
mod thing;
mod update_form;
mod view;
mod withdraw;
mod words;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;

use crate::{App, Problem};

/// The console's pages.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(assets::routes())
        .merge(home::routes())
        .merge(declare::routes())
        .merge(incident::routes())
        .merge(act::routes())
        .merge(closing::routes())
        .merge(publish::routes())
        .merge(public::routes())
        .merge(announce::routes())
        .merge(withdraw::routes())
        .merge(link::routes())
        .merge(mirrors::routes())
        .merge(sources::routes())
        .merge(drills::routes())
        .merge(drill_page::routes())
        .merge(about_alerts())
}

/// The pages about alerts.
fn about_alerts() -> Router<App> {
    Router::new()
        .merge(alerts::routes())
        .merge(group::routes())
        .merge(silences::routes())
        .merge(silence_form::routes())
}

/// The pages of [`crate::Surface::Alertmanager`].
pub(crate) fn open_routes() -> Router<App> {
    Router::new()
        .route("/", get(alerts::page))
        .merge(assets::routes())
        .merge(about_alerts())
}

/// How a problem looks to a person.
pub(crate) fn problem_page(app: &App, problem: &Problem) -> Response {
    let title = match problem.status {
        StatusCode::UNAUTHORIZED => "Please sign in",
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::FORBIDDEN => "You cannot do that here",
        StatusCode::SERVICE_UNAVAILABLE => "It was not recorded",
        _ => "That did not work",
    };
    let mut paragraphs = vec![words::sentence(&problem.message), problem.todo.clone()];
    if problem.status == StatusCode::UNAUTHORIZED {
        paragraphs = vec![
            "This is Stentor, where incidents are handled. You are not signed in, or your session has ended.".into(),
            "Open your sign-in link. On the machine itself, `stentor sign-in` makes a new one; it works once and for \
             an hour."
                .into(),
            "The link in a page you received still works: it lets you answer that page without signing in.".into(),
        ];
    } else {
        paragraphs.push(
            "Nothing that you wrote before is lost: go back in your browser to find it.".into(),
        );
    }
    let site = site::Site::bare().below(app);
    let home = problem.status != StatusCode::UNAUTHORIZED;
    let code = problem.code;
    let page = render::page(
        "message.html",
        render::view! { site, title, paragraphs, home, code, sign_in_form => false },
    );
    (problem.status, page).into_response()
}

/// The page behind a sign-in link. Its button posts to the same address; the token is not written into the page.
pub(crate) fn sign_in_page() -> Response {
    let paragraphs = ["Continue as the person whom this link was made for. The link works once."];
    let site = site::Site::bare();
    render::page(
        "message.html",
        render::view! { site, title => "Sign in", paragraphs, sign_in_form => true, home => false, code => () },
    )
}
