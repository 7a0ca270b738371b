//! Reading what one has written: answers name the journal's position, and requests that name one wait for it.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponseParts, Response, ResponseParts};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use stentor_engine::Seq;

use crate::{App, cookies};

/// The header that carries a position.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("stentor-seq");

/// Part of an answer: what was asked for is durable, and visible from this position on.
#[derive(Clone, Copy, Debug)]
pub struct Committed(pub Seq);

impl IntoResponseParts for Committed {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts
            .headers_mut()
            .insert(HEADER, HeaderValue::from(self.0));
        Ok(parts)
    }
}

/// Waits for the position that a request names, and gives browsers the position of what they wrote.
pub(crate) async fn follow(app: &App, request: Request, next: Next) -> Response {
    let is_browser = cookies::get(request.headers(), cookies::session_name(app)).is_some();
    if let Some(seq) = named(request.headers()).filter(|seq| *seq > app.engine.seq()) {
        app.engine.wait_for(seq).await;
    }
    let mut response = next.run(request).await;
    if is_browser
        && let Some(seq) = number(response.headers().get(HEADER))
        && let Some(cookie) = cookies::remember(app, seq)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn named(headers: &HeaderMap) -> Option<Seq> {
    let cookie = || cookies::get(headers, cookies::SEQ)?.parse().ok();
    number(headers.get(HEADER)).or_else(cookie)
}

fn number(value: Option<&HeaderValue>) -> Option<Seq> {
    value?.to_str().ok()?.parse().ok()
}
