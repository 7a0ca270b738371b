//! Requests that other sites make browsers send are refused before anything else looks at them (OWASP ASVS 3.5.1).

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

use crate::{App, Problem};

/// The answer to whatever could change something and was sent by another site's page.
pub(crate) fn refusal(app: &App, request: &Request) -> Option<Response> {
    if request.method().is_safe() || is_ours(app, request.headers()) {
        return None;
    }
    let why = "Another site made your browser send this request.";
    Some(Problem::forged(why).into_response())
}

/// `Sec-Fetch-Site` decides where browsers send it. Else `Origin` must be ours; programs send neither.
///
/// Our own forms carry `Origin: null` because pages say `no-referrer`; on plain http beyond loopback, where browsers
/// leave `Sec-Fetch-Site` out, the token in the form is then what decides.
fn is_ours(app: &App, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else {
        return true;
    };
    if origin == "null" {
        let kind = text(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        return kind.starts_with("application/x-www-form-urlencoded");
    }
    let host = text(header::HOST.as_str()).unwrap_or_default();
    let named = origin.split_once("://").map(|(_, rest)| rest);
    origin == app.console_url() || named.is_some_and(|n| n.eq_ignore_ascii_case(host))
}
