//! The two cookies: the session, and the position that this browser has written up to.

use http::{HeaderMap, HeaderValue, header};
use stentor_engine::Secret;

use crate::App;

/// The name of the session's cookie. `__Host-` binds it to this host, to `/` and to https.
pub(crate) fn session_name(app: &App) -> &'static str {
    if app.is_https() {
        "__Host-stentor"
    } else {
        "stentor"
    }
}

pub(crate) const SEQ: &str = "stentor-seq";

/// The value of a cookie. Of a name that is sent twice, the first counts.
pub(crate) fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The cookie of a new session. The server decides when the session ends; the cookie goes with the browser's.
pub(crate) fn start(app: &App, session: &Secret) -> Option<HeaderValue> {
    set(app, session_name(app), session.reveal(), "")
}

/// Takes the session's cookie away.
pub(crate) fn end(app: &App) -> Option<HeaderValue> {
    set(app, session_name(app), "", "; Max-Age=0")
}

/// Remembers a position for an hour.
pub(crate) fn remember(app: &App, seq: u64) -> Option<HeaderValue> {
    set(app, SEQ, &seq.to_string(), "; Max-Age=3600")
}

fn set(app: &App, name: &str, value: &str, more: &str) -> Option<HeaderValue> {
    let secure = if app.is_https() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
    HeaderValue::from_str(&text).ok()
}
