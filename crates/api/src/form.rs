//! Forms that were proven to come from our own pages, and that act once.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use stentor_domain::ids::PersonId;
use stentor_engine::Idempotency;
use subtle::ConstantTimeEq;

use crate::reader::Reader;
use crate::session::{self, SignedIn};
use crate::{App, Problem, body};

/// Largest form, in bytes: a report with every field full, percent-encoded.
const MAX_FORM: usize = 512 * 1024;

/// Longest idempotency key, in bytes.
pub(crate) const MAX_KEY: usize = 100;

/// The fields of a form whose session and token were checked. `T` ignores the hidden fields; a map from name to value
/// takes any form.
#[derive(Debug)]
pub struct Form<T> {
    /// The fields.
    pub value: T,
    /// Who sent it.
    pub who: SignedIn,
    /// Makes it act once, however often the button is pressed.
    pub once: Idempotency,
}

/// The fields of a form about alerts, from somebody signed in, or from anybody where nobody signs in.
#[derive(Debug)]
pub(crate) struct ReaderForm<T> {
    /// The fields.
    pub(crate) value: T,
    /// Who sent it.
    pub(crate) who: Reader,
    /// Makes it act once, however often the button is pressed.
    pub(crate) once: Idempotency,
}

/// The fields of a form from somebody who is not signed in and proves by the address who they are. Give their name to
/// [`PublicForm::once`].
#[derive(Debug)]
pub struct PublicForm<T> {
    /// The fields.
    pub value: T,
    key: String,
    request: String,
}

impl<T> PublicForm<T> {
    /// Makes it act once for `sender`.
    #[must_use]
    pub fn once(&self, sender: &str) -> Idempotency {
        Idempotency::new(sender, &self.key, self.request.clone())
    }
}

/// A new value for the hidden field `idempotency_key`.
#[must_use]
pub fn fresh_key() -> String {
    let mut bytes = [0u8; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        unreachable!("the operating system gives random bytes: {error}");
    }
    hex::encode(bytes)
}

#[derive(Deserialize)]
struct Hidden {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    idempotency_key: String,
}

/// A form of which only the hidden fields are known yet.
struct Read {
    bytes: Bytes,
    hidden: Hidden,
    request: String,
}

impl Read {
    async fn from(app: &App, request: Request) -> Result<Self, Problem> {
        let (parts, content) = request.into_parts();
        let bytes = body::read(app, content, MAX_FORM).await?;
        let request = body::request_hash(parts.method.as_str(), parts.uri.path(), &bytes);
        let hidden: Hidden = serde_urlencoded::from_bytes(&bytes).map_err(wrong)?;
        Ok(Self {
            bytes,
            hidden,
            request,
        })
    }

    fn key(&self) -> Result<&str, Problem> {
        let key = &self.hidden.idempotency_key;
        if (1..=MAX_KEY).contains(&key.len()) {
            return Ok(key);
        }
        Err(Problem::invalid("the form lacks its idempotency key"))
    }

    fn value<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_urlencoded::from_bytes(&self.bytes).map_err(wrong)
    }
}

fn wrong(error: serde_urlencoded::de::Error) -> Problem {
    Problem::invalid(format!("the form: {error}"))
}

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let who = session::find(app, request.headers()).await?;
        let who = who.ok_or_else(Problem::sign_in_needed)?;
        let form = Read::from(app, request).await?;
        let same: bool = form
            .hidden
            .csrf
            .as_bytes()
            .ct_eq(who.csrf.as_bytes())
            .into();
        if !same {
            return Err(Problem::forged("This form is not from your session."));
        }
        let once = Idempotency::new(who.person.as_str(), form.key()?, form.request.clone());
        Ok(Self {
            value: form.value()?,
            who,
            once,
        })
    }
}

impl<T: DeserializeOwned> FromRequest<App> for ReaderForm<T> {
    type Rejection = Problem;

    async fn from_request(mut request: Request, app: &App) -> Result<Self, Problem> {
        let who = Reader::of(app, &mut request).await?;
        let form = Read::from(app, request).await?;
        let same: bool = form
            .hidden
            .csrf
            .as_bytes()
            .ct_eq(who.csrf.as_bytes())
            .into();
        if !same {
            return Err(Problem::forged("This form is not from your session."));
        }
        let sender = who.person().map_or("console", PersonId::as_str);
        let once = Idempotency::new(sender, form.key()?, form.request.clone());
        Ok(Self {
            value: form.value()?,
            who,
            once,
        })
    }
}

impl<T: DeserializeOwned> FromRequest<App> for PublicForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let form = Read::from(app, request).await?;
        Ok(Self {
            value: form.value()?,
            key: form.key()?.to_owned(),
            request: form.request,
        })
    }
}
