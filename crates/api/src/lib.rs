//! HTTP: the REST API, the compatibility surfaces and the console.
//!
//! [`router`] makes the whole surface from an [`App`]; [`serve`] runs it on a listener.
//!
//! # What a page of the console builds on
//! - [`SignedIn`] is the extractor of whoever has a session: `person`, and `csrf` for the forms of this session. A
//!   visitor without one gets the problem `sign-in-needed` (401). [`Visitor`] takes those without a session too.
//! - A form holds two hidden fields: `csrf` (from [`SignedIn::csrf`]) and `idempotency_key` (from [`fresh_key`]).
//!   [`Form<T>`] is the extractor that has checked both; it gives the fields as `value`, the sender as `who`, and the
//!   [`Idempotency`](stentor_engine::Idempotency) to hand to [`App::submit`].
//! - [`PublicForm<T>`] is for forms of people who are not signed in, such as the page behind the link in a message.
//!   The link is their proof; requests sent by other sites were refused before.
//! - Answer a form with `(Committed(done.seq), Redirect::to(..))`: the header `Stentor-Seq` and a cookie carry the
//!   position, and the following page waits up to a second until this node has seen it.
//! - Errors: return `Result<_, Problem>`. Whatever [`Problem`] leaves a route outside `/api/` is drawn by
//!   `console::problem_page`.
//! - Every answer gets the strict headers of [`mod@headers`]. Answers are not stored by browsers unless a handler sets
//!   `Cache-Control` itself (as for stylesheets).

mod app;
mod body;
pub mod console;
mod cookies;
mod cors;
mod firing;
mod form;
mod guard;
pub mod headers;
mod intake;
mod metrics;
mod node;
mod origin;
mod problem;
mod reader;
mod rest;
mod senders;
mod seq;
mod serve;
mod session;
mod sign_in;
mod silences;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::get;

pub use app::{App, OperatorLimits, Options, Reload, Surface};
pub use form::{Form, PublicForm, fresh_key};
pub use intake::IntakeToken;
pub use problem::Problem;
pub use rest::document as openapi;
pub use seq::Committed;
pub use serve::serve;
pub use session::{SignedIn, Visitor};

/// Everything that Stentor answers over HTTP, or as much of it as an Alertmanager does.
pub fn router(app: App) -> Router {
    let is_whole = app.options.surface == Surface::Stentor;
    let pages = if is_whole {
        Router::new()
            .merge(sign_in::routes())
            .merge(console::routes())
    } else {
        console::open_routes()
    };
    let people = pages
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(from_fn_with_state(app.clone(), problem::draw));
    let mut programs = Router::new().merge(intake::routes()).merge(node::routes());
    if is_whole {
        programs = programs.merge(senders::routes()).merge(rest::routes());
    }
    let programs = programs.method_not_allowed_fallback(problem::wrong_method);
    let surface = people
        .merge(programs)
        .layer(from_fn_with_state(app.clone(), guard::guard));
    let prefix = app.options.route_prefix.clone();
    if prefix.is_empty() {
        return surface.with_state(app);
    }
    let home = format!("{prefix}/");
    let to_home = home.clone();
    let redirect = move || async move { Redirect::temporary(&to_home) };
    Router::new()
        .route("/", get(redirect.clone()))
        .route(&prefix, get(redirect))
        .nest(&home, surface)
        .with_state(app)
}
