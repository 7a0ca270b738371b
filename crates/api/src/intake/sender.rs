//! Who may send alerts and read them in Alertmanager's format.

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use stentor_domain::ids::PersonId;
use subtle::ConstantTimeEq;

use crate::{App, Problem, Surface, session};

/// What senders of alerts show, kept as its hash. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct IntakeToken([u8; 32]);

impl IntakeToken {
    /// Takes the token.
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    fn is(&self, shown: &str) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown.as_bytes()).into();
        self.0.ct_eq(&shown).into()
    }
}

impl std::fmt::Debug for IntakeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IntakeToken(…)")
    }
}

/// Somebody who may use this surface.
pub(crate) struct Sender {
    /// Who, when an API token or a session says so.
    person: Option<PersonId>,
}

impl Sender {
    /// Who it was, for the record; `claimed` is what the request says of itself.
    pub(super) fn called(&self, claimed: &str) -> String {
        match &self.person {
            Some(person) => person.to_string(),
            None if claimed.is_empty() => "alertmanager-api".to_owned(),
            None => format!("alertmanager-api: {claimed}"),
        }
    }
}

impl FromRequestParts<App> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let shown = password(&parts.headers);
        let Some(token) = &app.options.intake_token else {
            if app.options.surface == Surface::Stentor {
                check_host(app, parts)?;
            }
            let person = match &shown {
                Some(bearer) => app.engine.api_person(bearer).await?,
                None => None,
            };
            return Ok(Self { person });
        };
        if shown.as_deref().is_some_and(|shown| token.is(shown)) {
            return Ok(Self { person: None });
        }
        if let Some(bearer) = &shown
            && let Some(person) = app.engine.api_person(bearer).await?
        {
            let person = Some(person);
            return Ok(Self { person });
        }
        // People may look with their session; what senders do needs the token.
        if parts.method.is_safe()
            && let Some(found) = session::find(app, &parts.headers).await?
        {
            let person = Some(found.person);
            return Ok(Self { person });
        }
        let todo = "Configure the sender with the intake token as bearer token or as password.";
        let status = http::StatusCode::UNAUTHORIZED;
        Err(Problem::new(
            status,
            "token-needed",
            "the intake token is missing or wrong",
            todo,
        ))
    }
}

/// The bearer token, or the password of basic authentication.
fn password(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    decoded
        .split_once(':')
        .map(|(_, password)| password.to_owned())
}

/// Without a token everybody who reaches the listener may send. A web page that points its own name at this machine
/// (DNS rebinding) reaches it too, and gives itself away by that name.
fn check_host(app: &App, parts: &Parts) -> Result<(), Problem> {
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|h| h.to_str().ok());
    let host = host.or_else(|| parts.uri.host()).unwrap_or_default();
    let console = app
        .console_url()
        .split_once("://")
        .map_or("", |(_, rest)| rest);
    let name = without_port(host);
    let is_address = name
        .trim_matches(['[', ']'])
        .parse::<std::net::IpAddr>()
        .is_ok();
    if is_address || name.eq_ignore_ascii_case("localhost") || name == without_port(console) {
        return Ok(());
    }
    let todo =
        "Address it as configured in console_url or by its IP address, or set an intake token.";
    let message = "this machine is not known by that name";
    Err(Problem::new(
        http::StatusCode::MISDIRECTED_REQUEST,
        "unknown-host",
        message,
        todo,
    ))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}
