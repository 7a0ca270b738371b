//! The console: server-rendered pages for people.

use axum::Router;
use axum::response::{IntoResponse, Response};

use crate::{App, Problem, page};

/// The console's pages.
pub fn routes() -> Router<App> {
    Router::new()
}

/// How a problem looks to a person.
pub fn problem_page(problem: &Problem) -> Response {
    let body = format!(
        "<p>{}</p><p>{}</p>",
        page::escape(&problem.message),
        page::escape(&problem.todo)
    );
    (problem.status, page::bare("That did not work", &body)).into_response()
}
