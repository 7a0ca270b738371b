//! Who calls, what they want done, and that it is done once.

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use stentor_domain::ids::PersonId;
use stentor_domain::organisation::PersonRole;
use stentor_domain::world::World;
use stentor_engine::Idempotency;
use subtle::ConstantTimeEq;

use crate::form::MAX_KEY;
use crate::{App, Problem, body, session};

/// Largest body of a request, in bytes.
const MAX_BODY: usize = 512 * 1024;

/// A person, by API token or by session.
pub(super) struct Caller {
    pub(super) person: PersonId,
}

impl Caller {
    /// Refuses whoever does not hold a role.
    pub(super) fn must_be(&self, app: &App, role: PersonRole) -> Result<(), Problem> {
        let holds = app.engine.read(|state| {
            let organisation = state.organisation();
            organisation.is_some_and(|o| o.has_role(&self.person, role))
        });
        let message = || format!("only people with the role {:?} may do that", role.name());
        if holds {
            Ok(())
        } else {
            Err(Problem::not_allowed(message()))
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(bearer) = bearer(&parts.headers) {
            let person = app.engine.api_person(bearer).await?;
            let person = person.ok_or_else(Problem::sign_in_needed)?;
            return Ok(Self { person });
        }
        let signed_in = session::find(app, &parts.headers).await?;
        let signed_in = signed_in.ok_or_else(Problem::sign_in_needed)?;
        let shown = parts
            .headers
            .get("x-csrf-token")
            .map_or(&b""[..], |t| t.as_bytes());
        let same: bool = shown.ct_eq(signed_in.csrf.as_bytes()).into();
        if parts.method.is_safe() || same {
            let person = signed_in.person;
            return Ok(Self { person });
        }
        Err(Problem::forged(
            "X-CSRF-Token does not hold the token of your session.",
        ))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The parts of an address, by name.
pub(super) struct Place(Vec<(String, String)>);

impl Place {
    fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }

    /// A number in the address.
    pub(super) fn number(&self, name: &str) -> Result<u32, Problem> {
        let number = self.text(name).parse();
        number.map_err(|_| Problem::not_found(format!("{name} is named by its number")))
    }

    /// The world in the address.
    pub(super) fn world(&self) -> Result<World, Problem> {
        let world: Result<World, _> = self.text("world").parse();
        world.map_err(|e| Problem::not_found(e.to_string()))
    }

    /// A word in the address.
    pub(super) fn word(&self, name: &str) -> &str {
        self.text(name)
    }
}

impl FromRequestParts<App> for Place {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|e| Problem::not_found(e.to_string()))?;
        let pairs = params.iter().map(|(n, v)| (n.to_owned(), v.to_owned()));
        Ok(Self(pairs.collect()))
    }
}

/// A request that changes something: who, where, what, and its idempotency key.
pub(super) struct Act<T> {
    pub(super) by: PersonId,
    pub(super) caller: Caller,
    pub(super) place: Place,
    pub(super) what: T,
    pub(super) once: Idempotency,
}

impl<T: DeserializeOwned> FromRequest<App> for Act<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, content) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, app).await?;
        let place = Place::from_request_parts(&mut parts, app).await?;
        let key = key(&parts.headers)?;
        let bytes = body::read(app, content, MAX_BODY).await?;
        let is_json = |h: &http::HeaderValue| h.as_bytes().starts_with(b"application/json");
        if !bytes.is_empty() && !parts.headers.get(header::CONTENT_TYPE).is_some_and(is_json) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let todo = "Send `Content-Type: application/json`.";
            return Err(Problem::new(
                status,
                "not-json",
                "the body is not marked as JSON",
                todo,
            ));
        }
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let what = serde_json::from_slice(text);
        let what = what.map_err(|e| Problem::invalid(format!("the body: {e}")))?;
        // Nested routers see only the rest of the address; what is asked is the whole of it.
        let whole = parts.extensions.get::<axum::extract::OriginalUri>();
        let path = whole.map_or(parts.uri.path(), |uri| uri.path());
        let hash = body::request_hash(parts.method.as_str(), path, &bytes);
        let by = caller.person.clone();
        let once = Idempotency::new(by.as_str(), &key, hash);
        Ok(Self {
            by,
            caller,
            place,
            what,
            once,
        })
    }
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get("idempotency-key").and_then(|k| k.to_str().ok());
    match key {
        Some(key) if (1..=MAX_KEY).contains(&key.len()) => Ok(key.to_owned()),
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "key-needed",
            format!("the header Idempotency-Key is needed, with 1 to {MAX_KEY} characters"),
            "Choose a new random key for each request, and the same key when you repeat one.",
        )),
    }
}

/// JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
            Err(error) => Problem::unavailable(error.to_string()).into_response(),
        }
    }
}
