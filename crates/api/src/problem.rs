//! What the outside is told when something did not work: a stable code, what happened, what to do.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use stentor_domain::decide::Refusal;
use stentor_engine::{StoreError, SubmitError};

use crate::{App, console};

/// A request that was not carried out. As a response it is JSON; outside `/api/` a page is made of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// Names the kind of problem; never changes.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What to do.
    pub todo: String,
}

#[derive(Serialize)]
struct Wire<'a> {
    code: &'a str,
    message: &'a str,
    todo: &'a str,
}

impl Problem {
    /// A problem; `code` is stable, in small letters with hyphens.
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            todo: todo.into(),
        }
    }

    /// What was asked for does not exist.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        let todo = "Check the address; what is closed is found in the list.";
        Self::new(StatusCode::NOT_FOUND, "not-found", message, todo)
    }

    /// The request itself is wrong.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        let todo = "Correct the request and send it again.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message, todo)
    }

    /// Whoever asks may not.
    #[must_use]
    pub fn not_allowed(message: impl Into<String>) -> Self {
        let todo = "Ask somebody who holds that role.";
        Self::new(StatusCode::FORBIDDEN, "not-allowed", message, todo)
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn sign_in_needed() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "sign-in-needed",
            "You are not signed in, or your session has ended.",
            "Open a sign-in link; `stentor sign-in` makes one. Programs send an API token as `Authorization: Bearer`.",
        )
    }

    /// Another site seems to have sent the request.
    #[must_use]
    pub fn forged(message: impl Into<String>) -> Self {
        let todo = "Open the page again in this browser and repeat what you did.";
        Self::new(StatusCode::FORBIDDEN, "forged", message, todo)
    }

    /// The body is larger than its route takes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format!("the request has more than {limit} bytes"),
            "Send less at a time.",
        )
    }

    /// Nothing was recorded because of a failure of ours.
    #[must_use]
    pub fn unavailable(message: impl Into<String>) -> Self {
        let todo = "Nothing was recorded; send the same request again in a moment.";
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            message,
            todo,
        )
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound(message) => Self::not_found(message),
            Refusal::NotAllowed(message) => Self::not_allowed(message),
            Refusal::Conflict(message) => Self::new(
                StatusCode::CONFLICT,
                "conflict",
                message,
                "Look at the current state, then decide again.",
            ),
            Refusal::Invalid(message) => Self::invalid(message),
        }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refusal) => refusal.into(),
            SubmitError::Unavailable(reason) => Self::unavailable(reason),
            SubmitError::OutcomeUnknown => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "outcome-unknown",
                error.to_string(),
                "Send the same request again in a moment: it acts once, however often it is sent.",
            ),
            SubmitError::Busy => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "busy",
                error.to_string(),
                "Nothing was recorded; send the same request again in a moment.",
            ),
            SubmitError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "key-reused",
                error.to_string(),
                "Use a new Idempotency-Key for a new request.",
            ),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let wire = Wire {
            code: self.code,
            message: &self.message,
            todo: &self.todo,
        };
        let json = serde_json::to_vec(&wire).unwrap_or_default();
        let kind = HeaderValue::from_static("application/json");
        let mut response = (self.status, [(header::CONTENT_TYPE, kind)], json).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Draws problems as pages, where people and not programs read them.
pub(crate) async fn draw(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let for_programs = path.starts_with("/api/") || path.starts_with("/-/");
    let mut response = next.run(request).await;
    if for_programs {
        return response;
    }
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let mut page = console::problem_page(&app, &problem);
    if let Some(after) = response.headers_mut().remove(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, after);
    }
    page
}

pub(crate) async fn not_found() -> Problem {
    Problem::not_found("There is nothing at this address.")
}

pub(crate) async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong-method",
        "This address does not take such requests.",
        "See the OpenAPI document at /api/v1/openapi.json.",
    )
}
