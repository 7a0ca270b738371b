//! Who is asking, by the session's cookie.

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use stentor_domain::ids::PersonId;

use crate::{App, Problem, cookies};

/// Somebody with a session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub person: PersonId,
    /// What the hidden field `csrf` of each form must hold.
    pub csrf: String,
}

/// Somebody, perhaps with a session.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<SignedIn>);

/// Whoever the session's cookie names.
pub(crate) async fn find(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, Problem> {
    let Some(cookie) = cookies::get(headers, cookies::session_name(app)) else {
        return Ok(None);
    };
    let session = app.engine.session(cookie).await?;
    Ok(session.map(|s| SignedIn {
        person: s.person,
        csrf: s.csrf,
    }))
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let found = find(app, &parts.headers).await?;
        found.ok_or_else(Problem::sign_in_needed)
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        find(app, &parts.headers).await.map(Self)
    }
}
