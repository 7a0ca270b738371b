//! What mirrors that speak HTTP have in common: requests through egress, and what their answers mean.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use stentor_egress::{Client, EgressError, Limits, LongBody, Request, Target};
use stentor_publish::MirrorError;
use stentor_verify::{FetchError, safe_path};

use crate::content;
use crate::open::{OpenError, Surroundings};

/// How long one file may take, there and back.
const ONE_FILE: Duration = Duration::from_secs(30);

/// How long a whole push may take: it goes on where it was when that is not enough.
pub(crate) const WHOLE: Duration = Duration::from_secs(120);

/// A way of sending requests.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client,
}

/// The head of an answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

impl Http {
    /// With the certification authorities of this machine, and those in `ca_file`.
    pub(crate) fn new(around: &Surroundings, ca_file: Option<&str>) -> Result<Self, OpenError> {
        let pem = ca_file.map(|file| around.ca(file)).transpose()?;
        let pem = pem.map(|(_, pem)| pem);
        let limits = Limits {
            total: ONE_FILE,
            ..Limits::default()
        };
        let client = Client::new(around.guard.clone(), limits, pem.as_deref());
        Ok(Self {
            client: client.map_err(|error| OpenError(error.to_string()))?,
        })
    }

    /// Gets a file of at most `limit` bytes.
    pub(crate) async fn get(
        &self,
        target: Target,
        headers: HeaderMap,
        limit: u64,
    ) -> Result<(Vec<u8>, HeaderMap), FetchError> {
        let unreachable = |error: EgressError| FetchError::Unreachable(error.to_string());
        let origin = target.origin().to_owned();
        let mut request = Request::new(Method::GET, target);
        request.headers = headers;
        // One byte more tells a file that is too long from one that just fits.
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        request.max_body = most.saturating_add(1);
        request.long_body = LongBody::Cut;
        let answer = self.client.send(request).await.map_err(unreachable)?;
        match answer.status.as_u16() {
            200 if answer.body.len() > most => Err(FetchError::TooLarge { limit }),
            200 => Ok((answer.body.to_vec(), answer.headers)),
            // An object store that may not list says 403 for what is not there.
            403 | 404 | 410 => Err(FetchError::NotFound),
            _ => Err(FetchError::Unreachable(said(&origin, answer.status))),
        }
    }

    /// Sends a request whose answer is only its status and head.
    pub(crate) async fn send(
        &self,
        method: Method,
        target: Target,
        headers: HeaderMap,
        body: &[u8],
    ) -> Result<Answer, MirrorError> {
        let mut request = Request::new(method, target);
        request.headers = headers;
        request.body = Bytes::copy_from_slice(body);
        request.long_body = LongBody::Cut;
        let answer = self.client.send(request).await;
        let answer = answer.map_err(|error| MirrorError::Failed(error.to_string()))?;
        Ok(Answer {
            status: answer.status,
            headers: answer.headers,
        })
    }
}

/// The place of `path` below `base`.
pub(crate) fn below(base: &str, path: &str) -> Result<Target, MirrorError> {
    if !safe_path(path) {
        return Err(MirrorError::Path(path.to_owned()));
    }
    let target = Target::parse(&format!("{base}/{path}"));
    target.map_err(|error| MirrorError::Failed(error.to_string()))
}

/// The same for reading: what cannot be a path is not there.
pub(crate) fn to_read(base: &str, path: &str) -> Result<Target, FetchError> {
    below(base, path).map_err(|why| match why {
        MirrorError::Path(_) => FetchError::NotFound,
        why => FetchError::Unreachable(why.to_string()),
    })
}

/// What a file is sent with.
pub(crate) fn about(path: &str) -> HeaderMap {
    HeaderMap::from_iter([
        (
            CONTENT_TYPE,
            HeaderValue::from_static(content::media_type(path)),
        ),
        (
            CACHE_CONTROL,
            HeaderValue::from_static(content::cache_control(path)),
        ),
    ])
}

/// A header that does not show its value when it is printed.
pub(crate) fn secret(text: String) -> Result<HeaderValue, MirrorError> {
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        MirrorError::Failed(
            "the secret holds characters that cannot be sent; write it anew, on one line"
                .to_owned(),
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Takes a success, and says what others mean.
pub(crate) fn expect(target: &Target, status: StatusCode) -> Result<(), MirrorError> {
    if status.is_success() {
        return Ok(());
    }
    Err(MirrorError::Failed(said(target.origin(), status)))
}

/// What an answer means, and what to do.
pub(crate) fn said(origin: &str, status: StatusCode) -> String {
    let todo = match status.as_u16() {
        401 | 403 => "check the secret, and that it may write there",
        404 | 405 | 409 => "check the address, and that files can be put there",
        411 | 413 | 507 => "make room there, or allow larger files",
        429 => "it wants fewer requests; ask its operator",
        500..=599 => "ask its operator",
        _ => "look at its log",
    };
    format!("{origin} answers {}; {todo}", status.as_u16())
}
