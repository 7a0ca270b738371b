//! How HTTP receivers are spoken to, and what their answers mean.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    RETRY_AFTER, TRANSFER_ENCODING,
};
use http::{Method, StatusCode};
use jiff::Timestamp;
use stentor_domain::routing::{HttpOptions, SecretAt};
use stentor_egress::{Client, LongBody, Request, Response, Target};

use super::Surroundings;
use crate::webhook::retry_after;
use crate::{Key, Outcome, clean};

/// How many idle connections to one host are worth keeping: as many as attempts run at a time.
pub const CONNECTIONS: usize = 64;

/// How much of an answer is kept.
const MAX_ANSWER: usize = 4096;

/// The name of the header line by which a receiver recognises a repeat.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// One address that JSON is posted to.
pub(super) struct Endpoint {
    client: Client,
    target: Target,
    headers: HeaderMap,
    within: Option<Duration>,
}

impl Endpoint {
    pub(super) fn new(
        url: &SecretAt,
        options: &HttpOptions,
        timeout_ms: i64,
        with: &Surroundings<'_>,
    ) -> Result<Self, String> {
        let url = (with.secrets)(url)?;
        // What is wrong is said without the address: it is a secret.
        let target = Target::parse(url.expose().trim()).map_err(|error| error.to_string())?;
        let within = u64::try_from(timeout_ms).ok().filter(|ms| *ms > 0);
        Ok(Self {
            client: client(options, with)?,
            headers: headers(options, with)?,
            target,
            within: within.map(Duration::from_millis),
        })
    }

    pub(super) fn destination(&self) -> String {
        self.target.origin().to_owned()
    }

    /// Posts; the answer, or how the attempt ended without one.
    pub(super) async fn post(&self, body: Vec<u8>, key: &Key) -> Result<Response, Outcome> {
        let mut headers = self.headers.clone();
        let key = HeaderValue::from_str(key.as_str()).map_err(Outcome::failed)?;
        headers.insert(IDEMPOTENCY_KEY, key);
        let request = Request {
            headers,
            body: Bytes::from(body),
            max_body: MAX_ANSWER,
            long_body: LongBody::Cut,
            within: self.within,
            ..Request::new(Method::POST, self.target.clone())
        };
        self.client.send(request).await.map_err(|error| {
            if error.is_permanent() {
                Outcome::failed(error)
            } else {
                Outcome::retry(error)
            }
        })
    }

    /// What a status means: 2xx is success, 5xx and 429 may pass, everything else is for ever.
    pub(super) fn judge(&self, answer: &Response, now: Timestamp) -> Outcome {
        let (target, status) = (&self.target, answer.status);
        if status.is_success() {
            return Outcome::Delivered {
                detail: format!("{target} answered {}", status.as_u16()),
            };
        }
        let said = clean::line(&String::from_utf8_lossy(&answer.body), 200);
        let error = format!("{target} answered {}: {said}", status.as_u16());
        if !(status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS) {
            return Outcome::Failed { error };
        }
        let after = answer.headers.get(RETRY_AFTER);
        let after = after.and_then(|value| value.to_str().ok());
        Outcome::Retry {
            error,
            after: after.and_then(|value| retry_after(value, now)),
        }
    }
}

/// The shared client, or one of its own for other certificates.
fn client(options: &HttpOptions, with: &Surroundings<'_>) -> Result<Client, String> {
    if options.proxy_url.is_some() {
        return Err("proxy_url is not supported; let the receiver be reached directly".to_owned());
    }
    let guard = || with.guard.clone();
    let own = match (&options.ca_file, options.insecure_skip_verify) {
        (None, false) => return Ok(with.client.clone()),
        (_, true) => Client::unverified(guard(), with.limits),
        (Some(file), false) => Client::new(guard(), with.limits, Some(&(with.files)(file)?)),
    };
    own.map_err(|error| error.to_string())
}

fn headers(options: &HttpOptions, with: &Surroundings<'_>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in &options.headers {
        let bad = |what: &str| format!("the header line {name:?} {what}");
        let header = HeaderName::try_from(name).map_err(|_| bad("has no usable name"))?;
        if [CONTENT_LENGTH, TRANSFER_ENCODING, HOST, IDEMPOTENCY_KEY].contains(&header) {
            return Err(bad("is set by Stentor itself; leave it out"));
        }
        let value = HeaderValue::try_from(value).map_err(|_| bad("has no usable value"))?;
        headers.insert(header, value);
    }
    let credentials = match (&options.basic, &options.authorization) {
        (None, None) => return Ok(headers),
        (Some((user, password)), _) => {
            let password = (with.secrets)(password)?;
            let plain = zeroize::Zeroizing::new(format!("{user}:{}", password.expose()));
            format!("Basic {}", STANDARD.encode(plain.as_bytes()))
        }
        (None, Some((scheme, credentials))) => {
            let credentials = (with.secrets)(credentials)?;
            format!("{scheme} {}", credentials.expose().trim())
        }
    };
    let mut value = HeaderValue::try_from(zeroize::Zeroizing::new(credentials).as_str())
        .map_err(|_| "the credentials cannot stand in a header line".to_owned())?;
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    Ok(headers)
}
