//! Errors as Alertmanager's clients read them: a text in JSON.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::Problem;
use crate::firing::BadQuery;

/// Writes problems that Alertmanager's API names (400, 404, 500) as a text. Others have no body there, and keep ours.
pub(super) async fn speak_plainly(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let named = matches!(
        response.status(),
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::INTERNAL_SERVER_ERROR
    );
    if !named {
        return response;
    }
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let text = serde_json::to_vec(&problem.message).unwrap_or_default();
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (problem.status, kind, text).into_response()
}

/// A query that cannot be understood.
pub(super) fn bad_query(bad: BadQuery) -> Problem {
    let todo = "See Alertmanager's API v2 for the form of the query.";
    Problem::new(StatusCode::BAD_REQUEST, "bad-query", bad.0, todo)
}
