//! A mirror read over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use stentor_egress::{Client, EgressError, Guard, Limits, LongBody, Network, Request, Target};
use stentor_verify::{Fetch, FetchError};

/// How long to wait for a mirror.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For one file, from resolving the name to the last byte.
    pub file: Duration,
}

impl Default for Patience {
    /// Half a minute a file.
    fn default() -> Self {
        Self {
            file: Duration::from_secs(30),
        }
    }
}

/// The way to mirrors over HTTP. Cloning is cheap; connections are shared.
#[derive(Clone)]
pub struct Web {
    client: Client,
}

impl Web {
    /// Reads the machine's certificates. Whoever verifies names the mirrors themselves, so private networks are not
    /// refused.
    ///
    /// # Errors
    /// [`EgressError`] when TLS cannot be set up.
    pub fn new(patience: Patience) -> Result<Self, EgressError> {
        let everywhere: Vec<Network> = ["0.0.0.0/0", "::/0"]
            .iter()
            .filter_map(|n| n.parse().ok())
            .collect();
        let limits = Limits {
            total: patience.file,
            ..Limits::default()
        };
        let client = Client::new(Guard::allowing(everywhere), limits, None)?;
        Ok(Self { client })
    }

    /// The mirror at `url`.
    ///
    /// # Errors
    /// [`EgressError`] when it is no address of a web server.
    pub fn mirror(&self, url: &str) -> Result<HttpMirror, EgressError> {
        let base = url.trim_end_matches('/').to_owned();
        Target::parse(&base)?;
        Ok(HttpMirror {
            client: self.client.clone(),
            base,
        })
    }
}

/// A mirror behind a URL. Nothing is followed elsewhere, and no answer is read beyond what was asked for.
pub struct HttpMirror {
    client: Client,
    base: String,
}

#[async_trait]
impl Fetch for HttpMirror {
    fn name(&self) -> String {
        self.base.clone()
    }

    async fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let unreachable = |e: EgressError| FetchError::Unreachable(e.to_string());
        let target = Target::parse(&format!("{}/{path}", self.base)).map_err(unreachable)?;
        let mut request = Request::new(Method::GET, target);
        request.max_body = usize::try_from(limit).unwrap_or(usize::MAX);
        // A body that was cut on the way is no forgery: it must not pass for the whole.
        request.long_body = LongBody::Refuse;
        let answer = match self.client.send(request).await {
            Err(EgressError::BodyTooLong { .. }) => return Err(FetchError::TooLarge { limit }),
            other => other.map_err(unreachable)?,
        };
        match answer.status.as_u16() {
            200 => Ok(answer.body.to_vec()),
            403 | 404 | 410 => Err(FetchError::NotFound),
            status => Err(FetchError::Unreachable(format!(
                "the mirror answers with status {status}"
            ))),
        }
    }
}
