//! Pages of other sites that the operator lets use Alertmanager's API from a browser. Unless somebody is named, browsers
//! keep all other sites away.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::App;

/// The page's origin, when the request is for Alertmanager's API and its site is let in.
pub(crate) fn let_in(app: &App, request: &Request) -> Option<HeaderValue> {
    let known = &app.options.cors_origins;
    if known.is_empty() || !request.uri().path().starts_with("/api/v2/") {
        return None;
    }
    let origin = request.headers().get(header::ORIGIN)?;
    let named = |one: &String| one == "*" || one.as_bytes() == origin.as_bytes();
    known.iter().any(named).then(|| origin.clone())
}

/// The answer to a browser that asks whether it may send what a page wants it to.
pub(crate) fn preflight(request: &Request) -> Option<Response> {
    let asks = request
        .headers()
        .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() != Method::OPTIONS || !asks {
        return None;
    }
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Accept, Content-Type"),
    ];
    Some((StatusCode::NO_CONTENT, allowed).into_response())
}

/// Lets the page read the answer.
pub(crate) fn complete(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
