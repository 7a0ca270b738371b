//! Whoever reads pages about alerts: somebody signed in, or anybody where nobody signs in.

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use stentor_domain::ids::PersonId;

use crate::intake::Sender;
use crate::session::SignedIn;
use crate::{App, Problem, Surface};

/// Whoever reads.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// Who, where people sign in.
    pub(crate) signed_in: Option<SignedIn>,
    /// What the hidden field `csrf` of each form must hold.
    pub(crate) csrf: String,
}

impl Reader {
    /// Who it is, where people sign in.
    pub(crate) fn person(&self) -> Option<&PersonId> {
        self.signed_in.as_ref().map(|s| &s.person)
    }

    /// Who it is, for the record; `claimed` is what the form says.
    pub(crate) fn called(&self, claimed: &str) -> String {
        match (self.person(), claimed.trim()) {
            (Some(person), _) => person.to_string(),
            (None, "") => "console".to_owned(),
            (None, claimed) => format!("console: {claimed}"),
        }
    }

    /// Whoever sent a request.
    pub(crate) async fn of(app: &App, request: &mut Request) -> Result<Self, Problem> {
        let (mut parts, body) = std::mem::take(request).into_parts();
        let found = Self::from_request_parts(&mut parts, app).await;
        *request = Request::from_parts(parts, body);
        found
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if app.options.surface == Surface::Alertmanager {
            Sender::from_request_parts(parts, app).await?;
            return Ok(Self {
                signed_in: None,
                csrf: app.form_token.to_string(),
            });
        }
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        Ok(Self {
            csrf: signed_in.csrf.clone(),
            signed_in: Some(signed_in),
        })
    }
}
